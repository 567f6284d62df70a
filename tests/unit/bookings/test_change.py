"""A meeting is moved or cancelled: the table first, then Google; a refusal changes nothing."""

from datetime import timedelta

import pytest

from scheduling.bookings.requests import RescheduleRequest
from scheduling.core.errors import (
    BookingEnded,
    BookingInProgress,
    CalendarUnavailable,
    IdempotencyMismatch,
    NotConnected,
    NotFound,
    ReconnectNeeded,
    ShareClosed,
    SlotNotOffered,
    SlotTaken,
)
from scheduling.core.times import Interval, format_instant
from scheduling.models import Booking, BookingState, Caller, ShareId
from scheduling.ports import OutcomeUnknown
from tests.fakes import START, Crash
from tests.readers import by_icalendar
from tests.unit.meetings import owned, stored
from tests.world import World

SLOT = START + timedelta(hours=4)
LATER = SLOT + timedelta(hours=2)
HALF_AN_HOUR = timedelta(minutes=30)


def booked(world: World, share: ShareId | None = None) -> Booking:
    share = share or world.share()
    booking = world.use_cases.booker.book(
        world.bob, world.request(share, SLOT), world.deadline()
    ).booking
    world.deliver_all()
    return booking


def moved(world: World, booking: Booking, to: object = LATER, **more: object) -> Booking:
    caller = more.get("caller", world.bob)
    assert isinstance(caller, Caller)
    request = RescheduleRequest(starts_at=to, idempotency_key=str(more.get("key", "")))  # type: ignore[arg-type]
    outcome = world.use_cases.booking_changer.reschedule(
        caller, booking.booking_id, request, world.deadline()
    )
    return outcome.booking


def cancelled(world: World, booking: Booking) -> Booking:
    return world.use_cases.booking_changer.cancel(
        world.bob, booking.booking_id, world.deadline()
    ).booking


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


def test_a_move_to_where_the_host_is_busy_changes_nothing(world: World) -> None:
    booking = booked(world)
    world.calendar.manual.append(Interval(LATER, LATER + timedelta(minutes=5)))
    with pytest.raises(SlotTaken) as refusal:
        moved(world, booking)
    assert refusal.value.details["alternatives"]
    assert stored(world, booking).slot == booking.slot
    assert owned(world) == [booking.slot]
    assert [event.slot for event in world.calendar.meetings] == [booking.slot]


def test_a_move_to_a_time_that_another_has_claimed_is_refused(world: World) -> None:
    booking = booked(world)
    carols = world.share("carol")
    world.use_cases.booker.book(
        world.caller("carol"), world.request(carols, LATER), world.deadline()
    )
    with pytest.raises(SlotTaken):
        moved(world, booking)
    assert world.calendar.calls.count("reschedule_event") == 0


def test_while_it_is_moved_both_times_are_claimed(world: World) -> None:
    booking = booked(world)
    world.calendar.faults["reschedule_event"] = [Crash()]
    with pytest.raises(Crash):
        moved(world, booking)
    assert owned(world) == [booking.slot, Interval(LATER, LATER + HALF_AN_HOUR)]


@pytest.mark.parametrize("fault", ["after", OutcomeUnknown()])
def test_a_move_without_an_answer_is_looked_for_and_finished(
    world: World, fault: BaseException | str
) -> None:
    booking = booked(world)
    world.calendar.faults["reschedule_event"] = [fault]
    assert moved(world, booking).slot.start == LATER
    assert [event.slot.start for event in world.calendar.meetings] == [LATER]


def test_a_move_whose_outcome_stays_unknown_is_finished_by_reconcile(world: World) -> None:
    booking = booked(world)
    world.calendar.faults["reschedule_event"] = ["after"]
    world.calendar.faults["get_event"] = ["", CalendarUnavailable(), CalendarUnavailable()]
    left = moved(world, booking)
    assert left.state is BookingState.RESCHEDULING
    world.clock.pass_(seconds=61)
    world.reconcile()
    world.deliver_all()
    assert (stored(world, booking).state, stored(world, booking).slot.start) == (
        BookingState.CONFIRMED,
        LATER,
    )
    assert world.chat.of_type("invite")[-1].custom["sequence"] == 1


