"""Everybody who may call, each with a share and a booking: any route can be tried by all."""

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

from local import demo_drive, facts
from local.demo_drive import Person
from tests.e2e.conftest import Town
from tests.security.stage import FORGED, OWN_PAGE, opened

Headers = Mapping[str, str]
#: Longer than an answer of CometChat is trusted.
TRUSTED_SECONDS = 61


@dataclass(frozen=True)
class Thing:
    """What a caller tries a route on: a share, and perhaps what was booked of it."""

    share: str
    slots: list[str]
    booking: str = ""
    file: str = ""


@dataclass
class Cast:
    """A host and all who are something to the host, or nothing."""

    town: Town
    #: A file that moves the clock of the functions.
    clock: Path
    people: dict[str, Person] = field(default_factory=dict)
    headers: dict[str, Headers] = field(default_factory=dict)
    #: For each caller; a stranger tries what is the guest's.
    things: dict[str, Thing] = field(default_factory=dict)
    #: A second one for those to whom nothing can be given any more.
    spare: dict[str, Thing] = field(default_factory=dict)
    _turn: int = 0

    def __post_init__(self) -> None:
        town = self.town
        self.host = self._joining("host")
        demo_drive.connect(town.world, self.host, "alice@example.com")
        self.leaver = town.host("carol")
        self.guest, self.listener = town.person("guest"), town.person("listener")
        self.people = {
            "host": self.host,
            "guest": self.guest,
            "member": self._joining("member"),
            "stranger": town.person("stranger"),
            "blocked": town.person("blocked"),
            "blocking": town.person("blocking"),
        }
        self.headers = {name: person.headers for name, person in self.people.items()}
        self.headers |= {
            "elsewhere": {"appId": "other", "authToken": town.world.token("other", "alice")},
            "other site": {},
            "forged page": {**OWN_PAGE, "Cookie": "__Host-page=forged"},
            "connect page": {},
            "forged connect": {**OWN_PAGE, "Cookie": "__Host-connect=forged"},
            "forged": FORGED,
            "nobody": {},
        }
        mine = self.made(self.guest, booked=True)
        self.headers["page"] = {**OWN_PAGE, **self.page(self.guest, mine)}
        self.headers["host page"] = {**OWN_PAGE, **self.page(self.host, mine)}
        self.headers["other site"] = self.page(self.guest, mine)
        session = opened(self.leaver.call("POST", "v1/connect")["connectUrl"])
        self.headers["connect page"] = {**OWN_PAGE, **session}
        self.things = dict.fromkeys(self.headers, mine)
        for name in ("member", "blocked", "blocking"):
            self.things[name] = self.made(self.people[name], booked=True)
        for name in ("blocked", "blocking"):
            self.spare[name] = self.made(self.people[name], booked=True)
        self._all_told()
        self.block(self.host, self.people["blocked"])
        self.block(self.people["blocking"], self.host)
        self.pass_a_minute()

    def made(self, guest: Person, *, booked: bool = False) -> Thing:
        """Share with somebody, or with the group that somebody is in; and let it be booked."""
        receiver = {"receiver": guest.uid, "receiverType": "user"}
        if guest is self.people.get("member"):
            receiver = {"receiver": "team", "receiverType": "group"}
        share = self.host.call("POST", "v1/share", receiver)["shareId"]
        slots = self.town.slots(guest, share)
        self._turn += 1
        thing = Thing(share, slots[self._turn * 4 :])
        if not booked:
            return thing
        body = {"shareId": share, "startsAt": thing.slots[0]}
        made = guest.call("POST", "v1/book", body)
        file = made["invite"]["links"]["ics"].rpartition("/")[2]
        return Thing(share, thing.slots, made["booking"]["bookingId"], file)

    def page(self, person: Person, thing: Thing) -> Headers:
        """Open the booking page of a share."""
        return opened(person.call("POST", f"v1/shares/{thing.share}/page")["pageUrl"])

    def link(self, kind: str) -> str:
        """Make the token of a one-time link."""
        if kind == "connect":
            return _token(self.leaver.call("POST", "v1/connect")["connectUrl"])
        path = f"v1/shares/{self.things['guest'].share}/page"
        return _token(self.guest.call("POST", path)["pageUrl"])

    def fresh(self, caller: str, *, booked: bool) -> tuple[Headers, Thing]:
        """Find a caller something that nobody has used up yet, and headers that are good for it."""
        known = self.people.get(caller, self.guest)
        guest = self.guest if known is self.host else known
        if caller in self.spare:
            return self.headers[caller], self.spare[caller]
        thing = self.made(guest, booked=booked)
        if caller == "page":
            return {**OWN_PAGE, **self.page(self.guest, thing)}, thing
        if caller == "host page":
            return {**OWN_PAGE, **self.page(self.host, thing)}, thing
        return self.headers[caller], thing

    def csrf(self) -> str:
        """Read the token of the connect page's forms."""
        return self._on_the_page(r'name="csrf" value="([^"]+)"')

    def version(self) -> str:
        """Read the version of the assets off a page."""
        return self._on_the_page(r"/assets/([^/]+)/")

    def block(self, one: Person, other: Person) -> None:
        """One blocks another in the chat; within a minute everybody knows."""
        url = f"{self.town.world.cometchat.url}/v3/users/{one.uid}/blockedusers"
        headers = {"appid": "local", "apikey": facts.API_KEYS["local"]}
        body = {"blockedUids": [other.uid]}
        requests.post(url, json=body, headers=headers, timeout=10).raise_for_status()

    def pass_a_minute(self) -> None:
        """Let what CometChat said before be asked again."""
        self.clock.write_text(str(int(self.clock.read_text()) + TRUSTED_SECONDS))

    def _all_told(self) -> None:
        """Wait until nothing is owed: after a block it would be refused, and its host told so."""
        for _ in range(100):
            states = [item.get("state", {}).get("S") for item in self.town.items()]
            if "owed" not in states:
                return
            time.sleep(0.1)
        raise AssertionError("messages are still owed")

    def _on_the_page(self, pattern: str) -> str:
        url = f"{self.town.world.url}/connect"
        html = requests.get(url, headers=self.headers["connect page"], timeout=30).text
        return str(re.findall(pattern, html)[0])

    def _joining(self, name: str) -> Person:
        """Make a chat user who is in the group."""
        made = self.town.person(name)
        uid = f"{made.uid}-joined"
        user: dict[str, Any] = {"app": "local", "uid": uid, "name": name, "groups": ["team"]}
        chat = self.town.world.cometchat.url
        requests.post(f"{chat}/_control/users", json=user, timeout=10).raise_for_status()
        return Person(self.town.world, uid)


def _token(url: str) -> str:
    return url.rpartition("/")[2]
