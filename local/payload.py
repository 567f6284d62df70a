"""API Gateway's payload format 2.0: a request as an event, a function's payload as a response.

What it does not do: authorizers, stage variables, client certificates, responses without a
`statusCode` that are not JSON.

Source: API Gateway Developer Guide, "Create AWS Lambda proxy integrations for HTTP APIs"; which
content types count as text, and that the path arrives decoded but the query as it was sent, was
measured at AWS (ministackorg/ministack pull request 766, fastify/aws-lambda-fastify issue 169)
(read 2026-11).
"""

import base64
import json
import time
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, unquote

from local import facts
from local.router import Match

_TEXT_TYPES = {"application/json", "application/xml", "application/javascript"}
_API_ID = "local"
_SEPARATOR = "; "


@dataclass(frozen=True)
class Request:
    """An HTTP request as it arrived."""

    method: str
    #: Path and query as they were sent.
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes = b""
    source_ip: str = "127.0.0.1"

    @property
    def raw_path(self) -> str:
        """The path, still percent-encoded."""
        return self.target.partition("?")[0]

    def header(self, name: str) -> str:
        """Return a header by its name in small letters; empty when there is none."""
        return next((value for key, value in self.headers if key.lower() == name), "")


@dataclass(frozen=True)
class Response:
    """What goes back to the client; headers may repeat (`set-cookie`)."""

    status: int
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""

    @classmethod
    def message(cls, status: int, text: str) -> "Response":
        """Make an answer in API Gateway's own words."""
        body = json.dumps({"message": text}).encode()
        return cls(status, [("content-type", "application/json")], body)


class BadPayload(Exception):
    """A function returned what API Gateway cannot turn into a response."""


def event_of(request: Request, match: Match) -> dict[str, Any]:
    """Make the event for a function."""
    raw_query = request.target.partition("?")[2]
    host = request.header("host")
    now = datetime.now(UTC)
    headers, cookies = _headers_and_cookies(request.headers)
    headers.setdefault("x-forwarded-for", request.source_ip)
    headers.setdefault("x-forwarded-port", host.rpartition(":")[2] if ":" in host else "80")
    headers.setdefault("x-forwarded-proto", "http")
    headers.setdefault("x-amzn-trace-id", f"Root=1-{int(time.time()):08x}-{uuid.uuid4().hex[:24]}")
    path = unquote(request.raw_path)
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": match.route.key,
        "rawPath": path,
        "rawQueryString": raw_query,
        "headers": headers,
        "requestContext": {
            "accountId": facts.ACCOUNT,
            "apiId": _API_ID,
            "domainName": host.partition(":")[0],
            "domainPrefix": _API_ID,
            "http": {
                "method": request.method,
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": request.source_ip,
                "userAgent": request.header("user-agent"),
            },
            "requestId": base64.b64encode(uuid.uuid4().bytes[:11]).decode(),
            "routeKey": match.route.key,
            "stage": "$default",
            "time": now.strftime("%d/%b/%Y:%H:%M:%S +0000"),
            "timeEpoch": int(now.timestamp() * 1000),
        },
        "isBase64Encoded": False,
    }
    if cookies:
        event["cookies"] = cookies
    if raw_query:
        event["queryStringParameters"] = _joined(parse_qsl(raw_query, keep_blank_values=True))
    if match.parameters:
        event["pathParameters"] = dict(match.parameters)
    if request.body:
        event |= _body(request)
    return event


def response_of(payload: Any) -> Response:
    """Make the response from what a function returned.

    Raises:
        BadPayload: It has no form that API Gateway understands.
    """
    if not isinstance(payload, dict) or "statusCode" not in payload:
        whole = payload if isinstance(payload, str) else json.dumps(payload)
        return Response(200, [("content-type", "application/json")], whole.encode())
    body = payload.get("body")
    headers, cookies = payload.get("headers") or {}, payload.get("cookies") or []
    if not isinstance(headers, dict) or not isinstance(cookies, list):
        raise BadPayload("headers must be an object and cookies a list.")
    try:
        status = int(payload["statusCode"])
        content = _content(body, encoded=payload.get("isBase64Encoded") is True)
    except (ValueError, TypeError) as why:
        raise BadPayload(str(why)) from why
    pairs = [(str(name).lower(), _header_text(value)) for name, value in headers.items()]
    if content and not any(name == "content-type" for name, _ in pairs):
        pairs.append(("content-type", "text/plain;charset=UTF-8"))
    pairs += [("set-cookie", str(cookie)) for cookie in cookies]
    return Response(status, pairs, content)


def _headers_and_cookies(
    pairs: Iterable[tuple[str, str]],
) -> tuple[dict[str, str], list[str]]:
    lowered = [(name.lower(), value) for name, value in pairs]
    cookies = [
        cookie
        for name, value in lowered
        if name == "cookie"
        for cookie in value.split(_SEPARATOR)
        if cookie
    ]
    return _joined(pair for pair in lowered if pair[0] != "cookie"), cookies


def _joined(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in pairs:
        found[name] = f"{found[name]},{value}" if name in found else value
    return found


def _body(request: Request) -> Mapping[str, Any]:
    kind = request.header("content-type").partition(";")[0].strip().lower()
    if kind in _TEXT_TYPES or kind.startswith("text/"):
        try:
            return {"body": request.body.decode()}
        except UnicodeDecodeError:
            pass  # text in name only
    return {"body": base64.b64encode(request.body).decode(), "isBase64Encoded": True}


def _content(body: Any, *, encoded: bool) -> bytes:
    if body is None:
        return b""
    if not isinstance(body, str):
        raise TypeError("body must be a string.")
    return base64.b64decode(body, validate=True) if encoded else body.encode()


def _header_text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value)
