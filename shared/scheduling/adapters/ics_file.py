"""A booking as an iCalendar file, by `icalendar`, which folds, escapes and ends lines with CRLF.

One event in UTC, so no VTIMEZONE is needed; the same UID as the host's event, so that a calendar
which has both knows them for one.

There is no ORGANIZER. RFC 5546 (3.2.1) wants one in what is published; RFC 5545 (3.8.4.3) forbids
one in an event of a single person's calendar, and a download is that. What decided: its value is an
address, and the host's is the host's own to give. Apple Calendar refuses a file with an organizer
that is no address (https://github.com/frab/frab/issues/231). With an address, Outlook asks whoever
imports the file to accept, and hangs (https://github.com/civicrm/civicrm-core/pull/28954; both read
2026-11). So there is no ATTENDEE either.
"""

import re

import icalendar

from scheduling.core.catalogue import Catalogue
from scheduling.models import Booking
from scheduling.rules import invite_links

PRODUCT = "-//Calendar Scheduling for CometChat//Calendar Scheduling//EN"

_STATUS = {"PUBLISH": "CONFIRMED", "CANCEL": "CANCELLED"}


class _Text(icalendar.vText):
    r"""A TEXT value of RFC 5545, section 3.3.11.

    The library's own takes a typed `\N`, as in `C:\New`, for the end of a line.
    """

    def to_ical(self) -> bytes:
        """Escape every character that means something, and no other."""
        escaped = re.sub(r"[\\;,]", r"\\\g<0>", self)
        return escaped.replace("\n", r"\n").encode("utf-8")


class IcsFile:
    """Writes a meeting as RFC 5545 bytes, the same for the same booking.

    Args:
        words: for the text, in the guest's language.
    """

    def __init__(self, words: Catalogue) -> None:
        self._words = words

    def render(self, booking: Booking) -> bytes:
        """Return the file's bytes; of a cancelled meeting one that takes it out of a calendar."""
        method = invite_links.method(booking)
        event = icalendar.Event()
        event.add("uid", booking.ical_uid)
        event.add("dtstamp", invite_links.stamped_at(booking))
        event.add("dtstart", booking.slot.start)
        event.add("dtend", booking.slot.end)
        event.add("sequence", booking.sequence)
        event.add("summary", _Text(invite_links.title(booking)))
        event.add("description", _Text(invite_links.description(booking, self._words)))
        event.add("status", _STATUS[method])
        event.add("transp", "OPAQUE")
        calendar = icalendar.Calendar()
        calendar.add("version", "2.0")
        calendar.add("prodid", PRODUCT)
        calendar.add("calscale", "GREGORIAN")
        calendar.add("method", method)
        calendar.add_component(event)
        return bytes(calendar.to_ical())
