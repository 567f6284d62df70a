"""The application: every route of the emulator, with its log and its faults."""

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from local.faults import FAULT, HANG_UPS
from local.google.accounts import CLIENT_ID, CLIENT_SECRET, Client
from local.google.authorization import PATH, Authorization
from local.google.calendar_api import CalendarApi
from local.google.control import Control
from local.google.event_list import EventList
from local.google.events import Events
from local.google.freebusy import FreeBusy
from local.google.refusals import say_refusals
from local.google.tokens import Tokens
from local.google.world import WORLD, World, utc_now

#: The routes beside the calendar's that faults and the log know by a method id.
_OAUTH_METHODS = {
    ("GET", PATH): "oauth.auth",
    ("POST", "/token"): "oauth.token",
    ("POST", "/revoke"): "oauth.revoke",
    ("GET", "/oauth2/v1/certs"): "oauth.certs",
    ("GET", "/oauth2/v3/certs"): "oauth.certs",
    ("GET", "/v1/userinfo"): "oauth.userinfo",
    ("GET", "/tokeninfo"): "oauth.tokeninfo",
}
#: Never written into the log.
_SECRET = frozenset(
    {"access_token", "client_secret", "code", "code_verifier", "id_token", "oauth_token"}
    | {"refresh_token", "token"}
)


def create_app(
    base_url: str,
    redirect_uris: Iterable[str],
    *,
    other_clients: Sequence[Client] = (),
    now: Callable[[], datetime] = utc_now,
) -> web.Application:
    """Make the emulator.

    Args:
        base_url: Where it will be reached, without a path.
        redirect_uris: What the client `local-client` has registered.
        other_clients: More clients, beside `local-client`.
        now: The clock; aware, UTC.
    """
    client = Client(CLIENT_ID, CLIENT_SECRET, frozenset(redirect_uris))
    world = World(base_url=base_url, clients=[client, *other_clients], now=now)
    events, freebusy = Events(world), FreeBusy(world)
    calendar_api = CalendarApi(
        world,
        {
            "calendar.freebusy.query": freebusy.query,
            "calendar.events.insert": events.insert,
            "calendar.events.get": events.get,
            "calendar.events.list": EventList(world).list,
            "calendar.events.update": events.update,
            "calendar.events.patch": events.patch,
            "calendar.events.delete": events.delete,
        },
    )

    def method_id_of(request: web.Request) -> str | None:
        routed = calendar_api.route(request)
        if routed is not None:
            return routed[0].id
        return _OAUTH_METHODS.get((request.method, request.rel_url.raw_path))

    app = web.Application(
        middlewares=[
            _log_requests(world, method_id_of),
            world.faults.middleware(method_id_of),
            say_refusals,
        ]
    )
    app[WORLD] = world
    Authorization(world).add_routes(app)
    Tokens(world).add_routes(app)
    calendar_api.add_routes(app)
    Control(world, events).add_routes(app)
    world.faults.add_routes(app)
    return app


def _log_requests(world: World, method_id_of: Callable[[web.Request], str | None]) -> Middleware:
    @web.middleware
    async def log_requests(request: web.Request, handler: Handler) -> web.StreamResponse:
        method_id = method_id_of(request)
        if method_id is None:
            return await handler(request)
        line: dict[str, Any] = {
            "at": world.now().isoformat(),
            "method": method_id,
            "verb": request.method,
            "path": request.path,
            "query": _as_dict(request.query.items()),
            "body": _readable(request.content_type, await request.read()),
            "status": None,
            "fault": None,
        }
        world.log.append(line)
        response = await handler(request)
        line["fault"] = request.get(FAULT)
        line["status"] = None if line["fault"] in HANG_UPS else response.status
        return response

    return log_requests


def _readable(content_type: str, raw: bytes) -> Any:
    """Read a body for the log, without its secrets; None if it is neither form nor JSON."""
    text = raw.decode(errors="replace")
    if content_type == "application/x-www-form-urlencoded":
        return _as_dict(parse_qsl(text, keep_blank_values=True))
    try:
        body = json.loads(text)
    except ValueError:
        return None
    if isinstance(body, dict):
        return {name: "(hidden)" if name in _SECRET else part for name, part in body.items()}
    return body


def _as_dict(pairs: Iterable[tuple[str, str]]) -> dict[str, str | list[str]]:
    """Collect pairs; a name that comes twice gets a list."""
    collected: dict[str, str | list[str]] = {}
    for name, value in pairs:
        shown = "(hidden)" if name in _SECRET else value
        had = collected.get(name)
        if had is None:
            collected[name] = shown
        else:
            collected[name] = [*(had if isinstance(had, list) else [had]), shown]
    return collected
