"""One try at another time: read the event, ask whether the time is free, patch the event.

The new time is claimed already, and the old one stays owned until Google has moved the event.
Each patch names the version of the event that was read, and makes a new one: what an earlier
worker sent and what comes late is refused there. So a move that is given up is given up.
"""

from dataclasses import dataclass

from scheduling.bookings.worker import Ending, Work, left_open
from scheduling.calendars.host_calendar import HostCalendar
from scheduling.calendars.own_events import NotThere, OwnEvents
from scheduling.core.errors import (
    BookingEnded,
    CalendarUnavailable,
    NotConnected,
    SchedulingError,
    SlotTaken,
)
from scheduling.core.times import subtract
from scheduling.models import Booking, CalendarEvent, ConnectionState
from scheduling.ports import Calendar, Clock, OutcomeUnknown
from scheduling.rules import transitions


@dataclass(frozen=True, slots=True)
class Rescheduler:
    """The step of a booking that is moved: confirmed at the new time, or as it was."""

    clock: Clock
    calendar: Calendar
    own_events: OwnEvents
    host_calendar: HostCalendar

    def attempt(self, work: Work) -> Ending:
        """Patch the event to the new time, or back to the old one where the new is not free."""
        booking = work.booking
        assert booking.target is not None
        event = self.own_events.find(booking, work.connection)
        if isinstance(event, NotThere):
            return self._without_event(work, event)
        if work.sent and event.slot == booking.target:
            return self._rescheduled(booking)
        refusal = self._refusal(work, event)
        if refusal is not None and not work.sent:
            raise refusal
        wanted = booking.slot if refusal else booking.target
        self.calendar.reschedule_event(
            work.connection, event, wanted, booking.booking_id, booking.attempt
        )
        return self.given_up(booking, refusal) if refusal else self._rescheduled(booking)

    def _without_event(self, work: Work, found: NotThere) -> Ending:
        """Cancel what the host has deleted; an event that is not found is unknown."""
        if found is NotThere.TOMBSTONE:
            cancelled = transitions.cancelled(work.booking, self.clock.now())
            error = BookingEnded("The host has deleted this meeting.")
            return Ending(cancelled, "BookingNotMoved", error)
        raise OutcomeUnknown if work.sent else CalendarUnavailable

    def _refusal(self, work: Work, event: CalendarEvent) -> SchedulingError | None:
        """Say why it cannot be moved there, if so; where its own event lies is no reason."""
        target = work.booking.target
        assert target is not None
        if work.connection.state is not ConnectionState.CONNECTED:
            return NotConnected("The host's calendar is not connected any more.")
        busy = self.host_calendar.busy_during(work.connection, work.booking.around(target))
        own = [event.slot] if event.slot else []
        if subtract(busy, own) or target.start <= self.clock.now():
            return SlotTaken("The host is busy then.")
        return None

    def _rescheduled(self, booking: Booking) -> Ending:
        return Ending(transitions.rescheduled(booking, self.clock.now()), "BookingMoved")

    def refused(self, work: Work, error: SchedulingError) -> Ending:
        """Leave the meeting where it was, unless a patch may be under way."""
        if work.sent:
            return left_open(work, self.clock.now())
        return self.given_up(work.booking, error)

    def given_up(self, booking: Booking, error: SchedulingError) -> Ending:
        """Let the meeting stay where it was."""
        return Ending(transitions.unchanged(booking, self.clock.now()), "BookingNotMoved", error)
