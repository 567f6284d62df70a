"""One try at a cancellation: the event first, then its time; and no way back once it was sent."""

import pytest

from scheduling.adapters.ics_file import IcsFile
from scheduling.core.errors import CalendarUnavailable
from scheduling.models import BookingState
from scheduling.ports import OutcomeUnknown
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
