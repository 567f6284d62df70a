"""An invite: links with which a guest adds the meeting, and what an .ics file says of it.

Formats, each tried by others against the living services:
https://github.com/InteractionDesignFoundation/add-event-to-calendar-docs (4384d53) and
https://github.com/spatie/calendar-links (2.1.0), read 2026-11.

Google and both Outlooks get UTC with Z, so that no reader's zone matters. Yahoo knows no zone and
ignores Z: it gets the guest's wall time, and its text begins with the time and the zone's name.
Google and both Outlooks read the text as HTML (https://github.com/add2cal/add-to-calendar-button,
issue 7, read 2026-11), and so may whoever imports a file: no tag opens in it, wherever it goes.
`outlook.office.com` is not used: its sign-in refuses long addresses.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Literal, NamedTuple
from urllib.parse import quote

from scheduling.core import texts
from scheduling.core.catalogue import Catalogue
from scheduling.core.times import Interval, format_instant
from scheduling.core.zones import zone
from scheduling.models import Booking, BookingState

#: How long after the meeting its .ics file is served.
FILE_LIFETIME = timedelta(days=30)
#: The most bytes of a link: what every server and chat on the way takes.
LINK_MAX = 1_200
#: The most bytes of title and text in a message's `ics` part, as JSON; the file has them whole.
ICS_TEXTS_MAX = 1_200

Method = Literal["PUBLISH", "CANCEL"]

_GOOGLE = "https://calendar.google.com/calendar/render?action=TEMPLATE"
_OUTLOOK = "https://outlook.live.com/calendar/0/action/compose"
_MICROSOFT_365 = "https://outlook.cloud.microsoft/calendar/deeplink/compose"
_YAHOO = "https://calendar.yahoo.com/?v=60"
_WALL = "%Y%m%dT%H%M%S"
_COMPACT = f"{_WALL}Z"


class Invite(NamedTuple):
    """What an invite brings: where to add the meeting, and the details of an .ics file."""

    links: Mapping[str, str]
    ics: Mapping[str, str | int]


class _Form(NamedTuple):
    """A calendar's own form, opened with these fields filled in."""

    address: str
    title_name: str
    text_name: str
    #: What the text begins with, however short the rest is cut.
    lead: str = ""


def when(booking: Booking, catalogue: Catalogue) -> str:
    """Return the meeting's time in the guest's zone and language, the zone named."""
    return catalogue.span(booking.slot.start, booking.slot.end, booking.locale, booking.time_zone)


def title(booking: Booking) -> str:
    """Return the meeting's title, clean and on one line."""
    return texts.line(booking.title)


def description(booking: Booking, catalogue: Catalogue) -> str:
    """Return the text for the guest's calendar, with no tag that opens in it."""
    said = catalogue.translate("invite.description", booking.locale, host=booking.host.name)
    return texts.untagged(f"{said}\n\n{texts.clean(booking.note)}".rstrip())


def method(booking: Booking) -> Method:
    """Return what a file of the meeting asks a calendar to do (RFC 5546, 3.2.1 and 3.2.5)."""
    return "CANCEL" if booking.state is BookingState.CANCELLED else "PUBLISH"


def stamped_at(booking: Booking) -> datetime:
    """Return the instant at which the meeting became what it is."""
    return (booking.last_modified or booking.created_at).astimezone(UTC)


def links(
    booking: Booking, ics_url: str, catalogue: Catalogue, limit: int = LINK_MAX
) -> dict[str, str]:
    """Return the links of an invite.

    Args:
        booking: confirmed.
        ics_url: where its .ics file is served.
        catalogue: of messages.
        limit: the most bytes of each link but the .ics file's; the text is cut first, then the
            title, never the times.
    """
    start, end = booking.slot.start, booking.slot.end
    span = f"{start.strftime(_COMPACT)}/{end.strftime(_COMPACT)}"
    compose = (
        "?path=/calendar/action/compose&rru=addevent"
        f"&startdt={format_instant(start)}&enddt={format_instant(end)}"
    )
    wall_start, wall_end = _wall_times(booking.slot, booking.time_zone)
    wall = f"&ST={wall_start.strftime(_WALL)}&ET={wall_end.strftime(_WALL)}"
    forms = {
        "google": _Form(f"{_GOOGLE}&dates={span}", "text", "details"),
        "outlook": _Form(_OUTLOOK + compose, "subject", "body"),
        "microsoft365": _Form(_MICROSOFT_365 + compose, "subject", "body"),
        "yahoo": _Form(_YAHOO + wall, "TITLE", "DESC", when(booking, catalogue)),
    }
    summary, text = title(booking), description(booking, catalogue)
    return {
        **{name: _filled(form, summary, text, limit) for name, form in forms.items()},
        "ics": ics_url,
    }


def message_ics(
    booking: Booking, catalogue: Catalogue, limit: int = ICS_TEXTS_MAX
) -> dict[str, str | int]:
    """Return the details from which a client makes an .ics file of its own.

    Args:
        booking: confirmed once.
        catalogue: of messages.
        limit: the most bytes of title and text together, as JSON in ASCII.
    """
    summary = texts.cut(title(booking), limit, texts.json_size)
    text = texts.cut(
        description(booking, catalogue), limit - texts.json_size(summary), texts.json_size
    )
    return {
        "method": method(booking),
        "uid": booking.ical_uid,
        "sequence": booking.sequence,
        "dtstamp": stamped_at(booking).strftime(_COMPACT),
        "dtstart": booking.slot.start.strftime(_COMPACT),
        "dtend": booking.slot.end.strftime(_COMPACT),
        "summary": summary,
        "description": text,
        "filename": "invite.ics",
    }


def _wall_times(slot: Interval, time_zone: str) -> tuple[datetime, datetime]:
    """Return the bounds as clocks in the zone show them, the end after the start.

    When clocks go back during a meeting, its end may read earlier than its start, which no calendar
    takes; then the length counts.
    """
    there = zone(time_zone)
    start, end = (each.astimezone(there).replace(tzinfo=None) for each in (slot.start, slot.end))
    return start, end if end > start else start + slot.length


def _filled(form: _Form, summary: str, text: str, limit: int) -> str:
    """Fill in a title and a text, cut by their encoded bytes: the text first.

    Spaces are `%20`, never `+`: Outlook shows a plus sign.
    """
    before, between = (
        f"{form.address}&{form.title_name}=",
        f"&{form.text_name}={quote(form.lead, safe='')}",
    )
    room = limit - len(before) - len(between)
    shown = texts.cut(summary, room, texts.percent_size)
    rest = f"\n{text}" if form.lead else text
    said = texts.cut(rest, room - texts.percent_size(shown), texts.percent_size)
    return f"{before}{quote(shown, safe='')}{between}{quote(said, safe='')}"
