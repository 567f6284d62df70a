"""Carry a booking to its cancellation: the event is deleted first, then its time is free.

Once a deletion may have been sent there is no way back: it is sent until Google says it is done.
"""

from dataclasses import dataclass
from datetime import datetime

from scheduling.calendars.host_calendar import HostCalendar
from scheduling.calendars.own_events import hopeless
from scheduling.calendars.retry import CALL, patiently, wait_seconds
from scheduling.core.errors import CalendarUnavailable, SchedulingError
from scheduling.models import Booking, Connection
from scheduling.ports import Bookings, Calendar, Clock, GrantEnded, Metrics, OutcomeUnknown
from scheduling.rules import transitions

#: How often one worker sends the deletion before it leaves the rest to `reconcile`.
TRIES = 3


@dataclass(frozen=True, slots=True)
class Canceller:
    """Works on one booking at a time: cancelling -> cancelled, or confirmed as it was."""

    clock: Clock
    bookings: Bookings
    calendar: Calendar
    host_calendar: HostCalendar
    metrics: Metrics

    def work(self, booking: Booking, connection: Connection, deadline: datetime) -> Booking:
        """Carry a cancelling booking that is ours to its end, or leave it cancelling and due.

        Raises:
            CalendarUnavailable, ReconnectNeeded: Google refused; it stays as it was.
            Busy: it is not ours any more.
        """
        sent = booking.settles_at is not None
        for tried in range(1, TRIES + 1):
            try:
                patiently(
                    lambda: self.calendar.delete_event(connection, booking.event_id),
                    self.clock,
                    deadline,
                )
                return self.give_up(booking)
            except OutcomeUnknown:
                sent = True
            except (GrantEnded, CalendarUnavailable) as error:
                return self._refused(booking, connection, error, sent=sent)
            if self.clock.now() + CALL > deadline:
                break
            self.clock.sleep(wait_seconds(tried))
        return self._leave(booking)

    def _refused(
        self, booking: Booking, connection: Connection, error: Exception, *, sent: bool
    ) -> Booking:
        if isinstance(error, GrantEnded):
            if hopeless(booking, connection, self.clock.now()):
                return self.give_up(booking)
            error = self.host_calendar.ended(connection)
        assert isinstance(error, SchedulingError)
        if sent:
            return self._leave(booking)
        self.bookings.move(booking, transitions.stays(booking, self.clock.now()))
        raise error

    def give_up(self, booking: Booking) -> Booking:
        """End a booking that is ours: its event is gone, or out of anybody's reach for good."""
        cancelled = transitions.cancelled(booking, self.clock.now())
        self.bookings.move(booking, cancelled)
        self.metrics.count("BookingCancelled", **booking.ids)
        return cancelled

    def _leave(self, booking: Booking) -> Booking:
        left = transitions.unknown(booking, self.clock.now())
        self.bookings.move(booking, left)
        self.metrics.count("BookingLeftOpen", **booking.ids)
        return left
