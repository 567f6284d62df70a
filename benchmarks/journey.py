"""What people do, step by step, each step counted."""

import itertools
from typing import Any

import requests

from benchmarks.metering import Door, MeteredWorld
from local import demo_drive
from local.browser import Browser
from scheduling import wiring

#: How often each step is taken for each meeting that is booked; what we take for granted, not
#: what anybody has measured.
TIMES = {
    "connect a calendar": 0.05,
    "share": 1.5,
    "look at a share": 3.0,
    "look when the token has ended": 1.0,
    "hold": 0.2,
    "book": 1.0,
    "book what is taken": 0.05,
    "send the invite": 1.0,
    "fetch the .ics file": 0.5,
    "look after it": 1.0,
    "move": 0.1,
    "cancel": 0.1,
}
_TOKENS_LIFE = 7200
_NUMBERS = itertools.count()
_SECONDS = 40


class Journey:
    """A host and two guests, and whatever they do, in the order of `TIMES`."""

    def __init__(self, world: MeteredWorld) -> None:
        self._world = world
        self._door = Door(world.meter, world.template)
        self._host, self._guest, self._late = (self._person(name) for name in ("host", "a", "b"))
        self._account = f"{self._host}@example.com"
        url = f"{world.addresses.google}/_control/accounts"
        requests.post(url, json={"email": self._account}, timeout=_SECONDS).raise_for_status()
        self._share_id = self._booking_id = ""
        self._slots: list[str] = []
        self._links: dict[str, str] = {}
        self.taken: dict[str, dict[str, float]] = {}

    def go(self) -> None:
        """Take every step, and count it."""
        for name, step in {
            "connect a calendar": self._connect,
            "share": self._share,
            "look at a share": self._look,
            "look when the token has ended": self._look_later,
            "hold": lambda: self._post(self._guest, "hold", self._wanted(1)),
            "book": self._book,
            "": self._share_with_the_late_one,
            "book what is taken": lambda: self._post(self._late, "book", self._wanted(0), 409),
            "send the invite": self._send,
            "fetch the .ics file": self._fetch,
            "look after it": self._look_after,
            "move": self._move,
            "cancel": self._cancel,
        }.items():
            forget_data_keys()
            taken = self._world.metered(step)
            if name:
                self.taken[name] = taken

    def _person(self, name: str) -> str:
        uid = f"{name}-{next(_NUMBERS)}"
        url = f"{self._world.addresses.cometchat}/_control/users"
        user = {"app": demo_drive.APP, "uid": uid, "name": name}
        requests.post(url, json=user, timeout=_SECONDS).raise_for_status()
        return uid

    def _call(self, uid: str, method: str, path: str, body: Any, status: int = 200) -> Any:
        headers = {"appId": demo_drive.APP, "authToken": self._world.token(demo_drive.APP, uid)}
        url = f"{self._world.url}/v1/{path}"
        answer = self._door.session.request(method, url, json=body, headers=headers)
        assert answer.status_code == status, answer.text
        return answer.json().get("data")

    def _post(self, uid: str, path: str, body: Any, status: int = 200) -> Any:
        return self._call(uid, "POST", path, body, status)

    def _connect(self) -> None:
        link = self._post(self._host, "connect", {"returnUrl": self._world.demo_url})["connectUrl"]
        browser = Browser()
        browser._session = self._door.session  # noqa: SLF001 - whose door leads to the handlers
        page = browser.open(link)
        page = browser.submit(page, page.form("/connect/" + link.rpartition("/")[2]))
        page = browser.submit(page, page.form("/connect/google"))
        page = demo_drive.consent(self._world, browser, page, self._account)
        browser.submit(page, page.form("/connect/confirm"))
        self._send()

    def _share(self) -> None:
        asked = {"receiver": self._guest, "receiverType": "user"}
        self._share_id = self._post(self._host, "share", asked)["shareId"]

    def _share_with_the_late_one(self) -> None:
        asked = {"receiver": self._late, "receiverType": "user"}
        self._share_id = self._post(self._host, "share", asked)["shareId"]

    def _look(self) -> None:
        path = f"shares/{self._share_id}"
        self._slots = self._call(self._guest, "GET", path, None)["slots"]

    def _look_later(self) -> None:
        self._world.pass_(_TOKENS_LIFE)
        self._look()
        self._world.pass_(-_TOKENS_LIFE)

    def _wanted(self, number: int) -> dict[str, Any]:
        return {"shareId": self._share_id, "startsAt": self._slots[number * 4]}

    def _book(self) -> None:
        booked = self._post(self._guest, "book", self._wanted(0))
        self._booking_id = booked["booking"]["bookingId"]
        self._links = booked["invite"]["links"]

    def _send(self) -> None:
        """Hand over what is owed, as the table's stream does."""
        records = [
            {
                "eventID": "1",
                "eventName": "INSERT",
                "dynamodb": {
                    "Keys": {key: item[key] for key in ("pk", "sk")},
                    "SequenceNumber": "1",
                },
            }
            for item in self._world.items()
            if item["sk"]["S"].startswith("OUTBOX#") and item["state"]["S"] == "owed"
        ]
        assert len(records) == 1, records
        answer = self._world.meter.invoke("send_invite", {"Records": records})
        assert answer == {"batchItemFailures": []}, answer

    def _fetch(self) -> None:
        assert self._door.session.get(self._links["ics"]).text.startswith("BEGIN:VCALENDAR")

    def _look_after(self) -> None:
        self._world.pass_(120)
        done = self._world.meter.invoke("reconcile", {})
        assert done == {"BookingLookedAfter": 1}, done

    def _move(self) -> None:
        path = f"bookings/{self._booking_id}/reschedule"
        self._post(self._guest, path, {"startsAt": self._slots[8]})
        self._send()

    def _cancel(self) -> None:
        self._post(self._guest, f"bookings/{self._booking_id}/cancel", {})
        self._send()


def forget_data_keys() -> None:
    """Let a warm function meet a host whom it does not know yet, as most hosts are to most."""
    wiring.ports().seal._opening.cache._cache.clear()  # noqa: SLF001 - the SDK's has no other way
