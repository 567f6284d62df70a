"""An invite: links with which a guest adds the meeting, and what an .ics file says of it.

Formats, each tried by others against the living services:
https://github.com/InteractionDesignFoundation/add-event-to-calendar-docs and
https://github.com/spatie/calendar-links (2.1.0), read 2026-11.
Google and both Outlooks get UTC with Z, so that no reader's zone matters. Yahoo knows no zone and
reads wall time, so it gets the guest's, and the text names the zone.
"""

import unicodedata
from datetime import datetime, timedelta
from urllib.parse import quote

from scheduling.models import Booking
from scheduling.times import format_instant, zone
from scheduling.words import Words

#: How long after the meeting its .ics file is served.
FILE_LIFETIME = timedelta(days=30)
#: The most bytes of a link: what every server and chat on the way takes.
LINK_MAX = 1_200
_COMPACT = "%Y%m%dT%H%M%SZ"


def when(booking: Booking, words: Words) -> str:
    """Give the meeting's time in the guest's zone and language, the zone named."""
    return words.span(booking.slot.start, booking.slot.end, booking.locale, booking.time_zone)


def description(booking: Booking, words: Words) -> str:
    """Give the text that the meeting has in the guest's calendar."""
    said = words.say(
        "invite.description", booking.locale, host=booking.host.name, when=when(booking, words)
    )
    return f"{said}\n\n{booking.note}" if booking.note else said


def links(booking: Booking, ics_url: str, words: Words) -> dict[str, str]:
    """Give the links of an invite, each of at most 1,200 bytes."""
    start, end = booking.slot.start, booking.slot.end
    text = description(booking, words)
    google = (
        f"https://calendar.google.com/calendar/render?action=TEMPLATE&dates={_span(start, end)}"
    )
    outlook = (
        "path=/calendar/action/compose&rru=addevent"
        f"&startdt={format_instant(start)}&enddt={format_instant(end)}"
    )
    wall = [
        each.astimezone(zone(booking.time_zone)).strftime("%Y%m%dT%H%M%S") for each in (start, end)
    ]
    yahoo = f"https://calendar.yahoo.com/?v=60&ST={wall[0]}&ET={wall[1]}"
    return {
        "google": _fitted(google, "text", booking.title, "details", text),
        "outlook": _fitted(
            f"https://outlook.live.com/calendar/0/action/compose?{outlook}",
            "subject",
            booking.title,
            "body",
            text,
        ),
        "microsoft365": _fitted(
            f"https://outlook.cloud.microsoft/calendar/deeplink/compose?{outlook}",
            "subject",
            booking.title,
            "body",
            text,
        ),
        "yahoo": _fitted(yahoo, "TITLE", booking.title, "DESC", text),
        "ics": ics_url,
    }


def message_ics(booking: Booking, words: Words) -> dict[str, str | int]:
    """Give the details from which a client makes an .ics file of its own."""
    return {
        "method": "PUBLISH",
        "uid": booking.ical_uid,
        "sequence": booking.sequence,
        "dtstamp": (booking.confirmed_at or booking.created_at).strftime(_COMPACT),
        "dtstart": booking.slot.start.strftime(_COMPACT),
        "dtend": booking.slot.end.strftime(_COMPACT),
        "summary": booking.title,
        "description": description(booking, words),
        "filename": "invite.ics",
    }


def _span(start: datetime, end: datetime) -> str:
    return f"{start.strftime(_COMPACT)}/{end.strftime(_COMPACT)}"


def _fitted(base: str, title_name: str, title: str, text_name: str, text: str) -> str:
    """Add title and text, cut by their encoded bytes: the text first, the title if it must be."""
    head = f"{base}&{title_name}="
    tail = f"&{text_name}="
    subject = _cut(title, LINK_MAX - len(head) - len(tail))
    room = LINK_MAX - len(head) - len(subject) - len(tail)
    return f"{head}{subject}{tail}{_cut(text, room)}"


def _cut(text: str, room: int) -> str:
    """Encode as much of a text as there is room for, never half a character.

    `%20`, never `+`: Outlook shows a plus sign. A joiner or combining mark at the cut goes with the
    character that it would have changed.
    """
    encoded = quote(text, safe="")
    if len(encoded) <= room:
        return encoded
    kept: list[str] = []
    used = len(quote("…"))
    for character in text:
        size = len(quote(character, safe=""))
        if used + size > room:
            break
        kept.append(character)
        used += size
    while kept and (kept[-1] == "\u200d" or unicodedata.combining(kept[-1])):
        kept.pop()
    return quote("".join(kept).rstrip() + "…", safe="") if used <= room else ""
