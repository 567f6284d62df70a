"""What no Google has: a hand behind the curtain, for people and tests. Below `/_control`."""

import base64
import json
from dataclasses import asdict
from typing import Any
from zoneinfo import available_timezones

from aiohttp import web

from local.google.calendar_api import Call
from local.google.calendars import Calendar
from local.google.event_rules import check_event
from local.google.events import Events
from local.google.moments import read_date, read_zone
from local.google.pages import render
from local.google.refusals import Refusal
from local.google.world import World

#: The settings by their names on the wire.
_SETTINGS = {
    "freeBusyLagSeconds": "free_busy_lag_seconds",
    "noneTicked": "none_ticked",
    "accessTokenSeconds": "access_token_seconds",
    "refreshTokenSeconds": "refresh_token_seconds",
    "meet": "meet",
}
_WORDS = {"noneTicked": {"grant", "deny"}, "meet": {"success", "pending", "failure"}}
_EVENT_FIELDS = {"email", "summary", "start", "end", "status", "transparency", "attendees"} | {
    "eventType"
}
#: Kinds of events that a person makes in Google's calendar, and what all of a kind have in common.
#: Source: developers.google.com/workspace/calendar/api/guides/calendar-status, read 2026-11, and of
#: birthdays the Events reference.
_KINDS: dict[str, dict[str, Any]] = {
    "default": {},
    "birthday": {"transparency": "transparent", "visibility": "private"},
    "focusTime": {"transparency": "opaque"},
    "fromGmail": {},
    "outOfOffice": {"transparency": "opaque"},
    "workingLocation": {"transparency": "transparent", "visibility": "public"},
}


