"""A share as it is now: what is free and what was booked, withdrawn, listed, linked to."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from scheduling.access.limits import Limited, Limits
from scheduling.access.links import Links, OneTimeLink, page_link
from scheduling.access.policy import AccessPolicy, Role
from scheduling.calendars.host_calendar import HostCalendar, left_of
from scheduling.core.errors import (
    InvalidRequest,
    NotAllowed,
    NotConnected,
    ReconnectNeeded,
)
from scheduling.models import (
    ENDED,
    Availability,
    Booking,
    Caller,
    Page,
    Share,
    ShareId,
    ShareState,
)
from scheduling.ports import Bookings, Clock, Shares
from scheduling.rules import availability

PAGE_SIZE = 20


class ShareStatus(StrEnum):
    """What a share is to whoever looks at it: its state, and what clock and calendar add."""

    OPEN = "open"
    FULL = "full"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    #: Its calendar is not connected, or its message could not be delivered.
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class ShareView:
    """A share as one caller sees it now."""

    share: Share
    role: Role
    availability: Availability
    #: Starts that can be booked, in order.
    slots: tuple[datetime, ...]
    status: ShareStatus
    #: The caller's own open booking of it.
    booking: Booking | None


class ListedShare(NamedTuple):
    """A share in its host's list; `full` is known of the single view only."""

    share: Share
    status: ShareStatus


@dataclass(frozen=True, slots=True)
class ShareViews:
    """Everybody's view of a share, and what its host does with it."""

    clock: Clock
    shares: Shares
    bookings: Bookings
    host_calendar: HostCalendar
    access_policy: AccessPolicy
    limits: Limits
    links: Links

    def view(
        self, caller: Caller, share_id: ShareId, duration: timedelta | None, deadline: datetime
    ) -> ShareView:
        """Look at a share as it is now: what is free, whether it is open, what the caller booked.

        It is `closed` while its calendar is not connected.

        Args:
            caller: the host or an addressed guest.
            share_id: of the share.
            duration: of the meetings; None for the share's first.
            deadline: when this request's time ends.

        Raises:
            NotFound, NotAllowed: not the caller's to see.
            InvalidRequest: the share does not offer that length.
            TooManyRequests, CalendarUnavailable: what is free cannot be said now.
        """
        share, role = self.access_policy.authorize(caller, share_id, deadline)
        length = duration or share.availability.durations[0]
        if length not in share.availability.durations:
            raise InvalidRequest("durationMinutes", "is not a length that this share offers")
        booking, _ = self.bookings.of_guest(caller.app_id, share_id, caller.uid)
        offered, slots, status = self._offered(caller, share, length, deadline)
        return ShareView(
            share=share,
            role=role,
            availability=offered,
            slots=tuple(slots),
            status=status,
            booking=booking if booking and booking.state not in ENDED else None,
        )

    def _offered(
        self, caller: Caller, share: Share, length: timedelta, deadline: datetime
    ) -> tuple[Availability, list[datetime], ShareStatus]:
        """Ask the calendar, unless nothing can be booked any more.

        A host who cannot be booked now takes no meeting out of sight that was booked before.
        """
        status = self._status(share)
        if status is not ShareStatus.OPEN:
            return availability.nothing(share.availability), [], status
        now = self.clock.now()
        left = left_of(share.availability.window, now) or share.availability.window
        try:
            connection = self.host_calendar.connected(caller, share, leading_on=False)
            self.limits.count(caller, Limited.LOOK)
            connection = self.host_calendar.in_its_zone(connection, deadline)
            busy = self.host_calendar.ask(connection, share.preferences.claimed(left), deadline)
        except (NotConnected, ReconnectNeeded):
            return availability.nothing(share.availability), [], ShareStatus.CLOSED
        offered = self.host_calendar.offered(share, connection, busy, caller.uid)
        now = self.clock.now()
        slots = [start for start in availability.slots(offered, length) if start > now]
        return offered, slots, status if slots else ShareStatus.FULL

    def _status(self, share: Share) -> ShareStatus:
        if share.state is not ShareState.OPEN:
            return ShareStatus(share.state.value)
        ended = self.clock.now() >= share.availability.window.end
        return ShareStatus.EXPIRED if ended else ShareStatus.OPEN

    def withdraw(self, caller: Caller, share_id: ShareId, deadline: datetime) -> None:
        """End a share; meetings booked of it stay. A repeat changes nothing.

        Raises:
            NotFound, NotAllowed: not the caller's to withdraw.
        """
        share, role = self.access_policy.authorize(caller, share_id, deadline)
        if role is not Role.HOST:
            raise NotAllowed("Only the host withdraws a share.")
        self.shares.close(share, ShareState.WITHDRAWN)

    def listed(self, caller: Caller, cursor: str | None) -> Page[ListedShare]:
        """List the caller's own shares, newest first, 20 a page."""
        page = self.shares.made_by(caller.app_id, caller.uid, cursor, PAGE_SIZE)
        items = tuple(ListedShare(share, self._status(share)) for share in page.items)
        return Page(items, page.next_cursor)

    def page_link(self, caller: Caller, share_id: ShareId, deadline: datetime) -> OneTimeLink:
        """Return a one-time link to the share's booking page, for this caller.

        Raises:
            NotFound, NotAllowed: not the caller's to see.
            ShareClosed: there is nothing to book any more.
            TooManyRequests: the caller was given enough links for now.
        """
        self.limits.count(caller, Limited.PAGE_LINK)
        share, _ = self.access_policy.authorize(caller, share_id, deadline)
        now = self.clock.now()
        availability.require_open(share, now)
        return page_link(self.links, caller, share_id, now)
