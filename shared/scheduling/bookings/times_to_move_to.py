"""What a meeting can be moved to: the starts that `BookingChanger.reschedule` accepts now.

The same rules, read at once for many starts: what the share offers, what lies at Google beside the
meeting's own event, and what others have claimed. One's own meeting blocks none of its own moves.
"""

from dataclasses import dataclass
from datetime import datetime

from scheduling.access.limits import Limited, Limits
from scheduling.access.policy import AccessPolicy
from scheduling.bookings.book import booking_of_party
from scheduling.bookings.change import require_active, share_to_move_in
from scheduling.bookings.requests import TimesRequest
from scheduling.calendars.host_calendar import HostCalendar, left_of
from scheduling.calendars.own_events import NotThere, OwnEvents
from scheduling.core.errors import (
    BookingEnded,
    BookingInProgress,
    CalendarUnavailable,
    InvalidRequest,
)
from scheduling.core.retry import with_retries
from scheduling.core.times import Interval, subtract
from scheduling.models import (
    Availability,
    Booking,
    BookingId,
    BookingState,
    Caller,
    Connection,
    Share,
)
from scheduling.ports import Bookings, Clock, GrantEnded, Shares
from scheduling.rules.availability import slots
from scheduling.rules.defaults import HORIZON


@dataclass(frozen=True, slots=True)
class TimesToMoveTo:
    """Starts in order, and the zone whose wall clock their grid follows."""

    starts: tuple[datetime, ...]
    time_zone: str


@dataclass(frozen=True, slots=True)
class MoveTimes:
    """Finds the times to which a booking can be moved."""

    clock: Clock
    shares: Shares
    bookings: Bookings
    host_calendar: HostCalendar
    own_events: OwnEvents
    access_policy: AccessPolicy
    limits: Limits

    def find(
        self, caller: Caller, booking_id: BookingId, request: TimesRequest, deadline: datetime
    ) -> TimesToMoveTo:
        """Return the starts within a range to which the caller can move a booking now.

        Where it is now is among them, if it could be moved there.

        Raises:
            InvalidRequest: the range is empty, or longer than 7 days.
            NotFound, NotAllowed, BookingEnded, ShareClosed: as of a move.
            BookingInProgress: somebody changes it at this moment.
            TooManyRequests: the caller has looked often enough for now.
            NotConnected, ReconnectNeeded, CalendarUnavailable: nobody can say.
        """
        wanted = self._range(request)
        booking = booking_of_party(self.bookings, caller, booking_id)
        require_active(booking, self.clock.now())
        if booking.state is not BookingState.CONFIRMED:
            raise BookingInProgress("This booking is being worked on.", retry_after_seconds=5)
        share = share_to_move_in(
            self.shares, self.access_policy, caller, booking, clock=self.clock, deadline=deadline
        )
        connection = self.host_calendar.connected(caller, booking)
        self.limits.count(caller, Limited.LOOK)
        connection = self.host_calendar.in_its_zone(connection, deadline)
        busy = self._busy(caller, booking, share, connection, deadline)
        # What its guest holds of the share gives way to the booking, whoever moves it.
        offered = self.host_calendar.offered(
            share, connection, busy, booking.guest.uid, moved=booking.booking_id
        )
        starts = self._starts(booking, offered, wanted)
        return TimesToMoveTo(tuple(starts), connection.time_zone)

    def _range(self, request: TimesRequest) -> Interval:
        start = request.starts_from or self.clock.now()
        end = request.starts_before or start + HORIZON
        if end <= start:
            raise InvalidRequest("to", "has to be after from, which is now unless it is given")
        if end - start > HORIZON:
            raise InvalidRequest("to", "may be at most 7 days after from")
        return Interval(start, end)

    def _busy(
        self,
        caller: Caller,
        booking: Booking,
        share: Share,
        connection: Connection,
        deadline: datetime,
    ) -> list[Interval]:
        """Return what lies at Google beside the booking's own event."""
        window = share.availability.window
        asked = booking.around(left_of(window, self.clock.now()) or window)
        at_google = self.host_calendar.asked_by(caller, connection, asked, deadline)
        return subtract(at_google, self._event(booking, connection, deadline))

    def _event(
        self, booking: Booking, connection: Connection, deadline: datetime
    ) -> list[Interval]:
        """Return where the booking's own event lies at Google, to which it looks busy as well."""
        try:
            event = with_retries(
                lambda: self.own_events.find(booking, connection), self.clock, deadline
            )
        except GrantEnded as error:
            raise self.host_calendar.ended(connection) from error
        if event is NotThere.TOMBSTONE:
            raise BookingEnded("The host has deleted this meeting.")
        if isinstance(event, NotThere):
            raise CalendarUnavailable
        return [event.slot] if event.slot else []

    def _starts(self, booking: Booking, offered: Availability, wanted: Interval) -> list[datetime]:
        if booking.slot.length not in offered.durations:
            return []
        now = self.clock.now()
        starts = slots(offered, booking.slot.length, after=wanted.start)
        return [start for start in starts if now < start < wanted.end]
