"""Every route of the template, tried by every kind of caller, against a table of who may.

Only the host shares and withdraws; only addressed guests look, hold and book, as long as neither
they nor the host have blocked the other; what is another app's is not there.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import requests

from local.template import Template
from local.world import LocalWorld
from tests.e2e.conftest import Town
from tests.security.cast import Cast, Thing
from tests.security.document import ROOT

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

TEMPLATE = Template.read(ROOT / "template.yaml", {"GoogleClientId": "client"})
ROUTES = {route.key for route in TEMPLATE.routes()}

YES = "yes"
NOT_ALLOWED, NOT_FOUND, NOT_CONNECTED = "NOT_ALLOWED", "NOT_FOUND", "NOT_CONNECTED"
UNAUTHENTICATED, LINK_INVALID, INVALID = "UNAUTHENTICATED", "LINK_INVALID", "INVALID_REQUEST"
#: A page tells what happened by its status.
PAGES = {403: NOT_ALLOWED, 410: LINK_INVALID, 404: NOT_FOUND}

Row = dict[str, str]


def each(answer: str, *authenticator: str) -> Row:
    return dict.fromkeys(authenticator, answer)


USERS = ("host", "guest", "member", "stranger", "blocked", "blocking", "elsewhere")
COOKIES = ("page", "host page", "other site", "forged page", "connect page", "forged connect")
CALLERS = (*USERS, *COOKIES, "forged", "nobody")

#: A token says who it is; no cookie does, and nobody else is anybody.
BY_TOKEN = each(YES, *USERS) | each(UNAUTHENTICATED, *COOKIES, "forged", "nobody")
#: The same, where the booking page's own script may call in the name of whoever opened it.
BY_PAGE = BY_TOKEN | {
    "page": YES,
    "host page": YES,
    "forged page": LINK_INVALID,
    "connect page": NOT_ALLOWED,
    "forged connect": NOT_ALLOWED,
}
OUTSIDE = {"stranger": NOT_ALLOWED, "elsewhere": NOT_FOUND}
#: Ids of bookings can be worked out from what a group knows: to others there is none.
NEITHER = each(NOT_FOUND, "stranger", "elsewhere")
BLOCKED = each(NOT_ALLOWED, "blocked", "blocking")
HOSTS = each(NOT_ALLOWED, "host", "host page")
#: What asks for nobody, or for a link alone.
ANYBODY = each(YES, *CALLERS)
#: The browser that spent a link to the connect page, and no other.
CONNECT_PAGE = each(NOT_ALLOWED, *CALLERS) | {"connect page": YES, "forged connect": LINK_INVALID}
CALENDAR_NEEDED = each(NOT_CONNECTED, *USERS) | {"host": YES}

MAY: Mapping[str, Row] = {
    "POST /v1/connect": BY_TOKEN,
    "GET /v1/connection": BY_TOKEN,
    "POST /v1/disconnect": BY_TOKEN,
    "GET /v1/preferences": BY_TOKEN,
    "PUT /v1/preferences": BY_TOKEN,
    "POST /v1/share": BY_TOKEN | CALENDAR_NEEDED | {"elsewhere": INVALID},
    "GET /v1/preview": BY_TOKEN | CALENDAR_NEEDED,
    "GET /v1/shares": BY_TOKEN,
    "GET /v1/shares/{shareId}": BY_PAGE | OUTSIDE | BLOCKED,
    "POST /v1/shares/{shareId}/withdraw": BY_TOKEN
    | each(NOT_ALLOWED, "guest", "member")
    | OUTSIDE
    | BLOCKED,
    "POST /v1/shares/{shareId}/page": BY_TOKEN | OUTSIDE | BLOCKED,
    "POST /v1/book": BY_PAGE | OUTSIDE | BLOCKED | HOSTS,
    "POST /v1/hold": BY_PAGE | OUTSIDE | BLOCKED | HOSTS,
    # Whoever meets may see and end the meeting, come what may.
    "GET /v1/bookings/{bookingId}": BY_PAGE | NEITHER,
    "GET /v1/bookings/{bookingId}/times": BY_PAGE | NEITHER | BLOCKED,
    "POST /v1/bookings/{bookingId}/reschedule": BY_PAGE | NEITHER | BLOCKED,
    "POST /v1/bookings/{bookingId}/cancel": BY_PAGE | NEITHER,
    "GET /v1/invites/{file}": ANYBODY,
    "GET /connect/{token}": ANYBODY,
    "POST /connect/{token}": ANYBODY,
    "GET /connect": CONNECT_PAGE,
    "POST /connect/google": CONNECT_PAGE,
    "POST /connect/confirm": CONNECT_PAGE,
    "POST /connect/decline": CONNECT_PAGE,
    "POST /connect/disconnect": CONNECT_PAGE,
    "POST /connect/preferences": CONNECT_PAGE,
    "GET /oauth/callback": CONNECT_PAGE,
    "GET /book/{token}": ANYBODY,
    "POST /book/{token}": ANYBODY,
    "GET /book": each(NOT_ALLOWED, *CALLERS)
    | each(YES, "page", "host page", "other site")
    | {"forged page": LINK_INVALID},
    "GET /assets/{version}/{file}": ANYBODY,
    "$default": each(NOT_FOUND, *CALLERS),
}
#: What is used up or changed by whoever may: each gets a share and a booking for it.
USING_UP = {
    "POST /v1/shares/{shareId}/withdraw",
    "POST /v1/book",
    "POST /v1/hold",
    "POST /v1/bookings/{bookingId}/reschedule",
    "POST /v1/bookings/{bookingId}/cancel",
}


@pytest.fixture(scope="module")
def cast(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cast]:
    clock = tmp_path_factory.mktemp("clock") / "seconds"
    clock.write_text("0")
    moved = {"CLOCK_OFFSET_FILE": str(clock)}
    with LocalWorld(schedule_seconds=36_000, environ=moved) as world:
        yield Cast(Town(world), clock)


def filled(cast: Cast, path: str, thing: Thing) -> str:
    """Put what is the caller's into a path; a link is a new one each time."""
    path = path.replace("{shareId}", thing.share).replace("{bookingId}", thing.booking)
    path = path.replace("invites/{file}", f"invites/{thing.file}")
    path = path.replace("{file}", "calendar-scheduling.js")
    if "{token}" in path:
        kind = "connect" if path.startswith("/connect") else "page"
        path = path.replace("{token}", cast.link(kind))
    if "{version}" in path:
        path = path.replace("{version}", cast.version())
    return path.replace("$default", "/nowhere")


