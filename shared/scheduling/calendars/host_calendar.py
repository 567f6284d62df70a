"""A host's calendar as the use cases see it: connected or not, busy or free, never guessed.

Google is asked again, with jitter, while the request has time. A worker on a booking counts its
own tries (`bookings/worker.py`), and asks by `busy_during` once for each.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from scheduling.access.limits import Limited, Limits
from scheduling.access.links import Links, connect_link
from scheduling.core.errors import (
    CalendarUnavailable,
    NotConnected,
    ReconnectNeeded,
    SchedulingError,
    SlotTaken,
    TooManyRequests,
)
from scheduling.core.ids import hold_id
from scheduling.core.retry import with_retries
from scheduling.core.times import Interval, clip, gaps, merge
from scheduling.models import (
    Availability,
    Booking,
    BookingId,
    Caller,
    Connection,
    ConnectionState,
    Share,
    Uid,
)
from scheduling.ports import (
    Bookings,
    BusyTimes,
    Calendar,
    Clock,
    Connections,
    GrantEnded,
    Metrics,
    NoCalendar,
)
from scheduling.rules.availability import nearest, slots, snapshot
from scheduling.rules.defaults import HORIZON
from scheduling.rules.notifications import notice

#: For how long a calendar's zone is not asked for again.
ZONE_KEPT = timedelta(hours=1)
#: How old a busy list may be from which alternatives are offered.
FRESH = timedelta(seconds=30)
ALTERNATIVES = 5
#: How long a loser waits for the winner's question to bring a fresh list, and how often it looks.
FRESH_LIST_WAIT = timedelta(seconds=2)
POLL_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class HostCalendar:
    """Joins what Google says with what our own bookings claim.

    Google's free/busy lags behind inserts, so our claims always count beside it.
    """

    clock: Clock
    connections: Connections
    calendar: Calendar
    bookings: Bookings
    busy_times: BusyTimes
    #: Made when a person asks: `reconcile` serves nobody, and is told of no limits.
    limits: Callable[[], Limits]
    links: Links
    metrics: Metrics

    def connected(
        self, caller: Caller, of: Share | Booking | None = None, *, leading_on: bool = True
    ) -> Connection:
        """Return the connection of the host of a share or booking, or of the caller as host.

        Args:
            caller: who asks.
            of: whose host it is about.
            leading_on: whether a host who is refused is given a link to the connect page.

        Raises:
            NotConnected, ReconnectNeeded: with a `connectUrl` where the caller is the host, who was
                not given enough of them in this hour.
        """
        host = of.host.uid if of else caller.uid
        connection = self.connections.get(caller.app_id, host)
        refusal: type[SchedulingError]
        if connection is None or connection.state is ConnectionState.CLOSING:
            refusal, why = NotConnected, "No calendar is connected."
        elif connection.state is ConnectionState.RECONNECT:
            refusal, why = ReconnectNeeded, "The calendar has to be connected again."
        elif of and connection.calendar_id != of.calendar_id:
            refusal, why = NotConnected, "The host uses another calendar by now."
        else:
            return connection
        raise refusal(why, **(self._way_on(caller, host) if leading_on else {}))

    def _way_on(self, caller: Caller, host: Uid) -> dict[str, str]:
        """Return a link to the connect page to its host, who may have so many in an hour."""
        if host != caller.uid or caller.only_share is not None:
            return {}
        try:
            self.limits().count(caller, Limited.CONNECT_LINK)
        except TooManyRequests:
            return {}
        return {"connect_url": connect_link(self.links, caller, "", self.clock.now()).url}

    def busy(
        self, caller: Caller, connection: Connection, window: Interval, deadline: datetime
    ) -> list[Interval]:
        """Return the busy times of Google, asked now, and of our bookings, to the host.

        Raises:
            CalendarUnavailable, ReconnectNeeded: nobody knows what is free.
        """
        asked = self.asked_by(caller, connection, window, deadline)
        claims = self.bookings.claims(connection.calendar_id, window)
        return merge([*asked, *(interval for interval, _ in claims)])

    def busy_during(
        self, connection: Connection, claimed: Interval, deadline: datetime | None = None
    ) -> list[Interval]:
        """Return what at Google lies in a claimed range, asked now.

        The question reaches over all days that can be booked: those who lose a race for the slot
        are offered other times from its answer, and need not ask Google themselves.

        Args:
            connection: of the host.
            claimed: the range.
            deadline: until when Google may be asked again; None where the caller counts its tries.
        """
        horizon = Interval(self.clock.now(), self.clock.now() + HORIZON)
        window = Interval(min(claimed.start, horizon.start), max(claimed.end, horizon.end))
        return clip(self.ask(connection, window, deadline), claimed)

    def recently_busy(
        self, connection: Connection, claimed: Interval, deadline: datetime
    ) -> list[Interval]:
        """Return what at Google lies in a range, from an answer of the last seconds if any.

        For what ends by the clock; a booking asks again.
        """
        recent = self.busy_times.get(connection.calendar_id, self.clock.now() - FRESH)
        if recent is not None and recent[0].contains(claimed):
            return clip(recent[1], claimed)
        return self.busy_during(connection, claimed, deadline)

    def asked_by(
        self, caller: Caller, connection: Connection, window: Interval, deadline: datetime
    ) -> list[Interval]:
        """Return Google's busy times to whoever asks; a host whose grant ended is led on."""
        try:
            return self.ask(connection, window, deadline)
        except ReconnectNeeded:
            if connection.uid == caller.uid:
                self.connected(caller)
            raise

    def ask(
        self, connection: Connection, window: Interval, deadline: datetime | None
    ) -> list[Interval]:
        """Return Google's busy times alone, asked now.

        Args:
            connection: of the host.
            window: to ask about.
            deadline: until when Google may be asked again; None for one try.
        """
        try:
            busy = self._answer(connection, window, deadline)
        except GrantEnded as error:
            raise self.ended(connection) from error
        except CalendarUnavailable:
            self.metrics.count("CalendarUnavailable")
            raise
        self.busy_times.put(connection.calendar_id, window, busy)
        return busy

    def in_its_zone(self, connection: Connection, deadline: datetime) -> Connection:
        """Return a connection with the zone that its calendar has now.

        Google is asked once an hour at most. If it cannot say, the zone that was read last holds:
        it is for words and hours, and nothing becomes free by it.
        """
        now = self.clock.now()
        if now - (connection.zone_read_at or connection.connected_at) < ZONE_KEPT:
            return connection
        try:
            time_zone = with_retries(
                lambda: self.calendar.time_zone(connection.tokens), self.clock, deadline
            )
        except (CalendarUnavailable, GrantEnded, NoCalendar):
            return connection
        self.connections.keep_time_zone(connection, time_zone, now)
        return connection.with_(time_zone=time_zone, zone_read_at=now)

    def _answer(
        self, connection: Connection, window: Interval, deadline: datetime | None
    ) -> list[Interval]:
        if deadline is None:
            return self.calendar.free_busy(connection, window)
        return with_retries(
            lambda: self.calendar.free_busy(connection, window), self.clock, deadline
        )

    def ended(self, connection: Connection) -> SchedulingError:
        """Note that a grant is of no use, notify the host once, and return the error to raise."""
        item = notice(connection.app_id, connection.uid, "reconnect", about=connection.version)
        if self.connections.transition(connection, ConnectionState.RECONNECT, item):
            self.metrics.count("ConnectionEnded", app_id=connection.app_id, uid=connection.uid)
        return ReconnectNeeded("The host's calendar has to be connected again.")

    def taken(
        self,
        share: Share,
        connection: Connection,
        slot: Interval,
        asker: Uid,
        deadline: datetime,
    ) -> SlotTaken:
        """Return the refusal of a taken slot, with the free starts that are nearest to it.

        Losers of a race cost Google nothing: a busy list of the last 30 seconds serves them all,
        with the claims as of now.
        """
        now = self.clock.now()
        left = left_of(share.availability.window, now) or share.availability.window
        recent = self._recent(connection, now)
        wanted = share.preferences.claimed(left)
        try:
            known, busy = recent or (wanted, self.ask(connection, wanted, deadline))
        except SchedulingError:
            return SlotTaken("Somebody was faster.", alternatives=[])
        # Beyond what is known nothing is free.
        busy = [*busy, *gaps([known], left)]
        offered = self.offered(share, connection, busy, asker)
        free = [start for start in slots(offered, slot.length) if start > now]
        starts = nearest(free, slot.start, ALTERNATIVES)
        return SlotTaken("Somebody was faster; these times are free.", alternatives=starts)

    def _recent(
        self, connection: Connection, now: datetime
    ) -> tuple[Interval, list[Interval]] | None:
        """Return a fresh busy list, and wait a moment for the winner's answer to bring one."""
        until = now + FRESH_LIST_WAIT
        while True:
            found = self.busy_times.get(connection.calendar_id, self.clock.now() - FRESH)
            if found is not None or self.clock.now() >= until:
                return found
            self.clock.sleep(POLL_SECONDS)

    def offered(
        self,
        share: Share,
        connection: Connection,
        busy: Sequence[Interval],
        asker: Uid,
        moved: BookingId | None = None,
    ) -> Availability:
        """Return what a share offers now, from Google's busy times and the claims as of now.

        What the asker holds is free for the asker, and so is what a booking claims that is to be
        moved. Hours and grid follow the calendar's clock.
        """
        window = share.availability.window
        own = {hold_id(share.app_id, share.share_id, asker), moved}
        claims = self.bookings.claims(share.calendar_id, share.preferences.claimed(window))
        return snapshot(
            [*busy, *(interval for interval, owner in claims if owner not in own)],
            now=self.clock.now(),
            time_zone=connection.time_zone,
            durations=share.availability.durations,
            window=window,
            step=share.availability.step,
            preferences=share.preferences,
        )


def left_of(window: Interval, now: datetime) -> Interval | None:
    """Return the part of a window that is still to come."""
    return Interval(max(now, window.start), window.end) if now < window.end else None
