"""Book one slot, once: claim it in the table, then let Google be asked and told.

The claim comes first, and its transaction alone decides who is first; Google is asked for the
winner only. One worker at a time has a booking: each takes it by a conditional write of
`attempt + 1` and a lease, and every later move names that attempt, so that a slow worker's move is
refused, never mixed in.
"""

from dataclasses import dataclass
from datetime import datetime

from scheduling.access.limits import Limited, Limits
from scheduling.access.policy import AccessPolicy, Role
from scheduling.bookings.requests import BookRequest
from scheduling.bookings.worker import Worker
from scheduling.calendars.host_calendar import HostCalendar
from scheduling.core import ids
from scheduling.core.errors import (
    AlreadyBooked,
    IdempotencyMismatch,
    NotAllowed,
    NotFound,
    SlotTaken,
)
from scheduling.core.retry import wait_for_another
from scheduling.core.times import Interval, format_instant
from scheduling.messages.compose import Messages
from scheduling.models import (
    ACTIVE,
    ENDED,
    Booking,
    BookingId,
    BookingState,
    Caller,
    Connection,
    Share,
)
from scheduling.ports import Bookings, Busy, Clock, Metrics, Remembered
from scheduling.rules import transitions
from scheduling.rules.availability import require_offered, require_open
from scheduling.rules.invite_links import Invite


@dataclass(frozen=True, slots=True)
class Outcome:
    """A booking as it stands for its guest, with the invite once it is confirmed."""

    booking: Booking
    invite: Invite | None

    @property
    def settled(self) -> bool:
        """Whether it is decided; else word follows in the chat."""
        return self.booking.state in {BookingState.CONFIRMED, BookingState.CANCELLED}


def outcome(booking: Booking, messages: Messages) -> Outcome:
    """Return a booking as it stands, with its invite if there ever was one."""
    return Outcome(booking=booking, invite=messages.invite_of(booking))


