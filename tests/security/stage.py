"""A living world for the fuzzing: people, shares, bookings, links and open pages to mix in."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import requests

from local.demo_drive import Person
from scheduling.http.fields import WEEKDAYS
from tests.e2e.conftest import Town

#: Real things by the name of a field, of a parameter or of a path's variable; some are made again
#: each time, as links are spent.
Pool = Mapping[str, Sequence[Any]]

FORGED = {"appId": "local", "authToken": "forged_0123456789abcdef"}
OWN_PAGE = {"X-Requested-With": "calendar-scheduling"}
#: Those whom neither the chat nor a cookie makes known.
UNKNOWN = ("nobody", "forged", "forged page")


@dataclass(frozen=True)
class Stage:
    """What a route ends or changes is its own, so that routes can be called in any order."""

    town: Town
    #: Headers by who sends them.
    authenticator: Mapping[str, dict[str, str]]
    #: The same for the connect page.
    session_cookies: Mapping[str, dict[str, str]]
    real: Pool
    #: For one route, before the above.
    own: Mapping[str, Pool] = field(default_factory=dict)
    #: Who may call a route; the host, where nobody is named.
    fitting: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def pool(self, label: str, name: str) -> Sequence[Any]:
        """Return the real things that fit a name on a route."""
        return self.own.get(label, {}).get(name) or self.real.get(name, ())

    def senders(self, label: str) -> tuple[Mapping[str, dict[str, str]], Sequence[str]]:
        """Return who may be tried on a route, and those for whom it is made."""
        if label.partition(" ")[2].startswith(("/connect", "/oauth")):
            return self.session_cookies, ["connect"]
        spared = {"host"} if label == "POST /v1/disconnect" else set()
        known = {name: sent for name, sent in self.authenticator.items() if name not in spared}
        return known, self.fitting.get(label, ["host"])


def opened(url: str) -> dict[str, str]:
    """Spend a one-time link, and give what the browser sends from then on."""
    answer = requests.post(url, timeout=30, allow_redirects=False)
    return {"Cookie": answer.headers["set-cookie"].split(";")[0]}


def links(person: Person, path: str, name: str) -> Callable[[], str]:
    """Return a maker of one-time links, of which it gives the token."""
    return lambda: str(person.call("POST", path)[name]).rpartition("/")[2]


def set_up(town: Town) -> Stage:
    """Let people connect, share, book and open pages."""
    host, leaver, guest = town.connected("alice"), town.host("carol"), town.person("guest")
    elsewhere = {"appId": "other", "authToken": town.world.token("other", "alice")}
    open_, gone, leaving, moved, cancelled = (
        str(town.share(host, guest)["shareId"]) for _ in range(5)
    )
    host.call("POST", f"v1/shares/{gone}/withdraw")
    team = host.call("POST", "v1/share", {"receiver": "team", "receiverType": "group"})["shareId"]
    slots = town.slots(guest, open_)
    to_move, to_cancel = (
        guest.call("POST", "v1/book", {"shareId": share, "startsAt": slot})
        for share, slot in ((moved, slots[40]), (cancelled, slots[60]))
    )
    bookings = [each["booking"]["bookingId"] for each in (to_move, to_cancel)]
    page = opened(guest.call("POST", f"v1/shares/{open_}/page")["pageUrl"])
    session = opened(leaver.call("POST", "v1/connect")["connectUrl"])
    html = requests.get(f"{town.world.url}/connect", headers=session, timeout=30).text
    connect_link = {"token": [links(leaver, "v1/connect", "connectUrl")]}
    page_link = {"token": [links(guest, f"v1/shares/{open_}/page", "pageUrl")]}
    return Stage(
        town=town,
        authenticator={
            "host": host.headers,
            "guest": guest.headers,
            "member": Person(town.world, "bob").headers,
            "stranger": town.person("stranger").headers,
            "leaver": leaver.headers,
            "elsewhere": elsewhere,
            "page": {**OWN_PAGE, **page},
            "other site": page,
            "forged page": {**OWN_PAGE, "Cookie": "__Host-page=forged"},
            "forged": FORGED,
            "nobody": {},
        },
        session_cookies={
            "connect": session,
            "other page": page,
            "forged": {"Cookie": "__Host-connect=forged"},
            "nobody": {},
        },
        real={
            "shareId": [open_, open_, open_, team, gone],
            "bookingId": bookings,
            "file": [to_move["invite"]["links"]["ics"].rpartition("/")[2]],
            "receiver": [guest.uid],
            "receiverType": ["user"],
            "startsAt": slots[:30:3],
            "from": slots[:30:3],
            "to": slots[40:60:3],
            "durationMinutes": [30],
            "timeZone": ["Europe/Madrid"],
            "idempotencyKey": ["one", "two"],
            "Idempotency-Key": ["one", "three"],
            "cursor": [f"SHARE#{'0' * 12}#{'0' * 32}"],
            "returnUrl": [town.world.demo_url],
            "csrf": re.findall(r'name="csrf" value="([^"]+)"', html)[:1],
            "sure": ["yes"],
            "account": ["choose"],
            "open": ["any", "within"],
            **{f"{day}-from-1": ["00:00", "09:00"] for day in WEEKDAYS},
            **{f"{day}-to-1": ["00:00", "17:00"] for day in WEEKDAYS},
            "notice": ["0", "90"],
            "before": ["15"],
            "after": ["15"],
            "version": re.findall(r"/assets/([^/]+)/", html)[:1],
        },
        own={
            "POST /v1/shares/{shareId}/withdraw": {"shareId": [leaving]},
            "POST /v1/shares/{shareId}/page": {"shareId": [open_, gone]},
            "POST /v1/bookings/{bookingId}/cancel": {"bookingId": bookings[1:]},
            "GET /v1/bookings/{bookingId}/times": {"bookingId": bookings[:1]},
            "POST /v1/bookings/{bookingId}/reschedule": {
                "bookingId": bookings[:1],
                "startsAt": slots[80:120:5],
            },
            "GET /connect/{token}": connect_link,
            "POST /connect/{token}": connect_link,
            "GET /book/{token}": page_link,
            "POST /book/{token}": page_link,
            "GET /assets/{version}/{file}": {
                "file": ["calendar-scheduling.js", "page.css", "words-en.json"]
            },
        },
        fitting={
            "POST /v1/disconnect": ["leaver"],
            "POST /v1/book": ["guest", "page"],
            "POST /v1/hold": ["guest", "page"],
            "GET /book": ["page"],
        },
    )
