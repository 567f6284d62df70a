"""The primary calendars: events with their whole history, because freeBusy may lag behind."""

import base64
import copy
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from local.google.accounts import Account
from local.google.moments import instant_of, write_instant, write_stamp

Event = dict[str, Any]

#: What Google leaves out of an answer, because it is what absence means.
_UNSAID = {
    "transparency": "opaque",
    "visibility": "default",
    "guestsCanInviteOthers": True,
    "guestsCanModify": False,
    "guestsCanSeeOtherGuests": True,
    "anyoneCanAddSelf": False,
}


class Calendar:
    """One account's primary calendar."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.time_zone = account.time_zone
        self._histories: dict[str, list[tuple[datetime, Event]]] = {}
        self._writes = count(1)

    @property
    def zone(self) -> ZoneInfo:
        """The calendar's zone."""
        return ZoneInfo(self.time_zone)

    def has_id(self, calendar_id: str) -> bool:
        """Tell whether this calendar is meant, seen from its owner's token."""
        return calendar_id.lower() in {"primary", self.account.email}

    def find(self, event_id: str) -> Event | None:
        """Return a copy of the event, cancelled or not; None if there never was one."""
        history = self._histories.get(event_id)
        return copy.deepcopy(history[-1][1]) if history else None

    def store(self, event: Event, now: datetime) -> Event:
        """Store a new version of an event; give a copy with its new etag and times."""
        stored = copy.deepcopy(event)
        for name, value in _UNSAID.items():
            if stored.get(name) == value:
                del stored[name]
        micros = int(now.timestamp() * 1_000_000) + next(self._writes)
        stored |= {"etag": f'"{micros}"', "updated": write_stamp(now)}
        self._histories.setdefault(stored["id"], []).append((now, stored))
        return copy.deepcopy(stored)

    def events(self) -> list[Event]:
        """List copies of all events, cancelled ones too, by start."""
        events = [copy.deepcopy(history[-1][1]) for history in self._histories.values()]
        return sorted(events, key=lambda event: instant_of(event["start"], self.zone))

    def events_seen_at(self, moment: datetime) -> Iterator[Event]:
        """Go through the events as they stood at a moment."""
        for history in self._histories.values():
            seen = [event for written_at, event in history if written_at <= moment]
            if seen:
                yield seen[-1]

    def busy(self, start: datetime, end: datetime, seen_at: datetime) -> list[list[datetime]]:
        """Merge what blocks time within a range, as it stood at a moment.

        Returns:
            Half-open intervals within the range, sorted, none touching another.
        """
        intervals = [
            [
                max(start, instant_of(event["start"], self.zone)),
                min(end, instant_of(event["end"], self.zone)),
            ]
            for event in self.events_seen_at(seen_at)
            if self._blocks(event)
        ]
        merged: list[list[datetime]] = []
        for interval in sorted(each for each in intervals if each[0] < each[1]):
            if merged and interval[0] <= merged[-1][1]:
                merged[-1][1] = max(merged[-1][1], interval[1])
            else:
                merged.append(interval)
        return merged

    def render(self, event: Event, zone: ZoneInfo | None = None) -> Event:
        """Write an event's times as an answer has them: in the calendar's zone or the one asked."""
        rendered = copy.deepcopy(event)
        for side in ("start", "end"):
            if "dateTime" in rendered[side]:
                instant = instant_of(rendered[side], self.zone)
                rendered[side]["dateTime"] = write_instant(instant, zone or self.zone)
                rendered[side].setdefault("timeZone", self.time_zone)
        return rendered

    def link_to(self, event_id: str) -> str:
        """Make the `eid` of an event's page."""
        return base64.urlsafe_b64encode(f"{event_id} {self.account.email}".encode()).decode()

    def _blocks(self, event: Event) -> bool:
        declined = any(
            attendee.get("email", "").lower() == self.account.email
            and attendee.get("responseStatus") == "declined"
            for attendee in event.get("attendees", [])
        )
        free = event.get("transparency") == "transparent" or event["status"] == "cancelled"
        return not declined and not free and event["eventType"] != "workingLocation"


def seen_at(now: datetime, lag_seconds: float) -> datetime:
    """Find the moment whose state a lagging reader sees."""
    return now - timedelta(seconds=lag_seconds)
