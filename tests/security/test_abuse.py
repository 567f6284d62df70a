"""How much one user may do, how much a request may hold, and how many requests come in at all."""

import json
import re
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest

from local.demo_drive import Person
from local.template import Template
from local.world import LocalWorld
from scheduling.access import limits
from scheduling.access.limits import Limited
from scheduling.bookings.requests import HoldRequest, RescheduleRequest, TimesRequest
from scheduling.core.errors import NotConnected, NotFound, SlotTaken, TooManyRequests
from scheduling.core.times import Interval
from scheduling.http import api
from scheduling.http.refusals import STATUSES
from scheduling.models import ShareId
from tests.e2e.conftest import Town
from tests.fakes import START
from tests.security.document import DOCUMENT, ROOT
from tests.world import World, empty_world

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

MOST = 3


class NobodyCounts(Exception):
    """The table does not answer."""


SLOT = START + limits.WINDOW * 6
QUARTER = limits.WINDOW / 4


@pytest.fixture
def world(_moto: "DynamoDBClient", monkeypatch: pytest.MonkeyPatch) -> World:
    """Return the product with low limits, that nobody raised, in the middle of an hour."""
    for kind in Limited:
        monkeypatch.setitem(limits.MOST, kind, MOST)
    made = empty_world(_moto, limits_factor=1)
    made.clock.pass_(minutes=20)
    made.connect()
    return made


def book(world: World, share: ShareId, **more: Any) -> Any:
    request = world.request(share, SLOT, **more)
    return world.use_cases.booker.book(world.bob, request, world.deadline())


def hold(world: World, share: ShareId, at: datetime = SLOT) -> Any:
    request = HoldRequest(share_id=share, starts_at=at, duration=None)
    return world.use_cases.slot_holder.hold(world.bob, request, world.deadline())


def at_the_limit(ask: Callable[[], Any]) -> TooManyRequests:
    """Do as often as one may, and once more."""
    for _ in range(MOST):
        ask()
    with pytest.raises(TooManyRequests) as refusal:
        ask()
    return refusal.value


def limited(world: World, kind: str) -> Callable[[], Any]:
    """Return what is limited, to be done again and again."""
    share = world.share() if kind in {"hold", "page", "look"} else ShareId("")
    return {
        "share": world.share,
        "hold": lambda: hold(world, share),
        "connect": lambda: world.use_cases.connector.link(world.alice, ""),
        "page": lambda: world.use_cases.share_views.page_link(world.bob, share, world.deadline()),
        "look": lambda: world.view(world.bob, share),
        "preview": lambda: world.preview(world.alice),
    }[kind]


@pytest.mark.parametrize("kind", ["share", "hold", "connect", "page", "look", "preview"])
def test_a_user_who_did_enough_is_told_when_to_come_again_and_then_may(
    world: World, kind: str
) -> None:
    ask = limited(world, kind)
    refusal = at_the_limit(ask)
    assert (STATUSES[refusal.code], refusal.code) == (429, "TOO_MANY_REQUESTS")
    assert refusal.retry_after_seconds == 40 * 60
    assert world.metrics.counts["LimitReached"] == 1
    world.clock.pass_(seconds=40 * 60 - 1)
    with pytest.raises(TooManyRequests) as later:
        ask()
    assert later.value.retry_after_seconds == 1
    world.clock.pass_(seconds=1)
    ask()


def test_beyond_the_limit_nobody_is_written_to_and_nobody_is_asked(world: World) -> None:
    at_the_limit(world.share)
    assert len(world.chat.sent) == MOST
    assert world.calendar.calls.count("free_busy") == MOST
    assert len([each for each in world.items() if each["sk"] == "SHARE"]) == MOST


def test_refusals_lead_on_to_the_connect_page_no_oftener_than_one_may_ask(world: World) -> None:
    def led_on() -> bool:
        with pytest.raises(NotConnected) as refusal:
            world.preview(world.bob)
        return "connect_url" in refusal.value.details

    world.use_cases.connector.link(world.bob, "")
    assert [led_on() for _ in range(MOST + 1)] == [True] * (MOST - 1) + [False, False]
    with pytest.raises(TooManyRequests):
        world.use_cases.connector.link(world.bob, "")


