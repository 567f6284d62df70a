"""A connection ends: no new claims, what is worked on is settled, tokens and grant go."""

from datetime import timedelta

import pytest

from scheduling.core.errors import CalendarUnavailable
from scheduling.models import BookingState
from scheduling.ports import OutcomeUnknown
from tests.fakes import Crash, FakeEvent
from tests.unit.connections.test_connect import connect
from tests.unit.meetings import (
    LATER,
    SLOT,
    booked,
    cancelled,
    claimed_buckets,
    died,
    left_open,
    moved,
    owned,
    stored,
)
from tests.world import World


def test_disconnecting_settles_what_is_being_worked_on_before_the_tokens_go(world: World) -> None:
    share = world.share()
    world.calendar.faults["insert_event"] = [OutcomeUnknown()]
    world.calendar.faults["get_event"] = [CalendarUnavailable(), CalendarUnavailable()]
    left = world.use_cases.booker.book(
        world.bob, world.request(share, SLOT), world.deadline()
    ).booking
    world.calendar.events[left.event_id] = FakeEvent(left.slot, left.booking_id, "", "")
    world.use_cases.disconnector.disconnect(world.tenant.app_id, world.alice.uid, world.deadline())
    world.deliver_all()
    settled = world.bookings.get(world.tenant.app_id, left.booking_id)
    assert settled is not None
    assert settled.state is BookingState.CONFIRMED
    assert world.connections.get(world.tenant.app_id, world.alice.uid) is None


def test_a_connection_whose_bookings_take_longer_is_ended_by_reconcile(world: World) -> None:
    share = world.share()
    world.calendar.faults["insert_event"] = [Crash()]
    with pytest.raises(Crash):
        world.use_cases.booker.book(world.bob, world.request(share, SLOT), world.deadline())
    world.use_cases.disconnector.disconnect(world.tenant.app_id, world.alice.uid, world.deadline())
    assert world.connection(world.alice) == {"state": "none"}
    assert world.connections.get(world.tenant.app_id, world.alice.uid) is not None
    world.clock.pass_(minutes=2)
    world.reconcile()
    world.clock.pass_(minutes=2)
    world.reconcile()
    assert world.connections.get(world.tenant.app_id, world.alice.uid) is None
    assert claimed_buckets(world) == 0
    assert world.calendar.meetings == []


def test_a_closing_connection_ends_in_runs_a_minute_apart(world: World) -> None:
    died(world)
    world.clock.pass_(seconds=5)
    world.use_cases.disconnector.disconnect(world.tenant.app_id, world.alice.uid, world.deadline())
    for _ in range(3):
        world.clock.pass_(seconds=60)
        world.reconcile()
    assert world.connections.get(world.tenant.app_id, world.alice.uid) is None
    assert owned(world) == []
    assert world.calendar.meetings == []


@pytest.mark.parametrize("what", ["reschedule_event", "delete_event"])
def test_disconnecting_settles_a_change_that_is_under_way(world: World, what: str) -> None:
    booking = booked(world)
    world.calendar.faults[what] = [Crash()]
    with pytest.raises(Crash):
        moved(world, booking) if what == "reschedule_event" else cancelled(world, booking)
    world.clock.pass_(seconds=40)
    world.use_cases.disconnector.disconnect(world.tenant.app_id, world.alice.uid, world.deadline())
    assert world.connections.get(world.tenant.app_id, world.alice.uid) is None
    ended = stored(world, booking)
    assert (ended.state, ended.slot) == (
        (BookingState.CONFIRMED, booking.slot)
        if what == "reschedule_event"
        else (BookingState.CANCELLED, booking.slot)
    )
    assert len(world.calendar.meetings) == (what == "reschedule_event")


def test_a_connection_with_a_dead_grant_can_be_ended_whatever_is_under_way(world: World) -> None:
    booking = booked(world)
    world.calendar.faults["delete_event"] = [Crash()]
    with pytest.raises(Crash):
        cancelled(world, booking)
    other = left_open(world, "carol", LATER)
    world.calendar.revoked = True
    world.clock.pass_(minutes=2)
    world.use_cases.disconnector.disconnect(world.tenant.app_id, world.alice.uid, world.deadline())
    assert world.connections.get(world.tenant.app_id, world.alice.uid) is None
    assert stored(world, booking).state is BookingState.CANCELLED
    assert stored(world, other).state is BookingState.REFUSED


def test_disconnecting_deletes_the_tokens_and_ends_the_grant(world: World) -> None:
    world.use_cases.disconnector.disconnect(world.tenant.app_id, world.alice.uid, world.deadline())
    assert world.connection(world.alice) == {"state": "none"}
    assert world.oauth.revoked == ["refresh-alice"]
    assert world.connections.get(world.tenant.app_id, world.alice.uid) is None
    assert "refresh-alice" not in str(world.items())
    world.use_cases.disconnector.disconnect(world.tenant.app_id, world.alice.uid, world.deadline())
    assert world.connection(world.alice) == {"state": "none"}


@pytest.mark.parametrize(("unheard", "ended"), [(1, 1), (2, 1), (3, 0)])
def test_a_grant_is_ended_by_a_third_try_and_what_is_not_ended_is_counted(
    world: World, unheard: int, ended: int
) -> None:
    world.oauth.unheard = unheard
    world.use_cases.disconnector.disconnect(world.tenant.app_id, world.alice.uid, world.deadline())
    assert world.oauth.revoked == ["refresh-alice"] * ended
    assert world.metrics.counts["RevokeFailed"] == 1 - ended


def test_a_grant_is_not_tried_again_where_there_is_no_time(world: World) -> None:
    world.oauth.unheard = 1
    soon = world.clock.now() + timedelta(seconds=7)
    world.use_cases.disconnector.disconnect(world.tenant.app_id, world.alice.uid, soon)
    assert world.oauth.revoked == []
    assert world.metrics.counts["RevokeFailed"] == 1


def test_disconnecting_succeeds_when_google_is_out_of_reach(world: World) -> None:
    world.oauth.unreachable = True
    world.use_cases.disconnector.disconnect(world.tenant.app_id, world.alice.uid, world.deadline())
    assert world.connection(world.alice) == {"state": "none"}
    assert world.connections.get(world.tenant.app_id, world.alice.uid) is None


def test_a_grant_that_somebody_else_uses_is_not_ended(world: World) -> None:
    connect(world, "bob", "alice")
    world.use_cases.disconnector.disconnect(world.tenant.app_id, world.alice.uid, world.deadline())
    assert world.oauth.revoked == []
    world.use_cases.disconnector.disconnect(world.tenant.app_id, world.bob.uid, world.deadline())
    assert world.oauth.revoked == ["refresh-alice"]
