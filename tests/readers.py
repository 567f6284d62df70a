"""What others would read in our links and files, read by rules that are not ours."""

import re
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

import icalendar
import ics


def link_fields(link: str) -> dict[str, str]:
    """Read a query in which only percent signs escape, so that a plus sign is a plus sign."""
    assert link.isascii()
    assert not re.search(r"[\s\"<>\\^`{|}+]|%(?![0-9A-F]{2})", link)
    parts = urlsplit(link)
    assert parts.scheme == "https"
    assert not parts.fragment
    pairs = [field.split("=") for field in parts.query.split("&")]
    fields = {name: unquote_to_bytes(value).decode("utf-8") for name, value in pairs}
    assert len(fields) == len(pairs)
    return fields


def compact_utc(text: str) -> datetime:
    """Read `20261124T140000Z`."""
    return datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)


def physical_lines(file: bytes) -> list[bytes]:
    """Return the lines as they are sent; every one ends with CRLF, and no CR or LF is elsewhere."""
    assert file.endswith(b"\r\n")
    lines = file.removesuffix(b"\r\n").split(b"\r\n")
    assert not any(b"\r" in each or b"\n" in each for each in lines)
    return lines


def property_names(file: bytes) -> list[str]:
    """Return the names of a file's properties in their order, with BEGIN and END."""
    unfolded = b"\r\n".join(physical_lines(file)).replace(b"\r\n ", b"")
    return [re.split(rb"[:;]", each)[0].decode() for each in unfolded.split(b"\r\n")]


def by_icalendar(file: bytes) -> tuple[icalendar.Calendar, icalendar.Event]:
    """Read with the library that wrote it."""
    calendar = icalendar.Calendar.from_ical(file)
    assert isinstance(calendar, icalendar.Calendar)
    (event,) = calendar.walk("VEVENT")
    assert isinstance(event, icalendar.Event)
    return calendar, event


def by_ics(file: bytes) -> Any:
    """Read with the other library.

    It undoes escapes in the wrong order: where a text has a backslash, its answer is not to go by.
    """
    (event,) = ics.Calendar(file.decode("utf-8")).events
    return event
