"""One try at a cancellation: the event first, then its time; and no way back once it was sent."""

from datetime import timedelta

import pytest

from scheduling.adapters.ics_file import IcsFile
from scheduling.bookings.worker import Ending, Work
from scheduling.core.errors import CalendarUnavailable, NotConnected
from scheduling.models import BookingState, ConnectionState
from scheduling.ports import GrantEnded, OutcomeUnknown
from scheduling.rules import transitions
from tests.readers import by_icalendar
from tests.unit.meetings import booked, cancelled, owned, stored
from tests.world import World


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
    booking = cancelled(world, booked(world))
    calendar, event = by_icalendar(IcsFile(world.catalogue).render(booking))
    assert (calendar["METHOD"], event["STATUS"], event["SEQUENCE"]) == ("CANCEL", "CANCELLED", 1)


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


# One try, by itself


def cancelling(world: World, *, sent: bool = False) -> Work:
    """A meeting that is being cancelled; an earlier worker may have sent the deletion."""
    booking = transitions.cancelling(booked(world), world.deadline())
    booking = booking.with_(settles_at=world.clock.now() if sent else None)
    world.calendar.calls.clear()
    return Work(booking, world.connect(), world.deadline())


def attempt(world: World, work: Work) -> Ending:
    return world.use_cases.canceller.attempt(work)


def test_the_event_is_deleted_and_nothing_else_is_asked(world: World) -> None:
    ending = attempt(world, cancelling(world))
    assert world.calendar.calls == ["delete_event"]
    assert world.calendar.meetings == []
    assert (ending.booking.state, ending.metric) == (BookingState.CANCELLED, "BookingCancelled")


def test_while_there_is_hope_for_the_grant_a_meeting_is_not_cancelled_without_google(
    world: World,
) -> None:
    work = cancelling(world)
    world.calendar.revoked = True
    with pytest.raises(GrantEnded):
        attempt(world, work)


@pytest.mark.parametrize("why", ["closing", "begun"])
def test_an_event_that_is_out_of_reach_for_good_is_as_good_as_deleted(
    world: World, why: str
) -> None:
    work = cancelling(world)
    world.calendar.revoked = True
    if why == "closing":
        work.connection = work.connection.with_(state=ConnectionState.CLOSING)
    else:
        world.clock.instant = work.booking.slot.start + timedelta(seconds=1)
    ending = attempt(world, work)
    assert (ending.booking.state, ending.error) == (BookingState.CANCELLED, None)


@pytest.mark.parametrize("sent", [True, False])
def test_a_refused_cancellation_leaves_the_meeting_unless_a_deletion_may_be_under_way(
    world: World, *, sent: bool
) -> None:
    why = CalendarUnavailable()
    ending = world.use_cases.canceller.refused(cancelling(world, sent=sent), why)
    if sent:
        assert (ending.booking.state, ending.error) == (BookingState.CANCELLING, None)
    else:
        assert (ending.booking.state, ending.error) == (BookingState.CONFIRMED, why)
    assert ending.metric == ("BookingLeftOpen" if sent else ""), "a meeting that stays is no news"


def test_a_meeting_that_nobody_reaches_any_more_is_cancelled(world: World) -> None:
    work = cancelling(world)
    ending = world.use_cases.canceller.given_up(work.booking, NotConnected("No calendar."))
    assert (ending.booking.state, ending.error) == (BookingState.CANCELLED, None)
    assert ending.metric == "BookingCancelled"