class Control:
    """The routes below `/_control`, and the page behind an event's link."""

    def __init__(self, world: World, events: Events) -> None:
        self._world = world
        self._events = events

    def add_routes(self, app: web.Application) -> None:
        """Add all of them."""
        app.router.add_get("/_control/log", self.read_log)
        app.router.add_delete("/_control/log", self.clear_log)
        app.router.add_post("/_control/events", self.add_event)
        app.router.add_get("/_control/events", self.list_events)
        app.router.add_delete("/_control/events", self.delete_event)
        app.router.add_post("/_control/accounts", self.add_account)
        app.router.add_post("/_control/revoke", self.revoke)
        app.router.add_post("/_control/expire", self.expire)
        app.router.add_get("/_control/settings", self.read_settings)
        app.router.add_post("/_control/settings", self.change_settings)
        app.router.add_post("/_control/reset", self.reset)
        app.router.add_get("/calendar/event", self.show_event)

    async def read_log(self, _request: web.Request) -> web.Response:
        """List the API requests since the start, oldest first."""
        return web.json_response({"requests": list(self._world.log)})

    async def clear_log(self, _request: web.Request) -> web.Response:
        """Forget the requests."""
        self._world.log.clear()
        return web.json_response({"requests": []})

    async def add_event(self, request: web.Request) -> web.Response:
        """Put an event into a calendar, as its owner does by hand."""
        body = await _read(request, _EVENT_FIELDS)
        calendar = self._calendar(body.pop("email", None))
        kind = body.pop("eventType", "default")
        if kind not in _KINDS:
            raise _bad(f"'eventType' must be one of {', '.join(_KINDS)}.")
        body = _KINDS[kind] | body
        for side in ("start", "end"):
            value = body.get(side)
            if isinstance(value, str):
                body[side] = {"date" if read_date(value) else "dateTime": value}
        method = self._world.contract.methods["calendar.events.insert"]
        for problem in self._world.contract.check_body(method, body):
            raise _bad(problem.message)
        check_event(body, calendar.zone)
        call = Call(
            method, {"calendarId": "primary"}, request.query, request.headers, body, calendar
        )
        made = self._events.insert(call).body or {}
        if kind != "default":
            stored = calendar.store(made | {"eventType": kind}, self._world.now())
            made = calendar.render(stored)
        return web.json_response(made, status=201)

    async def list_events(self, request: web.Request) -> web.Response:
        """List an account's events, cancelled ones too."""
        calendar = self._calendar(request.query.get("email"))
        return web.json_response({"items": [calendar.render(event) for event in calendar.events()]})

    async def delete_event(self, request: web.Request) -> web.Response:
        """Delete an event, as its owner does by hand."""
        calendar = self._calendar(request.query.get("email"))
        event = calendar.find(request.query.get("id", ""))
        if event is None:
            raise _bad("There is no event of that 'id'.", 404)
        stored = calendar.store(event | {"status": "cancelled"}, self._world.now())
        return web.json_response(calendar.render(stored))

    async def add_account(self, request: web.Request) -> web.Response:
        """Add a Google account, with a calendar in a time zone."""
        body = await _read(request, {"email", "timeZone"})
        email, zone = body.get("email"), body.get("timeZone", "UTC")
        if not isinstance(email, str) or "@" not in email or email != email.lower():
            raise _bad("'email' must be an address in lower case.")
        if email in self._world.accounts:
            raise _bad("There is an account of that 'email' already.", 409)
        if zone not in available_timezones():
            raise _bad("'timeZone' must be an IANA time zone.")
        account = self._world.add_account(email, zone)
        return web.json_response({"email": account.email, "sub": account.sub}, status=201)

    async def revoke(self, request: web.Request) -> web.Response:
        """Take all access back, as a user does in the Google Account."""
        body = await _read(request, {"email"})
        email = self._calendar(body.get("email")).account.email
        return web.json_response({"revoked": self._world.grants.end(email)})

    async def expire(self, _request: web.Request) -> web.Response:
        """Let all access tokens die now; refresh tokens live on."""
        return web.json_response({"expired": self._world.grants.expire_access_tokens()})

    async def read_settings(self, _request: web.Request) -> web.Response:
        """Tell the settings."""
        return web.json_response(self._describe_settings())

    async def change_settings(self, request: web.Request) -> web.Response:
        """Change settings; what is not named stays."""
        body = await _read(request, {*_SETTINGS, "email", "timeZone"})
        changes = {name: body[name] for name in _SETTINGS if name in body}
        for name, value in changes.items():
            _check_setting(name, value)
        if "timeZone" in body or "email" in body:
            calendar = self._calendar(body.get("email"))
            zone_name = body.get("timeZone")
            if not isinstance(zone_name, str) or read_zone(zone_name) is None:
                raise _bad("'timeZone' must be an IANA name, beside the 'email' of the calendar.")
            calendar.time_zone = zone_name
        for name, value in changes.items():
            setattr(self._world.settings, _SETTINGS[name], value)
        return web.json_response(self._describe_settings())

    async def reset(self, _request: web.Request) -> web.Response:
        """Go back to the start."""
        self._world.reset()
        return web.json_response(self._describe_settings())

    async def show_event(self, request: web.Request) -> web.Response:
        """Show the calendar that an event's `htmlLink` leads to."""
        eid = request.query.get("eid", "")
        try:
            email = base64.urlsafe_b64decode(eid).decode().partition(" ")[2]
        except ValueError:
            email = ""
        calendar = self._calendar(email)
        events = [calendar.render(event) for event in calendar.events()]
        return render(
            "calendar", account=calendar.account, time_zone=calendar.time_zone, events=events
        )

    def _calendar(self, email: object) -> Calendar:
        calendar = self._world.calendars.get(email) if isinstance(email, str) else None
        if calendar is None:
            raise _bad(f"'email' must be one of {', '.join(self._world.calendars)}.")
        return calendar

    def _describe_settings(self) -> dict[str, Any]:
        values = asdict(self._world.settings)
        zones = {email: each.time_zone for email, each in self._world.calendars.items()}
        return {name: values[of] for name, of in _SETTINGS.items()} | {"timeZones": zones}


async def _read(request: web.Request, known: set[str]) -> dict[str, Any]:
    try:
        body = json.loads(await request.read())
    except ValueError:
        raise _bad("The body is not JSON.") from None
    if not isinstance(body, dict):
        raise _bad("The body must be a JSON object.")
    if stray := sorted(set(body) - known):
        raise _bad(f"There is no field '{stray[0]}'; there are {', '.join(sorted(known))}.")
    return body


def _check_setting(name: str, value: object) -> None:
    if name in _WORDS:
        if value not in _WORDS[name]:
            raise _bad(f"'{name}' must be one of {', '.join(sorted(_WORDS[name]))}.")
        return
    if value is None and name == "refreshTokenSeconds":
        return
    kinds = int | float if name == "freeBusyLagSeconds" else int
    if isinstance(value, bool) or not isinstance(value, kinds) or value < 0:
        raise _bad(f"'{name}' must be a number of seconds.")


def _bad(sentence: str, status: int = 400) -> Refusal:
    return Refusal(status, {"error": sentence})
