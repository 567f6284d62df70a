"""One try at another time: the event is moved, or the meeting stays where it was."""

from datetime import timedelta

import pytest

from scheduling.bookings.worker import Ending, Work
from scheduling.core.errors import BookingEnded, CalendarUnavailable, NotConnected, SlotTaken
from scheduling.core.times import Interval, format_instant
from scheduling.models import BookingState, ConnectionState
from scheduling.ports import OutcomeUnknown
from scheduling.rules import transitions
from tests.fakes import Crash
from tests.unit.meetings import HALF_AN_HOUR, LATER, SLOT, booked, moved, owned, stored
from tests.world import World


def test_a_move_to_where_the_host_is_busy_changes_nothing(world: World) -> None:
    booking = booked(world)
    world.calendar.manual.append(Interval(LATER, LATER + timedelta(minutes=5)))
    with pytest.raises(SlotTaken) as refusal:
        moved(world, booking)
    assert refusal.value.details["alternatives"]
    assert stored(world, booking).slot == booking.slot
    assert owned(world) == [booking.slot]
    assert [event.slot for event in world.calendar.meetings] == [booking.slot]


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


def test_an_event_that_lost_our_mark_is_moved_and_not_taken_for_deleted(world: World) -> None:
    booking = booked(world)
    (event,) = world.calendar.meetings
    event.booking_id = ""
    after = moved(world, booking, LATER, "")
    assert (after.state, after.slot.start) == (BookingState.CONFIRMED, LATER)
    assert event.slot.start == LATER


# One try, by itself


TARGET = Interval(LATER, LATER + HALF_AN_HOUR)


def rescheduling(world: World, *, sent: bool = False) -> Work:
    """A meeting that is being moved; an earlier worker may have sent the change."""
    booking = transitions.rescheduling(booked(world), TARGET, world.deadline())
    booking = booking.with_(settles_at=world.clock.now() if sent else None)
    world.calendar.calls.clear()
    return Work(booking, world.connect(), world.deadline())


def attempt(world: World, work: Work) -> Ending:
    return world.use_cases.rescheduler.attempt(work)


def test_the_event_is_read_the_time_is_asked_for_and_then_it_is_moved(world: World) -> None:
    ending = attempt(world, rescheduling(world))
    assert world.calendar.calls == ["get_event", "free_busy", "reschedule_event"]
    assert (ending.booking.slot, ending.metric) == (TARGET, "BookingMoved")


def test_what_an_earlier_worker_has_moved_is_moved(world: World) -> None:
    work = rescheduling(world, sent=True)
    (event,) = world.calendar.meetings
    event.slot = TARGET
    world.calendar.manual.append(TARGET)
    assert attempt(world, work).booking.slot == TARGET
    assert world.calendar.calls == ["get_event"]


def test_an_event_that_the_host_dragged_there_is_moved_all_the_same(world: World) -> None:
    """Each change makes a version of its own, so that what was sent before is barred."""
    work = rescheduling(world)
    (event,) = world.calendar.meetings
    event.slot = TARGET
    attempt(world, work)
    assert event.version == 2


@pytest.mark.parametrize("sent", [True, False])
def test_an_event_that_is_not_found_says_nothing(world: World, *, sent: bool) -> None:
    work = rescheduling(world, sent=sent)
    world.calendar.events.clear()
    with pytest.raises(OutcomeUnknown if sent else CalendarUnavailable):
        attempt(world, work)


@pytest.mark.parametrize(
    ("wrong", "refusal"),
    [("busy", SlotTaken), ("past", SlotTaken), ("closing", NotConnected)],
)
@pytest.mark.parametrize("sent", [True, False])
def test_where_it_cannot_go_it_stays_and_what_was_sent_before_is_barred(
    world: World, wrong: str, refusal: type[Exception], *, sent: bool
) -> None:
    work = rescheduling(world, sent=sent)
    (event,) = world.calendar.meetings
    before, version = event.slot, event.version
    if wrong == "busy":
        world.calendar.manual.append(TARGET)
    elif wrong == "past":
        world.clock.instant = TARGET.start
    else:
        work.connection = work.connection.with_(state=ConnectionState.CLOSING)
    if sent:
        ending = attempt(world, work)
        assert isinstance(ending.error, refusal)
        assert (ending.booking.state, ending.booking.slot) == (BookingState.CONFIRMED, before)
        assert ending.metric == "BookingNotMoved"
        assert (event.slot, event.version) == (before, version + 1)
    else:
        with pytest.raises(refusal):
            attempt(world, work)
        assert (event.slot, event.version) == (before, version)


@pytest.mark.parametrize("sent", [True, False])
def test_a_refused_move_leaves_the_meeting_unless_a_change_may_be_under_way(
    world: World, *, sent: bool
) -> None:
    why = CalendarUnavailable()
    ending = world.use_cases.rescheduler.refused(rescheduling(world, sent=sent), why)
    if sent:
        assert (ending.booking.state, ending.error) == (BookingState.RESCHEDULING, None)
        assert ending.metric == "BookingLeftOpen"
    else:
        assert (ending.booking.state, ending.error) == (BookingState.CONFIRMED, why)
        assert ending.metric == "BookingNotMoved"
