"""Our own event at Google, asked for by its id."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto

from scheduling.calendars.host_calendar import HostCalendar
from scheduling.core.errors import CalendarUnavailable
from scheduling.models import Booking, BookingState, CalendarEvent, Connection, ConnectionState
from scheduling.ports import Calendar, GrantEnded


class NotThere(Enum):
    """What is known of an event that is not there to be used."""

    MISSING = auto()
    UNKNOWN = auto()
    #: A tombstone, or an event under our id that is not what we would have inserted.
    TOMBSTONE = auto()
    #: The grant has ended: nobody may ask any more.
    FORBIDDEN = auto()


def hopeless(booking: Booking, connection: Connection, now: datetime) -> bool:
    """Whether nobody need wait for a grant that has ended: it is given up, or the time has come."""
    starts = [each.start for each in (booking.slot, booking.target) if each is not None]
    return connection.state is ConnectionState.CLOSING or min(starts) <= now


@dataclass(frozen=True, slots=True)
class OwnEvents:
    """Finds the events of bookings."""

    calendar: Calendar
    host_calendar: HostCalendar

    def find(self, booking: Booking, connection: Connection) -> CalendarEvent | NotThere:
        """Give a booking's event as it stands now.

        What was confirmed is ours also without our mark: an app that writes events anew leaves out
        what it does not know, and nobody else comes to an id of ours.
        """
        try:
            event = self.calendar.get_event(connection, booking.event_id)
        except GrantEnded:
            self.host_calendar.ended(connection)
            return NotThere.FORBIDDEN
        except CalendarUnavailable:
            return NotThere.UNKNOWN
        if event is None:
            return NotThere.MISSING
        unmarked = event.booking_id != booking.booking_id
        if event.cancelled or (unmarked and booking.state is BookingState.CLAIMED):
            return NotThere.TOMBSTONE
        return event
