"""What `reconcile` tells of what is due: how long people have waited, what it did, what it left."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from functions.reconcile import app
from scheduling import wiring
from scheduling.adapters.dynamodb.connection_store import connection_key
from scheduling.adapters.dynamodb.table import DUE_SHARDS, update
from scheduling.core.errors import CalendarUnavailable
from scheduling.models import Booking, BookingState, ConnectionState
from scheduling.operations.reconcile import AGAIN, ROOM
from scheduling.rules.transitions import LEASE_MARGIN
from tests.fakes import START
from tests.world import World

SLOT = START + timedelta(hours=4)
NOTHING = timedelta(0)


def measured(world: World) -> tuple[timedelta, timedelta]:
    """Run, and return the ages of the oldest message and the oldest booking that were due."""
    world.reconcile()
    lengths = world.metrics.lengths
    return lengths["OldestOwedSeconds"][-1], lengths["OldestBookingSeconds"][-1]


def test_nothing_is_late_where_nothing_is_due(world: World) -> None:
    assert measured(world) == (NOTHING, NOTHING)


def test_a_message_is_as_old_as_the_fact_that_it_tells_however_often_it_was_tried(
    world: World,
) -> None:
    share = world.share()
    world.use_cases.booker.book(world.bob, world.request(share, SLOT), world.deadline())
    begun = world.clock.now()
    world.chat.unreachable = True
    for _ in range(3):
        world.clock.pass_(minutes=2)
        assert measured(world) == (world.clock.now() - begun, NOTHING)
    world.chat.unreachable = False
    world.clock.pass_(minutes=2)
    world.reconcile()
    assert world.metrics.lengths["MessageSeconds"][-1] == world.clock.now() - begun
    assert measured(world) == (NOTHING, NOTHING)


def test_a_booking_is_late_from_the_end_of_its_first_workers_time(world: World) -> None:
    share = world.share()
    world.deliver_all()
    promised = world.deadline() + LEASE_MARGIN
    world.calendar.faults["insert_event"] = ["after"]
    world.calendar.faults["get_event"] = [CalendarUnavailable() for _ in range(99)]
    outcome = world.use_cases.booker.book(world.bob, world.request(share, SLOT), world.deadline())
    assert outcome.booking.state is BookingState.CLAIMED
    for _ in range(3):
        world.clock.pass_(minutes=5)
        late = world.clock.now() - promised
        assert measured(world) == (NOTHING, late)
        name, _, about = world.metrics.heard[-1]
        assert (name, about["booking_id"]) == ("LeftForNextRun", outcome.booking.booking_id)
    world.calendar.faults.clear()
    world.clock.pass_(minutes=5)
    world.reconcile()
    assert measured(world)[1] == NOTHING


def test_what_breaks_is_named_and_stops_no_other(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    share = world.share()
    outcome = world.use_cases.booker.book(world.bob, world.request(share, SLOT), world.deadline())
    world.clock.pass_(minutes=2)

    def breaks(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(type(world.use_cases.reconciler.follow_up), "check_conflicts", breaks)
    with pytest.raises(ExceptionGroup):
        world.reconcile()
    about = next(ids for name, _, ids in world.metrics.heard if name == "ReconcileBroke")
    assert about["booking_id"] == outcome.booking.booking_id
    assert world.metrics.counts["MessageSentLate"] == 1


def booked(world: World, guest: str, hours: int) -> Booking:
    """Book a meeting of alice's that has to be looked after by now."""
    share = world.share(guest)
    request = world.request(share, SLOT + timedelta(hours=hours))
    booking = world.use_cases.booker.book(world.caller(guest), request, world.deadline()).booking
    world.deliver_all()
    return booking


def left(world: World) -> list[tuple[str, str]]:
    """Return which bookings were left for the next run, and why."""
    return [
        (about["booking_id"], about["code"])
        for name, _, about in world.metrics.heard
        if name == "LeftForNextRun"
    ]


