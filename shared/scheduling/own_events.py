"""Our own event at Google, asked for by its id."""

from dataclasses import dataclass
from enum import Enum, auto

from scheduling.errors import CalendarUnavailable
from scheduling.host_calendar import HostCalendar
from scheduling.models import Booking, CalendarEvent, Connection
from scheduling.ports import Calendar, GrantEnded


class NotThere(Enum):
    """What is known of an event that is not there to be used."""

    MISSING = auto()
    UNKNOWN = auto()
    #: A tombstone, or somebody else's event under our id.
    TOMBSTONE = auto()
    #: The grant has ended: nobody may ask any more.
    FORBIDDEN = auto()


@dataclass(frozen=True, slots=True)
class OwnEvents:
    """Finds the events of bookings."""

    calendar: Calendar
    host_calendar: HostCalendar

    def find(self, booking: Booking, connection: Connection) -> CalendarEvent | NotThere:
        """Give a booking's event as it stands now."""
        try:
            event = self.calendar.get_event(connection, booking.event_id)
        except GrantEnded:
            self.host_calendar.ended(connection)
            return NotThere.FORBIDDEN
        except CalendarUnavailable:
            return NotThere.UNKNOWN
        if event is None:
            return NotThere.MISSING
        if event.cancelled or event.booking_id != booking.booking_id:
            return NotThere.TOMBSTONE
        return event
