"""Carry a booking to another time: the new one is claimed, the old one stays until Google moved it.

Each change at Google names the version of the event that was read, and makes a new one: what an
earlier worker sent and what comes late is refused there. So a move that is given up is given up.
"""

from dataclasses import dataclass
from datetime import datetime

from scheduling.calendars.host_calendar import HostCalendar
from scheduling.calendars.own_events import NotThere, OwnEvents, hopeless
from scheduling.calendars.retry import CALL, patiently, wait_seconds
from scheduling.core.errors import (
    BookingEnded,
    CalendarUnavailable,
    NotConnected,
    ReconnectNeeded,
    SchedulingError,
    SlotTaken,
)
from scheduling.core.times import Interval, gaps
from scheduling.models import Booking, CalendarEvent, Connection, ConnectionState
from scheduling.ports import (
    Bookings,
    Calendar,
    Clock,
    EventChanged,
    GrantEnded,
    Metrics,
    OutcomeUnknown,
)
from scheduling.rules import transitions

#: How often one worker asks Google before it leaves the rest to `reconcile`.
TRIES = 3


@dataclass(frozen=True, slots=True)
class Mover:
    """Works on one booking at a time: moving -> confirmed at the new time, or as it was."""

    clock: Clock
    bookings: Bookings
    calendar: Calendar
    own_events: OwnEvents
    host_calendar: HostCalendar
    metrics: Metrics

    def work(self, booking: Booking, connection: Connection, deadline: datetime) -> Booking:
        """Carry a moving booking that is ours to its end, or leave it moving and due.

        Raises:
            SlotTaken, CalendarUnavailable, ReconnectNeeded, NotConnected: it stays as it was.
            BookingEnded: the host has deleted the event; so it is cancelled.
            Busy: it is not ours any more.
        """
        assert booking.target is not None
        sent = booking.settles_at is not None
        for tried in range(1, TRIES + 1):
            event = self.own_events.find(booking, connection)
            if isinstance(event, NotThere):
                return self._without_event(booking, connection, event, sent=sent)
            if sent and event.slot == booking.target:
                return self._done(booking, None)
            refusal = self._refusal(booking, connection, event, deadline)
            if refusal is not None and not sent:
                return self._done(booking, refusal)
            wanted = booking.slot if refusal else booking.target
            try:
                changed = self._change(connection, event, wanted, booking.attempt, deadline)
            except OutcomeUnknown:
                changed = False
            except SchedulingError as error:
                return self._leave(booking) if sent else self._done(booking, error)
            if changed:
                return self._done(booking, refusal)
            # Also where Google had another version: httplib2 sends a lost request once more, and
            # then the first of the two was what changed it.
            sent = True
            if self.clock.now() + CALL > deadline:
                break
            self.clock.sleep(wait_seconds(tried))
        return self._leave(booking)

    def _refusal(
        self, booking: Booking, connection: Connection, event: CalendarEvent, deadline: datetime
    ) -> SchedulingError | None:
        """Give why it cannot be moved there, if so; where its own event lies is no reason."""
        assert booking.target is not None
        if connection.state is not ConnectionState.CONNECTED:
            return NotConnected("The host's calendar is not connected any more.")
        wanted = booking.around(booking.target)
        try:
            busy = patiently(
                lambda: self.host_calendar.busy_during(connection, wanted), self.clock, deadline
            )
        except (CalendarUnavailable, ReconnectNeeded) as error:
            return error
        own = [event.slot] if event.slot else []
        others = [part for each in busy for part in gaps(own, each)]
        if others or booking.target.start <= self.clock.now():
            return SlotTaken("The host is busy then.")
        return None

    def _change(
        self,
        connection: Connection,
        event: CalendarEvent,
        slot: Interval,
        attempt: int,
        deadline: datetime,
    ) -> bool:
        """Let the event take place then; False if it is not what was read.

        Raises:
            OutcomeUnknown: no answer.
            SchedulingError: Google refused.
        """
        try:
            patiently(
                lambda: self.calendar.move_event(connection, event, slot, attempt),
                self.clock,
                deadline,
            )
        except EventChanged:
            return False
        except GrantEnded as error:
            raise self.host_calendar.ended(connection) from error
        return True

    def _without_event(
        self, booking: Booking, connection: Connection, found: NotThere, *, sent: bool
    ) -> Booking:
        if found is NotThere.TOMBSTONE:
            self._end(booking, transitions.cancelled(booking, self.clock.now()))
            raise BookingEnded("The host has deleted this meeting.")
        forbidden = found is NotThere.FORBIDDEN
        if sent and not (forbidden and hopeless(booking, connection, self.clock.now())):
            return self._leave(booking)
        reason = self.host_calendar.ended(connection) if forbidden else CalendarUnavailable()
        return self._done(booking, reason)

    def _done(self, booking: Booking, refusal: SchedulingError | None) -> Booking:
        if refusal is None:
            return self._end(booking, transitions.moved(booking, self.clock.now()))
        self.give_up(booking)
        raise refusal

    def give_up(self, booking: Booking) -> Booking:
        """Let a booking that is ours stay where it was."""
        return self._end(booking, transitions.stays(booking, self.clock.now()))

    def _end(self, booking: Booking, ended: Booking) -> Booking:
        self.bookings.move(booking, ended)
        name = "BookingMoved" if ended.slot == booking.target else "BookingNotMoved"
        self.metrics.count(name, **booking.ids)
        return ended

    def _leave(self, booking: Booking) -> Booking:
        left = transitions.unknown(booking, self.clock.now())
        self.bookings.move(booking, left)
        self.metrics.count("BookingLeftOpen", **booking.ids)
        return left
