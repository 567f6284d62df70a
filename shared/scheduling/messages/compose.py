"""The three messages that we send, composed when they are sent.

Ids and times only: any chat user can forge a message of any type, so clients show as fact what the
live routes confirm, and no address of ours is in a message but the signed one of the .ics file.
"""

import json
from dataclasses import dataclass

from scheduling.access.links import LinkPurpose, Links
from scheduling.core import texts
from scheduling.core.catalogue import Words
from scheduling.core.ids import derived
from scheduling.models import (
    STANDING,
    AppId,
    Availability,
    Booking,
    BookingState,
    Message,
    OutboxItem,
    OutboxKind,
    Receiver,
    Share,
    Tenant,
    Uid,
)
from scheduling.rules import invite_links
from scheduling.rules.availability import shortened

AVAILABILITY = "extension_calendar_availability"
INVITE = "extension_calendar_invite"
NOTICE = "extension_calendar_notice"

#: The most bytes of a message's `data`. CometChat allows 10 KB, and does not say whether what it
#: adds counts. Source: https://www.cometchat.com/docs/rest-api/messages, read 2026-11.
DATA_MAX = 8_000
#: To how many bytes what people typed is cut in each part of an invite, tried in this order.
TEXT_LIMITS = (invite_links.LINK_MAX, 800, 500, 350)


def notice(app_id: AppId, uid: Uid, reason: str, about: str, booking_id: str = "") -> OutboxItem:
    """Owe a host one notice, however often the same thing is noticed.

    Args:
        app_id: the host's app.
        uid: the host.
        reason: `connected`, `reconnect`, `clash` or `undeliverable`.
        about: what it is about; the same reason about the same thing is told once.
        booking_id: for the card, where a booking is concerned.
    """
    outbox_id = derived("notice", app_id, uid, reason, about)
    return OutboxItem(
        app_id=app_id,
        owner=f"NOTICE#{outbox_id}",
        number=0,
        kind=OutboxKind.NOTICE,
        outbox_id=outbox_id,
        reason=reason,
        uid=uid,
        booking_id=booking_id,
    )


@dataclass(frozen=True, slots=True)
class Messages:
    """Composes messages in a reader's language, with links that are signed now."""

    words: Words
    links: Links

    def availability(self, share: Share, outbox_id: str) -> Message:
        """To the guest or group, as the host; shortened until it fits."""
        offered = share.availability
        message = self._availability(share, offered, outbox_id)
        dropped = len(offered.busy)
        while _size(message) > DATA_MAX:
            dropped -= max(1, dropped // 10)
            offered = shortened(share.availability, share.availability.busy[dropped].start)
            message = self._availability(share, offered, outbox_id)
        return message

    def _availability(self, share: Share, offered: Availability, outbox_id: str) -> Message:
        return Message(
            sender=share.host.uid,
            receiver=share.receiver,
            type=AVAILABILITY,
            text=self.words.say(
                "availability.text", share.locale, host=share.host.name, title=share.title
            ),
            custom={
                "shareId": share.share_id,
                "host": share.host.as_json(),
                **offered.as_json(),
                "title": share.title,
            },
            outbox_id=outbox_id,
            mirrored={"shareId": share.share_id},
        )

    def invite(self, booking: Booking, outbox_id: str) -> Message:
        """To the guest alone, as the host: the meeting and its links, or its refusal.

        What people typed is cut shorter until the message fits; times and ids never are.
        """
        *longer, shortest = TEXT_LIMITS
        for limit in longer:
            message = self._invite(booking, outbox_id, limit)
            if _size(message) <= DATA_MAX:
                return message
        return self._invite(booking, outbox_id, shortest)

    def _invite(self, booking: Booking, outbox_id: str, limit: int) -> Message:
        stands = booking.state in STANDING
        title = texts.cut(invite_links.title(booking), limit, texts.json_size)
        said = self.words.say(
            self._word(booking),
            booking.locale,
            host=booking.host.name,
            title=title,
            when=invite_links.when(booking, self.words),
        )
        return Message(
            sender=booking.host.uid,
            receiver=Receiver(id=booking.guest.uid, type="user"),
            type=INVITE,
            text=texts.cut(said, limit, texts.json_size),
            custom={
                **booking.as_json(),
                # What is being changed still takes place as it was told.
                **({"status": BookingState.CONFIRMED.value} if stands else {}),
                "title": title,
                **self.invite_links(booking, limit),
            },
            outbox_id=outbox_id,
            mirrored={"bookingId": booking.booking_id, "shareId": booking.share_id},
        )

    @staticmethod
    def _word(booking: Booking) -> str:
        if booking.state is BookingState.REFUSED:
            return "invite.refused.text"
        if booking.state is BookingState.CANCELLED:
            return "invite.cancelled.text"
        return "invite.moved.text" if booking.sequence else "invite.text"

    def invite_links(self, booking: Booking, limit: int = TEXT_LIMITS[0]) -> dict[str, object]:
        """Give the `links` and `ics` parts of an invite; one who was never invited gets none.

        A cancelled meeting has the one link to the file that takes it out of a calendar again.
        """
        if booking.state not in {*STANDING, BookingState.CANCELLED}:
            return {}
        token = self.links.token(
            LinkPurpose.INVITE_FILE,
            {"a": booking.app_id, "b": booking.booking_id},
            booking.slot.end + invite_links.FILE_LIFETIME,
        )
        address = self.links.url(f"v1/invites/{token}.ics")
        stands = booking.state in STANDING
        return {
            "links": invite_links.links(booking, address, self.words, limit)
            if stands
            else {"ics": address},
            "ics": invite_links.message_ics(booking, self.words, limit),
        }

    def notice(self, tenant: Tenant, item: OutboxItem) -> Message:
        """To a host, from the app's notice uid; the card's button asks for a link of its own."""
        return Message(
            sender=tenant.notice_uid,
            receiver=Receiver(id=item.uid, type="user"),
            type=NOTICE,
            text=self.words.say(f"notice.{item.reason}.text", tenant.locale, app=tenant.name),
            custom={
                "reason": item.reason,
                **({"bookingId": item.booking_id} if item.booking_id else {}),
            },
            outbox_id=item.outbox_id,
            mirrored={},
        )


def _size(message: Message) -> int:
    return len(json.dumps(message.data()).encode())
