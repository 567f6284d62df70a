"""Faults on demand: a emulator can be told to fail, to dawdle, or to hang up.

One `Faults` belongs to one emulator. It brings three routes and a middleware:

* `POST /_faults` adds a fault, `GET /_faults` lists those still waiting, `DELETE /_faults` clears
  them; each answers `{"faults": [...]}`.
* The middleware asks the emulator which API method a request is for (`calendar.events.insert`,
  `messages.send`, ...) and lets the first fault that matches have its way. A request without a
  method id, such as a page or `/_faults` itself, never fails.

A fault is `{"match", "kind", "status"?, "body"?, "headers"?, "seconds"?, "times"?}`. `match` is a
method id, and `*` in it stands for anything. `times` is how many requests it meets: 1 when it is
absent, no end when it is 0 or null. The kinds:

* `status` answers with `status` (and `body`, `headers`) and does nothing else.
* `delay` waits for `seconds`, then does what was asked.
* `drop_before` closes the connection and does nothing.
* `drop_after` does what was asked, then closes the connection without an answer.
"""

import asyncio
import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

HANG_UPS = ("drop_before", "drop_after")
KINDS = ("status", "delay", *HANG_UPS)
LONGEST_DELAY_SECONDS = 600
#: Where a request carries the kind of the fault that met it, for a emulator's log.
FAULT: web.RequestKey[str] = web.RequestKey("fault", str)
_LOWEST_STATUS, _HIGHEST_STATUS = 200, 599
_FIELDS_OF_ALL_KINDS = {"match", "kind", "times"}
_FIELDS_OF_KIND = {"status": {"status", "body", "headers"}, "delay": {"seconds"}}


class BadFault(Exception):
    """The description of a fault cannot be understood; the message says why."""


@dataclass
class Fault:
    """One fault that waits for its requests."""

    match: str
    kind: str
    #: How many requests it will still meet; None means no end.
    times: int | None = 1
    status: int = 0
    body: Any = None
    headers: Mapping[str, str] | None = None
    seconds: float = 0

    @classmethod
    def parse(cls, described: object) -> "Fault":
        """Read the body of `POST /_faults`.

        Raises:
            BadFault: A field is missing, unknown, out of place or of the wrong type.
        """
        if not isinstance(described, dict):
            raise BadFault("A fault is a JSON object.")
        match, kind = described.get("match"), described.get("kind")
        if not isinstance(match, str) or not match:
            raise BadFault("'match' must be the id of an API method, for example 'oauth.token'.")
        if kind not in KINDS:
            raise BadFault(f"'kind' must be one of {', '.join(KINDS)}.")
        allowed = _FIELDS_OF_ALL_KINDS | _FIELDS_OF_KIND.get(kind, set())
        if stray := sorted(set(described) - allowed):
            raise BadFault(f"A fault of kind '{kind}' has no field '{stray[0]}'.")
        return cls(
            match=match,
            kind=kind,
            times=_times(described.get("times", 1)),
            status=_status(described.get("status")) if kind == "status" else 0,
            body=described.get("body"),
            headers=_headers(described.get("headers")),
            seconds=_seconds(described.get("seconds")) if kind == "delay" else 0,
        )

    def describe(self) -> dict[str, Any]:
        """Say the fault in the words of `POST /_faults`, with the times that are left."""
        described: dict[str, Any] = {"match": self.match, "kind": self.kind, "times": self.times}
        if self.kind == "status":
            described |= {"status": self.status, "body": self.body, "headers": self.headers}
        if self.kind == "delay":
            described["seconds"] = self.seconds
        return described