def asking(cast: Cast, label: str, caller: str) -> tuple[str, str, dict[str, Any]]:
    """Return method, path and content of a caller's request; ids are of what is the caller's."""
    method, _, path = label.rpartition(" ")
    headers, thing = cast.headers[caller], cast.things[caller]
    if label in USING_UP and MAY[label][caller] == YES:
        headers, thing = cast.fresh(caller, booked="{bookingId}" in label)
    if label == "POST /v1/disconnect" and caller == "host":
        headers = cast.leaver.headers
    fields = {
        "POST /v1/share": {"receiver": cast.listener.uid, "receiverType": "user"},
        "POST /v1/book": {"shareId": thing.share, "startsAt": thing.slots[0]},
        "POST /v1/hold": {"shareId": thing.share, "startsAt": thing.slots[0]},
        "POST /v1/bookings/{bookingId}/reschedule": {"startsAt": thing.slots[8]},
    }
    content: dict[str, Any] = {"headers": headers}
    path = filled(cast, path, thing)
    if path.startswith("/connect/") and method == "POST":
        content["data"] = {"csrf": cast.csrf(), "open": "any"}
    elif method in {"POST", "PUT"}:
        content["json"] = fields.get(label, {})
    return method or "GET", path, content


def told(answer: requests.Response) -> str:
    """Return the code of a refusal, or that it was none."""
    if answer.status_code < 400:
        return YES
    if answer.headers["Content-Type"].startswith("application/json"):
        return str(answer.json()["error"]["code"])
    return PAGES.get(answer.status_code, str(answer.status_code))