def test_looks_and_previews_count_together_and_beyond_the_limit_google_is_not_asked(
    world: World,
) -> None:
    share, before = world.share(), world.calendar.calls.count("free_busy")
    world.view(world.alice, share)
    world.preview(world.alice)
    asks: list[Callable[[], Any]] = [
        lambda: world.view(world.alice, share),
        lambda: world.preview(world.alice),
    ]
    world.view(world.alice, share)
    for ask in asks:
        with pytest.raises(TooManyRequests):
            ask()
    assert world.calendar.calls.count("free_busy") == before + MOST


def test_times_to_move_to_are_looks_as_well(world: World) -> None:
    booking = book(world, world.share()).booking

    def look() -> object:
        request = TimesRequest(None, None)
        return world.use_cases.move_times.find(
            world.bob, booking.booking_id, request, world.deadline()
        )

    before = world.calendar.calls.count("free_busy")
    at_the_limit(look)
    assert world.calendar.calls.count("free_busy") == before + MOST


def test_what_asks_google_nothing_can_be_looked_at_at_any_time(world: World) -> None:
    share = world.share()
    at_the_limit(lambda: world.view(world.bob, share))
    world.use_cases.share_views.withdraw(world.alice, share, world.deadline())
    assert world.view(world.bob, share)["status"] == "withdrawn"


def test_bookings_holds_and_moves_count_together(world: World) -> None:
    share = world.share()
    hold(world, share)
    booking = book(world, share).booking
    move = RescheduleRequest(starts_at=SLOT + QUARTER, idempotency_key="")
    world.use_cases.booking_changer.reschedule(
        world.bob, booking.booking_id, move, world.deadline()
    )
    again = RescheduleRequest(starts_at=SLOT + 2 * QUARTER, idempotency_key="")
    for ask in (
        lambda: world.use_cases.booking_changer.reschedule(
            world.bob, booking.booking_id, again, world.deadline()
        ),
        lambda: hold(world, share),
        lambda: book(world, share),
    ):
        with pytest.raises(TooManyRequests):
            ask()
    assert [event.slot.start for event in world.calendar.meetings] == [SLOT + QUARTER]


def test_a_meeting_can_be_cancelled_however_much_was_done_before(world: World) -> None:
    share = world.share()
    booking = book(world, share).booking
    for _ in range(MOST - 1):
        hold(world, share, SLOT + limits.WINDOW)
    with pytest.raises(TooManyRequests):
        hold(world, share, SLOT + limits.WINDOW)
    world.use_cases.booking_changer.cancel(world.bob, booking.booking_id, world.deadline())
    assert world.calendar.meetings == []


def test_a_refused_try_counts(world: World) -> None:
    share = world.share()
    world.calendar.manual.append(Interval(SLOT, SLOT + limits.WINDOW))
    with pytest.raises(SlotTaken):
        book(world, share)
    for _ in range(MOST - 1):
        with pytest.raises(NotFound):
            book(world, ShareId("0" * 32))
    with pytest.raises(TooManyRequests):
        book(world, share)


def test_a_finished_request_that_is_sent_again_does_not_count(world: World) -> None:
    share = world.share(key="one")
    booking = book(world, share, key="one").booking
    for _ in range(3 * MOST):
        assert world.share(key="one") == share
        assert book(world, share, key="one").booking == booking
    assert [each["used"] for each in world.items() if each["sk"].startswith("USED#")] == [1, 1]


def test_what_one_user_did_is_no_limit_for_another(world: World) -> None:
    share, carols = world.share(), world.share("carol")
    at_the_limit(lambda: hold(world, share))
    request = HoldRequest(share_id=carols, starts_at=SLOT + limits.WINDOW, duration=None)
    world.use_cases.slot_holder.hold(world.caller("carol"), request, world.deadline())


def test_the_operator_raises_the_limits(world: World) -> None:
    raised = empty_world(world.client, limits_factor=4)
    for _ in range(4 * MOST):
        raised.use_cases.limits.count(raised.alice, Limited.SHARE)
    with pytest.raises(TooManyRequests):
        raised.use_cases.limits.count(raised.alice, Limited.SHARE)
    at_the_limit(lambda: world.use_cases.limits.count(world.alice, Limited.SHARE))