class Faults:
    """The faults that wait at one emulator, oldest first.

    Args:
        body_of: What a fault of kind `status` answers when it was given no body: called with the
            method id and the status, so that a emulator can speak its vendor's error shape.
    """

    def __init__(self, body_of: Callable[[str, int], Any] | None = None) -> None:
        self._waiting: list[Fault] = []
        self._body_of = body_of or _plain_body

    def add(self, fault: Fault) -> None:
        """Let a fault wait behind those that are there."""
        self._waiting.append(fault)

    def clear(self) -> None:
        """Forget all faults."""
        self._waiting.clear()

    def describe(self) -> list[dict[str, Any]]:
        """List the faults that still wait."""
        return [fault.describe() for fault in self._waiting]

    def take(self, method_id: str) -> Fault | None:
        """Use up one time of the first fault that matches, if there is one."""
        for fault in self._waiting:
            if not fnmatchcase(method_id, fault.match):
                continue
            if fault.times is not None:
                fault.times -= 1
                if fault.times == 0:
                    self._waiting.remove(fault)
            return fault
        return None

    def middleware(self, method_id_of: Callable[[web.Request], str | None]) -> Middleware:
        """Make the middleware that lets faults happen.

        Args:
            method_id_of: Names the API method a request is for; None if it is for none.
        """

        @web.middleware
        async def let_faults_happen(request: web.Request, handler: Handler) -> web.StreamResponse:
            method_id = method_id_of(request)
            fault = self.take(method_id) if method_id else None
            if fault is None or method_id is None:
                return await handler(request)
            request[FAULT] = fault.kind
            return await self._happen(fault, method_id, request, handler)

        return let_faults_happen

    def add_routes(self, app: web.Application) -> None:
        """Add `POST`, `GET` and `DELETE /_faults`."""
        app.router.add_post("/_faults", self._post)
        app.router.add_get("/_faults", self._get)
        app.router.add_delete("/_faults", self._delete)

    async def _happen(
        self, fault: Fault, method_id: str, request: web.Request, handler: Handler
    ) -> web.StreamResponse:
        if fault.kind == "status":
            return self._answer(fault, method_id)
        if fault.kind == "delay":
            await asyncio.sleep(fault.seconds)
            return await handler(request)
        if fault.kind == "drop_after":
            with suppress(web.HTTPException):  # a refusal is an answer too, and none is to be given
                await handler(request)
        if request.transport is not None:
            request.transport.close()
        return web.Response()  # goes nowhere: the connection is closed

    def _answer(self, fault: Fault, method_id: str) -> web.Response:
        headers = dict(fault.headers or {})
        body = self._body_of(method_id, fault.status) if fault.body is None else fault.body
        text = body if isinstance(body, str) else json.dumps(body)
        if not any(name.lower() == "content-type" for name in headers):
            kind = "text/plain" if isinstance(body, str) else "application/json"
            headers["Content-Type"] = f"{kind}; charset=UTF-8"
        return web.Response(status=fault.status, body=text.encode(), headers=headers)

    async def _post(self, request: web.Request) -> web.Response:
        try:
            self.add(Fault.parse(await request.json()))
        except (BadFault, ValueError) as why:
            sentence = str(why) if isinstance(why, BadFault) else "The body is not JSON."
            return web.json_response({"error": sentence}, status=400)
        return web.json_response({"faults": self.describe()}, status=201)

    async def _get(self, _request: web.Request) -> web.Response:
        return web.json_response({"faults": self.describe()})

    async def _delete(self, _request: web.Request) -> web.Response:
        self.clear()
        return web.json_response({"faults": []})


def _plain_body(_method_id: str, status: int) -> dict[str, Any]:
    return {"error": f"A fault was asked for: status {status}."}


def _times(value: object) -> int | None:
    if value is None or (value == 0 and value is not False):
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise BadFault("'times' must be a whole number; 0 or null means always.")
    return value


def _status(value: object) -> int:
    if isinstance(value, int) and _LOWEST_STATUS <= value <= _HIGHEST_STATUS:
        return value
    raise BadFault(f"'status' must be a whole number from {_LOWEST_STATUS} to {_HIGHEST_STATUS}.")


def _seconds(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadFault("'seconds' must be a number.")
    if 0 <= value <= LONGEST_DELAY_SECONDS:
        return value
    raise BadFault(f"'seconds' must be a number from 0 to {LONGEST_DELAY_SECONDS}.")


def _headers(value: object) -> dict[str, str] | None:
    if value is None:
        return None
    if not isinstance(value, dict) or not all(
        isinstance(part, str) and "\n" not in part and "\r" not in part
        for pair in value.items()
        for part in pair
    ):
        raise BadFault("'headers' must be an object of strings.")
    return dict(value)
