"""Look again at what was settled: who wrote into a meeting's time, which insert came late."""

from dataclasses import dataclass
from datetime import timedelta

from scheduling.calendars.host_calendar import HostCalendar
from scheduling.core.errors import CalendarUnavailable
from scheduling.models import Booking, OrphanWatch
from scheduling.ports import (
    Bookings,
    Calendar,
    Clock,
    Connections,
    GrantEnded,
    Metrics,
    Outbox,
    OutcomeUnknown,
)
from scheduling.rules import transitions
from scheduling.rules.notifications import notice

#: How long after a release a late insert is looked for at each run, and once more at the end.
WATCH_EACH_RUN = timedelta(minutes=15)
WATCH_ONCE_MORE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class FollowUp:
    """Looks after confirmed bookings and released ones."""

    clock: Clock
    bookings: Bookings
    connections: Connections
    calendar: Calendar
    host_calendar: HostCalendar
    outbox: Outbox
    metrics: Metrics

    def check_conflicts(self, booking: Booking) -> None:
        """Look whether a person wrote into a confirmed meeting's time, and tell the host.

        No calendar can compare and swap: who writes in the same second is seen a minute later.

        Raises:
            Busy: somebody is changing it.
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
                self.metrics.count("ClashFound", **booking.ids)
                item = notice(
                    booking.app_id,
                    booking.host.uid,
                    "clash",
                    about=f"{booking.booking_id}/{booking.sequence}",
                    booking_id=booking.booking_id,
                )
                self.outbox.add(item)
        self.bookings.transition(booking, transitions.checked(booking))

    def delete_orphan(self, watch: OrphanWatch) -> None:
        """Delete the event of a released booking, should its insert have landed late.

        Raises:
            CalendarUnavailable: Google cannot say; it stays due.
        """
        now = self.clock.now()
        last = watch.since + WATCH_ONCE_MORE
        connection = self.connections.get(watch.app_id, watch.host)
        if connection is not None and connection.calendar_id == watch.calendar_id:
            try:
                event = self.calendar.get_event(connection, watch.event_id)
                if event is not None and not event.cancelled:
                    self.calendar.delete_event(connection, watch.event_id)
                    self.metrics.count("LateEventDeleted", **watch.ids)
            except GrantEnded:
                self.host_calendar.ended(connection)
            except (CalendarUnavailable, OutcomeUnknown) as error:
                if now < last + WATCH_ONCE_MORE:
                    raise CalendarUnavailable from error
                # Longer than any insert is under way; a calendar that refuses for good ends it.
                self.metrics.count("WatchGivenUp", **watch.ids)
        if now >= last:
            self.bookings.postpone_watch(watch, None)
        elif now < watch.since + WATCH_EACH_RUN:
            self.bookings.postpone_watch(watch, now + timedelta(seconds=1))
        else:
            self.bookings.postpone_watch(watch, last)
