"""The primary calendar of a host, through google-api-python-client.

Endpoints: `freeBusy.query`, `events.insert`, `get`, `patch` and `delete` of our own events, and
`events.list` with a field mask, for the time zone and for clashes. Only times are read of other
events, ever, and whether they block.
Source: Google's discovery document of Calendar v3 and
https://developers.google.com/workspace/calendar/api/guides/errors, read 2026-11.

What each reason means, `error_reasons` says. By meaning:

| Google says | it means here |
|---|---|
| the grant has ended, or lacks a scope | `GrantEnded` |
| the account has no calendar | `NoCalendar` |
| there is such an event, at insert | `EventExists` |
| it is another version or gone, at patch | `EventChanged` |
| gone at delete (404), and the event is there when asked for | `OutcomeUnknown` |
| gone, for an event of ours elsewhere | it is not there |
| 5xx, no answer, or one without sense to a change | `OutcomeUnknown` |
| the same to a question, and any other refusal | `CalendarUnavailable` |
| per-calendar `errors`, or no calendar, in a free/busy of status 200 | `CalendarUnavailable` |
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from html import escape
from http import HTTPStatus
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from googleapiclient.errors import HttpError

from scheduling.adapters.google import transport
from scheduling.adapters.google.error_reasons import Meaning, Refusal
from scheduling.adapters.google.service import GoogleClient
from scheduling.core import zones
from scheduling.core.errors import CalendarUnavailable
from scheduling.core.times import Interval, format_instant, merge, parse_instant
from scheduling.core.zones import zone
from scheduling.models import BookingId, CalendarEvent, Connection, EventDraft, TokenSet
from scheduling.ports import (
    Connections,
    EventChanged,
    EventExists,
    GrantEnded,
    NoCalendar,
    OutcomeUnknown,
)

#: Our private property on an event: which booking it is of.
PROPERTY = "calendarSchedulingBooking"
#: Counts, at Google, the attempts that changed an event; so that each makes a new version of it.
ATTEMPT = "calendarSchedulingAttempt"
_EVENT_FIELDS = "id,iCalUID,status,etag,start,end,extendedProperties/private"
#: Of other events: when they are, and what says whether Google's free/busy counts them.
_BLOCKING = "status,transparency,eventType,attendees(self,responseStatus)"
_OTHERS_FIELDS = f"nextPageToken,timeZone,items(id,start,end,{_BLOCKING})"

T = TypeVar("T")


class GoogleCalendar:
    """Reads free/busy and writes our own events."""

    def __init__(self, client: GoogleClient, connections: Connections) -> None:
        self._client = client
        self._connections = connections

    def free_busy(self, connection: Connection, window: Interval) -> list[Interval]:
        """Return the busy times in the window, merged."""
        body = {
            "timeMin": format_instant(window.start),
            "timeMax": format_instant(window.end),
            "items": [{"id": "primary"}],
        }
        answer = self._ask(connection, self._client.service.freebusy().query(body=body))
        try:
            return _busy(answer["calendars"]["primary"])
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            # Of another form than the documented one: nobody knows what is free.
            raise CalendarUnavailable from error

    def insert_event(self, connection: Connection, draft: EventDraft) -> CalendarEvent:
        """Insert our event under its derived id; nobody is mailed."""
        body = {
            "id": draft.event_id,
            "summary": draft.summary,
            "description": _html(draft.description),
            "start": {"dateTime": format_instant(draft.slot.start)},
            "end": {"dateTime": format_instant(draft.slot.end)},
            "extendedProperties": {"private": {PROPERTY: draft.booking_id}},
        }
        call = self._client.service.events().insert(
            calendarId="primary", body=body, sendUpdates="none", fields=_EVENT_FIELDS
        )
        try:
            return self._changed(connection, call)
        except HttpError as error:
            refusal = _read(error)
            if refusal.meaning is Meaning.EXISTS:
                raise EventExists from error
            raise self._raised(refusal) from error

    def others(self, connection: Connection, window: Interval, own: str) -> list[Interval]:
        """Return the times of events but our own that block the window.

        The one list of events that we ever ask for. It is asked for because free/busy joins what
        overlaps: of our own event's time it cannot say whether it is somebody else's too.
        """
        busy: list[Interval] = []
        page = None
        while True:
            call = self._client.service.events().list(
                calendarId="primary",
                timeMin=format_instant(window.start),
                timeMax=format_instant(window.end),
                singleEvents=True,
                # Of those who are invited, Google then names nobody but the calendar's owner.
                maxAttendees=1,
                pageToken=page,
                fields=_OTHERS_FIELDS,
            )
            answer = self._ask(connection, call)
            try:
                busy += _blocking(answer, own, connection.time_zone)
                page = answer.get("nextPageToken")
            except (AttributeError, KeyError, TypeError, ValueError) as error:
                raise CalendarUnavailable from error
            if not page:
                return merge(each for each in busy if each.overlaps(window))

    def get_event(self, connection: Connection, event_id: str) -> CalendarEvent | None:
        """Return our own event by its id."""
        call = self._client.service.events().get(
            calendarId="primary", eventId=event_id, fields=_EVENT_FIELDS
        )
        try:
            return self._translated(
                lambda: _event(self._execute(connection, call), zone(connection.time_zone)),
                may_be_gone=True,
            )
        except _Missing:
            return None

    def reschedule_event(
        self,
        connection: Connection,
        event: CalendarEvent,
        slot: Interval,
        booking_id: BookingId,
        attempt: int,
    ) -> CalendarEvent:
        """Patch our event's times, if its version is the one that was read; nobody is mailed.

        Both our marks are sent: a client that writes events again leaves out what it does not know.

        Source: https://developers.google.com/workspace/calendar/api/guides/version-resources
        (`If-Match`, 412), read 2026-11.
        """
        body = {
            "start": {"dateTime": format_instant(slot.start)},
            "end": {"dateTime": format_instant(slot.end)},
            "extendedProperties": {"private": {PROPERTY: booking_id, ATTEMPT: str(attempt)}},
        }
        call = self._client.service.events().patch(
            calendarId="primary",
            eventId=event.event_id,
            body=body,
            sendUpdates="none",
            fields=_EVENT_FIELDS,
        )
        call.headers["If-Match"] = event.etag
        try:
            moved = self._changed(connection, call)
        except HttpError as error:
            refusal = _read(error)
            if refusal.meaning in {Meaning.CHANGED, Meaning.GONE}:
                raise EventChanged from error
            raise self._raised(refusal) from error
        if moved.cancelled:
            raise EventChanged
        return moved

    def delete_event(self, connection: Connection, event_id: str) -> None:
        """Delete our event; one that is gone is deleted already.

        Google says 410 of what was deleted, and 404 of what never was. The latter is believed of
        our own event only if asking for it says so too: a meeting would outlive its cancellation.
        """
        call = self._client.service.events().delete(
            calendarId="primary", eventId=event_id, sendUpdates="none"
        )
        try:
            _done(lambda: _object(self._execute(connection, call)))
        except HttpError as error:
            refusal = _read(error)
            if refusal.meaning is not Meaning.GONE:
                raise self._raised(refusal) from error
            if error.status_code == HTTPStatus.NOT_FOUND and self._stands(connection, event_id):
                raise OutcomeUnknown from error

    def _stands(self, connection: Connection, event_id: str) -> bool:
        """Say whether our event is there, or may be."""
        try:
            event = self.get_event(connection, event_id)
        except (CalendarUnavailable, GrantEnded):
            return True
        return event is not None and not event.cancelled

    def time_zone(self, tokens: TokenSet) -> str:
        """Return the calendar's zone, by the one list call that asks for no event.

        One that our tzdata lacks is replaced by another of its offset, else by UTC.
        """
        call = self._client.service.events().list(
            calendarId="primary", maxResults=1, fields="timeZone"
        )
        answer = self._translated(lambda: _object(self._client.execute(call, tokens, _forget)))
        return zones.usable(str(answer.get("timeZone") or ""))

    def _ask(self, connection: Connection, call: Any) -> Any:
        return self._translated(lambda: _object(self._execute(connection, call)))

    def _changed(self, connection: Connection, call: Any) -> CalendarEvent:
        day = zone(connection.time_zone)
        return _done(lambda: _event(self._execute(connection, call), day))

    def _execute(self, connection: Connection, call: Any) -> Any:
        return self._client.execute(
            call,
            connection.tokens,
            lambda tokens: self._connections.keep_tokens(connection, tokens),
        )

    def _translated(self, call: Callable[[], T], *, may_be_gone: bool = False) -> T:
        """Return the answer to a question."""
        try:
            return call()
        except HttpError as error:
            refusal = _read(error)
            if may_be_gone and refusal.meaning is Meaning.GONE:
                raise _Missing from error
            raise self._raised(refusal) from error
        except (*transport.NETWORK_ERRORS, _Senseless) as error:
            raise CalendarUnavailable from error

    def _raised(self, refusal: Refusal) -> Exception:
        """Return what a refusal is to whoever asked, whatever was asked."""
        meaning = refusal.meaning
        if meaning is Meaning.NO_CALENDAR:
            return NoCalendar()
        if meaning is Meaning.GRANT_ENDED:
            return GrantEnded()
        metrics = self._client.metrics
        return transport.unavailable(meaning, refusal.retry_after, refusal.known, metrics)


class _Missing(Exception):
    """404 or 410: there is no such event."""


class _Senseless(Exception):
    """Status 200 with a body that is not the API's: something between us and Google spoke."""


