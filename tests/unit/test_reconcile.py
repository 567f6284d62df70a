"""What `reconcile` tells of what is due: how long people have waited, what it did, what it left."""

from datetime import timedelta

import pytest

from scheduling.errors import CalendarUnavailable
from scheduling.models import BookingState
from scheduling.moves import LEASE_MARGIN
from tests.fakes import START
from tests.world import World

SLOT = START + timedelta(hours=4)
NOTHING = timedelta(0)


def measured(world: World) -> tuple[timedelta, timedelta]:
    """Run, and give the ages of the oldest message and the oldest booking that were due."""
    world.reconcile()
    lengths = world.metrics.lengths
    return lengths["OldestOwedSeconds"][-1], lengths["OldestBookingSeconds"][-1]


def test_nothing_is_late_where_nothing_is_due(world: World) -> None:
    assert measured(world) == (NOTHING, NOTHING)


def test_a_message_is_as_old_as_the_fact_that_it_tells_however_often_it_was_tried(
    world: World,
) -> None:
    share = world.share()
    world.booker.book(world.bob, world.request(share, SLOT), world.deadline())
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
    outcome = world.booker.book(world.bob, world.request(share, SLOT), world.deadline())
    assert outcome.booking.state is BookingState.CLAIMED
    for _ in range(3):
        world.clock.pass_(minutes=5)
        assert measured(world) == (NOTHING, world.clock.now() - promised)
        name, _, about = world.metrics.told[-1]
        assert (name, about["booking_id"]) == ("LeftForNextRun", outcome.booking.booking_id)
    world.calendar.faults.clear()
    world.clock.pass_(minutes=5)
    world.reconcile()
    assert measured(world)[1] == NOTHING


def test_what_breaks_is_named_and_stops_no_other(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    share = world.share()
    outcome = world.booker.book(world.bob, world.request(share, SLOT), world.deadline())
    world.clock.pass_(minutes=2)

    def breaks(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(type(world.reconciler.aftercare), "look_after", breaks)
    with pytest.raises(ExceptionGroup):
        world.reconcile()
    about = next(ids for name, _, ids in world.metrics.told if name == "ReconcileBroke")
    assert about["booking_id"] == outcome.booking.booking_id
    assert world.metrics.counts["MessageSentLate"] == 1
