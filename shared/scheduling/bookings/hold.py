"""Hold a time for a guest who is about to book it: a claim that ends by the clock.

Nothing stands at Google for it, so nothing has to be undone there; that is why a hold alone may
end by the clock. A guest holds one time of a share: the next one takes its place, and booking
takes it over.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from scheduling.access.limits import Limited, Limits
from scheduling.access.policy import AccessPolicy, Role
from scheduling.bookings.requests import HoldRequest
from scheduling.calendars.host_calendar import HostCalendar
from scheduling.core.errors import NotAllowed, SlotTaken
from scheduling.core.retry import wait_for_another
from scheduling.core.times import Interval
from scheduling.models import Caller, Connection, Hold
from scheduling.ports import Bookings, Busy, Clock, Metrics
from scheduling.rules.availability import require_offered, require_open

#: As long as a person needs for a title and a note.
HELD = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class SlotHolder:
    """Holds times for guests."""

    clock: Clock
    bookings: Bookings
    host_calendar: HostCalendar
    access_policy: AccessPolicy
    limits: Limits
    metrics: Metrics

    def hold(self, caller: Caller, request: HoldRequest, deadline: datetime) -> Hold:
        """Hold a slot of a share for an addressed guest; a repeat holds it for longer.

        Raises:
            NotFound, NotAllowed, ShareClosed, SlotNotOffered: not theirs to hold.
            SlotTaken: with the free starts that are nearest to the wanted one.
            BookingInProgress: another request of the same guest was faster, again and again.
            TooManyRequests: the guest has tried often enough for now.
            NotConnected, ReconnectNeeded, CalendarUnavailable: nobody can say.
        """
        self.limits.count(caller, Limited.BOOK)
        share, role = self.access_policy.authorize(caller, request.share_id, deadline)
        if role is Role.HOST:
            raise NotAllowed("A host cannot book a meeting with oneself.")
        length = request.duration or share.availability.durations[0]
        slot = Interval(request.starts_at, request.starts_at + length)
        require_open(share, self.clock.now())
        connection = self.host_calendar.connected(caller, share)
        connection = self.host_calendar.in_its_zone(connection, deadline)
        require_offered(share, slot, now=self.clock.now(), time_zone=connection.time_zone)
        hold = Hold(
            app_id=caller.app_id,
            share_id=share.share_id,
            calendar_id=share.calendar_id,
            guest=caller.uid,
            slot=slot,
            claimed=share.preferences.claimed(slot),
            expires_at=self.clock.now() + HELD,
        )
        try:
            self._hold(hold, connection, deadline)
        except SlotTaken as error:
            raise self.host_calendar.taken(share, connection, slot, caller.uid, deadline) from error
        self.metrics.count("SlotHeld", app_id=hold.app_id, share_id=hold.share_id)
        return hold

    def _hold(self, hold: Hold, connection: Connection, deadline: datetime) -> None:
        if self.host_calendar.recently_busy(connection, hold.claimed, deadline):
            raise SlotTaken("The host is busy then.")
        while True:
            before = self.bookings.held(hold.app_id, hold.share_id, hold.guest)
            try:
                return self.bookings.hold(before, hold, connection)
            except Busy as error:
                wait_for_another(self.clock, deadline, error)
