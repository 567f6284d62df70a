"""The three messages that we send, composed when they are sent.

Ids and times only: any chat user can forge a message of any type, so clients show as fact what the
live routes confirm, and no address of ours is in a message but the signed one of the .ics file.
"""

from dataclasses import dataclass

from scheduling.access.links import LinkPurpose, Links
from scheduling.core import texts
from scheduling.core.catalogue import Catalogue
from scheduling.messages import payloads
from scheduling.models import (
    ACTIVE,
    Availability,
    Booking,
    BookingState,
    Message,
    OutboxItem,
    Receiver,
    Share,
    Tenant,
)
from scheduling.rules import invite_links
from scheduling.rules.availability import shortened
from scheduling.rules.invite_links import Invite

AVAILABILITY = "extension_calendar_availability"
INVITE = "extension_calendar_invite"
NOTICE = "extension_calendar_notice"

#: The most bytes of a message's `data`. CometChat allows 10 KB, and does not say whether what it
#: adds counts. Source: https://www.cometchat.com/docs/rest-api/messages, read 2026-11.
DATA_MAX = 8_000
#: As long as every id of the outbox is.
_ANY_ID = "0" * 32
#: To how many bytes what people typed is cut in each part of an invite, tried in this order.
TEXT_LIMITS = (invite_links.LINK_MAX, 800, 500, 350)


@dataclass(frozen=True, slots=True)
class Messages:
    """Composes messages in a reader's language, with links that are signed now."""

    catalogue: Catalogue
    links: Links

    def availability(self, share: Share, outbox_id: str) -> Message:
        """To the guest or group, as the host; shortened until it fits."""
        return self._availability(share, self.fitting(share), outbox_id)

    def fitting(self, share: Share) -> Availability:
        """Return as much of a share's availability as its message has room for.

        The window ends earlier where it has to, and says so; busy times are never dropped.
        """
        offered = share.availability
        dropped = len(offered.busy)
        while _size(self._availability(share, offered, _ANY_ID)) > DATA_MAX:
            dropped -= max(1, dropped // 10)
            offered = shortened(share.availability, share.availability.busy[dropped].start)
        return offered

    def _availability(self, share: Share, offered: Availability, outbox_id: str) -> Message:
        return Message(
            sender=share.host.uid,
            receiver=share.receiver,
            type=AVAILABILITY,
            text=self.catalogue.translate(
                "availability.text", share.locale, host=share.host.name, title=share.title
            ),
            custom={
                "shareId": share.share_id,
                "host": payloads.person(share.host),
                **payloads.availability(offered),
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
        active = booking.state in ACTIVE
        made = self.invite_of(booking, limit)
        title = texts.cut(invite_links.title(booking), limit, texts.json_size)
        said = self.catalogue.translate(
            self._word(booking),
            booking.locale,
            host=booking.host.name,
            title=title,
            when=invite_links.when(booking, self.catalogue),
        )
        return Message(
            sender=booking.host.uid,
            receiver=Receiver(id=booking.guest.uid, type="user"),
            type=INVITE,
            text=texts.cut(said, limit, texts.json_size),
            custom={
                **payloads.booking(booking),
                # What is being changed still takes place as it was told.
                **({"status": BookingState.CONFIRMED.value} if active else {}),
                "title": title,
                **(payloads.invite(made) if made else {}),
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

    def invite_of(self, booking: Booking, limit: int = TEXT_LIMITS[0]) -> Invite | None:
        """Make the links and the file's details of an invite; one who was never invited gets none.

        A cancelled meeting has the one link to the file that takes it out of a calendar again.
        """
        if booking.state not in {*ACTIVE, BookingState.CANCELLED}:
            return None
        token = self.links.token(
            LinkPurpose.INVITE_FILE,
            {"a": booking.app_id, "b": booking.booking_id},
            booking.slot.end + invite_links.FILE_LIFETIME,
        )
        address = self.links.url(f"v1/invites/{token}.ics")
        links = {"ics": address}
        if booking.state in ACTIVE:
            links = invite_links.links(booking, address, self.catalogue, limit)
        return Invite(links, invite_links.message_ics(booking, self.catalogue, limit))

    def notice(self, tenant: Tenant, item: OutboxItem) -> Message:
        """To a host, from the app's notice uid; the card's button asks for a link of its own."""
        return Message(
            sender=tenant.notice_uid,
            receiver=Receiver(id=item.uid, type="user"),
            type=NOTICE,
            text=self.catalogue.translate(
                f"notice.{item.reason}.text", tenant.locale, app=tenant.name
            ),
            custom={
                "reason": item.reason,
                **({"bookingId": item.booking_id} if item.booking_id else {}),
            },
            outbox_id=item.outbox_id,
            mirrored={},
        )


def _size(message: Message) -> int:
    return texts.json_bytes(message.data())