def test_a_crash_while_moving_is_finished_by_reconcile(world: World) -> None:
    booking = booked(world)
    world.calendar.faults["reschedule_event"] = [Crash()]
    with pytest.raises(Crash):
        moved(world, booking)
    world.clock.pass_(seconds=40)
    world.reconcile()
    world.deliver_all()
    assert stored(world, booking).slot.start == LATER
    assert [event.slot.start for event in world.calendar.meetings] == [LATER]
    assert owned(world) == [Interval(LATER, LATER + HALF_AN_HOUR)]


def test_a_move_given_up_after_a_crash_is_barred_at_google_before_its_time_is_free(
    world: World,
) -> None:
    booking = booked(world)
    world.calendar.faults["reschedule_event"] = [Crash()]
    with pytest.raises(Crash):
        moved(world, booking)
    sent = world.calendar.get_event(world.connect(), booking.event_id)
    assert sent is not None
    world.calendar.manual.append(Interval(LATER, LATER + HALF_AN_HOUR))
    world.clock.pass_(seconds=40)
    world.reconcile()
    assert stored(world, booking).slot == booking.slot
    assert owned(world) == [booking.slot]
    late = world.calendar.get_event(world.connect(), booking.event_id)
    assert late is not None
    assert late.etag != sent.etag  # what the dead worker sent is refused if it comes now


def test_a_meeting_that_the_host_deleted_at_google_is_cancelled_when_it_is_moved(
    world: World,
) -> None:
    booking = booked(world)
    world.calendar.events[booking.event_id].cancelled = True
    with pytest.raises(BookingEnded):
        moved(world, booking)
    world.deliver_all()
    assert stored(world, booking).state is BookingState.CANCELLED
    assert owned(world) == []
    assert world.chat.of_type("invite")[-1].custom["status"] == "cancelled"


def test_a_dead_grant_moves_nothing_and_cancels_nothing(world: World) -> None:
    booking = booked(world)
    world.calendar.revoked = True
    with pytest.raises(ReconnectNeeded):
        moved(world, booking)
    with pytest.raises(ReconnectNeeded):
        cancelled(world, booking)
    assert stored(world, booking).state is BookingState.CONFIRMED
    assert stored(world, booking).slot == booking.slot


def test_a_time_that_the_share_does_not_offer_is_not_moved_to(world: World) -> None:
    booking = booked(world)
    with pytest.raises(SlotNotOffered):
        moved(world, booking, LATER + timedelta(minutes=7))
    world.use_cases.share_views.withdraw(world.alice, booking.share_id, world.deadline())
    with pytest.raises(ShareClosed):
        moved(world, booking)


def test_a_cancelled_meeting_leaves_nothing_and_the_guest_is_told_once(world: World) -> None:
    booking = booked(world)
    first = cancelled(world, booking)
    assert cancelled(world, booking) == first
    world.deliver_all()
    assert (first.state, first.sequence) == (BookingState.CANCELLED, 1)
    assert world.calendar.meetings == []
    assert owned(world) == []
    *_, word = world.chat.of_type("invite")
    assert (word.custom["status"], word.custom["sequence"]) == ("cancelled", 1)
    assert set(word.custom["links"]) == {"ics"}
    assert word.custom["ics"]["method"] == "CANCEL"
    assert len(world.chat.of_type("invite")) == 2


def test_a_cancelled_meetings_file_takes_it_out_of_a_calendar(world: World) -> None:
    from scheduling.adapters.ics_file import IcsFile  # noqa: PLC0415 - only this needs it

    booking = cancelled(world, booked(world))
    calendar, event = by_icalendar(IcsFile(world.catalogue).render(booking))
    assert (calendar["METHOD"], event["STATUS"], event["SEQUENCE"]) == ("CANCEL", "CANCELLED", 1)


