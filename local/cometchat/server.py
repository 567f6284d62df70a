"""The application: every route of the emulator, with its log, its limits and its faults."""

import json
import time
from collections.abc import Mapping
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from local.cometchat.callers import find_app, recognise
from local.cometchat.clients import Clients
from local.cometchat.control import Control
from local.cometchat.endpoints import Endpoint, all_endpoints
from local.cometchat.limits import RateLimits
from local.cometchat.refusals import Refusal
from local.cometchat.store import ChatApp, Clock
from local.cometchat.world import World
from local.faults import FAULT, HANG_UPS

#: The documents say `/v3`, the SDK says `/v3.0`.
_VERSION = r"/{version:v3(?:\.0)?}"
#: What the SDK, the REST API's clients and extensions send from a browser.
_CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, POST, PUT, PATCH, DELETE, OPTIONS",
    "Access-Control-Allow-Headers": (
        "appId, authToken, apiKey, onBehalfOf, resource, sdk, chatApiVersion, Authorization, "
        "Content-Type, Accept"
    ),
    "Access-Control-Expose-Headers": (
        "Retry-After, X-Rate-Limit, X-Rate-Limit-Remaining, X-Rate-Limit-Reset"
    ),
    "Access-Control-Max-Age": "600",
}
_TOO_MANY, _NOT_FOUND, _WRONG_VERB, _TOO_LARGE = 429, 404, 405, 413
WORLD: web.AppKey[World] = web.AppKey("world", World)


def utc_seconds() -> int:
    """Read the machine's clock: epoch seconds."""
    return int(time.time())


def create_app(
    *,
    now: Clock = utc_seconds,
    settings: Mapping[str, Any] | None = None,
    core_a_minute: int = 10_000,
    others_a_minute: int = 20_000,
) -> web.Application:
    """Make the emulator.

    Args:
        now: The clock, in epoch seconds.
        settings: Replaces or adds app settings, as `/settings` and `/me` give them.
        core_a_minute: How many core operations each app may make in a minute.
        others_a_minute: How many other requests each app may make in a minute.
    """
    world = World(now, RateLimits(now, core_a_minute, others_a_minute))
    server = _Server(world)
    app = web.Application(
        middlewares=[
            _allow_browsers,
            _say_refusals,
            server.log_requests(),
            server.keep_limits(),
            world.faults.middleware(server.method_id_of),
        ]
    )
    app[WORLD] = world
    for endpoint in all_endpoints(Clients(settings or {})):
        server.add(app, endpoint)
    Control(world).add_routes(app)
    world.sockets.add_routes(app)
    world.faults.add_routes(app)
    return app


class _Server:
    """Knows which endpoint a routed request is for."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._endpoints: dict[Any, Endpoint] = {}

    def add(self, app: web.Application, endpoint: Endpoint) -> None:
        async def answer(request: web.Request) -> web.Response:
            try:
                chat = find_app(request, self._world.apps)
                call = recognise(
                    request, chat, endpoint.access, auth_only_keys=endpoint.auth_only_keys
                )
                return web.json_response(await endpoint.answer(call))
            except Refusal as refusal:
                # An answer like any other: a fault of kind `drop_after` swallows it too.
                return refusal.answer()

        self._endpoints[answer] = endpoint
        app.router.add_route(endpoint.verb, _VERSION + endpoint.path, answer)

    def endpoint_of(self, request: web.Request) -> Endpoint | None:
        return self._endpoints.get(request.match_info.handler)

    def method_id_of(self, request: web.Request) -> str | None:
        endpoint = self.endpoint_of(request)
        return endpoint.method_id if endpoint else None

    def log_requests(self) -> Middleware:
        @web.middleware
        async def log_requests(request: web.Request, handler: Handler) -> web.StreamResponse:
            method_id = self.method_id_of(request)
            if method_id is None:
                return await handler(request)
            app = _app_of(request, self._world)
            line: dict[str, Any] = {
                "at": self._world.now(),
                "method": method_id,
                "app": app.app_id if app else None,
                "verb": request.method,
                "path": request.path,
                "query": {name: request.query.getall(name) for name in request.query},
                "onBehalfOf": request.headers.get("onBehalfOf"),
                "body": _readable(await request.read()),
                "status": None,
                "fault": None,
            }
            self._world.log.append(line)
            response = await handler(request)
            line["fault"] = request.get(FAULT)
            line["status"] = None if line["fault"] in HANG_UPS else response.status
            return response

        return log_requests

    def keep_limits(self) -> Middleware:
        limits = self._world.limits

        @web.middleware
        async def keep_limits(request: web.Request, handler: Handler) -> web.StreamResponse:
            endpoint = self.endpoint_of(request)
            if endpoint is None:
                return await handler(request)
            app = _app_of(request, self._world)
            left = limits.count(app.app_id if app else "", core=endpoint.core)
            if left < 0:
                response: web.StreamResponse = Refusal("ERR_TOO_MANY_REQUESTS").answer()
            else:
                response = await handler(request)
            headers = limits.headers(core=endpoint.core, left=left)
            if response.status == _TOO_MANY:
                headers |= limits.wait_headers()
            for name, value in headers.items():
                response.headers.setdefault(name, value)  # a fault's own headers win
            return response

        return keep_limits


@web.middleware
async def _allow_browsers(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let pages of any origin call, and answer their preflights."""
    if request.method == "OPTIONS":
        return web.Response(status=204, headers=_CORS)
    response = await handler(request)
    response.headers.update(_CORS)
    return response


@web.middleware
async def _say_refusals(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn what no endpoint has answered into CometChat's shape."""
    try:
        return await handler(request)
    except Refusal as refusal:
        return refusal.answer()
    except web.HTTPException as why:
        if why.status in {_NOT_FOUND, _WRONG_VERB}:
            return Refusal("ERR_API_NOT_FOUND").answer()
        if why.status == _TOO_LARGE:
            return Refusal("ERR_BAD_REQUEST", details={"body": ["The body is too large."]}).answer()
        raise


def _app_of(request: web.Request, world: World) -> ChatApp | None:
    try:
        return find_app(request, world.apps)
    except Refusal:
        return None


def _readable(raw: bytes) -> Any:
    """Read a body for the log: JSON, else its text, None if there is none."""
    if not raw:
        return None
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        return raw.decode(errors="replace")
