"""The front of the Calendar API: route, token, scope, parameters, body; then the method itself.

The order of refusals is Google's: no such route 404, token 401, scope 403, the rest 400.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from multidict import MultiMapping

from local.google.calendars import Calendar
from local.google.contract import Method, without_nulls
from local.google.field_mask import Mask, apply_mask, read_mask
from local.google.refusals import (
    NotDone,
    Refusal,
    calendar_refusal,
    insufficient_scope,
    json_answer,
    unauthenticated,
)
from local.google.world import World

BASE = "/calendar/v3/"
_NO_CONTENT, _NOT_MODIFIED = 204, 304


@dataclass(frozen=True)
class Call:
    """One call of a method, found in order as far as the discovery document can tell."""

    method: Method
    path: dict[str, str]
    query: MultiMapping[str]
    headers: MultiMapping[str]
    #: The body as it was sent; null values mean "remove" to a patch.
    raw_body: dict[str, Any]
    #: The calendar of the token's owner.
    calendar: Calendar

    @property
    def body(self) -> dict[str, Any]:
        """The body without its nulls."""
        body: dict[str, Any] = without_nulls(self.raw_body)
        return body


@dataclass(frozen=True)
class Answer:
    """What a method has to say; without a body it is 204, or 304 if the reader has it already."""

    body: dict[str, Any] | None = None
    etag: str | None = None
    not_modified: bool = False


Perform = Callable[[Call], Answer]


class CalendarApi:
    """All routes below `/calendar/v3/`."""

    def __init__(self, world: World, methods: dict[str, Perform]) -> None:
        self._world = world
        self._methods = methods

    def add_routes(self, app: web.Application) -> None:
        """Take every request below the base."""
        app.router.add_route("*", BASE + "{rest:.*}", self.answer)

    def route(self, request: web.Request) -> tuple[Method, dict[str, str]] | None:
        """Find the method that a request is for; None if it is for none."""
        raw_path = request.rel_url.raw_path
        if not raw_path.startswith(BASE):
            return None
        return self._world.contract.route(request.method, raw_path.removeprefix(BASE))

    async def answer(self, request: web.Request) -> web.Response:
        """Check and answer one call."""
        routed = self.route(request)
        if routed is None:
            raise Refusal(404, {"error": {"code": 404, "message": "Not Found"}})
        method, path = routed
        raw = await request.read()
        calendar = self._calendar_of_bearer(request, method)
        if method.id not in self._methods:
            raise NotDone(method.id)
        for problem in self._world.contract.check_query(method, request.query.items()):
            raise calendar_refusal(
                400, problem.reason, problem.message, parameter=problem.parameter
            )
        mask = self._mask(request, method)
        body = self._read_body(request, method, raw)
        call = Call(method, path, request.query, request.headers, body, calendar)
        return _write(self._methods[method.id](call), mask)

    def _calendar_of_bearer(self, request: web.Request, method: Method) -> Calendar:
        header = request.headers.get("Authorization", "")
        token = self._world.grants.access_token(header.removeprefix("Bearer ").strip())
        if token is None or not header.startswith("Bearer "):
            raise unauthenticated(token_sent=bool(header))
        if not token.scopes & method.scopes:
            raise insufficient_scope(method.id, method.scopes)
        return self._world.calendars[token.email]

    def _mask(self, request: web.Request, method: Method) -> Mask:
        text = request.query.get("fields")
        if text is None or method.response is None:
            return {}
        return read_mask(text, self._world.contract, method.response)

    def _read_body(self, request: web.Request, method: Method, raw: bytes) -> dict[str, Any]:
        if method.request is None:
            if raw.strip():
                raise calendar_refusal(400)
            return {}
        if request.content_type != "application/json":
            message = f"Media type '{request.content_type}' is not supported."
            raise calendar_refusal(400, "badContent", message)
        try:
            body = json.loads(raw)
        except (ValueError, RecursionError):
            raise calendar_refusal(400, "parseError", "Parse Error") from None
        for problem in self._world.contract.check_body(method, body):
            raise calendar_refusal(400, problem.reason, problem.message)
        return body if isinstance(body, dict) else {}


def _write(answer: Answer, mask: Mask) -> web.Response:
    headers = {"Cache-Control": "no-cache, no-store, max-age=0, must-revalidate"}
    if answer.etag:
        headers["ETag"] = answer.etag
    if answer.body is None:
        status = _NOT_MODIFIED if answer.not_modified else _NO_CONTENT
        return web.Response(status=status, headers=headers)
    return json_answer(apply_mask(mask, answer.body), headers=headers)