def ask(cast: Cast, label: str, caller: str) -> str:
    method, path, content = asking(cast, label, caller)
    return told(cast.town.send(method, path[1:], **content))


def test_the_table_names_every_route_of_the_template_and_every_caller() -> None:
    assert set(MAY) == ROUTES
    assert all(set(row) == set(CALLERS) for row in MAY.values())


@pytest.mark.parametrize("label", sorted(MAY))
def test_a_route_is_open_to_whom_the_table_names_and_a_refusal_changes_nothing(
    cast: Cast, label: str
) -> None:
    row = MAY[label]
    refused = [caller for caller in CALLERS if row[caller] != YES]
    before = cast.town.kept()
    answers = {caller: ask(cast, label, caller) for caller in refused}
    assert answers == {caller: row[caller] for caller in refused}
    assert cast.town.kept() == before
    open_to = [caller for caller in CALLERS if row[caller] == YES]
    assert {caller: ask(cast, label, caller) for caller in open_to} == each(YES, *open_to)


def test_the_list_of_shares_is_ones_own(cast: Cast) -> None:
    assert cast.host.call("GET", "v1/shares")["items"]
    for caller in set(USERS) - {"host"}:
        answer = cast.town.send("GET", "v1/shares", headers=cast.headers[caller])
        assert answer.json() == {"data": {"items": []}}


@pytest.mark.parametrize("name", ["blocked", "blocking"])
def test_a_host_shares_with_nobody_who_is_blocked_either_way(cast: Cast, name: str) -> None:
    before = cast.town.kept()
    body = {"receiver": cast.people[name].uid, "receiverType": "user"}
    answer = cast.town.send("POST", "v1/share", cast.host, json=body)
    assert (answer.status_code, told(answer)) == (403, NOT_ALLOWED)
    assert cast.town.kept() == before


def test_a_block_ends_a_page_that_is_open_within_a_minute(cast: Cast) -> None:
    guest = cast.town.person("guest")
    thing = cast.made(guest)
    page = cast.page(guest, thing)
    headers = {"X-Requested-With": "calendar-scheduling", **page}
    share = f"v1/shares/{thing.share}"
    assert cast.town.send("GET", share, headers=headers).status_code == 200
    cast.block(cast.host, guest)
    cast.pass_a_minute()
    assert told(cast.town.send("GET", share, headers=headers)) == NOT_ALLOWED
    body = {"shareId": thing.share, "startsAt": thing.slots[0]}
    assert told(cast.town.send("POST", "v1/book", headers=headers, json=body)) == NOT_ALLOWED


@pytest.mark.parametrize("method", ["users.blocked", "groups.conversation"])
@pytest.mark.parametrize(
    "fault",
    [{"kind": "status", "status": 503}, {"kind": "status", "status": 200, "body": {"data": 1}}],
    ids=["trouble", "another form"],
)
def test_while_the_chat_cannot_say_who_is_in_touch_no_guest_looks_or_books(
    cast: Cast, method: str, fault: dict[str, Any]
) -> None:
    member, host = cast.people["member"], cast.host
    thing = cast.made(member)
    cast.pass_a_minute()
    world = cast.town.world
    world.cometchat.add_fault(match=method, times=0, **fault)
    if method == "groups.conversation":
        world.cometchat.add_fault(match="groups.members", times=0, **fault)
    body = {"shareId": thing.share, "startsAt": thing.slots[0]}
    share = f"v1/shares/{thing.share}"
    try:
        assert told(cast.town.send("GET", share, member)) == "CHAT_UNAVAILABLE"
        for path in ("v1/book", "v1/hold"):
            assert told(cast.town.send("POST", path, member, json=body)) == "CHAT_UNAVAILABLE"
        assert cast.town.send("GET", share, host).status_code == 200, "a host needs no leave"
    finally:
        world.clear_faults()