def _forget(_: TokenSet) -> None:
    """Keep nothing: the tokens of a grant that is not confirmed yet are kept by its session."""


def _read(error: HttpError) -> Refusal:
    return Refusal.read(error.status_code, error.resp, error.content)


def _object(answer: Any) -> Any:
    """Return an answer that is an object, or empty as of a deletion."""
    if answer and not isinstance(answer, Mapping):
        raise _Senseless
    return answer


def _done(change: Callable[[], T]) -> T:
    """Return the answer to a change; one that says nothing of it leaves the outcome unknown."""
    try:
        return change()
    except HttpError as error:
        if error.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise OutcomeUnknown from error
        raise
    except (*transport.NETWORK_ERRORS, _Senseless) as error:
        raise OutcomeUnknown from error


def _busy(calendar: Mapping[str, Any]) -> list[Interval]:
    """Read a calendar's busy times; what takes no time is none."""
    if calendar.get("errors"):
        raise CalendarUnavailable
    times = [
        (parse_instant(each["start"]), parse_instant(each["end"])) for each in calendar["busy"]
    ]
    return merge(Interval(start, end) for start, end in times if start != end)


def _blocking(answer: Mapping[str, Any], own: str, time_zone: str) -> list[Interval]:
    """Read a page of events: the times of those that block, but of our own.

    Days are those of the calendar's zone as the answer names it, as they are to free/busy.
    """
    day = zone(answer.get("timeZone") or time_zone)
    times = [
        (_bound(each["start"], day), _bound(each["end"], day))
        for each in answer.get("items", [])
        if each["id"] != own and _blocks(each)
    ]
    return [Interval(start, end) for start, end in times if start < end]