def test_while_nobody_can_count_nothing_is_done(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> bool:
        raise NobodyCounts

    share = world.share()
    before = world.items()
    monkeypatch.setattr(type(world.usage), "count", broken)
    for ask in (
        world.share,
        lambda: book(world, share),
        lambda: hold(world, share),
        lambda: world.use_cases.share_views.page_link(world.bob, share, world.deadline()),
        lambda: world.view(world.bob, share),
        lambda: world.preview(world.alice),
        lambda: world.use_cases.connector.link(world.alice, ""),
    ):
        with pytest.raises(NobodyCounts):
            ask()
    assert world.items() == before
    assert len(world.chat.sent) == 1


def test_the_limits_are_those_of_the_readme_and_of_the_document() -> None:
    readme = (ROOT / "README.md").read_text()
    section = readme.partition("\n## Limits\n")[2].partition("\n## ")[0]
    told = [int(each) for each in re.findall(r"^\|[^|]+\| (\d+) \|$", section, re.MULTILINE)]
    assert told == [limits.MOST[kind] for kind in Limited]
    assert f"{api.BODY_MAX:,} bytes" in section
    described = DOCUMENT["info"]["description"]
    sentence = next(line for line in described.splitlines() if line.startswith("In an hour"))
    assert [int(each) for each in re.findall(r"\d+", sentence)] == told
    assert limits.WINDOW.total_seconds() == 3600


@pytest.mark.e2e
def test_over_http_the_refusal_says_when_in_its_header_and_its_body() -> None:
    with LocalWorld(schedule_seconds=36_000, environ={"LIMITS_FACTOR": "1"}) as world:
        caller, most = Person(world, "alice"), limits.MOST[Limited.CONNECT_LINK]
        answer, given = Town(world).send("POST", "v1/connect", caller, json={}), 0
        while answer.status_code == 200 and given < 2 * most:  # the hour may turn meanwhile
            given += 1
            answer = Town(world).send("POST", "v1/connect", caller, json={})
        assert most <= given <= 2 * most
        assert (answer.status_code, answer.json()["error"]["code"]) == (429, "TOO_MANY_REQUESTS")
        after = answer.headers["Retry-After"]
        assert 0 < int(after) <= 3600
        assert answer.json()["error"]["details"] == {"retryAfterSeconds": int(after)}
        assert Town(world).send("GET", "v1/connection", caller).status_code == 200
        other = Person(world, "bob")
        assert Town(world).send("POST", "v1/connect", other, json={}).status_code == 200


READING = [
    ("POST", "v1/connect"),
    ("PUT", "v1/preferences"),
    ("POST", "v1/share"),
    ("POST", "v1/book"),
    ("POST", "v1/hold"),
    ("POST", f"v1/bookings/{'0' * 32}/reschedule"),
]


def body_of(size: int, letter: str) -> bytes:
    """A JSON body of so many bytes, or one less where a letter does not fit."""
    around = len(json.dumps({"ignored": ""}))
    text = letter * ((size - around) // len(letter.encode()))
    return json.dumps({"ignored": text}, ensure_ascii=False).encode()


@pytest.mark.e2e
@pytest.mark.parametrize(("method", "path"), READING)
@pytest.mark.parametrize("letter", ["x", "é", "🦊"])
def test_a_body_over_the_limit_is_refused_by_its_bytes(
    town: Town, method: str, path: str, letter: str
) -> None:
    caller = town.person("caller")
    for size, too_large in ((api.BODY_MAX - 4, False), (api.BODY_MAX + 8, True), (2**20, True)):
        answer = town.send(method, path, caller, data=body_of(size, letter))
        said = answer.json().get("error", {}).get("message", "")
        assert (said == f"body may have at most {api.BODY_MAX} bytes") is too_large
        assert answer.status_code == 400 or not too_large


@pytest.mark.e2e
def test_a_form_over_the_limit_is_refused(town: Town) -> None:
    link = town.person("caller").call("POST", "v1/connect")["connectUrl"]
    spent = town.send("POST", link.removeprefix(f"{town.world.url}/"))
    headers = {"Cookie": spent.headers["set-cookie"].split(";")[0]}
    headers["Content-Type"] = "application/x-www-form-urlencoded"
    body = "csrf=" + "x" * api.BODY_MAX
    answer = town.send("POST", "connect/google", headers=headers, data=body)
    assert answer.status_code == 400


def test_api_gateway_throttles_every_route() -> None:
    template = Template.read(ROOT / "template.yaml", {"GoogleClientId": "client"})
    ((_, declared),) = template.resources("AWS::Serverless::HttpApi")
    assert "RouteSettings" not in declared, "a route of its own rate would escape the common one"
    throttle = template.resolve(declared["DefaultRouteSettings"])
    assert {name: int(rate) for name, rate in throttle.items()} == {
        "ThrottlingRateLimit": 100,
        "ThrottlingBurstLimit": 200,
    }
