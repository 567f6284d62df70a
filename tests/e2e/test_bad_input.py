"""Whatever is sent, the answer is a documented refusal, and nothing is changed by it."""

import json
from typing import Any

import pytest

from scheduling.core import errors
from scheduling.http.refusals import STATUSES
from tests.e2e.conftest import Town

pytestmark = pytest.mark.e2e

DOCUMENTED = {
    (STATUSES[each.code], each.code)
    for each in vars(errors).values()
    if isinstance(each, type) and issubclass(each, errors.SchedulingError)
} - {(500, "INTERNAL")}

TOO_LARGE = json.dumps({"title": "x" * 100_000})
BODIES: list[Any] = [
    "",
    "not json",
    "[]",
    "null",
    '"text"',
    "[" * 5000,
    '{"a":' * 5000,
    b"\xff\xfe\x00",
    TOO_LARGE,
    '{"receiver": 1}',
    '{"receiver": {"$ne": ""}, "receiverType": "user"}',
    '{"receiver": "bob", "receiverType": "user", "durationMinutes": 1e309}',
    '{"receiver": "bob", "receiverType": "user", "durationMinutes": "30; DROP TABLE"}',
    '{"receiver": "nobody-at-all", "receiverType": "user"}',
    '{"shareId": "../../etc", "startsAt": "2026-11-24T14:00:00Z"}',
    '{"shareId": "00000000000000000000000000000000", "startsAt": "2026-11-24T14:00:00Z"}',
    '{"shareId": "00000000000000000000000000000000", "startsAt": "9999-12-31T23:59:59-23:59"}',
    '{"returnUrl": "https://evil.test/"}',
]


@pytest.mark.parametrize("path", ["v1/connect", "v1/share", "v1/book"])
@pytest.mark.parametrize("body", BODIES, ids=range(len(BODIES)))
def test_a_wrong_body_is_refused_by_a_documented_code(town: Town, path: str, body: Any) -> None:
    caller = town.person("caller")
    before = town.kept()
    answer = town.send("POST", path, caller, data=body)
    if path == "v1/connect" and answer.status_code == 200:
        assert answer.json()["data"].keys() == {"connectUrl", "expiresAt"}
    else:
        code = answer.json()["error"]["code"]
        assert (answer.status_code, code) in DOCUMENTED
    assert town.kept() == before


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "v1/shares/{}"),
        ("POST", "v1/shares/{}/withdraw"),
        ("POST", "v1/shares/{}/page"),
        ("GET", "v1/bookings/{}"),
    ],
)
@pytest.mark.parametrize(
    "name", ["x", "0" * 32, "..%2f..%2f", "%00", "%F0%9F%A6%8A", "a" * 5000, "'%20OR%201=1"]
)
def test_an_unknown_id_is_not_found(town: Town, method: str, path: str, name: str) -> None:
    answer = town.send(method, path.format(name), town.person("caller"))
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "NOT_FOUND")


@pytest.mark.parametrize(
    "change",
    [
        {"startsAt": "2020-01-01T10:00:00Z"},
        {"startsAt": "2030-01-01T10:00:00Z"},
        {"durationMinutes": 45},
    ],
)
def test_what_a_share_does_not_offer_is_refused(town: Town, change: dict[str, Any]) -> None:
    host, guest = town.host(), town.person("guest")
    shared = town.share(host, guest)
    body = {"shareId": shared["shareId"], "startsAt": town.slots(guest, shared["shareId"])[0]}
    answer = town.send("POST", "v1/book", guest, json=body | change)
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "SLOT_NOT_OFFERED")


@pytest.mark.parametrize(
    "path", ["connect/forged", "book/forged", "v1/invites/forged.ics", "v1/invites/forged"]
)
def test_a_forged_link_opens_nothing(town: Town, path: str) -> None:
    assert town.send("GET", path).status_code == 410


def test_a_link_of_one_purpose_opens_nothing_else(town: Town) -> None:
    host = town.host()
    token = host.call("POST", "v1/connect")["connectUrl"].rpartition("/")[2]
    for path in (f"book/{token}", f"v1/invites/{token}.ics"):
        assert town.send("GET", path).status_code == 410
