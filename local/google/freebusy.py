"""`freebusy.query`: when the owner of a calendar has time, and nothing else about it.

Source: the Freebusy reference and the API's error guide. Google documents neither that busy times
are merged and cut to the range asked for, nor how long that range may be: both are assumed here.
"""

from datetime import datetime, timedelta
from typing import Any

from local.google.calendar_api import Answer, Call
from local.google.calendars import seen_at
from local.google.event_rules import invalid
from local.google.moments import read_instant, read_zone, write_instant, write_stamp
from local.google.refusals import Refusal, calendar_refusal
from local.google.world import World

_LONGEST_RANGE = timedelta(days=93)
_MOST_CALENDARS = 50


class FreeBusy:
    """The method, with the lag that the settings ask for."""

    def __init__(self, world: World) -> None:
        self._world = world

    def query(self, call: Call) -> Answer:
        """Answer for each calendar by the name it was asked with."""
        body = call.body
        start, end = _read_range(body)
        zone = read_zone(body.get("timeZone", "UTC"))
        if zone is None:
            raise invalid("Invalid time zone.")
        most = body.get("calendarExpansionMax", _MOST_CALENDARS)
        if not 0 < most <= _MOST_CALENDARS:
            raise invalid("Invalid value for: calendarExpansionMax")
        calendars: dict[str, Any] = {}
        for number, item in enumerate(body.get("items", [])):
            asked = item.get("id")
            if not asked:
                raise calendar_refusal(400, "required", "Missing calendar id.")
            if number >= most:
                calendars[asked] = _failure("tooManyCalendarsRequested")
            elif call.calendar.has_id(asked):
                moment = seen_at(self._world.now(), self._world.settings.free_busy_lag_seconds)
                calendars[asked] = {
                    "busy": [
                        {"start": write_instant(since, zone), "end": write_instant(until, zone)}
                        for since, until in call.calendar.busy(start, end, moment)
                    ]
                }
            else:
                calendars[asked] = _failure("notFound")
        answer = {
            "kind": "calendar#freeBusy",
            "timeMin": write_stamp(start),
            "timeMax": write_stamp(end),
            "calendars": calendars,
        }
        return Answer(answer)


def _read_range(body: dict[str, Any]) -> tuple[datetime, datetime]:
    bounds = []
    for name in ("timeMin", "timeMax"):
        if name not in body:
            raise calendar_refusal(400, "required", f"Missing {name} parameter.", parameter=name)
        bound = read_instant(body[name])
        if bound is None:
            raise calendar_refusal(400)
        bounds.append(bound)
    start, end = bounds
    if end <= start:
        raise _range_refusal("timeRangeEmpty", "The specified time range is empty.")
    if end - start > _LONGEST_RANGE:
        raise _range_refusal("timeRangeTooLong", "The requested time range is too long.")
    return start, end


def _range_refusal(reason: str, message: str) -> Refusal:
    return calendar_refusal(400, reason, message, domain="calendar", parameter="timeMax")


def _failure(reason: str) -> dict[str, Any]:
    """One calendar's failure; the whole answer is still a success."""
    return {"errors": [{"domain": "global", "reason": reason}], "busy": []}