def test_a_calendar_that_hangs_is_waited_for_once_in_a_run(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    bookings = [booked(world, guest, hours) for hours, guest in enumerate(("bob", "carol", "dave"))]
    world.clock.pass_(minutes=2)

    def hangs(*_: object) -> None:
        world.clock.pass_(seconds=6)
        raise CalendarUnavailable

    with monkeypatch.context() as patch:
        patch.setattr(type(world.calendar), "others", hangs)
        assert world.reconcile() == {"LeftForNextRun": 3}
    assert {name for name, _ in left(world)} == {each.booking_id for each in bookings}
    assert sorted(code for _, code in left(world)) == ["CALENDAR_UNAVAILABLE", "SLOW", "SLOW"]
    assert world.reconcile() == {}, "moved back, so that others have their turn"
    world.clock.pass_(seconds=AGAIN.total_seconds())
    assert world.reconcile() == {"BookingLookedAfter": 3}


def test_what_was_tried_in_vain_comes_after_what_waits(world: World) -> None:
    first = booked(world, "bob", 0)
    world.clock.pass_(seconds=10)
    second = booked(world, "carol", 1)
    world.clock.pass_(minutes=2)
    world.calendar.faults["others"] = [CalendarUnavailable()]
    assert world.reconcile() == {"LeftForNextRun": 1, "BookingLookedAfter": 1}
    assert left(world) == [(first.booking_id, "CALENDAR_UNAVAILABLE")]
    assert world.reconcile() == {}
    world.clock.pass_(seconds=AGAIN.total_seconds())
    assert world.reconcile() == {"BookingLookedAfter": 1}
    assert second.booking_id not in dict(left(world))


def test_what_there_was_no_time_for_keeps_its_place(world: World) -> None:
    booking = booked(world, "bob", 0)
    world.clock.pass_(minutes=2)
    short = world.clock.now() + ROOM - timedelta(seconds=1)
    assert world.use_cases.reconciler.run(short) == {"LeftForNextRun": 1}
    assert left(world) == [(booking.booking_id, "NO_TIME")]
    assert world.reconcile() == {"BookingLookedAfter": 1}


def test_what_cannot_be_read_is_named_and_stops_no_other(world: World) -> None:
    booked(world, "bob", 0)
    closing = world.connect("erin", account="erin")
    world.connections.transition(closing, ConnectionState.CLOSING)
    key = connection_key(closing.app_id, closing.uid)
    world.table.write(update(key, "SET #tokens = :damaged", damaged=b"damaged"))
    world.clock.pass_(minutes=2)
    for _ in range(2):
        with pytest.raises(ExceptionGroup):
            world.reconcile()
        world.clock.pass_(seconds=AGAIN.total_seconds())
    about = next(ids for name, _, ids in world.metrics.heard if name == "ReconcileBroke")
    assert about == {"pk": key[0], "sk": key[1]}
    assert world.metrics.counts["BookingLookedAfter"] == 1
    assert world.metrics.counts["ReconcileBroke"] == 2


@dataclass
class Told:
    """Stands for the reconciler, and notes what it is told to look at."""

    shards: list[int | None] = field(default_factory=list)

    def run(self, deadline: datetime, shard: int | None = None) -> dict[str, int]:
        assert deadline > START
        self.shards.append(shard)
        return {}


def test_a_schedule_says_which_shard_and_whoever_says_none_has_all_looked_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    heard = Told()
    context: Any = SimpleNamespace(
        function_name="reconcile",
        memory_limit_in_mb=1024,
        invoked_function_arn="arn:aws:lambda:here:1:function:reconcile",
        aws_request_id="1",
        get_remaining_time_in_millis=lambda: 50_000,
    )
    monkeypatch.setattr(wiring, "use_cases", lambda: SimpleNamespace(reconciler=heard))
    for event in ({"shard": 0}, {"shard": 3}, {}, {"detail-type": "Scheduled Event"}):
        assert app.handler(event, context) == {}
    assert heard.shards == [0, 3, None, None]


def test_a_run_for_a_shard_does_what_is_due_there_and_leaves_the_rest(world: World) -> None:
    world.use_cases.booker.book(world.bob, world.request(world.share(), SLOT), world.deadline())
    world.clock.pass_(minutes=2)
    shards = {item["dueShard"] for item in world.items() if "dueShard" in item}
    busy = {int(shard.removeprefix("DUE#")) for shard in shards}
    assert busy
    assert busy < set(range(DUE_SHARDS))
    done = [
        bool(world.use_cases.reconciler.run(world.clock.now() + timedelta(seconds=50), shard))
        for shard in range(DUE_SHARDS)
    ]
    assert done == [shard in busy for shard in range(DUE_SHARDS)]
    assert world.reconcile() == {}
