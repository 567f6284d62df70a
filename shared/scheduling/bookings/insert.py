"""One try at an insert: re-check Google, insert the event, confirm the booking or refuse it."""

from dataclasses import dataclass

from scheduling.bookings.worker import Ending, Work, left_open
from scheduling.calendars.host_calendar import HostCalendar
from scheduling.calendars.own_events import NotThere, OwnEvents
from scheduling.core.catalogue import Catalogue
from scheduling.core.errors import NotConnected, SchedulingError, SlotTaken
from scheduling.models import Booking, CalendarEvent, ConnectionState, EventDraft
from scheduling.ports import Bookings, Calendar, Clock
from scheduling.rules import transitions


@dataclass(frozen=True, slots=True)
class Inserter:
    """The step of a claimed booking: claimed -> confirmed or refused."""

    clock: Clock
    bookings: Bookings
    calendar: Calendar
    own_events: OwnEvents
    host_calendar: HostCalendar
    catalogue: Catalogue

    def attempt(self, work: Work) -> Ending:
        """Look for the event if one may be there, else ask for the time and insert it."""
        if work.sent:
            found = self._find(work)
            if isinstance(found, CalendarEvent):
                return self._confirmed(work.booking, found)
            if found is NotThere.TOMBSTONE:
                renewed = transitions.renewed(work.booking)
                self.bookings.transition(work.booking, renewed)
                work.booking = renewed
        if not work.unsure:
            self._require_free(work)
        event = self.calendar.insert_event(work.connection, self._draft(work.booking))
        return self._confirmed(work.booking, event)

    def _find(self, work: Work) -> CalendarEvent | NotThere:
        """Ask for the event by its id; until Google has answered, the booking is not refused."""
        before, work.unsure = work.unsure, True
        found = self.own_events.find(work.booking, work.connection)
        work.unsure = before
        return found

    def _require_free(self, work: Work) -> None:
        """Ask Google about the claimed range: unknown is never free."""
        booking = work.booking
        if work.connection.state is not ConnectionState.CONNECTED:
            raise NotConnected("The host's calendar is not connected any more.")
        busy = self.host_calendar.busy_during(work.connection, booking.around(booking.slot))
        if busy or booking.slot.start <= self.clock.now():
            raise SlotTaken("The host is busy then.")

    def _draft(self, booking: Booking) -> EventDraft:
        """Compose what the host's calendar shows."""
        guest = booking.guest
        translate, locale = self.catalogue.translate, booking.locale
        lines = [translate("event.guest", locale, guest=guest.name, uid=guest.uid)]
        if booking.note:
            lines.append(booking.note)
        return EventDraft(
            event_id=booking.event_id,
            booking_id=booking.booking_id,
            slot=booking.slot,
            summary=translate("event.summary", locale, title=booking.title, guest=guest.name),
            description="\n".join(lines),
        )

    def _confirmed(self, booking: Booking, event: CalendarEvent) -> Ending:
        return Ending(transitions.confirmed(booking, event, self.clock.now()), "SlotBooked")

    def refused(self, work: Work, error: SchedulingError) -> Ending:
        """Release a claim for which no insert is under way.

        An earlier attempt's insert may still land for a while (and may be what makes the time
        busy); until then the claim is kept, the event is asked for again, and word follows: a
        refusal now would send the guest to other times that this very claim keeps from them.
        """
        booking, now = work.booking, self.clock.now()
        if work.unsure:
            return left_open(work, now)
        if booking.settles_at is not None and now < booking.settles_at:
            return Ending(transitions.left(booking, booking.settles_at).with_(awaited=True))
        return self.given_up(booking, error)

    def given_up(self, booking: Booking, error: SchedulingError) -> Ending:
        """Refuse a booking, with a watch where an insert may still land."""
        watch = None
        if booking.settles_at is not None:
            watch = transitions.orphan_watch(booking, self.clock.now())
        return Ending(transitions.refused(booking, error.code), "BookingRefused", error, watch)
