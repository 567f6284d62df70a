"""What an event must obey that the discovery document cannot say.

Sources: the Events reference (ids, limits of extended properties and reminders, allowed words) and
the API's error guide; the sentences are those seen in public logs of live answers.
"""

import re
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from local.google.calendars import Event
from local.google.moments import instant_of, read_instant, read_zone
from local.google.refusals import NotDone, Refusal, calendar_refusal

_ID = re.compile(r"[a-v0-9]{5,1024}", re.ASCII)
_ID_LETTERS = "0123456789abcdefghijklmnopqrstuv"
_EMAIL = re.compile(r"[^@\s<>,;]+@[^@\s<>,;]+\.[^@\s<>,;.]+")
_WORDS = {
    "status": {"confirmed", "tentative", "cancelled"},
    "transparency": {"opaque", "transparent"},
    "visibility": {"default", "public", "private", "confidential"},
    "eventType": {"default"},
}
_RESPONSES = {"needsAction", "declined", "tentative", "accepted"}
_NOT_DONE = ("recurrence", "attachments")
_LONGEST_KEY, _LONGEST_VALUE, _MOST_PROPERTIES = 44, 1024, 300
_MOST_OVERRIDES, _LONGEST_REMINDER_MINUTES = 5, 40320
#: An instant this far from the ends of the calendar can be shown in every zone.
_ANY_ZONE = timedelta(days=1)
_READ_ONLY = frozenset(
    {"kind", "etag", "htmlLink", "created", "updated", "creator", "organizer", "hangoutLink"}
    | {"locked", "privateCopy", "recurringEventId", "originalStartTime", "attendeesOmitted"}
)


def new_event_id() -> str:
    """Make an id as Google does for an event that came without one."""
    return "".join(secrets.choice(_ID_LETTERS) for _ in range(26))


def check_event_id(event_id: str) -> None:
    """Refuse an id that is not 5 to 1024 letters a to v or digits.

    Raises:
        Refusal: It is not.
    """
    if not _ID.fullmatch(event_id):
        raise invalid("Invalid resource id value.")


def writable(body: Mapping[str, Any]) -> Event:
    """Keep the fields that a client may set, with overlong properties cut as Google cuts them."""
    event = {name: value for name, value in body.items() if name not in _READ_ONLY}
    if isinstance(event.get("extendedProperties"), dict):
        event["extendedProperties"] = {
            audience: {
                key: value[:_LONGEST_VALUE]
                for key, value in properties.items()
                if len(key) <= _LONGEST_KEY
            }
            for audience, properties in event["extendedProperties"].items()
        }
    return event


def check_event(event: Event, calendar_zone: ZoneInfo) -> None:
    """Hold a whole event against the rules.

    Raises:
        Refusal: It breaks one.
        NotDone: It asks for something that the emulator does not do.
    """
    for name in _NOT_DONE:
        if event.get(name):
            raise NotDone(f"events with {name}")
    for name, words in _WORDS.items():
        if name in event and event[name] not in words:
            raise invalid(f"Invalid value for: {name}")
    _check_times(event, calendar_zone)
    _check_attendees(event.get("attendees", []))
    _check_reminders(event.get("reminders", {}))
    _check_properties(event.get("extendedProperties", {}))
    if urlsplit(event.get("source", {}).get("url", "https:")).scheme not in {"http", "https"}:
        raise invalid("Invalid value for: source.url")


def invalid(message: str) -> Refusal:
    """Refuse a value."""
    return calendar_refusal(400, "invalid", message)


def _check_times(event: Event, calendar_zone: ZoneInfo) -> None:
    for side in ("start", "end"):
        _check_time(event.get(side) or {}, side)
    start, end = event["start"], event["end"]
    if ("date" in start) != ("date" in end):
        raise invalid("Start and end times must either both be date or both be dateTime.")
    try:
        first, last = instant_of(start, calendar_zone), instant_of(end, calendar_zone)
        _ = first - _ANY_ZONE, last + _ANY_ZONE
    except OverflowError:
        raise invalid("Invalid start or end time.") from None
    if last < first or (last == first and "date" in start):
        raise calendar_refusal(
            400,
            "timeRangeEmpty",
            "The specified time range is empty.",
            domain="calendar",
            parameter="timeMax",
        )


def _check_time(when: Mapping[str, Any], side: str) -> None:
    if "date" not in when and "dateTime" not in when:
        raise calendar_refusal(400, "required", f"Missing {side} time.")
    if "date" in when and "dateTime" in when:
        raise invalid(f"Invalid {side} time.")
    if "timeZone" in when and read_zone(when["timeZone"]) is None:
        raise invalid(f"Invalid time zone definition for {side} time.")
    if "dateTime" in when and read_instant(when["dateTime"]) is None:
        if "timeZone" not in when:
            message = f"Missing time zone definition for {side} time."
            raise calendar_refusal(400, "required", message)
        _check_local_time(when["dateTime"], side)


def _check_local_time(text: str, side: str) -> None:
    try:
        is_local = datetime.fromisoformat(text).tzinfo is None
    except ValueError:
        is_local = False
    if not is_local:
        raise invalid(f"Invalid {side} time.")


def _check_attendees(attendees: list[Mapping[str, Any]]) -> None:
    for attendee in attendees:
        if not _EMAIL.fullmatch(attendee.get("email", "")):
            raise invalid("Invalid attendee email.")
        if attendee.get("responseStatus", "needsAction") not in _RESPONSES:
            raise invalid("Invalid value for: attendees.responseStatus")


def _check_reminders(reminders: Mapping[str, Any]) -> None:
    overrides = reminders.get("overrides", [])
    if overrides and reminders.get("useDefault"):
        message = "Cannot specify both default reminders and overrides at the same time."
        reason = "cannotUseDefaultRemindersAndSpecifyOverride"
        raise calendar_refusal(400, reason, message, domain="calendar")
    if len(overrides) > _MOST_OVERRIDES:
        raise invalid("Too many reminder overrides.")
    for override in overrides:
        minutes = override.get("minutes", -1)
        if override.get("method") not in {"email", "popup"}:
            raise invalid("Invalid value for: reminders.overrides.method")
        if not 0 <= minutes <= _LONGEST_REMINDER_MINUTES:
            raise invalid("Invalid value for: reminders.overrides.minutes")


def _check_properties(extended: Mapping[str, Mapping[str, str]]) -> None:
    if sum(len(properties) for properties in extended.values()) > _MOST_PROPERTIES:
        raise invalid("Too many extended properties.")
