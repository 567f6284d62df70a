"""Share availability with a user or a group: what is offered now, stored with its message owed."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from scheduling.access.limits import Limited, Limits
from scheduling.access.policy import AccessPolicy, unknown_receiver, unreachable_receiver
from scheduling.calendars.host_calendar import HostCalendar
from scheduling.core.catalogue import Catalogue
from scheduling.core.errors import ChatUnavailable, InvalidRequest
from scheduling.core.ids import derived, random_id
from scheduling.core.times import BUCKET, Interval, ceil_to
from scheduling.messages.compose import Messages
from scheduling.messages.outbox import LEASE, Delivery
from scheduling.models import (
    Availability,
    Caller,
    Connection,
    OutboxItem,
    OutboxKind,
    Person,
    Receiver,
    Share,
    ShareId,
    ShareState,
)
from scheduling.ports import Busy, Clock, HostPreferences, Metrics, Shares
from scheduling.rules import availability, defaults

#: How long a repeated request waits for the first one's message, and how often it looks.
SENDING = timedelta(seconds=5)
POLL_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class ShareRequest:
    """What a host asks to be shared, with whom."""

    receiver: Receiver
    duration: timedelta
    title: str
    locale: str
    idempotency_key: str

    def fingerprint(self) -> str:
        """Tell one request from another under the same idempotency key."""
        minutes = str(int(self.duration.total_seconds() // 60))
        return derived(
            "share", self.receiver.type, self.receiver.id, minutes, self.title, self.locale
        )


@dataclass(frozen=True, slots=True)
class SentShare:
    """A share whose message has been sent."""

    share: Share
    #: CometChat's.
    message_id: str
    #: What the message says: the share's, as far as it had room.
    availability: Availability


@dataclass(frozen=True, slots=True)
class Preview:
    """What a share made now would offer."""

    host: Person
    availability: Availability
    #: Starts that a guest could pick, in order.
    slots: tuple[datetime, ...]


@dataclass(frozen=True, slots=True)
class Sharer:
    """The host's side: preview and share."""

    clock: Clock
    shares: Shares
    preferences: HostPreferences
    host_calendar: HostCalendar
    access_policy: AccessPolicy
    delivery: Delivery
    messages: Messages
    limits: Limits
    catalogue: Catalogue
    metrics: Metrics

    def share(self, caller: Caller, request: ShareRequest, deadline: datetime) -> SentShare:
        """Send the caller's free times of the next 7 days to a user or a group.

        Args:
            caller: the host.
            request: what to share, with whom.
            deadline: when this request's time ends.

        Raises:
            NotConnected, ReconnectNeeded: with a connect link.
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
            self.access_policy.require_reachable(caller, request.receiver, deadline)
            share, held = self._create(caller, request, deadline)
        message_id = share.message_id or self._send(share, held, request.idempotency_key)
        return SentShare(share, message_id, self.messages.fitting(share))

    def _create(
        self, caller: Caller, request: ShareRequest, deadline: datetime
    ) -> tuple[Share, OutboxItem | None]:
        """Store a share with its message owed, and leased: this request sends it, not the stream.

        A repeat that was faster is returned instead, with nothing leased.
        """
        connection = self.host_calendar.connected(caller)
        share = self._draft(caller, connection, request, deadline)
        owed = OutboxItem(
            app_id=share.app_id,
            owner=f"SHARE#{share.share_id}",
            number=0,
            kind=OutboxKind.AVAILABILITY,
            outbox_id=derived("outbox", share.app_id, share.share_id, "0"),
            attempt=1,
            due_at=share.created_at + LEASE,
            owed_at=share.created_at,
        )
        key, fingerprint = request.idempotency_key, request.fingerprint()
        existing = self.shares.create(share, owed, key, fingerprint)
        return (existing, None) if existing else (share, owed)

    def _draft(
        self, caller: Caller, connection: Connection, request: ShareRequest, deadline: datetime
    ) -> Share:
        """Ask the calendar, and put together the share that the caller could make now."""
        connection = self.host_calendar.in_its_zone(connection, deadline)
        preferences = self.preferences.get(caller.app_id, caller.uid)
        now = self.clock.now()
        start = ceil_to(now, BUCKET)
        window = preferences.claimed(Interval(start, start + defaults.HORIZON))
        locale = request.locale or caller.tenant.locale
        default_title = self.catalogue.translate("default.title", locale, host=caller.person.name)
        return Share(
            app_id=caller.app_id,
            share_id=ShareId(random_id()),
            host=caller.person,
            receiver=request.receiver,
            calendar_id=connection.calendar_id,
            title=request.title or default_title,
            locale=locale,
            availability=availability.snapshot(
                self.host_calendar.busy(caller, connection, window, deadline),
                now=now,
                time_zone=connection.time_zone,
                durations=[request.duration],
                preferences=preferences,
            ),
            state=ShareState.OPEN,
            created_at=now,
            preferences=preferences,
        )

    def preview(self, caller: Caller, duration: timedelta | None, deadline: datetime) -> Preview:
        """Ask what `share` would send now and a guest could pick; nothing is stored or sent.

        Args:
            caller: the host.
            duration: of the meetings; None for the usual one.
            deadline: when this request's time ends.

        Raises:
            NotConnected, ReconnectNeeded: with a connect link.
            CalendarUnavailable: nobody knows what is free.
            TooManyRequests: the caller has looked often enough for now.
        """
        connection = self.host_calendar.connected(caller)
        self.limits.count(caller, Limited.LOOK)
        length = duration or defaults.DEFAULT_DURATION
        nobody = ShareRequest(Receiver(caller.uid, "user"), length, "", "", "")
        offered = self.messages.fitting(self._draft(caller, connection, nobody, deadline))
        slots = availability.slots(offered, length)
        later = tuple(start for start in slots if start > offered.generated_at)
        return Preview(caller.person, offered, later)

    def _send(self, share: Share, held: OutboxItem | None, key: str) -> str:
        """Send a share's message, and return its id; a final refusal forgets the share."""
        try:
            item = self.delivery.send(held) if held else self._sent_by_another(share)
        except Busy:
            # It took so long that another has it, or the answer that it was sent was lost.
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
        until = self.clock.now() + SENDING
        while True:
            try:
                return self.delivery.deliver(share.app_id, f"SHARE#{share.share_id}", 0)
            except Busy as error:
                if self.clock.now() >= until:
                    raise ChatUnavailable("The message is being sent.", retry_after=60) from error
                self.clock.sleep(POLL_SECONDS)
