"""One worker carries a booking to its end at Google, in few tries, and never guesses."""

import pytest

from scheduling.core.errors import CalendarUnavailable, ReconnectNeeded
from scheduling.models import BookingState, CalendarEvent, ConnectionState
from scheduling.ports import Busy
from scheduling.rules import transitions
from tests.fakes import Crash
from tests.unit.meetings import SLOT, booked, cancelled, claimed_buckets, moved, stored
from tests.world import World


@pytest.mark.parametrize("method", ["free_busy", "insert_event"])
def test_what_google_could_not_say_is_asked_again_after_the_wait_that_it_named(
    world: World, method: str
) -> None:
    share = world.share()
    began = world.clock.now()
    world.calendar.faults[method] = [CalendarUnavailable(retry_after=3), CalendarUnavailable()]
    outcome = world.use_cases.booker.book(world.bob, world.request(share, SLOT), world.deadline())
    assert outcome.booking.state is BookingState.CONFIRMED
    waited = (world.clock.now() - began).total_seconds()
    assert 3 <= waited < 4


def test_a_slow_worker_whose_booking_was_taken_over_changes_nothing(world: World) -> None:
    share = world.share()
    world.calendar.faults["insert_event"] = [Crash()]
    with pytest.raises(Crash):
        world.use_cases.booker.book(world.bob, world.request(share, SLOT), world.deadline())
    slow, _ = world.bookings.of_guest(world.tenant.app_id, share, world.bob.uid)
    assert slow is not None
    world.clock.pass_(minutes=2)
    world.reconcile()
    with pytest.raises(Busy):
        world.bookings.transition(slow, transitions.refused(slow, "SLOT_TAKEN"))
    assert claimed_buckets(world) == 6


def test_a_worker_whose_booking_another_has_taken_makes_no_move(world: World) -> None:
    share = world.share()
    world.calendar.faults["insert_event"] = [Crash()]
    with pytest.raises(Crash):
        world.use_cases.booker.book(world.bob, world.request(share, SLOT), world.deadline())
    slow, _ = world.bookings.of_guest(world.tenant.app_id, share, world.bob.uid)
    assert slow is not None
    world.clock.pass_(minutes=2)
    now = world.clock.now()
    taken = transitions.taken(slow, world.deadline())
    world.bookings.transition(slow, taken)
    event = CalendarEvent(slow.event_id, "x", cancelled=False, booking_id=slow.booking_id)
    for after in (
        taken,
        transitions.renewed(slow),
        transitions.unknown(slow, now),
        transitions.refused(slow, "SLOT_TAKEN"),
        transitions.confirmed(slow, event, now),
    ):
        with pytest.raises(Busy):
            world.bookings.transition(slow, after)
    assert world.bookings.get(world.tenant.app_id, slow.booking_id) == taken
    assert claimed_buckets(world) == 6


def test_a_dead_grant_refuses_releases_and_tells_the_host_once(world: World) -> None:
    share = world.share()
    world.calendar.revoked = True
    for _ in range(2):
        with pytest.raises(ReconnectNeeded):
            world.use_cases.booker.book(world.bob, world.request(share, SLOT), world.deadline())
    world.deliver_all()
    connection = world.connections.get(world.tenant.app_id, world.alice.uid)
    assert connection is not None
    assert connection.state is ConnectionState.RECONNECT
    assert claimed_buckets(world) == 0
    (notice,) = world.chat.of_type("notice")
    assert (notice.receiver.id, notice.custom["reason"]) == ("alice", "reconnect")


def test_a_dead_grant_moves_nothing_and_cancels_nothing(world: World) -> None:
    booking = booked(world)
    world.calendar.revoked = True
    with pytest.raises(ReconnectNeeded):
        moved(world, booking)
    with pytest.raises(ReconnectNeeded):
        cancelled(world, booking)
    assert stored(world, booking).state is BookingState.CONFIRMED
    assert stored(world, booking).slot == booking.slot
