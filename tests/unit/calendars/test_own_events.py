"""Our own event at Google: there, missing, or none that we may use."""

from scheduling.calendars.own_events import NotThere, OwnEvents
from scheduling.models import Booking, BookingState, CalendarEvent
from tests.builders import a_booking
from tests.fakes import FakeCalendar, FakeEvent
from tests.world import World

CLAIMED = a_booking(state=BookingState.CLAIMED)
CONFIRMED = a_booking()


def found(world: World, booking: Booking, event: FakeEvent | None) -> CalendarEvent | NotThere:
    calendar = FakeCalendar(events={booking.event_id: event} if event else {})
    return OwnEvents(calendar).find(booking, world.connect())


def inserted(booking_id: str = CONFIRMED.booking_id, *, cancelled: bool = False) -> FakeEvent:
    return FakeEvent(CONFIRMED.slot, booking_id, "", "", cancelled)


def test_an_event_that_names_its_booking_is_that_bookings(world: World) -> None:
    for booking in (CLAIMED, CONFIRMED):
        event = found(world, booking, inserted())
        assert isinstance(event, CalendarEvent)
        assert (event.event_id, event.slot) == (booking.event_id, booking.slot)


def test_an_event_that_google_does_not_know_is_missing(world: World) -> None:
    assert found(world, CONFIRMED, None) is NotThere.MISSING


def test_a_deleted_event_is_a_tombstone(world: World) -> None:
    for booking in (CLAIMED, CONFIRMED):
        assert found(world, booking, inserted(cancelled=True)) is NotThere.TOMBSTONE


def test_before_it_is_confirmed_an_event_without_our_mark_is_a_strangers(world: World) -> None:
    for mark in ("", "c" * 32):
        assert found(world, CLAIMED, inserted(mark)) is NotThere.TOMBSTONE


def test_once_it_is_confirmed_it_is_ours_though_an_app_has_dropped_our_mark(world: World) -> None:
    assert isinstance(found(world, CONFIRMED, inserted("")), CalendarEvent)
