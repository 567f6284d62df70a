"""Who calls: which app, with which key or token, on whose behalf."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, NoReturn

from aiohttp import web

from local.cometchat.refusals import Refusal, invalid
from local.cometchat.store import ChatApp

#: `admin`: an API key. `client`: a user's token. `either`: the same code for both.
Access = Literal["admin", "client", "either"]
_HOST = re.compile(
    r"(?P<app>[a-z0-9_-]+)\.api(?P<client>client)?-(?P<region>[a-z]+)"
    r"\.(?:cometchat|cc-cluster-2|cc-edge-2)\.io(?::\d+)?",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Call:
    """One request, after its caller was recognised."""

    request: web.Request
    app: ChatApp
    #: The user who acts, in lower case; None for the app's own server without `onBehalfOf`.
    uid: str | None
    #: The token, if the caller is a user's client.
    token: str | None = None

    @property
    def device(self) -> str | None:
        """The client that calls, as the SDK names itself; None for others."""
        return self.request.headers.get("resource")

    def path(self, name: str) -> str:
        """Return a variable part of the path."""
        return self.request.match_info[name]

    def require_uid(self) -> str:
        """Return the user who acts; refuses if nobody is named."""
        if self.uid is None:
            raise invalid(onBehalfOf="The onBehalfOf header is required.")
        return self.uid

    async def body(self, allowed: set[str]) -> dict[str, Any]:
        """Read the JSON object in the body; refuses fields that are not known."""
        body = await read_object(self.request)
        for name in body:
            if name not in allowed:
                raise invalid(**{name: f"The {name} field is not known."})
        return body

    def query(self, allowed: set[str]) -> dict[str, list[str]]:
        """Read the query, lists as `name`, `name[]` or with commas; refuses unknown names."""
        values: dict[str, list[str]] = {}
        for raw_name, value in self.request.query.items():
            name = raw_name.removesuffix("[]")
            if name not in allowed:
                raise invalid(**{name: f"The {name} parameter is not known."})
            values.setdefault(name, []).append(value)
        return values


def find_app(request: web.Request, apps: Mapping[str, ChatApp]) -> ChatApp:
    """Tell the app by the header `appId` or by the host; refuses if they name none, or two."""
    named = request.headers.get("appId", "")
    if host := _HOST.fullmatch(request.host):
        if named and named != host["app"]:
            raise Refusal("AUTH_ERR_INVALID_APPID", app=named)
        named = host["app"]
    if not named:
        raise Refusal("AUTH_ERR_EMPTY_APPID")
    app = apps.get(named)
    if app is None or (host and host["region"].lower() != app.region):
        raise Refusal("AUTH_ERR_INVALID_APPID", app=named)
    return app


def recognise(
    request: web.Request, app: ChatApp, access: Access, *, auth_only_keys: bool = False
) -> Call:
    """Recognise the caller of an endpoint.

    Args:
        request: The request.
        app: The app it is for.
        access: What the endpoint asks for.
        auth_only_keys: Whether a key of scope `authOnly` is enough.
    """
    host = _HOST.fullmatch(request.host)
    is_client = access == "client" or bool(
        access == "either"
        and "apikey" not in request.headers
        and ("authToken" in request.headers or (host and host["client"]))
    )
    if is_client:
        return _as_client(request, app)
    key = request.headers.get("apikey", "")
    if not key:
        raise Refusal("AUTH_ERR_EMPTY_APIKEY")
    scope = app.keys.get(key)
    if scope is None:
        raise Refusal("AUTH_ERR_APIKEY_NOT_FOUND")
    if scope != "fullAccess" and not auth_only_keys:
        raise Refusal("AUTH_ERR_NO_ACCESS")
    behalf = request.headers.get("onBehalfOf")
    return Call(request, app, app.user(behalf).uid if behalf else None)


def _as_client(request: web.Request, app: ChatApp) -> Call:
    value = request.headers.get("authToken", "")
    if not value:
        raise Refusal("AUTH_ERR_EMPTY_AUTH_TOKEN")
    token = app.token(value)
    if token is None:
        raise Refusal("AUTH_ERR_AUTH_TOKEN_NOT_FOUND")
    return Call(request, app, token.uid, value)


async def read_json(request: web.Request) -> Any:
    """Read the body as JSON, None if there is no body; refuses all else."""
    raw = await request.read()
    if not raw:
        return None
    if request.content_type != "application/json":
        raise invalid(body="The body must be application/json.")
    try:
        body = json.loads(raw, parse_constant=_refuse_constant)
        json.dumps(body, ensure_ascii=False).encode()  # fails for half a character
    except (ValueError, RecursionError):
        raise invalid(body="The body is not valid JSON.") from None
    return body


async def read_object(request: web.Request) -> dict[str, Any]:
    """Read the body as a JSON object; no body is an empty one."""
    body = await read_json(request)
    if body is None:
        return {}
    if not isinstance(body, dict):
        raise invalid(body="The body must be a JSON object.")
    return body


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)
