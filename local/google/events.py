"""`events.insert`, `get`, `update`, `patch` and `delete` on the primary calendar.

Source: the Events reference, "Get specific versions of resources" for etags, the API's error
guide. An id stays taken for ever, also when its event is deleted.
"""

from typing import Any

from local.google.calendar_api import Answer, Call
from local.google.calendars import Event
from local.google.conference import add_conference
from local.google.contract import without_nulls
from local.google.event_rules import (
    check_event,
    check_event_id,
    invalid,
    new_event_id,
    writable,
)
from local.google.moments import read_zone, write_stamp
from local.google.refusals import Refusal, calendar_refusal
from local.google.world import World

#: What an event keeps when it is changed, whatever the change says.
_LASTING = ("id", "iCalUID", "created", "creator", "organizer", "htmlLink", "kind", "eventType")


class Events:
    """The methods that touch one event."""

    def __init__(self, world: World) -> None:
        self._world = world

    def insert(self, call: Call) -> Answer:
        """Add an event."""
        _check_calendar(call)
        event = writable(call.body)
        if "id" in event:
            check_event_id(event["id"])
            if event.get("iCalUID", f"{event['id']}@google.com") != f"{event['id']}@google.com":
                raise invalid("Only one of id and iCalUID may be given.")
        check_event(event, call.calendar.zone)
        event_id = event.setdefault("id", new_event_id())
        if call.calendar.find(event_id) is not None:
            raise calendar_refusal(409)
        account, now = call.calendar.account, self._world.now()
        person = {"email": account.email, "self": True}
        address = f"{self._world.base_url}/calendar/event?eid={call.calendar.link_to(event_id)}"
        event = {
            "kind": "calendar#event",
            "status": "confirmed",
            "htmlLink": address,
            "created": write_stamp(now),
            "creator": person,
            "organizer": person,
            "iCalUID": f"{event_id}@google.com",
            "reminders": {"useDefault": True},
            "eventType": "default",
            **event,
            "sequence": 0,
        }
        return self._store(call, event, before=None)

    def get(self, call: Call) -> Answer:
        """Return an event, cancelled or not."""
        event = _find(call)
        etag = event["etag"]
        if call.headers.get("If-None-Match") == etag:
            return Answer(etag=etag, not_modified=True)
        zone_name = call.query.get("timeZone")
        zone = read_zone(zone_name) if zone_name else None
        if zone_name and zone is None:
            raise invalid("Invalid time zone.")
        return Answer(call.calendar.render(event, zone), etag)

    def update(self, call: Call) -> Answer:
        """Replace an event; what the new one does not say is gone."""
        before = _find(call)
        _check_match(call, before)
        return self._change(call, before, {"status": "confirmed"} | writable(call.body))

    def patch(self, call: Call) -> Answer:
        """Change parts of an event: objects are merged, lists replaced, null removes."""
        before = _find(call)
        _check_match(call, before)
        merged = without_nulls(_merge(before, call.raw_body))
        return self._change(call, before, writable(merged))

    def delete(self, call: Call) -> Answer:
        """Cancel an event; its id stays taken."""
        before = _find(call)
        if before["status"] == "cancelled":
            raise calendar_refusal(410)
        _check_match(call, before)
        call.calendar.store(before | {"status": "cancelled"}, self._world.now())
        return Answer()

    def _change(self, call: Call, before: Event, after: Event) -> Answer:
        if after.get("sequence", before["sequence"]) < before["sequence"]:
            raise invalid(
                "Invalid sequence value. The specified sequence number is below the current "
                "sequence number of the resource. Re-fetch the resource and use its sequence "
                "number on the following request."
            )
        after |= {name: before[name] for name in _LASTING if name in before}
        after.setdefault("reminders", {"useDefault": True})
        check_event(after, call.calendar.zone)
        moved = any(_times(call, before)[side] != _times(call, after)[side] for side in (0, 1))
        after["sequence"] = max(before["sequence"] + moved, after.get("sequence", 0))
        return self._store(call, after, before=before)

    def _store(self, call: Call, event: Event, *, before: Event | None) -> Answer:
        add_conference(
            event,
            version=int(call.query.get("conferenceDataVersion", "0")),
            outcome=self._world.settings.meet,
            before=before,
        )
        for attendee in event.get("attendees", []):
            attendee.setdefault("responseStatus", "needsAction")
            if attendee["email"].lower() == call.calendar.account.email:
                attendee |= {"organizer": True, "self": True}
        stored = call.calendar.store(event, self._world.now())
        return Answer(call.calendar.render(stored), stored["etag"])


def _check_calendar(call: Call) -> None:
    if not call.calendar.has_id(call.path["calendarId"]):
        raise calendar_refusal(404)


def _find(call: Call) -> Event:
    _check_calendar(call)
    event = call.calendar.find(call.path["eventId"])
    if event is None:
        raise calendar_refusal(404)
    return event


def _check_match(call: Call, event: Event) -> None:
    if call.headers.get("If-Match", event["etag"]) not in {event["etag"], "*"}:
        raise _stale()


def _stale() -> Refusal:
    return calendar_refusal(412, "conditionNotMet", "Precondition Failed", header="If-Match")


def _times(call: Call, event: Event) -> tuple[Any, Any]:
    rendered = call.calendar.render(event)
    return tuple(
        rendered[side].get("dateTime", rendered[side].get("date")) for side in ("start", "end")
    )


def _merge(old: Any, change: Any) -> Any:
    """Merge as JSON Merge Patch does."""
    if not isinstance(change, dict):
        return change
    merged = dict(old) if isinstance(old, dict) else {}
    for name, value in change.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = _merge(merged.get(name), value)
    return merged