@dataclass(frozen=True, slots=True)
class Booker:
    """Books for guests."""

    clock: Clock
    bookings: Bookings
    host_calendar: HostCalendar
    access_policy: AccessPolicy
    worker: Worker
    limits: Limits
    messages: Messages
    metrics: Metrics

    def book(self, caller: Caller, request: BookRequest, deadline: datetime) -> Outcome:
        """Book a slot of a share for an addressed guest; a repeat gets the first success.

        Args:
            caller: the guest.
            request: what to book.
            deadline: when this worker's time ends; its lease ends a little later.

        Raises:
            NotFound, NotAllowed, ShareClosed: not theirs to book, or not any more.
            SlotNotOffered: not a start or length of this share, or past.
            SlotTaken: with the free starts that are nearest to the wanted one.
            AlreadyBooked: the guest has an open booking of this share.
            BookingInProgress: another request works on this very booking.
            IdempotencyMismatch: the key came with another request before.
            TooManyRequests: the guest has tried often enough for now.
            NotConnected, ReconnectNeeded, CalendarUnavailable: nobody can say; nothing is claimed.
        """
        done, former = self._repeated(caller, request)
        if done is None:
            self.limits.count(caller, Limited.BOOK)
        share, role = self.access_policy.authorize(caller, request.share_id, deadline)
        if role is Role.HOST:
            raise NotAllowed("A host cannot book a meeting with oneself.")
        if done is not None:
            return outcome(done, self.messages)
        slot, booking_id, begun = self._wanted(caller, share, request)
        connection = self.host_calendar.connected(caller, share)
        connection = self.host_calendar.in_its_zone(connection, deadline)
        self._require_offered(share, slot, connection, begun=begun)
        remembered = Remembered(
            "book",
            caller.uid,
            request.idempotency_key,
            request.fingerprint(),
            instead_of=former,
        )
        while True:
            known = self.bookings.get(caller.app_id, booking_id)
            if known is not None and known.state in ACTIVE:
                return outcome(known, self.messages)
            if known is not None and known.state is BookingState.CANCELLED:
                # In this very moment: the next meeting at that time is another booking.
                wait_for_another(self.clock, deadline, Busy(booking_id))
                continue
            try:
                if known is not None and known.state is BookingState.CLAIMED:
                    taken = self.worker.take(known, deadline)
                else:
                    taken = self._draft(
                        caller,
                        share,
                        request,
                        connection,
                        slot=slot,
                        booking_id=booking_id,
                        known=known,
                        deadline=deadline,
                    )
                    self.bookings.claim(known, taken, connection, remembered)
                return outcome(self.worker.carry(taken, connection, deadline), self.messages)
            except SlotTaken as error:
                self.metrics.count("SlotTaken")
                raise self.host_calendar.taken(
                    share, connection, slot, caller.uid, deadline
                ) from error
            except Busy as error:
                wait_for_another(self.clock, deadline, error)

    def _repeated(self, caller: Caller, request: BookRequest) -> tuple[Booking | None, str]:
        """Return the booking that the idempotency key stands for, if it came to be, and its id."""
        seen = self.bookings.recalled(caller.app_id, "book", caller.uid, request.idempotency_key)
        if seen is None:
            return None, ""
        booking_id, known = seen
        if known.fingerprint != request.fingerprint():
            raise IdempotencyMismatch("This idempotency key was used for another request.")
        booking = self.bookings.get(caller.app_id, booking_id)
        return booking if booking is not None and booking.ical_uid else None, booking_id

    def _wanted(
        self, caller: Caller, share: Share, request: BookRequest
    ) -> tuple[Interval, BookingId, bool]:
        """Check the request against the share, the clock and the guest's other bookings.

        Returns slot and booking, and whether an earlier request has begun this very booking.
        """
        length = request.duration or share.availability.durations[0]
        slot = Interval(request.starts_at, request.starts_at + length)
        current, ended = self.bookings.of_guest(caller.app_id, share.share_id, caller.uid)
        start = format_instant(slot.start)
        booking_id = BookingId(
            ids.booking_id(caller.app_id, caller.uid, share.share_id, start, ended)
        )
        if current is not None and current.state not in ENDED:
            if (current.booking_id, current.slot) == (booking_id, slot):
                return slot, booking_id, True
            raise AlreadyBooked(
                "You have booked a time of this share.", booking_id=current.booking_id
            )
        require_open(share, self.clock.now())
        return slot, booking_id, False

    def _require_offered(
        self, share: Share, slot: Interval, connection: Connection, *, begun: bool
    ) -> None:
        """Check a new request against what is offered; one that has begun goes on."""
        if not begun:
            time_zone = connection.time_zone
            require_offered(share, slot, now=self.clock.now(), time_zone=time_zone)

    def _draft(
        self,
        caller: Caller,
        share: Share,
        request: BookRequest,
        connection: Connection,
        *,
        slot: Interval,
        booking_id: BookingId,
        known: Booking | None,
        deadline: datetime,
    ) -> Booking:
        """Return the booking as it is to be claimed: new, or again after a refusal."""
        revision = known.revision + 1 if known else 0
        return Booking(
            app_id=caller.app_id,
            booking_id=booking_id,
            share_id=share.share_id,
            calendar_id=share.calendar_id,
            host=share.host,
            guest=caller.person,
            slot=slot,
            title=request.title or share.title,
            note=request.note,
            time_zone=request.time_zone or connection.time_zone,
            locale=request.locale or share.locale,
            state=BookingState.CLAIMED,
            attempt=known.attempt + 1 if known else 1,
            leased_until=deadline + transitions.LEASE_MARGIN,
            due_at=deadline + transitions.LEASE_MARGIN,
            promised_by=deadline + transitions.LEASE_MARGIN,
            buffer_before=share.preferences.buffer_before,
            buffer_after=share.preferences.buffer_after,
            revision=revision,
            event_id=ids.event_id(booking_id, revision),
            created_at=known.created_at if known else self.clock.now(),
            outbox_count=known.outbox_count if known else 0,
        )

    def show(self, caller: Caller, booking_id: BookingId) -> Outcome:
        """Return a booking to its host or its guest; raises as `admitted` does."""
        return outcome(booking_of_party(self.bookings, caller, booking_id), self.messages)


def booking_of_party(bookings: Bookings, caller: Caller, booking_id: BookingId) -> Booking:
    """Return a booking to its host or its guest.

    Ids are derived from what a group may know: anybody else hears the same of a booking that there
    is and of one that there is not, or could find out who has booked what.

    Raises:
        NotFound: the caller's app has no such booking with the caller.
        NotAllowed: the page is of another share.
    """
    booking = bookings.get(caller.app_id, booking_id)
    if booking is None or caller.uid not in {booking.host.uid, booking.guest.uid}:
        raise NotFound("There is no such booking.")
    if caller.only_share not in {None, booking.share_id}:
        raise NotAllowed("This page shows another share.")
    return booking
