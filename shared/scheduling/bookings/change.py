"""Move or cancel a meeting, for its host or its guest; a repeat does nothing more.

As with a booking, the table decides first: the new time is claimed before Google is told of it,
and the old one is free only afterwards. A refusal by Google changes nothing.
"""

from dataclasses import dataclass
from datetime import datetime

from scheduling.access.limits import Limited, Limits
from scheduling.access.policy import AccessPolicy
from scheduling.bookings.book import Outcome, booking_of_party, outcome
from scheduling.bookings.requests import RescheduleRequest
from scheduling.bookings.worker import Worker
from scheduling.calendars.host_calendar import HostCalendar
from scheduling.core.errors import (
    BookingEnded,
    BookingInProgress,
    IdempotencyMismatch,
    ShareClosed,
    SlotTaken,
)
from scheduling.core.retry import wait_for_another
from scheduling.core.times import Interval
from scheduling.messages.compose import Messages
from scheduling.models import (
    ENDED,
    Booking,
    BookingId,
    BookingState,
    Caller,
    Connection,
    Share,
)
from scheduling.ports import Bookings, Busy, Clock, Metrics, Remembered, Shares
from scheduling.rules import transitions
from scheduling.rules.availability import require_offered, require_open

ROUTE = "reschedule"


@dataclass(frozen=True, slots=True)
class BookingChanger:
    """Changes meetings that were booked."""

    clock: Clock
    shares: Shares
    bookings: Bookings
    host_calendar: HostCalendar
    access_policy: AccessPolicy
    limits: Limits
    worker: Worker
    messages: Messages
    metrics: Metrics

    def cancel(self, caller: Caller, booking_id: BookingId, deadline: datetime) -> Outcome:
        """Cancel a meeting: its event is deleted, its time is free, the guest is told.

        Raises:
            NotFound, NotAllowed: not theirs, as `booking_of_party` says.
            BookingEnded: it is over, or never came to be.
            BookingInProgress: another request works on it.
            NotConnected, ReconnectNeeded, CalendarUnavailable: it stays.
        """
        while True:
            booking = booking_of_party(self.bookings, caller, booking_id)
            if booking.state is BookingState.CANCELLED:
                return outcome(booking, self.messages)
            require_active(booking, self.clock.now())
            connection = self.host_calendar.connected(caller, booking)
            try:
                taken = self._take_to_cancel(booking, deadline)
                done = self.worker.carry(taken, connection, deadline)
                return outcome(done, self.messages)
            except Busy as error:
                wait_for_another(self.clock, deadline, error)

    def _take_to_cancel(self, booking: Booking, deadline: datetime) -> Booking:
        if booking.state is BookingState.CONFIRMED:
            taken = transitions.cancelling(booking, deadline)
            self.bookings.transition(booking, taken)
            return taken
        if booking.state is BookingState.CANCELLING:
            return self.worker.take(booking, deadline)
        raise Busy(booking.booking_id)

    def reschedule(
        self,
        caller: Caller,
        booking_id: BookingId,
        request: RescheduleRequest,
        deadline: datetime,
    ) -> Outcome:
        """Move a meeting to another time of its share; its length stays.

        Raises:
            NotFound, NotAllowed: not theirs, or a guest who could not book it any more.
            BookingEnded: it is over, or never came to be, or the host has deleted it.
            ShareClosed, SlotNotOffered: the share does not offer that time.
            SlotTaken: with the free starts that are nearest to the wanted one.
            BookingInProgress: another request works on it.
            IdempotencyMismatch: the key came with another request before.
            TooManyRequests: the caller has tried often enough for now.
            NotConnected, ReconnectNeeded, CalendarUnavailable: it stays where it was.
        """
        counted = False
        fingerprint = request.fingerprint(booking_id)
        while True:
            booking = booking_of_party(self.bookings, caller, booking_id)
            target = Interval(request.starts_at, request.starts_at + booking.slot.length)
            if self._done(caller, booking, target, request.idempotency_key, fingerprint):
                return outcome(booking, self.messages)
            if not counted:
                self.limits.count(caller, Limited.BOOK)
                counted = True
            require_active(booking, self.clock.now())
            share = share_to_move_in(
                self.shares,
                self.access_policy,
                caller,
                booking,
                clock=self.clock,
                deadline=deadline,
            )
            connection = self.host_calendar.connected(caller, booking)
            connection = self.host_calendar.in_its_zone(connection, deadline)
            now, time_zone = self.clock.now(), connection.time_zone
            require_offered(share, target, now=now, time_zone=time_zone)
            remembered = Remembered(
                ROUTE, caller.uid, request.idempotency_key, fingerprint, booking.sequence + 1
            )
            try:
                taken = self._take(booking, target, connection, remembered, deadline)
                done = self.worker.carry(taken, connection, deadline)
                return outcome(done, self.messages)
            except SlotTaken as error:
                self.metrics.count("SlotTaken")
                raise self.host_calendar.taken(
                    share, connection, target, caller.uid, deadline
                ) from error
            except Busy as error:
                wait_for_another(self.clock, deadline, error)

    def _done(
        self, caller: Caller, booking: Booking, target: Interval, key: str, fingerprint: str
    ) -> bool:
        """Whether a request, or the same one before it, has reached what it wants."""
        seen = self.bookings.recalled(caller.app_id, ROUTE, caller.uid, key)
        if seen is not None and seen[1].fingerprint != fingerprint:
            raise IdempotencyMismatch("This idempotency key was used for another request.")
        if seen is not None and booking.sequence >= seen[1].sequence:
            return True
        return booking.state is BookingState.CONFIRMED and booking.slot == target

    def _take(
        self,
        booking: Booking,
        target: Interval,
        connection: Connection,
        remembered: Remembered,
        deadline: datetime,
    ) -> Booking:
        """Claim the new time, or take over what another worker left of this very move."""
        if booking.state is BookingState.CONFIRMED:
            asked = (remembered.uid, remembered.name) if remembered.key else None
            taken = transitions.rescheduling(booking, target, deadline, asked)
            self.bookings.claim(booking, taken, connection, remembered)
            return taken
        if booking.state is BookingState.RESCHEDULING and booking.target == target:
            return self.worker.take(booking, deadline)
        raise Busy(booking.booking_id)


def require_active(booking: Booking, now: datetime) -> None:
    """Check that there is a meeting to be changed.

    Raises:
        BookingEnded: it is over, or never came to be.
        BookingInProgress: nobody knows yet whether it comes to be.
    """
    if booking.state in ENDED:
        raise BookingEnded("This meeting does not take place any more.")
    if booking.state is BookingState.CLAIMED:
        raise BookingInProgress("This booking is being worked on.", retry_after_seconds=5)
    if booking.slot.start <= now:
        raise BookingEnded("This meeting has begun.")


def share_to_move_in(
    shares: Shares,
    access_policy: AccessPolicy,
    caller: Caller,
    booking: Booking,
    *,
    clock: Clock,
    deadline: datetime,
) -> Share:
    """Return the share by whose rules a caller moves a booking.

    Raises:
        ShareClosed: there is none any more, or nothing can be booked of it.
        NotAllowed, ChatUnavailable: a guest who could not book it any more.
    """
    share = shares.get(booking.app_id, booking.share_id)
    if share is None:
        raise ShareClosed("This share is closed.")
    if caller.uid != share.host.uid:
        access_policy.require_guest(caller, share, deadline)
    require_open(share, clock.now())
    return share
