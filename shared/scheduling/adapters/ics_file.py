"""A booking as an iCalendar file, by `icalendar`.

RFC 5545 for the format (folding, escaping, CRLF, which `icalendar` keeps) and RFC 5546 for PUBLISH.
RFC 5546 asks for an ORGANIZER, whose value is an address; the host's address is the host's own to
give, and an invented one makes clients mail it, so there is none: importers do not miss it.
"""

import icalendar

from scheduling import invite
from scheduling.models import Booking
from scheduling.words import Words


class IcsFile:
    """Writes one event, in UTC, so that no VTIMEZONE is needed."""

    def __init__(self, words: Words) -> None:
        self._words = words

    def render(self, booking: Booking) -> bytes:
        """Give the file's bytes."""
        event = icalendar.Event()
        event.add("uid", booking.ical_uid)
        event.add("dtstamp", booking.confirmed_at or booking.created_at)
        event.add("dtstart", booking.slot.start)
        event.add("dtend", booking.slot.end)
        event.add("summary", _clean(booking.title))
        event.add("description", _clean(invite.description(booking, self._words)))
        event.add("sequence", booking.sequence)
        event.add("status", "CONFIRMED")
        event.add("transp", "OPAQUE")
        calendar = icalendar.Calendar()
        calendar.add("version", "2.0")
        calendar.add("prodid", "-//Calendar Scheduling for CometChat//EN")
        calendar.add("calscale", "GREGORIAN")
        calendar.add("method", "PUBLISH")
        calendar.add_component(event)
        return bytes(calendar.to_ical())


def _clean(text: str) -> str:
    """Drop control characters, which `icalendar` lets through and RFC 5545 forbids."""
    return "".join(each for each in text if each == "\n" or (each >= " " and each != "\x7f"))
