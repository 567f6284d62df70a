"""A meeting is moved or cancelled: the table first, then Google; a refusal changes nothing."""

from datetime import timedelta

import pytest

from scheduling.bookings.requests import RescheduleRequest
from scheduling.core.errors import (
    BookingEnded,
    BookingInProgress,
    IdempotencyMismatch,
    NotConnected,
    NotFound,
    ShareClosed,
    SlotNotOffered,
    SlotTaken,
)
from scheduling.core.times import Interval, format_instant
from scheduling.models import BookingState
from tests.fakes import Crash
from tests.unit.meetings import HALF_AN_HOUR, LATER, SLOT, booked, cancelled, moved, owned, stored
from tests.world import World


@pytest.mark.parametrize("uid", ["alice", "bob"])
def test_host_and_guest_move_a_meeting_and_its_invite_says_so(world: World, uid: str) -> None:
    booking = booked(world)
    after = moved(world, booking, caller=world.caller(uid))
    world.deliver_all()
    slot = Interval(LATER, LATER + HALF_AN_HOUR)
    (event,) = world.calendar.meetings
    *_, invite = world.chat.of_type("invite")
    assert (after.state, after.slot, after.sequence) == (BookingState.CONFIRMED, slot, 1)
    assert event.slot == slot
    assert owned(world) == [slot]
    assert invite.receiver.id == "bob"
    assert invite.custom["status"] == "confirmed"
    assert (invite.custom["sequence"], invite.custom["startsAt"]) == (1, format_instant(LATER))
    assert len(world.chat.of_type("invite")) == 2


def test_a_meeting_may_be_moved_into_its_own_time(world: World) -> None:
    booking = booked(world)
    quarter = SLOT + timedelta(minutes=15)
    assert moved(world, booking, quarter).slot.start == quarter
    assert owned(world) == [Interval(quarter, quarter + HALF_AN_HOUR)]


def test_a_repeated_move_moves_nothing(world: World) -> None:
    booking = booked(world)
    first = moved(world, booking)
    assert moved(world, booking) == first
    assert world.calendar.calls.count("reschedule_event") == 1


def test_a_repeated_move_with_its_key_does_not_undo_a_later_one(world: World) -> None:
    booking = booked(world)
    moved(world, booking, key="k1")
    third = moved(world, booking, LATER + timedelta(hours=1), key="k2")
    assert moved(world, booking, key="k1").slot == third.slot
    with pytest.raises(IdempotencyMismatch):
        moved(world, booking, SLOT, key="k1")


def test_a_move_to_a_time_that_another_has_claimed_is_refused(world: World) -> None:
    booking = booked(world)
    carols = world.share("carol")
    world.use_cases.booker.book(
        world.caller("carol"), world.request(carols, LATER), world.deadline()
    )
    with pytest.raises(SlotTaken):
        moved(world, booking)
    assert world.calendar.calls.count("reschedule_event") == 0


def test_a_time_that_the_share_does_not_offer_is_not_moved_to(world: World) -> None:
    booking = booked(world)
    with pytest.raises(SlotNotOffered):
        moved(world, booking, LATER + timedelta(minutes=7))
    world.use_cases.share_views.withdraw(world.alice, booking.share_id, world.deadline())
    with pytest.raises(ShareClosed):
        moved(world, booking)


def test_after_a_cancellation_the_guest_may_book_again_and_it_is_another_booking(
    world: World,
) -> None:
    share = world.share()
    first = booked(world, share)
    cancelled(world, first)
    second = booked(world, share)
    assert second.booking_id != first.booking_id
    assert len(world.calendar.meetings) == 1


def test_nobody_moves_while_another_cancels(world: World) -> None:
    booking = booked(world)
    world.calendar.faults["delete_event"] = [Crash()]
    with pytest.raises(Crash):
        cancelled(world, booking)
    near = world.clock.now() + timedelta(seconds=4)
    with pytest.raises(BookingInProgress):
        world.use_cases.booking_changer.reschedule(
            world.bob, booking.booking_id, RescheduleRequest(LATER, ""), near
        )


def test_only_host_and_guest_change_a_meeting(world: World) -> None:
    booking = booked(world)
    with pytest.raises(NotFound):
        world.use_cases.booking_changer.cancel(
            world.caller("carol"), booking.booking_id, world.deadline()
        )
    with pytest.raises(NotFound):
        moved(world, booking, caller=world.caller("carol"))


def test_what_has_begun_or_never_came_to_be_is_not_changed(world: World) -> None:
    booking = booked(world)
    world.clock.pass_(hours=4, minutes=1)
    with pytest.raises(BookingEnded):
        cancelled(world, booking)
    with pytest.raises(BookingEnded):
        moved(world, booking)


def test_a_meeting_in_a_calendar_that_is_not_connected_any_more_stays(world: World) -> None:
    booking = booked(world)
    world.use_cases.disconnector.disconnect(world.tenant.app_id, world.alice.uid, world.deadline())
    with pytest.raises(NotConnected):
        cancelled(world, booking)
    assert stored(world, booking).state is BookingState.CONFIRMED


def test_the_key_of_a_refused_move_is_not_another_moves_success(world: World) -> None:
    booking = booked(world)
    world.calendar.manual.append(Interval(LATER, LATER + HALF_AN_HOUR))
    with pytest.raises(SlotTaken):
        moved(world, booking, LATER, "k1")
    after = moved(world, booking, LATER + timedelta(hours=1), "k2")
    with pytest.raises(SlotTaken):
        moved(world, booking, LATER, "k1")
    world.calendar.manual.clear()
    assert moved(world, booking, LATER, "k1").slot.start == LATER
    assert moved(world, booking, LATER + timedelta(hours=1), "k2").slot.start == LATER
    assert after.sequence == 1


def test_the_key_of_a_move_that_the_host_ended_brings_the_same_refusal_again(world: World) -> None:
    booking = booked(world)
    (event,) = world.calendar.meetings
    event.cancelled = True
    for _ in range(2):
        with pytest.raises(BookingEnded):
            moved(world, booking, LATER, "k1")
