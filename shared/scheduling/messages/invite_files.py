"""The .ics file behind a signed link: the meeting as it stands now."""

from dataclasses import dataclass
from typing import NamedTuple

from scheduling.access.links import LinkPurpose, Links
from scheduling.core.errors import LinkInvalid, NotFound
from scheduling.models import AppId, BookingId
from scheduling.ports import Bookings, Clock, InviteFile
from scheduling.rules import invite_links

_SUFFIX = ".ics"


class InviteContent(NamedTuple):
    """A file, and what it asks a calendar to do."""

    method: invite_links.Method
    content: bytes


@dataclass(frozen=True, slots=True)
class InviteFiles:
    """Reads links of invites; whoever holds one may have the file, until it ends."""

    clock: Clock
    bookings: Bookings
    links: Links
    writer: InviteFile

    def read(self, name: str) -> InviteContent:
        """Return the file that a link's last part names.

        Raises:
            LinkInvalid: forged, old, or for something else.
            NotFound: the meeting is not known any more.
        """
        if not name.endswith(_SUFFIX):
            raise LinkInvalid("This link does not work any more.")
        token = name.removesuffix(_SUFFIX)
        now = self.clock.now()
        content = self.links.read(LinkPurpose.INVITE_FILE, token, now)
        booking = self.bookings.get(AppId(content["a"]), BookingId(content["b"]))
        if booking is None or not booking.ical_uid:
            raise NotFound("There is no such meeting any more.")
        if booking.slot.end + invite_links.FILE_LIFETIME <= now:
            # The link was signed before the meeting was moved to an earlier time.
            raise LinkInvalid("This link does not work any more.")
        return InviteContent(invite_links.method(booking), self.writer.render(booking))
