"""Send what is owed: at least once to CometChat, shown once to a person.

A chat API without de-duplication allows no "exactly once". So one worker at a time has a message,
and a second try first waits until the first can no longer be under way, then looks for its tag.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from scheduling.core import correlation
from scheduling.core.errors import ChatUnavailable
from scheduling.messages.compose import Messages
from scheduling.models import (
    AppId,
    Booking,
    BookingId,
    BookingState,
    Message,
    OutboxItem,
    OutboxKind,
    OutboxState,
    ShareId,
    Tenant,
)
from scheduling.ports import (
    Bookings,
    Busy,
    Chat,
    Clock,
    MessageRefused,
    Metrics,
    Outbox,
    Shares,
    Tenants,
)
from scheduling.rules.notifications import notice

#: How long one try may take, and how long the next one waits for it.
LEASE = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Delivery:
    """Sends owed messages, each owner's in order."""

    clock: Clock
    tenants: Tenants
    shares: Shares
    bookings: Bookings
    outbox: Outbox
    chat: Chat
    messages: Messages
    metrics: Metrics

    def deliver_new(self, app_id: AppId, owner: str, number: int) -> None:
        """Send a message that has just come to be owed; if not now, its next try is written on it.

        So that a message which cannot be sent never holds up those behind it in the stream.
        """
        correlation.carry("")
        with suppress(Busy, ChatUnavailable):
            self.deliver(app_id, owner, number)

    def deliver(self, app_id: AppId, owner: str, number: int) -> OutboxItem | None:
        """Send one owed message, unless it is sent, or another worker has it.

        Returns the item as it stands afterwards; None if there is none.

        Raises:
            Busy: another worker has it, or an earlier one of the same owner is still owed.
            ChatUnavailable: not sent now; the next try is written on the item.
        """
        item = self.outbox.get(app_id, owner, number)
        if item is None or item.state is not OutboxState.OWED:
            return item
        correlation.carry(correlation.current() or item.correlation_id)
        earlier = self.outbox.get(app_id, owner, number - 1)
        if earlier is not None and earlier.state is OutboxState.OWED:
            raise Busy(owner)
        now = self.clock.now()
        return self.send(self.outbox.lease(item, now, now + LEASE))

    def send(self, item: OutboxItem) -> OutboxItem:
        """Send a message that this worker has taken.

        Raises:
            Busy: it took too long, and another worker has it.
            ChatUnavailable: not sent now; the next try is written on the item.
        """
        booking = self._booking(item)
        if booking is not None and _superseded(item, booking):
            self.metrics.count("MessageSuperseded", **item.ids)
            return self.outbox.superseded(item)
        tenant = self.tenants.get(item.app_id)
        message = self._compose(tenant, item, booking) if tenant else None
        if tenant is None or message is None:
            return self._undeliverable(item, "NOTHING_TO_SAY")
        return self._send(tenant, message, item)

    def _booking(self, item: OutboxItem) -> Booking | None:
        """Return the booking of which an invite tells."""
        if item.kind is not OutboxKind.INVITE:
            return None
        return self.bookings.get(item.app_id, BookingId(item.owner.partition("#")[2]))

    def _send(self, tenant: Tenant, message: Message, item: OutboxItem) -> OutboxItem:
        try:
            message_id = (
                self.chat.find(tenant, message.sender, item.outbox_id) if item.attempt > 1 else None
            )
            if message_id is None:
                message_id = self.chat.send(tenant, message)
        except MessageRefused as refusal:
            return self._undeliverable(item, refusal.code)
        except ChatUnavailable as error:
            wait = max(LEASE, timedelta(seconds=error.retry_after_seconds or 0))
            self.outbox.postpone(item, self.clock.now() + wait)
            self.metrics.count("MessagePostponed", **item.ids)
            # Sooner nobody would send it, whoever asks.
            seconds = int(wait.total_seconds())
            raise ChatUnavailable(error.message, retry_after=seconds) from error
        self.metrics.count("MessageSent", **item.ids)
        if item.owed_at is not None:
            self.metrics.measure("MessageSeconds", self.clock.now() - item.owed_at)
        return self.outbox.sent(item, message_id)

    def _compose(self, tenant: Tenant, item: OutboxItem, booking: Booking | None) -> Message | None:
        if item.kind is OutboxKind.AVAILABILITY:
            share = self.shares.get(item.app_id, ShareId(item.owner.partition("#")[2]))
            return self.messages.availability(share, item.outbox_id) if share else None
        if item.kind is OutboxKind.INVITE:
            return self.messages.invite(booking, item.outbox_id) if booking else None
        return self.messages.notice(tenant, item)

    def _undeliverable(self, item: OutboxItem, refusal: str) -> OutboxItem:
        self.metrics.count("MessageUndeliverable", code=refusal, **item.ids)
        booking = self._booking(item)
        if booking is not None:
            self.outbox.add(
                notice(
                    item.app_id,
                    booking.host.uid,
                    "undeliverable",
                    about=item.outbox_id,
                    booking_id=booking.booking_id,
                )
            )
        return self.outbox.undeliverable(item, refusal)


def _superseded(item: OutboxItem, booking: Booking) -> bool:
    """Whether a later word tells it too: words are made from the booking as it is by then.

    So an earlier one would say the same twice, or of a time that is claimed again what is not so
    yet.
    """
    return booking.outbox_count > item.number + 1 or booking.state is BookingState.CLAIMED
