"""Book one slot, once: claim it in the table, re-check Google, insert the event, confirm.

The claim comes first, and its transaction alone decides who is first; Google is asked for the
winner only. One worker at a time has a booking: each takes it by a conditional write of
`attempt + 1` and a lease, and every later move names that attempt, so that a slow worker's move is
refused, never mixed in.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto
from html import escape

from scheduling import availability, ids
from scheduling.audience import Audience, Role
from scheduling.errors import (
    AlreadyBooked,
    BookingInProgress,
    CalendarUnavailable,
    IdempotencyMismatch,
    NotAllowed,
    NotFound,
    ReconnectNeeded,
    SchedulingError,
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
    CalendarEvent,
    Caller,
    Connection,
    EventDraft,
    OutboxItem,
    OutboxKind,
    Share,
    ShareState,
)
from scheduling.ports import (
    Bookings,
    Busy,
    Calendar,
    Clock,
    Connections,
    EventExists,
    GrantEnded,
    Metrics,
    OutcomeUnknown,
    Shares,
)
from scheduling.requests import BookRequest
from scheduling.times import Interval, format_instant
from scheduling.words import Words

#: The legal moves; each is one conditional transaction of `ports.Bookings`.
MOVES: Mapping[BookingState, frozenset[BookingState]] = {
    BookingState.CLAIMED: frozenset({BookingState.CONFIRMED, BookingState.REFUSED}),
    BookingState.REFUSED: frozenset({BookingState.CLAIMED}),
    BookingState.CONFIRMED: frozenset(),
}

#: A lease outlives its worker's deadline, so that two clocks may differ by so much.
LEASE_MARGIN = timedelta(seconds=10)
#: How long after the last chance of an insert a claim is kept: Google may show the event late.
SETTLING = timedelta(seconds=60)
#: How often an insert is sent by one worker before it leaves the rest to `reconcile`.
INSERTS = 3
#: How often a request that waits for another worker looks again, and what it leaves for its answer.
POLL_SECONDS = 0.25
ANSWER_MARGIN = timedelta(seconds=2)


class _Insert(Enum):
    """What is known of an event after inserting."""

    UNKNOWN = auto()
    TOMBSTONE = auto()


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
    """Books for guests, and finishes what a crash left."""

    clock: Clock
    shares: Shares
    bookings: Bookings
    connections: Connections
    calendar: Calendar
    host_calendar: HostCalendar
    audience: Audience
    messages: Messages
    words: Words
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
                return self._outcome(self._work(taken, connection, share))
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

    def settle(self, booking: Booking, deadline: datetime) -> Booking:
        """Finish or release a claimed booking whose lease ran out; for `reconcile`.

        Raises:
            Busy: another worker has it.
            SchedulingError: not settled now; it stays claimed, and due.
        """
        taken = self.bookings.take(booking, self.clock.now(), deadline + LEASE_MARGIN, SETTLING)
        connection = self.connections.get(taken.app_id, taken.host.uid)
        share = self.shares.get(taken.app_id, taken.share_id)
        if connection is None or share is None or connection.calendar_id != taken.calendar_id:
            return self._refuse(taken, "NOT_CONNECTED")
        try:
            return self._work(taken, connection, share)
        except (SlotTaken, ReconnectNeeded):
            settled = self.bookings.get(taken.app_id, taken.booking_id)
            return settled or taken

    def _work(self, booking: Booking, connection: Connection, share: Share) -> Booking:
        """Carry a claimed booking that is ours to its end, or leave it claimed and due.

        Raises:
            SlotTaken, CalendarUnavailable, ReconnectNeeded: refused.
            Busy: it is not ours any more.
        """
        if booking.settles_at is not None:
            found = self._found(booking, connection)
            if found is _Insert.UNKNOWN:
                return self._leave(booking)
            if isinstance(found, CalendarEvent):
                return self._confirm(booking, found)
            if found is _Insert.TOMBSTONE:
                booking = self.bookings.renew_event(booking)
        try:
            busy = self.host_calendar.ask(connection, booking.slot)
        except SchedulingError as error:
            self._give_up(booking, error)
            raise
        if busy or booking.slot.start <= self.clock.now():
            refusal = SlotTaken("The host is busy then.")
            self._give_up(booking, refusal)
            raise refusal
        return self._insert(booking, connection, share)

    def _insert(self, booking: Booking, connection: Connection, share: Share) -> Booking:
        draft = self._event(booking, share)
        sent = False
        for _ in range(INSERTS):
            try:
                return self._confirm(booking, self.calendar.insert_event(connection, draft))
            except GrantEnded as error:
                ended = self.host_calendar.ended(connection)
                if sent:
                    return self._leave(booking)
                self._give_up(booking, ended)
                raise ended from error
            except CalendarUnavailable as error:
                if sent:
                    return self._leave(booking)
                self._give_up(booking, error)
                raise
            except (OutcomeUnknown, EventExists):
                sent = True
            found = self._found(booking, connection)
            if isinstance(found, CalendarEvent):
                return self._confirm(booking, found)
            if found is _Insert.UNKNOWN:
                return self._leave(booking)
            if found is _Insert.TOMBSTONE:
                booking = self.bookings.renew_event(booking)
                draft = self._event(booking, share)
        return self._leave(booking)

    def _found(self, booking: Booking, connection: Connection) -> CalendarEvent | _Insert | None:
        """Ask for the booking's event by its id: it, a tombstone or stranger, none, or unknown."""
        try:
            event = self.calendar.get_event(connection, booking.event_id)
        except GrantEnded:
            self.host_calendar.ended(connection)
            return _Insert.UNKNOWN
        except CalendarUnavailable:
            return _Insert.UNKNOWN
        if event is None:
            return None
        if event.cancelled or event.booking_id != booking.booking_id:
            return _Insert.TOMBSTONE
        return event

    def _event(self, booking: Booking, share: Share) -> EventDraft:
        """Give what the host's calendar shows; Google renders a description as HTML."""
        locale = share.locale
        lines = [
            self.words.say("event.guest", locale, guest=booking.guest.name, uid=booking.guest.uid)
        ]
        if booking.note:
            lines.append(booking.note)
        return EventDraft(
            event_id=booking.event_id,
            booking_id=booking.booking_id,
            slot=booking.slot,
            summary=self.words.say(
                "event.summary", locale, title=booking.title, guest=booking.guest.name
            ),
            description=escape("\n".join(lines)).replace("\n", "<br>"),
        )

    def _confirm(self, booking: Booking, event: CalendarEvent) -> Booking:
        confirmed = booking.with_(
            state=BookingState.CONFIRMED,
            ical_uid=event.ical_uid,
            confirmed_at=self.clock.now(),
            told=booking.told + 1,
        )
        self.bookings.confirm(confirmed, self._owed(booking))
        self.metrics.count("SlotBooked")
        return confirmed

    def _refuse(self, booking: Booking, code: str) -> Booking:
        refused = booking.with_(
            state=BookingState.REFUSED,
            refusal=code,
            awaited=False,
            told=booking.told + booking.awaited,
        )
        self.bookings.refuse(refused, self._owed(booking) if booking.awaited else None)
        self.metrics.count("BookingRefused")
        return refused

    def _give_up(self, booking: Booking, error: SchedulingError) -> None:
        """Release a claim for which no insert is under way.

        An earlier attempt's insert may still land for a while (and may be what makes the time
        busy); until then the claim is kept, and the event is asked for again.
        """
        if booking.settles_at is not None and self.clock.now() < booking.settles_at:
            self.bookings.give_back(booking, booking.settles_at)
            return
        self._refuse(booking, error.code)

    def _leave(self, booking: Booking) -> Booking:
        """Keep the claim of a booking whose outcome is unknown; `reconcile` goes on with it."""
        self.metrics.count("BookingLeftOpen")
        settles_at = self.clock.now() + SETTLING
        left = booking.with_(awaited=True, settles_at=settles_at)
        self.bookings.give_back(left, settles_at)
        return left

    @staticmethod
    def _owed(booking: Booking) -> OutboxItem:
        """Owe the guest word of a booking, under the next number."""
        number = booking.told
        return OutboxItem(
            app_id=booking.app_id,
            owner=f"BOOKING#{booking.booking_id}",
            number=number,
            kind=OutboxKind.INVITE,
            outbox_id=ids.derived("outbox", booking.app_id, booking.booking_id, str(number)),
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
