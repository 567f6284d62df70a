"""Carry a claimed booking to its end: re-check Google, insert the event, confirm or refuse.

For requests, for `reconcile`, and before a calendar is disconnected. One worker at a time has a
booking, and every move names that worker's attempt, so that a slow worker's move is refused.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto
from html import escape

from scheduling import ids
from scheduling.errors import (
    CalendarUnavailable,
    NotConnected,
    ReconnectNeeded,
    SchedulingError,
    SlotTaken,
)
from scheduling.host_calendar import HostCalendar
from scheduling.messages import notice
from scheduling.models import (
    Booking,
    BookingState,
    CalendarEvent,
    Connection,
    ConnectionState,
    EventDraft,
    OutboxItem,
    OutboxKind,
    Watch,
)
from scheduling.patience import patiently, wait_seconds
from scheduling.ports import (
    Bookings,
    Busy,
    Calendar,
    Clock,
    Connections,
    EventExists,
    GrantEnded,
    Metrics,
    Outbox,
    OutcomeUnknown,
)
from scheduling.words import Words

#: A lease outlives its worker's deadline, so that two clocks may differ by so much.
LEASE_MARGIN = timedelta(seconds=10)
#: How long after the last chance of an insert a claim is kept: Google may show the event late.
SETTLING = timedelta(seconds=60)
#: How long after a release a late insert is looked for at each run, and once more at the end.
WATCHED = timedelta(minutes=15)
WATCHED_LAST = timedelta(hours=1)
#: When a confirmed booking is looked at again for what a person wrote in the same second.
CLASH_AFTER = timedelta(seconds=60)
#: How often an insert is sent by one worker before it leaves the rest to `reconcile`.
INSERTS = 3
#: What asking for an event takes at most; with less time a worker leaves the rest to `reconcile`.
_CALL = timedelta(seconds=7)


class _Found(Enum):
    """What is known of an event that was asked for, when it is not there to be used."""

    MISSING = auto()
    UNKNOWN = auto()
    TOMBSTONE = auto()


@dataclass(frozen=True, slots=True)
class Settler:
    """Works on one booking at a time."""

    clock: Clock
    bookings: Bookings
    connections: Connections
    calendar: Calendar
    host_calendar: HostCalendar
    outbox: Outbox
    words: Words
    metrics: Metrics

    def work(self, booking: Booking, connection: Connection, deadline: datetime) -> Booking:
        """Carry a claimed booking that is ours to its end, or leave it claimed and due.

        Raises:
            SlotTaken, CalendarUnavailable, ReconnectNeeded, NotConnected: refused.
            Busy: it is not ours any more.
        """
        if booking.settles_at is not None:
            found = self._found(booking, connection)
            if found is _Found.UNKNOWN:
                return self._leave(booking)
            if isinstance(found, CalendarEvent):
                return self._confirm(booking, found)
            if found is _Found.TOMBSTONE:
                booking = self.bookings.renew_event(booking)
        refusal = self._checked(booking, connection, deadline)
        if refusal is not None:
            self._give_up(booking, refusal)
            raise refusal
        return self._insert(booking, connection, deadline)

    def _checked(
        self, booking: Booking, connection: Connection, deadline: datetime
    ) -> SchedulingError | None:
        """Give why the booking cannot go on, if so: unknown is never free."""
        if connection.state is not ConnectionState.CONNECTED:
            return NotConnected("The host's calendar is not connected any more.")
        try:
            busy = patiently(
                lambda: self.host_calendar.busy_during(connection, booking.slot),
                self.clock,
                deadline,
            )
        except (CalendarUnavailable, ReconnectNeeded) as error:
            return error
        if busy or booking.slot.start <= self.clock.now():
            return SlotTaken("The host is busy then.")
        return None

    def _insert(self, booking: Booking, connection: Connection, deadline: datetime) -> Booking:
        sent = False
        for tried in range(1, INSERTS + 1):
            draft = self._event(booking)
            try:
                event = patiently(
                    lambda draft=draft: self.calendar.insert_event(connection, draft),  # type: ignore[misc]
                    self.clock,
                    deadline,
                )
                return self._confirm(booking, event)
            except (GrantEnded, CalendarUnavailable) as error:
                return self._not_inserted(booking, connection, error, sent=sent)
            except (OutcomeUnknown, EventExists):
                sent = True
            found = self._found(booking, connection)
            if isinstance(found, CalendarEvent):
                return self._confirm(booking, found)
            if found is _Found.UNKNOWN or self.clock.now() + _CALL > deadline:
                break
            if found is _Found.TOMBSTONE:
                booking = self.bookings.renew_event(booking)
            self.clock.sleep(wait_seconds(tried))
        return self._leave(booking)

    def _not_inserted(
        self, booking: Booking, connection: Connection, error: Exception, *, sent: bool
    ) -> Booking:
        """Refuse a booking whose insert Google surely refused, unless one before is unknown."""
        if isinstance(error, GrantEnded):
            error = self.host_calendar.ended(connection)
        assert isinstance(error, SchedulingError)
        if sent:
            return self._leave(booking)
        self._give_up(booking, error)
        raise error

    def _found(self, booking: Booking, connection: Connection) -> CalendarEvent | _Found:
        """Ask for the booking's event by its id."""
        try:
            event = self.calendar.get_event(connection, booking.event_id)
        except GrantEnded:
            self.host_calendar.ended(connection)
            return _Found.UNKNOWN
        except CalendarUnavailable:
            return _Found.UNKNOWN
        if event is None:
            return _Found.MISSING
        if event.cancelled or event.booking_id != booking.booking_id:
            return _Found.TOMBSTONE
        return event

    def _event(self, booking: Booking) -> EventDraft:
        """Give what the host's calendar shows; Google renders a description as HTML."""
        guest = booking.guest
        lines = [self.words.say("event.guest", booking.locale, guest=guest.name, uid=guest.uid)]
        if booking.note:
            lines.append(booking.note)
        return EventDraft(
            event_id=booking.event_id,
            booking_id=booking.booking_id,
            slot=booking.slot,
            summary=self.words.say(
                "event.summary", booking.locale, title=booking.title, guest=guest.name
            ),
            description=escape("\n".join(lines)).replace("\n", "<br>"),
        )

    def _confirm(self, booking: Booking, event: CalendarEvent) -> Booking:
        now = self.clock.now()
        confirmed = booking.with_(
            state=BookingState.CONFIRMED,
            ical_uid=event.ical_uid,
            confirmed_at=now,
            told=booking.told + 1,
        )
        self.bookings.confirm(confirmed, self._owed(booking), now + CLASH_AFTER)
        self.metrics.count("SlotBooked")
        return confirmed

    def _give_up(self, booking: Booking, error: SchedulingError) -> None:
        """Release a claim for which no insert is under way.

        An earlier attempt's insert may still land for a while (and may be what makes the time
        busy); until then the claim is kept, and the event is asked for again.
        """
        if booking.settles_at is not None and self.clock.now() < booking.settles_at:
            self.bookings.give_back(booking, booking.settles_at)
            return
        self._refuse(booking, error.code)

    def _refuse(self, booking: Booking, code: str) -> Booking:
        now = self.clock.now()
        refused = booking.with_(
            state=BookingState.REFUSED,
            refusal=code,
            awaited=False,
            told=booking.told + booking.awaited,
        )
        watch = None
        if booking.settles_at is not None:
            watch = Watch(
                app_id=booking.app_id,
                booking_id=booking.booking_id,
                host=booking.host.uid,
                calendar_id=booking.calendar_id,
                event_id=booking.event_id,
                generation=booking.generation,
                since=now,
                due_at=now,
            )
        owed = self._owed(booking) if booking.awaited else None
        self.bookings.refuse(refused, owed, watch)
        self.metrics.count("BookingRefused")
        return refused

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

    def settle(self, booking: Booking, deadline: datetime) -> Booking:
        """Finish or release a claimed booking whose lease ran out.

        Returns it as it stands then: settled, or still claimed, and due.

        Raises:
            Busy: another worker has it.
        """
        taken = self.bookings.take(booking, self.clock.now(), deadline + LEASE_MARGIN, SETTLING)
        connection = self.connections.get(taken.app_id, taken.host.uid)
        if connection is None or connection.calendar_id != taken.calendar_id:
            return self._refuse(taken, NotConnected.code)
        try:
            return self.work(taken, connection, deadline)
        except SchedulingError:
            return self.bookings.get(taken.app_id, taken.booking_id) or taken

    def look_after(self, booking: Booking) -> None:
        """Look whether a person wrote into a confirmed meeting's time, and tell the host.

        No calendar can compare and swap: who writes in the same second is seen a minute later.

        Raises:
            CalendarUnavailable: Google cannot say; it stays due.
        """
        connection = self.connections.get(booking.app_id, booking.host.uid)
        ours = connection is not None and connection.calendar_id == booking.calendar_id
        if connection is not None and ours and self.clock.now() < booking.slot.end:
            try:
                others = self.calendar.others(connection, booking.slot, booking.event_id)
            except GrantEnded:
                self.host_calendar.ended(connection)
                others = []
            if others:
                self.metrics.count("ClashFound")
                told = notice(
                    booking.app_id,
                    booking.host.uid,
                    "clash",
                    about=booking.booking_id,
                    booking_id=booking.booking_id,
                )
                self.outbox.add(told)
        self.bookings.looked_at(booking)

    def watch(self, watch: Watch) -> None:
        """Delete the event of a released booking, should its insert have landed late.

        Raises:
            CalendarUnavailable: Google cannot say; it stays due.
        """
        now = self.clock.now()
        connection = self.connections.get(watch.app_id, watch.host)
        if connection is not None and connection.calendar_id == watch.calendar_id:
            try:
                event = self.calendar.get_event(connection, watch.event_id)
                if event is not None and not event.cancelled:
                    self.calendar.delete_event(connection, watch.event_id)
                    self.metrics.count("LateEventDeleted")
            except GrantEnded:
                self.host_calendar.ended(connection)
        last = watch.since + WATCHED_LAST
        if now >= last:
            self.bookings.watch_on(watch, None)
        elif now < watch.since + WATCHED:
            self.bookings.watch_on(watch, now + timedelta(seconds=1))
        else:
            self.bookings.watch_on(watch, last)

    def settle_all(self, connection: Connection, deadline: datetime) -> bool:
        """Settle every booking of a calendar that is being disconnected; False if one is left.

        Waits for workers that still have one, within the deadline.
        """
        while True:
            left = [
                booking
                for booking in self.bookings.claimed(connection)
                if not self._settled(booking, deadline)
            ]
            if not left:
                return True
            if self.clock.now() + _CALL > deadline:
                return False
            self.clock.sleep(1)

    def _settled(self, booking: Booking, deadline: datetime) -> bool:
        try:
            return self.settle(booking, deadline).state is not BookingState.CLAIMED
        except Busy:
            return False
