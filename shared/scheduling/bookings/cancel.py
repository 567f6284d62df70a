"""One try at a cancellation: the event is deleted first, then its time is free.

Once a deletion may have been sent there is no way back: it is sent until Google says it is done.
"""

from dataclasses import dataclass

from scheduling.bookings.worker import Ending, Work, hopeless, left_open
from scheduling.core.errors import SchedulingError
from scheduling.models import Booking
from scheduling.ports import Calendar, Clock, GrantEnded
from scheduling.rules import transitions


@dataclass(frozen=True, slots=True)
class Canceller:
    """The step of a booking that is cancelled: cancelled, or confirmed as it was."""

    clock: Clock
    calendar: Calendar

    def attempt(self, work: Work) -> Ending:
        """Delete the event; out of reach for good, it is as good as deleted."""
        booking = work.booking
        try:
            self.calendar.delete_event(work.connection, booking.event_id)
        except GrantEnded:
            if not hopeless(booking, work.connection, self.clock.now()):
                raise
        return self._cancelled(booking)

    def refused(self, work: Work, error: SchedulingError) -> Ending:
        """Let the meeting stand, unless its deletion may be under way."""
        if work.sent:
            return left_open(work, self.clock.now())
        return Ending(transitions.unchanged(work.booking, self.clock.now()), "", error)

    def given_up(self, booking: Booking, error: SchedulingError) -> Ending:
        """End the booking: nobody reaches its event any more, so nobody finds it there."""
        del error
        return self._cancelled(booking)

    def _cancelled(self, booking: Booking) -> Ending:
        return Ending(transitions.cancelled(booking, self.clock.now()), "BookingCancelled")
