"""Whatever is sent to whichever route by whomever: no answer but those of `docs/openapi.yaml`.

Each route is called with what the document allows and with what it forbids, by everybody, with the
ids, links, cookies and times of a living world mixed in. A fixed seed and number for each run;
`make fuzz EXAMPLES=10000` runs long, with another seed.
"""

import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import jsonschema
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st
from schemathesis.checks import load_all_checks
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from local import demo_drive
from local.demo_drive import Person
from local.world import LocalWorld
from tests.e2e.conftest import Town
from tests.security.document import DOCUMENT, codes, routes

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(0)]

EXAMPLES = int(os.environ.get("EXAMPLES", "20"))
SEED = int(os.environ.get("SEED", "20261123"))
ROUTES = dict(routes())
OPERATIONS = {
    operation.label: operation
    for found in schemathesis.openapi.from_dict(DOCUMENT).get_all_operations()
    for operation in [found.ok()]
}
CHECKS: list[Any] = [
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
MODES = st.sampled_from([schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE])

#: What has broken a parser somewhere.
NASTY = [
    "", "\x00", "\ud800", "\u202e", "é" * 400, "x" * 5000, "'", '"', "<script>", "../..", "%00",
    "http://[", "http://a\u2100b/", "NaN", "-1", "0" * 32, "SHARE#", "SHARE#" + "é" * 600,
    "9999-12-31T23:59:59Z", "0001-01-01T00:00:00+23:59", "2026-02-30T10:00:00Z",
]  # fmt: skip
#: Words that stand for nothing in particular, where a real thing would be looked for.
FORGED = {"appId": "local", "authToken": "forged_0123456789abcdef"}
OWN_PAGE = {"X-Requested-With": "calendar-scheduling"}
Pool = list[str | Callable[[], str]]


@dataclass
class Stage:
    """A world with people, shares, bookings and open pages; what a route ends is of its own."""

    town: Town
    callers: dict[str, dict[str, str]]
    cookies: dict[str, str]
    #: By the name of a field or of a path's variable.
    real: dict[str, Pool]
    #: The same for one route, in place of the above.
    own: dict[str, dict[str, Pool]]
    #: Who calls a route, where it is not everybody.
    only: dict[str, list[str]]
    seen: dict[str, set[int]] = field(default_factory=dict)

    def pool(self, label: str, name: str) -> Pool:
        return self.own.get(label, {}).get(name) or self.real.get(name, [])


def opened(town: Town, url: str) -> str:
    """Spend a one-time link, and give the browser's cookie."""
    answer = requests.post(url, timeout=30, allow_redirects=False)
    return answer.headers["set-cookie"].split(";")[0]


def set_up(town: Town) -> Stage:
    host, leaver = town.connected("alice"), town.host("carol")
    guest, member, stranger = town.person("guest"), Person(town.world, "bob"), town.person("other")
    shares = [town.share(host, guest)["shareId"] for _ in range(5)]
    slots = town.slots(guest, shares[0])
    gone, leaving, moved, cancelled, first = shares
    host.call("POST", f"v1/shares/{gone}/withdraw")
    group = host.call("POST", "v1/share", {"receiver": "team", "receiverType": "group"})["shareId"]
    booked = [
        guest.call("POST", "v1/book", {"shareId": share, "startsAt": slot})
        for share, slot in ((moved, slots[40]), (cancelled, slots[60]))
    ]
    bookings = [each["booking"]["bookingId"] for each in booked]
    page = opened(town, guest.call("POST", f"v1/shares/{first}/page")["pageUrl"])
    session = opened(town, leaver.call("POST", "v1/connect")["connectUrl"])
    html = requests.get(f"{town.world.url}/connect", headers={"Cookie": session}, timeout=30).text
    csrf = re.findall(r'name="csrf" value="([^"]+)"', html)[0]
    version = re.findall(r"/assets/([^/]+)/", html)[0]

    def link(of: Person, path: str, name: str) -> Callable[[], str]:
        return lambda: str(of.call("POST", path)[name]).rpartition("/")[2]

    return Stage(
        town=town,
        callers={
            "host": host.headers,
            "guest": guest.headers,
            "member": member.headers,
            "stranger": stranger.headers,
            "leaver": leaver.headers,
            "elsewhere": {"appId": "other", "authToken": town.world.token("other", "alice")},
            "page": {**OWN_PAGE, "Cookie": page},
            "other site": {"Cookie": page},
            "forged page": {**OWN_PAGE, "Cookie": "__Host-page=forged"},
            "forged": FORGED,
            "nobody": {},
        },
        cookies={"connect": session, "page": page, "forged": "__Host-connect=x; __Host-page=y"},
        real={
            "shareId": [first, gone, group, moved],
            "bookingId": list(bookings),
            "file": [booked[0]["invite"]["links"]["ics"].rpartition("/")[2]],
            "receiver": [guest.uid, member.uid, host.uid, "team", "nobody-at-all"],
            "startsAt": list(slots[:30:3]),
            "timeZone": ["Europe/Madrid", "Europe", "posixrules"],
            "durationMinutes": [],
            "returnUrl": [town.world.demo_url, "https://elsewhere.test/"],
            "csrf": [csrf],
            "sure": ["yes"],
            "account": ["choose"],
            "version": [version],
        },
        own={
            "POST /v1/shares/{shareId}/withdraw": {"shareId": [leaving, gone]},
            "POST /v1/bookings/{bookingId}/cancel": {"bookingId": [bookings[1]]},
            "POST /v1/bookings/{bookingId}/reschedule": {
                "bookingId": [bookings[0]], "startsAt": list(slots[80:120:5]),
            },
            "GET /connect/{token}": {"token": [link(leaver, "v1/connect", "connectUrl")]},
            "POST /connect/{token}": {"token": [link(leaver, "v1/connect", "connectUrl")]},
            "GET /book/{token}": {"token": [link(guest, f"v1/shares/{first}/page", "pageUrl")]},
            "POST /book/{token}": {"token": [link(guest, f"v1/shares/{first}/page", "pageUrl")]},
            "GET /assets/{version}/{file}": {
                "file": ["card.js", "client.js", "page.css", "words-en.json", "words-xx.json"],
            },
        },
        only={
            "POST /v1/share": ["host", "stranger", "page", "forged"],
            "POST /v1/disconnect": ["leaver", "stranger", "elsewhere", "forged", "nobody"],
            "GET /book": ["page", "forged page", "nobody"],
        },
    )  # fmt: skip


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    load_all_checks()
    with LocalWorld(schedule_seconds=3600) as world:
        yield set_up(Town(world))


def mixed(data: st.DataObject, generated: Any, pool: Pool) -> Any:
    """Give a real thing more often than not, else what was generated, or what is nasty."""
    kind = data.draw(st.sampled_from(["real", "real", "real", "generated", "nasty"]))
    if kind == "real" and pool:
        chosen = data.draw(st.sampled_from(pool))
        return chosen if isinstance(chosen, str) else chosen()
    return data.draw(st.sampled_from(NASTY)) if kind == "nasty" else generated


def properties(label: str) -> list[str]:
    """Give the fields of a route's body."""
    asked = ROUTES[label].get("requestBody", {})
    if "$ref" in asked:
        return ["csrf"]
    media = next(iter(asked.get("content", {"": {"schema": {}}}).values()))
    return list(media["schema"].get("properties", ()))


def furnish(case: schemathesis.Case, data: st.DataObject, stage: Stage, label: str) -> None:
    """Mix real things into a generated request, and let somebody send it."""
    for name, value in case.path_parameters.items():
        # A slash or nothing at all would be another route.
        chosen = str(mixed(data, value, stage.pool(label, name)))
        case.path_parameters[name] = re.sub(r"[/\ud800]", "", chosen).strip(".") or "x"
    if isinstance(case.body, dict):
        for name in properties(label):
            if name in case.body or stage.pool(label, name):
                case.body[name] = mixed(data, case.body.get(name), stage.pool(label, name))
    people = stage.only.get(label, list(stage.callers))
    if label.startswith(("GET /connect", "POST /connect", "GET /oauth")):
        sent = data.draw(st.sampled_from([*stage.cookies] * 2 + ["connect", "connect", "none"]))
        who = {"Cookie": stage.cookies[sent]} if sent in stage.cookies else {}
    else:
        who = stage.callers[data.draw(st.sampled_from(people))]
    kept = {k: v for k, v in (case.headers or {}).items() if k.lower() == "idempotency-key"}
    case.headers = {**kept, **who}
    case.cookies = {}


def refused(label: str, answer: Mapping[str, Any], status: int, retry: str | None) -> None:
    """Check a refusal: of a code that the route lists for that status, with its wait repeated."""
    error = answer["error"]
    assert error["code"] in codes(ROUTES[label])[status], (label, status, error)
    after = error.get("details", {}).get("retryAfterSeconds")
    assert retry == (None if after is None else str(after))


@pytest.mark.parametrize("label", sorted(ROUTES))
def test_a_route_gives_no_answer_but_those_of_the_document(stage: Stage, label: str) -> None:
    operation = OPERATIONS[label]
    cases = MODES.flatmap(lambda mode: operation.as_strategy(generation_mode=mode))
    seen: set[int] = set()

    @seed(SEED)
    @settings(
        max_examples=EXAMPLES,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases, data=st.data())
    def probe(case: schemathesis.Case, data: st.DataObject) -> None:
        furnish(case, data, stage, label)
        response = case.call(
            base_url=stage.town.world.url, allow_redirects=False, timeout=60
        )
        seen.add(response.status_code)
        assert response.status_code != HTTPStatus.INTERNAL_SERVER_ERROR, response.text
        case.validate_response(response, checks=CHECKS)
        if "json" in response.headers.get("content-type", [""])[0] and b'"error"' in response.content:
            after = response.headers.get("retry-after", [None])[0]
            refused(label, response.json(), response.status_code, after)

    probe()
    assert seen & {200, 202, 303}, "its success was never reached"
