"""Our own event at Google, asked for by its id."""

from dataclasses import dataclass
from enum import Enum, auto

from scheduling.models import Booking, BookingState, CalendarEvent, Connection
from scheduling.ports import Calendar


class NotThere(Enum):
    """What is known of an event that is not there to be used."""

    MISSING = auto()
    #: A tombstone, or an event under our id that is not what we would have inserted.
    TOMBSTONE = auto()


@dataclass(frozen=True, slots=True)
class OwnEvents:
    """Finds the events of bookings."""

    calendar: Calendar

    def find(self, booking: Booking, connection: Connection) -> CalendarEvent | NotThere:
        """Return a booking's event as it is now.

        What was confirmed is ours also without our mark: an app that writes events again leaves out
        what it does not know, and nobody else comes to an id of ours.

        Raises:
            CalendarUnavailable: Google cannot say.
            GrantEnded: nobody may ask any more.
        """
        event = self.calendar.get_event(connection, booking.event_id)
        if event is None:
            return NotThere.MISSING
        unmarked = event.booking_id != booking.booking_id
        if event.cancelled or (unmarked and booking.state is BookingState.CLAIMED):
            return NotThere.TOMBSTONE
        return event