def test_after_a_cancellation_the_guest_may_book_again_and_it_is_another_booking(
    world: World,
) -> None:
    share = world.share()
    first = booked(world, share)
    cancelled(world, first)
    second = booked(world, share)
    assert second.booking_id != first.booking_id
    assert len(world.calendar.meetings) == 1


@pytest.mark.parametrize("fault", ["after", OutcomeUnknown()])
def test_a_deletion_without_an_answer_is_sent_again(
    world: World, fault: BaseException | str
) -> None:
    booking = booked(world)
    world.calendar.faults["delete_event"] = [fault]
    assert cancelled(world, booking).state is BookingState.CANCELLED
    assert world.calendar.meetings == []


def test_a_deletion_that_stays_without_an_answer_is_finished_by_reconcile(world: World) -> None:
    booking = booked(world)
    world.calendar.faults["delete_event"] = [OutcomeUnknown()] * 3
    left = cancelled(world, booking)
    assert left.state is BookingState.CANCELLING
    assert owned(world) == [booking.slot]
    world.clock.pass_(seconds=61)
    world.reconcile()
    world.deliver_all()
    assert stored(world, booking).state is BookingState.CANCELLED
    assert world.calendar.meetings == []
    assert world.chat.of_type("invite")[-1].custom["status"] == "cancelled"


def test_a_deletion_that_google_refuses_changes_nothing(world: World) -> None:
    booking = booked(world)
    world.calendar.faults["delete_event"] = [CalendarUnavailable()] * 3
    with pytest.raises(CalendarUnavailable):
        cancelled(world, booking)
    assert stored(world, booking).state is BookingState.CONFIRMED
    assert len(world.calendar.meetings) == 1


def test_once_a_deletion_may_have_been_sent_there_is_no_way_back(world: World) -> None:
    booking = booked(world)
    world.calendar.faults["delete_event"] = ["after", CalendarUnavailable()]
    world.calendar.faults["delete_event"] += [CalendarUnavailable()] * 2
    assert cancelled(world, booking).state is BookingState.CANCELLING


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
    other = booked_by_carol_left_open(world)
    world.calendar.revoked = True
    world.clock.pass_(minutes=2)
    world.use_cases.disconnector.disconnect(world.tenant.app_id, world.alice.uid, world.deadline())
    assert world.connections.get(world.tenant.app_id, world.alice.uid) is None
    assert stored(world, booking).state is BookingState.CANCELLED
    assert stored(world, other).state is BookingState.REFUSED


def booked_by_carol_left_open(world: World) -> Booking:
    share = world.share("carol")
    world.calendar.faults["insert_event"] = [OutcomeUnknown()]
    world.calendar.faults["get_event"] = [CalendarUnavailable(), CalendarUnavailable()]
    caller = world.caller("carol")
    left = world.use_cases.booker.book(
        caller, world.request(share, LATER), world.deadline()
    ).booking
    assert left.state is BookingState.CLAIMED
    return left


def test_a_guest_told_to_wait_for_a_move_is_told_when_it_comes_to_nothing(world: World) -> None:
    booking = booked(world)
    world.calendar.faults["reschedule_event"] = [OutcomeUnknown()] * 3
    assert moved(world, booking).state is BookingState.RESCHEDULING
    world.calendar.manual.append(Interval(LATER, LATER + HALF_AN_HOUR))
    world.clock.pass_(seconds=61)
    world.reconcile()
    world.deliver_all()
    assert stored(world, booking).slot == booking.slot
    *_, word = world.chat.of_type("invite")
    assert (word.custom["status"], word.custom["startsAt"]) == ("confirmed", format_instant(SLOT))
    assert len(world.chat.of_type("invite")) == 2
