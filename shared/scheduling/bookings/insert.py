"""Carry a claimed booking to its end: re-check Google, insert the event, confirm or refuse."""

from dataclasses import dataclass
from datetime import datetime
from html import escape

from scheduling.calendars.host_calendar import HostCalendar
from scheduling.calendars.own_events import NotThere, OwnEvents, hopeless
from scheduling.calendars.retry import CALL, patiently, wait_seconds
from scheduling.core.catalogue import Words
from scheduling.core.errors import (
    CalendarUnavailable,
    NotConnected,
    ReconnectNeeded,
    SchedulingError,
    SlotTaken,
)
from scheduling.models import Booking, CalendarEvent, Connection, ConnectionState, EventDraft
from scheduling.ports import (
    Bookings,
    Calendar,
    Clock,
    EventExists,
    GrantEnded,
    Metrics,
    OutcomeUnknown,
)
from scheduling.rules import transitions

#: How often an insert is sent by one worker before it leaves the rest to `reconcile`.
INSERTS = 3


@dataclass(frozen=True, slots=True)
class Inserter:
    """Works on one claimed booking at a time: claimed -> confirmed or refused."""

    clock: Clock
    bookings: Bookings
    calendar: Calendar
    own_events: OwnEvents
    host_calendar: HostCalendar
    words: Words
    metrics: Metrics

    def work(self, booking: Booking, connection: Connection, deadline: datetime) -> Booking:
        """Carry a booking that is ours to its end, or leave it claimed and due.

        Raises:
            SlotTaken, CalendarUnavailable, ReconnectNeeded, NotConnected: refused.
            Busy: it is not ours any more.
        """
        if booking.settles_at is not None:
            found = self.own_events.find(booking, connection)
            if isinstance(found, CalendarEvent):
                return self._confirm(booking, found)
            if found is NotThere.FORBIDDEN and hopeless(booking, connection, self.clock.now()):
                return self.give_up(booking, NotConnected.code)
            if found in {NotThere.UNKNOWN, NotThere.FORBIDDEN}:
                return self._leave(booking)
            if found is NotThere.TOMBSTONE:
                booking = self._renew_event(booking)
        refusal = self._refusal(booking, connection, deadline)
        if refusal is not None:
            return self._release(booking, refusal)
        return self._insert(booking, connection, deadline)

    def _refusal(
        self, booking: Booking, connection: Connection, deadline: datetime
    ) -> SchedulingError | None:
        """Give why the booking cannot go on, if so: unknown is never free."""
        if connection.state is not ConnectionState.CONNECTED:
            return NotConnected("The host's calendar is not connected any more.")
        claimed = booking.around(booking.slot)
        try:
            busy = patiently(
                lambda: self.host_calendar.busy_during(connection, claimed), self.clock, deadline
            )
        except (CalendarUnavailable, ReconnectNeeded) as error:
            return error
        if busy or booking.slot.start <= self.clock.now():
            return SlotTaken("The host is busy then.")
        return None

    def _insert(self, booking: Booking, connection: Connection, deadline: datetime) -> Booking:
        sent = False
        for tried in range(1, INSERTS + 1):
            draft = self._draft(booking)
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
            found = self.own_events.find(booking, connection)
            if isinstance(found, CalendarEvent):
                return self._confirm(booking, found)
            unknown = found in {NotThere.UNKNOWN, NotThere.FORBIDDEN}
            if unknown or self.clock.now() + CALL > deadline:
                break
            if found is NotThere.TOMBSTONE:
                booking = self._renew_event(booking)
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
        return self._release(booking, error)

    def _draft(self, booking: Booking) -> EventDraft:
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

    def _renew_event(self, booking: Booking) -> Booking:
        renewed = transitions.renewed(booking)
        self.bookings.move(booking, renewed)
        return renewed

    def _confirm(self, booking: Booking, event: CalendarEvent) -> Booking:
        confirmed = transitions.confirmed(booking, event, self.clock.now())
        self.bookings.move(booking, confirmed)
        self.metrics.count("SlotBooked", **booking.ids)
        return confirmed

    def _release(self, booking: Booking, error: SchedulingError) -> Booking:
        """Release a claim for which no insert is under way, and raise the refusal.

        An earlier attempt's insert may still land for a while (and may be what makes the time
        busy); until then the claim is kept, the event is asked for again, and word follows: a
        refusal now would send the guest to other times that this very claim keeps from them.
        """
        if booking.settles_at is not None and self.clock.now() < booking.settles_at:
            left = transitions.left(booking, booking.settles_at).with_(awaited=True)
            self.bookings.move(booking, left)
            return left
        self.give_up(booking, error.code)
        raise error

    def give_up(self, booking: Booking, code: str) -> Booking:
        """Refuse a booking that is ours, with a watch where an insert may still land."""
        refused = transitions.refused(booking, code)
        watch = transitions.watched(booking, self.clock.now()) if booking.settles_at else None
        self.bookings.move(booking, refused, watch)
        self.metrics.count("BookingRefused", code=code, **booking.ids)
        return refused

    def _leave(self, booking: Booking) -> Booking:
        """Keep the claim of a booking whose outcome is unknown; `reconcile` goes on with it."""
        left = transitions.unknown(booking, self.clock.now())
        self.bookings.move(booking, left)
        self.metrics.count("BookingLeftOpen", **booking.ids)
        return left
