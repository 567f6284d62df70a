"""What was left open comes to an end: whoever looks, however often, and though Google says no."""

from datetime import timedelta

import pytest

from scheduling.adapters.dynamodb.table import delete
from scheduling.bookings.requests import RescheduleRequest
from scheduling.core.errors import CalendarUnavailable, SlotTaken
from scheduling.core.retry import CALL
from scheduling.models import Booking, BookingState
from scheduling.ports import Busy, OutcomeUnknown
from tests.fakes import Crash
from tests.unit.meetings import (
    LATER,
    SLOT,
    booked,
    busy,
    claimed_buckets,
    died,
    left_open,
    owned,
    stored,
)
from tests.world import World


def test_who_looks_at_an_open_booking_does_not_put_its_end_off(world: World) -> None:
    share = died(world)
    busy(world)
    world.clock.pass_(seconds=36)
    answers = []
    for _ in range(12):
        try:
            world.use_cases.booker.book(world.bob, world.request(share, SLOT), world.deadline())
            answers.append("open")
        except SlotTaken:
            answers.append("taken")
        world.clock.pass_(seconds=6)
    assert set(answers[:9]) == {"open"}
    assert set(answers[-2:]) == {"taken"}
    assert owned(world) == []


def test_a_claim_that_is_kept_is_no_refusal_and_its_end_is_told(world: World) -> None:
    share = died(world)
    busy(world)
    world.clock.pass_(seconds=36)
    outcome = world.use_cases.booker.book(world.bob, world.request(share, SLOT), world.deadline())
    assert not outcome.settled
    world.clock.pass_(seconds=61)
    world.reconcile()
    world.deliver_all()
    (word,) = world.chat.of_type("invite")
    assert word.custom["status"] == "refused"
    other = world.request(share, LATER)
    taken = world.use_cases.booker.book(world.bob, other, world.deadline())
    assert taken.booking.state is BookingState.CONFIRMED


def test_a_booking_ends_though_its_claims_are_gone_by_then(world: World) -> None:
    booking = booked(world)
    world.calendar.faults["delete_event"] = [OutcomeUnknown() for _ in range(9)]
    world.use_cases.booking_changer.cancel(world.bob, booking.booking_id, world.deadline())
    world.clock.pass_(hours=30)
    for item in world.items():
        if item["sk"].startswith("HOUR#"):
            world.table.write(delete((item["pk"], item["sk"])))
    world.calendar.faults.clear()
    world.reconcile()
    assert stored(world, booking).state is BookingState.CANCELLED


@pytest.mark.parametrize("what", ["book", "move", "cancel"])
def test_a_dead_grant_keeps_nobody_waiting_beyond_the_time_itself(world: World, what: str) -> None:
    booking = left_open(world) if what == "book" else booked(world)
    if what == "move":
        world.calendar.faults["reschedule_event"] = [OutcomeUnknown() for _ in range(9)]
        request = RescheduleRequest(starts_at=LATER, idempotency_key="")
        world.use_cases.booking_changer.reschedule(
            world.bob, booking.booking_id, request, world.deadline()
        )
    if what == "cancel":
        world.calendar.faults["delete_event"] = [OutcomeUnknown() for _ in range(9)]
        world.use_cases.booking_changer.cancel(world.bob, booking.booking_id, world.deadline())
    open_state = stored(world, booking).state
    world.calendar.revoked = True
    world.clock.pass_(hours=3)
    world.reconcile()
    assert stored(world, booking).state is open_state
    world.clock.pass_(hours=1)
    world.reconcile()
    world.deliver_all()
    ends = {"book": "refused", "move": "confirmed", "cancel": "cancelled"}
    assert stored(world, booking).state == ends[what]
    assert world.chat.of_type("invite")[-1].custom["status"] == ends[what]


def test_a_crash_after_the_claim_is_finished_by_reconcile(world: World) -> None:
    share = world.share()
    world.calendar.faults["insert_event"] = [Crash()]
    with pytest.raises(Crash):
        world.use_cases.booker.book(world.bob, world.request(share, SLOT), world.deadline())
    assert claimed_buckets(world) == 6
    assert "BookingSettled" not in world.reconcile()
    world.clock.pass_(seconds=40)
    assert world.reconcile()["BookingSettled"] == 1
    world.deliver_all()
    assert len(world.calendar.meetings) == 1
    assert len(world.chat.of_type("invite")) == 1


# One look, by itself


def recovered(world: World, booking: Booking) -> Booking:
    return world.use_cases.recovery.recover(stored(world, booking), world.deadline())


def test_what_is_under_work_still_is_left_to_whoever_has_it(world: World) -> None:
    booking = left_open(world)
    until = world.clock.now() + timedelta(minutes=1)
    world.bookings.transition(booking, booking.with_(leased_until=until))
    before = stored(world, booking)
    with pytest.raises(Busy):
        recovered(world, booking)
    assert stored(world, booking) == before


def test_what_was_left_is_finished_by_one_more_attempt(world: World) -> None:
    booking = left_open(world)
    world.clock.pass_(minutes=2)
    done = recovered(world, booking)
    assert stored(world, booking).state is done.state
    assert (done.state, done.attempt) == (BookingState.CONFIRMED, booking.attempt + 1)


def test_a_refusal_goes_to_nobody_for_whoever_asked_is_gone(world: World) -> None:
    booking = left_open(world)
    busy(world)
    world.clock.pass_(minutes=2)
    assert recovered(world, booking).state is BookingState.REFUSED


def test_what_cannot_be_finished_now_is_still_under_work_and_due(world: World) -> None:
    booking = left_open(world)
    world.clock.pass_(minutes=2)
    world.calendar.faults["get_event"] = [CalendarUnavailable() for _ in range(9)]
    left = recovered(world, booking)
    assert (left.state, left.due_at is None) == (BookingState.CLAIMED, False)


@pytest.mark.parametrize("gone", ["no connection", "another calendar"])
def test_a_booking_in_a_calendar_that_is_not_there_any_more_is_given_up(
    world: World, gone: str
) -> None:
    booking = left_open(world)
    world.clock.pass_(minutes=2)
    world.calendar.calls.clear()
    if gone == "no connection":
        world.connections.remove(world.connect())
    else:
        world.connect(account="another")
    given_up = recovered(world, booking)
    assert (given_up.state, given_up.refusal) == (BookingState.REFUSED, "NOT_CONNECTED")
    assert world.calendar.calls == []


def test_a_whole_calendar_is_waited_for_within_the_time_that_there_is(world: World) -> None:
    left_open(world)
    connection = world.connect()
    world.calendar.faults["get_event"] = [CalendarUnavailable() for _ in range(99)]
    begun, deadline = world.clock.now(), world.deadline()
    assert not world.use_cases.recovery.recover_all(connection, deadline)
    assert begun < world.clock.now() <= deadline - CALL + timedelta(seconds=1)
    world.calendar.faults.clear()
    world.clock.pass_(minutes=2)
    assert world.use_cases.recovery.recover_all(connection, world.deadline())
    assert world.bookings.under_work(connection) == []