def _blocks(event: Mapping[str, Any]) -> bool:
    """Whether Google's free/busy counts an event, which is the one definition of busy.

    It leaves out what is cancelled or shown as available, where somebody only says from where they
    work, and what the calendar's owner has declined; an invitation that is not answered counts.

    Source: the Events reference (`transparency`, `attendees[].self`), and
    https://developers.google.com/workspace/calendar/api/guides/calendar-status, read 2026-11.
    """
    declined = any(
        each.get("self") and each.get("responseStatus") == "declined"
        for each in event.get("attendees", [])
    )
    free = event.get("status") == "cancelled" or event.get("transparency") == "transparent"
    return not declined and not free and event.get("eventType") != "workingLocation"


def _bound(value: Mapping[str, str], day: ZoneInfo) -> datetime:
    """Read one bound of an event: an instant, or a day in the calendar's zone."""
    if "dateTime" in value:
        return parse_instant(value["dateTime"])
    return datetime.fromisoformat(value["date"]).replace(tzinfo=day).astimezone(UTC)


def _html(text: str) -> str:
    """Escape a plain text: Google renders a description as HTML."""
    return escape(text).replace("\n", "<br>")


def _event(answer: Any, day: ZoneInfo) -> CalendarEvent:
    if not isinstance(answer, Mapping) or "id" not in answer:
        raise _Senseless
    slot = None
    if "start" in answer and "end" in answer:
        start, end = _bound(answer["start"], day), _bound(answer["end"], day)
        slot = Interval(start, end) if start < end else None
    private = answer.get("extendedProperties", {}).get("private", {})
    return CalendarEvent(
        event_id=answer["id"],
        ical_uid=answer.get("iCalUID", ""),
        cancelled=answer.get("status") == "cancelled",
        booking_id=private.get(PROPERTY, ""),
        etag=answer.get("etag", ""),
        slot=slot,
    )
