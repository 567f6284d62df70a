"""Book one slot, once: claim it in the table, then let Google be asked and told.

The claim comes first, and its transaction alone decides who is first; Google is asked for the
winner only. One worker at a time has a booking: each takes it by a conditional write of
`attempt + 1` and a lease, and every later move names that attempt, so that a slow worker's move is
refused, never mixed in.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from scheduling import availability, ids
from scheduling.audience import Audience, Role
from scheduling.errors import (
    AlreadyBooked,
    BookingInProgress,
    IdempotencyMismatch,
    NotAllowed,
    NotFound,
    ShareClosed,
    SlotNotOffered,
    SlotTaken,
)
from scheduling.host_calendar import HostCalendar
from scheduling.messages import Messages
from scheduling.models import (
    Booking,
    BookingId,
    BookingState,
    Caller,
    Share,
    ShareState,
)
from scheduling.ports import (
    Bookings,
    Busy,
    Clock,
    Metrics,
    Shares,
)
from scheduling.requests import BookRequest
from scheduling.settling import LEASE_MARGIN, SETTLING, Settler
from scheduling.times import Interval, format_instant

#: How often a request that waits for another worker looks again, and what it leaves for its answer.
POLL_SECONDS = 0.25
ANSWER_MARGIN = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class Outcome:
    """A booking as it stands for its guest, with the invite once it is confirmed."""

    booking: Booking
    invite: dict[str, object] | None

    @property
    def settled(self) -> bool:
        """Whether it is decided; else word follows in the chat."""
        return self.booking.state is BookingState.CONFIRMED

    def as_json(self) -> dict[str, object]:
        """The wire form."""
        answer: dict[str, object] = {"booking": self.booking.as_json()}
        return answer | ({"invite": self.invite} if self.invite else {})


@dataclass(frozen=True, slots=True)
class Booker:
    """Books for guests."""

    clock: Clock
    shares: Shares
    bookings: Bookings
    host_calendar: HostCalendar
    audience: Audience
    settler: Settler
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
            SlotTaken: with the next free starts.
            AlreadyBooked: the guest has an open booking of this share.
            BookingInProgress: another request works on this very booking.
            IdempotencyMismatch: the key came with another request before.
            NotConnected, ReconnectNeeded, CalendarUnavailable: nobody can say; nothing is claimed.
        """
        share, role = self.audience.admit(caller, request.share_id)
        if role is Role.HOST:
            raise NotAllowed("A host cannot book a meeting with oneself.")
        done = self._repeated(caller, request)
        if done is not None:
            return self._outcome(done)
        slot, booking_id = self._wanted(caller, share, request)
        connection = self.host_calendar.connected(caller, share)
        while True:
            known = self.bookings.get(caller.app_id, booking_id)
            if known is not None and known.state is BookingState.CONFIRMED:
                return self._outcome(known)
            now = self.clock.now()
            try:
                if known is not None and known.state is BookingState.CLAIMED:
                    taken = self.bookings.take(known, now, deadline + LEASE_MARGIN, SETTLING)
                else:
                    taken = self._draft(
                        caller,
                        share,
                        request,
                        slot=slot,
                        booking_id=booking_id,
                        known=known,
                        deadline=deadline,
                    )
                    fingerprint = request.fingerprint()
                    self.bookings.claim(taken, connection, request.idempotency_key, fingerprint)
                return self._outcome(self.settler.work(taken, connection, deadline))
            except SlotTaken as error:
                self.metrics.count("SlotTaken")
                raise self.host_calendar.taken(share, connection, slot.length) from error
            except Busy as error:
                if self.clock.now() + ANSWER_MARGIN >= deadline:
                    raise BookingInProgress(
                        "This booking is being worked on.", retryAfterSeconds=5
                    ) from error
                self.clock.sleep(POLL_SECONDS)

    def _repeated(self, caller: Caller, request: BookRequest) -> Booking | None:
        """Give the confirmed booking that the idempotency key stands for."""
        if not request.idempotency_key:
            return None
        seen = self.bookings.of_key(caller.app_id, caller.uid, request.idempotency_key)
        if seen is None:
            return None
        booking_id, fingerprint = seen
        if fingerprint != request.fingerprint():
            raise IdempotencyMismatch("This idempotency key was used for another request.")
        booking = self.bookings.get(caller.app_id, booking_id)
        if booking is not None and booking.state is BookingState.CONFIRMED:
            return booking
        return None

    def _wanted(
        self, caller: Caller, share: Share, request: BookRequest
    ) -> tuple[Interval, BookingId]:
        """Check the request against the share, the clock and the guest's other bookings."""
        now = self.clock.now()
        length = request.duration or share.availability.durations[0]
        slot = Interval(request.starts_at, request.starts_at + length)
        current, ended = self.bookings.of_guest(caller.app_id, share.share_id, caller.uid)
        booking_id = BookingId(
            ids.booking_id(
                caller.app_id,
                caller.uid,
                share.share_id,
                format_instant(slot.start),
                ended,
            )
        )
        if current is not None and current.state is not BookingState.REFUSED:
            if (current.booking_id, current.slot) == (booking_id, slot):
                return slot, booking_id
            raise AlreadyBooked(
                "You have booked a time of this share.", bookingId=current.booking_id
            )
        if share.state is not ShareState.OPEN or now >= share.availability.window.end:
            raise ShareClosed("This share is closed.")
        if not availability.offers(share.availability, slot, now=now):
            raise SlotNotOffered("This share does not offer that time.")
        return slot, booking_id

    def _draft(
        self,
        caller: Caller,
        share: Share,
        request: BookRequest,
        *,
        slot: Interval,
        booking_id: BookingId,
        known: Booking | None,
        deadline: datetime,
    ) -> Booking:
        """Give the booking as it is to be claimed: new, or anew after a refusal."""
        generation = known.generation + 1 if known else 0
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
            time_zone=request.time_zone or share.availability.time_zone,
            locale=request.locale or share.locale,
            state=BookingState.CLAIMED,
            attempt=known.attempt + 1 if known else 1,
            leased_until=deadline + LEASE_MARGIN,
            generation=generation,
            event_id=ids.event_id(booking_id, generation),
            created_at=known.created_at if known else self.clock.now(),
            told=known.told if known else 0,
        )

    def show(self, caller: Caller, booking_id: BookingId) -> Outcome:
        """Give a booking to its host or its guest.

        Raises:
            NotFound: no such booking in the caller's app.
            NotAllowed: it is somebody else's.
        """
        booking = self.bookings.get(caller.app_id, booking_id)
        if booking is None:
            raise NotFound("There is no such booking.")
        if caller.uid not in {booking.host.uid, booking.guest.uid}:
            raise NotAllowed("This booking is somebody else's.")
        if caller.only_share not in {None, booking.share_id}:
            raise NotAllowed("This page shows another share.")
        return self._outcome(booking)

    def _outcome(self, booking: Booking) -> Outcome:
        if booking.state is not BookingState.CONFIRMED:
            return Outcome(booking=booking, invite=None)
        return Outcome(booking=booking, invite=self.messages.invite_links(booking))
