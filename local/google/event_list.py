"""`events.list`: the events of a range, page by page.

Source: the Events reference. `timeMin` bounds the end of an event, `timeMax` its start, both
exclusive. Several `privateExtendedProperty` must all match, as the discovery document says.
"""

import hashlib
from datetime import datetime
from typing import Any

from local.google.calendar_api import Answer, Call
from local.google.calendars import Event
from local.google.event_rules import invalid
from local.google.moments import instant_of, read_instant, read_zone, write_stamp
from local.google.refusals import NotDone, calendar_refusal
from local.google.world import World

_USUAL_RESULTS, _MOST_RESULTS = 250, 2500
_NOT_DONE = ("syncToken", "q", "sharedExtendedProperty", "updatedMin")


class EventList:
    """The method."""

    def __init__(self, world: World) -> None:
        self._world = world

    def list(self, call: Call) -> Answer:
        """List the events that the query asks for."""
        if not call.calendar.has_id(call.path["calendarId"]):
            raise calendar_refusal(404)
        for name in _NOT_DONE:
            if name in call.query:
                raise NotDone(f"events.list with {name}")
        if call.query.get("orderBy") == "startTime" and call.query.get("singleEvents") != "true":
            message = "The requested ordering is not available for the particular query."
            raise calendar_refusal(400, "badRequest", message)
        zone_name = call.query.get("timeZone", call.calendar.time_zone)
        zone = read_zone(zone_name)
        if zone is None:
            raise invalid("Invalid time zone.")
        events = [event for event in call.calendar.events() if _matches(event, call)]
        if call.query.get("orderBy") == "updated":
            events.sort(key=lambda event: str(event["etag"]))
        first = _page_start(call, len(events))
        most = min(int(call.query.get("maxResults", _USUAL_RESULTS)), _MOST_RESULTS)
        page = events[first : first + most]
        answer: dict[str, Any] = {
            "kind": "calendar#events",
            "etag": f'"{_digest(call.calendar.events())}"',
            "summary": call.calendar.account.email,
            "description": "",
            "updated": max(
                (event["updated"] for event in call.calendar.events()),
                default=write_stamp(self._world.now()),
            ),
            "timeZone": zone_name,
            "accessRole": "owner",
            "defaultReminders": [{"method": "popup", "minutes": 10}],
            "items": [_few_attendees(call.calendar.render(event, zone), call) for event in page],
        }
        if first + most < len(events):
            answer["nextPageToken"] = f"page{first + most}"
        else:
            answer["nextSyncToken"] = f"sync{_digest(events)}"
        return Answer(answer, answer["etag"])


def _matches(event: Event, call: Call) -> bool:
    query, zone = call.query, call.calendar.zone
    earliest, latest = _bound(call, "timeMin"), _bound(call, "timeMax")
    if earliest and latest and latest <= earliest:
        raise calendar_refusal(
            400,
            "timeRangeEmpty",
            "The specified time range is empty.",
            domain="calendar",
            parameter="timeMax",
        )
    if event["status"] == "cancelled" and query.get("showDeleted") != "true":
        return False
    if earliest and instant_of(event["end"], zone) <= earliest:
        return False
    if latest and instant_of(event["start"], zone) >= latest:
        return False
    if query.get("iCalUID", event["iCalUID"]) != event["iCalUID"]:
        return False
    if event["eventType"] not in query.getall("eventTypes", [event["eventType"]]):
        return False
    own = event.get("extendedProperties", {}).get("private", {})
    wanted = [pair.partition("=") for pair in query.getall("privateExtendedProperty", [])]
    return all(own.get(name) == value for name, _, value in wanted)


def _few_attendees(event: Event, call: Call) -> Event:
    """Leave out all attendees but the calendar's owner where there are more than were asked for."""
    most = call.query.get("maxAttendees")
    attendees = event.get("attendees", [])
    if most is None or len(attendees) <= int(most):
        return event
    own = [each for each in attendees if each.get("self")]
    return event | {"attendees": own, "attendeesOmitted": True}


def _bound(call: Call, name: str) -> datetime | None:
    return read_instant(call.query[name]) if name in call.query else None


def _page_start(call: Call, length: int) -> int:
    token = call.query.get("pageToken", "page0")
    number = token.removeprefix("page")
    if not (token.startswith("page") and number.isdecimal() and int(number) <= length):
        raise calendar_refusal(
            400, "invalidParameter", "Invalid page token value.", parameter="pageToken"
        )
    return int(number)


def _digest(events: list[Event]) -> str:
    text = " ".join(str(event["etag"]) for event in events)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
