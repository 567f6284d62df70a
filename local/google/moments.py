"""Times as the Calendar API writes and reads them.

Units:
    Instants are aware datetimes in UTC. Zones are IANA names.
"""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from jsonschema import FormatChecker

_RFC_3339 = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", re.ASCII | re.IGNORECASE
)
FORMATS = FormatChecker(formats=())


@FORMATS.checks("date-time")
def _is_date_time(value: object) -> bool:
    return not isinstance(value, str) or read_instant(value) is not None


@FORMATS.checks("local-date-time")
def _is_local_date_time(value: object) -> bool:
    return _is_date_time(value) or _is_date_time(f"{value}Z")


@FORMATS.checks("date")
def _is_date(value: object) -> bool:
    return not isinstance(value, str) or read_date(value) is not None


def read_instant(text: str) -> datetime | None:
    """Read RFC 3339 with its offset; None if it is anything else."""
    if not _RFC_3339.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def read_date(text: str) -> date | None:
    """Read `yyyy-mm-dd`; None if it is anything else."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.isoformat() == text else None


def read_zone(name: str) -> ZoneInfo | None:
    """Find a zone by its IANA name; None if there is none."""
    try:
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError):
        return None


def instant_of(when: Mapping[str, Any], calendar_zone: ZoneInfo) -> datetime:
    """Find the instant of an event's `start` or `end` that was found valid before.

    A day begins at midnight of the calendar's zone.
    """
    if "date" in when:
        day = date.fromisoformat(when["date"])
        return datetime.combine(day, time(), calendar_zone).astimezone(UTC)
    instant = read_instant(when["dateTime"])
    if instant is not None:
        return instant
    local = datetime.fromisoformat(when["dateTime"])
    return local.replace(tzinfo=ZoneInfo(when["timeZone"])).astimezone(UTC)


def write_instant(instant: datetime, zone: ZoneInfo | None = None) -> str:
    """Write an instant to the second, with the zone's offset, or with Z when there is none."""
    if zone is None:
        return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    text = instant.astimezone(zone).replace(microsecond=0).isoformat()
    return text.removesuffix("+00:00") + "Z" if text.endswith("+00:00") else text


def write_stamp(instant: datetime) -> str:
    """Write an instant to the millisecond, in UTC."""
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
