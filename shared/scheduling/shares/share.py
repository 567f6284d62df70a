"""Share free times with somebody, look at a share as it is now, withdraw it, list one's own."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from scheduling.access.limits import Limited, Limits
from scheduling.access.links import Links, page_url
from scheduling.access.policy import Audience, Role, unknown_receiver, unreachable_receiver
from scheduling.calendars.host_calendar import HostCalendar, left_of
from scheduling.core.catalogue import Words
from scheduling.core.errors import (
    ChatUnavailable,
    InvalidRequest,
    NotAllowed,
    NotConnected,
    ReconnectNeeded,
    ShareClosed,
)
from scheduling.core.ids import derived, random_id
from scheduling.core.times import BUCKET, Interval, ceil_to, format_instant
from scheduling.http.bodies import ShareRequest
from scheduling.messages.outbox import LEASE, Delivery
from scheduling.models import (
    ENDED,
    Availability,
    Caller,
    Connection,
    OutboxItem,
    OutboxKind,
    Preferences,
    Share,
    ShareId,
    ShareState,
)
from scheduling.ports import Bookings, Busy, Clock, HostPreferences, Metrics, Shares
from scheduling.rules import availability

PAGE_SIZE = 20
#: How long a repeated request waits for the first one's message, and how often it looks.
PATIENCE = timedelta(seconds=5)
POLL_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class Sharing:
    """The host's side of a share, and everybody's view of it."""

    clock: Clock
    shares: Shares
    bookings: Bookings
    preferences: HostPreferences
    host_calendar: HostCalendar
    audience: Audience
    delivery: Delivery
    limits: Limits
    links: Links
    words: Words
    metrics: Metrics

    def share(self, caller: Caller, request: ShareRequest) -> dict[str, Any]:
        """Send the caller's free times of the next 7 days to a user or a group.

        Raises:
            NotConnected, ReconnectNeeded: with a `connectUrl`.
            CalendarUnavailable, ChatUnavailable: to be tried again with the same key.
            InvalidRequest: CometChat knows no such receiver.
            NotAllowed: CometChat does not let the caller write to the receiver.
            IdempotencyMismatch: the key came with another request before.
            TooManyRequests: the caller has shared enough for now.
        """
        if request.receiver.type == "user" and request.receiver.id == caller.uid:
            raise InvalidRequest("receiver", "is yourself")
        share = self.shares.repeated(
            caller.app_id, caller.uid, request.idempotency_key, request.fingerprint()
        )
        held = None
        if share is None:
            self.limits.count(caller, Limited.SHARE)
            self.audience.require_reachable(caller, request.receiver)
            share, held = self._create(caller, request)
        message_id = share.message_id or self._send(share, held, request.idempotency_key)
        return {
            "shareId": share.share_id,
            "messageId": message_id,
            "availability": share.availability.as_json(),
        }

    def _create(self, caller: Caller, request: ShareRequest) -> tuple[Share, OutboxItem | None]:
        """Store a share with its message owed, and taken: this request sends it, not the stream.

        A repeat that was faster is given instead, with nothing taken.
        """
        connection = self.host_calendar.connected(caller)
        now = self.clock.now()
        preferences = self.preferences.get(caller.app_id, caller.uid)
        offered = self._free(caller, connection, preferences, request.duration)
        locale = request.locale or caller.tenant.locale
        share = Share(
            app_id=caller.app_id,
            share_id=ShareId(random_id()),
            host=caller.person,
            receiver=request.receiver,
            calendar_id=connection.calendar_id,
            title=request.title or self.words.say("default.title", locale, host=caller.person.name),
            locale=locale,
            availability=offered,
            state=ShareState.OPEN,
            created_at=now,
            preferences=preferences,
        )
        owed = OutboxItem(
            app_id=share.app_id,
            owner=f"SHARE#{share.share_id}",
            number=0,
            kind=OutboxKind.AVAILABILITY,
            outbox_id=derived("outbox", share.app_id, share.share_id, "0"),
            attempt=1,
            due_at=now + LEASE,
            owed_at=now,
        )
        key, fingerprint = request.idempotency_key, request.fingerprint()
        existing = self.shares.create(share, owed, key, fingerprint)
        return (existing, None) if existing else (share, owed)

    def _free(
        self,
        caller: Caller,
        connection: Connection,
        preferences: Preferences,
        duration: timedelta,
    ) -> Availability:
        """Say what a share of the caller's that is made now offers."""
        now = self.clock.now()
        start = ceil_to(now, BUCKET)
        window = Interval(start, start + availability.HORIZON)
        return availability.snapshot(
            self.host_calendar.busy(caller, connection, preferences.claimed(window)),
            now=now,
            time_zone=connection.time_zone,
            durations=[duration],
            preferences=preferences,
        )

    def preview(self, caller: Caller, duration: timedelta | None = None) -> dict[str, Any]:
        """Say what `share` would send now and a guest could pick; nothing is stored or sent.

        Raises:
            NotConnected, ReconnectNeeded: with a `connectUrl`.
            CalendarUnavailable: nobody knows what is free.
            TooManyRequests: the caller has looked often enough for now.
        """
        length = duration or availability.DEFAULT_DURATION
        connection = self.host_calendar.connected(caller)
        self.limits.count(caller, Limited.LOOK)
        preferences = self.preferences.get(caller.app_id, caller.uid)
        offered = self._free(caller, connection, preferences, length)
        starts = availability.slots(offered, length)
        return {
            "host": caller.person.as_json(),
            **offered.as_json(),
            "slots": [format_instant(start) for start in starts if start > offered.generated_at],
        }

    def _send(self, share: Share, held: OutboxItem | None, key: str) -> str:
        """Send a share's message, and give its id; a final refusal forgets the share."""
        try:
            item = self.delivery.send(held) if held else self._sent_by_another(share)
        except Busy:
            # It took so long that another has it, or the word that it was sent was lost.
            item = self._sent_by_another(share)
        if item is None or item.message_id is None:
            self.shares.forget(share, key)
            refusal = item.refusal if item else ""
            if "NOT_FOUND" in refusal:
                raise unknown_receiver()
            raise unreachable_receiver()
        self.shares.note_message(share, item.message_id)
        self.metrics.count("AvailabilityShared", app_id=share.app_id, share_id=share.share_id)
        return item.message_id

    def _sent_by_another(self, share: Share) -> OutboxItem | None:
        """Wait for the request that sends the message, or send it when that one's time is over."""
        patience = self.clock.now() + PATIENCE
        while True:
            try:
                return self.delivery.deliver(share.app_id, f"SHARE#{share.share_id}", 0)
            except Busy as error:
                if self.clock.now() >= patience:
                    raise ChatUnavailable("The message is being sent.", retry_after=60) from error
                self.clock.sleep(POLL_SECONDS)

    def view(
        self, caller: Caller, share_id: ShareId, duration: timedelta | None = None
    ) -> dict[str, Any]:
        """Look at a share as it is now: what is free, whether it is open, what the caller booked.

        It is `closed` while its calendar is not connected.

        Raises:
            NotFound, NotAllowed: not the caller's to see.
            InvalidRequest: the share does not offer that length.
            TooManyRequests, CalendarUnavailable: what is free cannot be told now.
        """
        share, role = self.audience.admit(caller, share_id)
        length = duration or share.availability.durations[0]
        if length not in share.availability.durations:
            raise InvalidRequest("durationMinutes", "is not a length that this share offers")
        booking, _ = self.bookings.of_guest(caller.app_id, share_id, caller.uid)
        offered, starts, status = self._offered(caller, share, length)
        return {
            "shareId": share.share_id,
            "host": share.host.as_json(),
            "receiver": share.receiver.id,
            "receiverType": share.receiver.type,
            "title": share.title,
            "role": role.value,
            **offered.as_json(),
            "slots": starts,
            "status": status,
            **({"booking": booking.as_json()} if booking and booking.state not in ENDED else {}),
        }

    def _offered(
        self, caller: Caller, share: Share, length: timedelta
    ) -> tuple[Availability, list[str], str]:
        """Ask the calendar, unless nothing can be booked any more; with the share's status.

        A host who cannot be booked now takes no meeting out of sight that was booked before.
        """
        status = self._status(share)
        if status != ShareState.OPEN.value:
            return availability.nothing(share.availability), [], status
        now = self.clock.now()
        left = left_of(share.availability.window, now) or share.availability.window
        try:
            connection = self.host_calendar.connected(caller, share, leading_on=False)
            self.limits.count(caller, Limited.LOOK)
            busy = self.host_calendar.ask(connection, share.preferences.claimed(left))
        except (NotConnected, ReconnectNeeded):
            return availability.nothing(share.availability), [], ShareState.CLOSED.value
        offered = self.host_calendar.offered(share, busy, caller.uid)
        starts = [
            format_instant(start)
            for start in availability.slots(offered, length)
            if start > self.clock.now()
        ]
        return offered, starts, status if starts else "full"

    def _status(self, share: Share) -> str:
        if share.state is not ShareState.OPEN:
            return share.state.value
        ended = self.clock.now() >= share.availability.window.end
        return "expired" if ended else ShareState.OPEN.value

    def withdraw(self, caller: Caller, share_id: ShareId) -> dict[str, Any]:
        """End a share; meetings booked of it stay. A repeat changes nothing.

        Raises:
            NotFound, NotAllowed: not the caller's to withdraw.
        """
        share, role = self.audience.admit(caller, share_id)
        if role is not Role.HOST:
            raise NotAllowed("Only the host withdraws a share.")
        self.shares.close(share, ShareState.WITHDRAWN)
        return {"shareId": share_id, "status": ShareState.WITHDRAWN.value}

    def made(self, caller: Caller, cursor: str | None) -> dict[str, Any]:
        """List the caller's own shares, newest first; `full` is told by the single view only."""
        page = self.shares.made_by(caller.app_id, caller.uid, cursor, PAGE_SIZE)
        items = [
            {
                "shareId": share.share_id,
                "receiver": share.receiver.id,
                "receiverType": share.receiver.type,
                "title": share.title,
                "status": self._status(share),
                "from": format_instant(share.availability.window.start),
                "to": format_instant(share.availability.window.end),
                "createdAt": format_instant(share.created_at),
            }
            for share in page.items
        ]
        return {"items": items, **({"nextCursor": page.next_cursor} if page.next_cursor else {})}

    def page(self, caller: Caller, share_id: ShareId) -> dict[str, Any]:
        """Give a one-time link to the share's booking page, for this caller.

        Raises:
            NotFound, NotAllowed: not the caller's to see.
            ShareClosed: there is nothing to book any more.
            TooManyRequests: the caller was given enough links for now.
        """
        self.limits.count(caller, Limited.PAGE_LINK)
        share, _ = self.audience.admit(caller, share_id)
        now = self.clock.now()
        if share.state is not ShareState.OPEN or left_of(share.availability.window, now) is None:
            raise ShareClosed("This share is closed.")
        url, expires_at = page_url(self.links, caller, share_id, now)
        return {"pageUrl": url, "expiresAt": format_instant(expires_at)}
