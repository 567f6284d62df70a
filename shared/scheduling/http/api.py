"""API Gateway in and out: who is calling, what they ask, and every refusal in one shape.

The wire format is that of CometChat's `callExtension`: headers `appId` and `authToken`, JSON
bodies, `{"data"}` or `{"error": {"code", "message", "details"?}}`, with a right status as well.
"""

import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2
from aws_lambda_powertools.utilities.typing import LambdaContext

from scheduling.core import correlation
from scheduling.core.errors import (
    Broken,
    InvalidRequest,
    NotFound,
    SchedulingError,
    Unauthenticated,
)
from scheduling.http.cookies import Browsers
from scheduling.http.fields import Fields
from scheduling.models import AppId, Caller, Purpose, ShareId
from scheduling.observability import logger
from scheduling.ports import Chat, Clock, Tenants

#: The most bytes of a body; the largest honest one has a note of 1,000 characters.
BODY_MAX = 16_384
_TOKEN = re.compile(r"[\x21-\x7e]{8,512}")
_APP_ID = re.compile(r"[A-Za-z0-9_-]{1,100}", re.ASCII)

#: Sent by our booking page with its cookie; another site cannot send it without asking by CORS.
_OWN_PAGE = "x-requested-with"


#: Answers a refusal on a page's route; the API's routes begin with `/v1/`.
RefusalPage = Callable[[APIGatewayHttpResolver, SchedulingError], Response[str]]


def resolver(refusal_page: RefusalPage | None = None) -> APIGatewayHttpResolver:
    """Give a function its routes, with every error answered in one place."""
    app = APIGatewayHttpResolver()

    def answer(error: SchedulingError) -> Response[str]:
        if refusal_page and not app.current_event.path.startswith("/v1/"):
            return refusal_page(app, error)
        return problem(error)

    def refused(error: SchedulingError) -> Response[str]:
        logger().info("refused", extra={"code": error.code})
        return answer(error)

    def broken(_: Exception) -> Response[str]:
        logger().exception("broken")
        return answer(Broken(correlation.current()))

    def unknown(_: NotFoundError) -> Response[str]:
        error = NotFound("There is no such route.")
        person = "text/html" in _header(app.current_event, "accept")
        return answer(error) if person else problem(error)

    app.exception_handler(SchedulingError)(refused)
    app.exception_handler(Exception)(broken)
    app.not_found(unknown)
    return app


def resolve(app: APIGatewayHttpResolver, event: dict[str, Any], context: LambdaContext) -> Any:
    """Answer an event; doubled slashes are tolerated, as some clients send them.

    Every line of the log and the answer have the request's id: the client's, or API Gateway's.
    """
    begun = time.monotonic()
    context_id = str(event["requestContext"].get("requestId") or "")
    correlation.carry(correlation.of(event.get("headers") or {}, context_id))
    path = re.sub(r"/{2,}", "/", event.get("rawPath", "/"))
    http = {**event["requestContext"]["http"], "path": path}
    request = {
        **event,
        "rawPath": path,
        "requestContext": {**event["requestContext"], "http": http},
    }
    remaining = context.get_remaining_time_in_millis()
    app.append_context(deadline_ms=remaining)  # type: ignore[no-untyped-call]
    answer = app.resolve(request, context)
    answer["headers"][correlation.HEADER] = correlation.current()
    # The route's key, never path or query: those may hold signed links.
    told = {"route": event.get("routeKey"), "status": answer["statusCode"]}
    # The API's access log has this id and no other.
    told |= {"api_request_id": context_id}
    told |= {"milliseconds": round((time.monotonic() - begun) * 1000)}
    logger().info("answered", extra=told)
    return answer


def cleaned(event: dict[str, Any]) -> dict[str, Any] | None:
    """Lead a path with doubled slashes, which API Gateway knows no route for, to the clean one."""
    path = event.get("rawPath", "/")
    clean = re.sub(r"/{2,}", "/", path)
    if clean == path or event.get("routeKey") != "$default":
        return None
    query = event.get("rawQueryString", "")
    location = quote(clean) + (f"?{query}" if query else "")
    headers = {"location": location, "cache-control": "no-store"}
    return {"statusCode": HTTPStatus.PERMANENT_REDIRECT.value, "headers": headers, "body": ""}


def deadline(app: APIGatewayHttpResolver, clock: Clock) -> datetime:
    """Give the instant at which this invocation's time ends."""
    return clock.now() + timedelta(milliseconds=app.context["deadline_ms"])


def _json(
    status: int, body: dict[str, Any], headers: dict[str, str] | None = None
) -> Response[str]:
    return Response(
        status_code=status,
        content_type="application/json; charset=utf-8",
        body=json.dumps(body),
        headers={
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
            **(headers or {}),
        },
    )


def data(content: Any, status: int = HTTPStatus.OK) -> Response[str]:
    """Answer with data."""
    return _json(status, {"data": content})


def calendar_file(method: str, content: bytes) -> Response[bytes]:
    """Answer with an .ics file, as a browser and a phone's calendar take it."""
    return Response(
        status_code=HTTPStatus.OK,
        content_type=f"text/calendar; charset=utf-8; method={method}",
        body=content,
        headers={
            "Content-Disposition": 'inline; filename="invite.ics"',
            "Cache-Control": "private, max-age=60",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
        },
    )


def problem(error: SchedulingError) -> Response[str]:
    """Answer with a refusal."""
    body: dict[str, Any] = {"code": error.code, "message": error.message}
    if error.details:
        body["details"] = dict(error.details)
    after = error.retry_after_seconds
    headers = {"Retry-After": str(after)} if after is not None else {}
    return _json(error.status, {"error": body}, headers)


def body(app: APIGatewayHttpResolver) -> Fields:
    """Give the JSON body of a request; an idempotency key may also come as a header.

    Raises:
        InvalidRequest: too large, not JSON, or not an object.
    """
    event = app.current_event
    text = raw_body(event)
    try:
        loaded = json.loads(text) if text else {}
    except (ValueError, RecursionError) as error:
        raise InvalidRequest("body", "is not JSON") from error
    if not isinstance(loaded, dict):
        raise InvalidRequest("body", "is not a JSON object")
    key = _header(event, "idempotency-key")
    return Fields({"idempotencyKey": key, **loaded} if key else loaded)


def raw_body(event: APIGatewayProxyEventV2) -> str:
    """Give the body as text, or raise `InvalidRequest` if it is too large or not UTF-8."""
    if len(event.body or "") > BODY_MAX * 2:
        raise InvalidRequest("body", f"may have at most {BODY_MAX} bytes")
    try:
        text = event.decoded_body or ""
    except ValueError as error:
        raise InvalidRequest("body", "is not UTF-8") from error
    if len(text.encode("utf-8", "surrogatepass")) > BODY_MAX:
        raise InvalidRequest("body", f"may have at most {BODY_MAX} bytes")
    return text


def query(app: APIGatewayHttpResolver) -> Fields:
    """Give the query of a request."""
    return Fields(app.current_event.query_string_parameters or {})


def path_id(value: str, field: str) -> str:
    """Give an id from the path, for the log too; what is not of the form of ours names nothing."""
    try:
        found = Fields({field: value}).id(field)
    except InvalidRequest as error:
        raise NotFound("There is nothing of that id.") from error
    logger().append_keys(**{field.replace("Id", "_id"): found})
    return found


def _header(event: APIGatewayProxyEventV2, name: str) -> str:
    return event.headers.get(name) or ""


@dataclass(frozen=True, slots=True)
class Callers:
    """Says who is calling, by what CometChat says of the token; nothing in a body counts."""

    clock: Clock
    tenants: Tenants
    chat: Chat
    browsers: Browsers

    def identify(self, app: APIGatewayHttpResolver) -> Caller:
        """Give the caller of a route that the booking page calls too: a chat user, or its cookie.

        Raises:
            Unauthenticated, ChatUnavailable: as `chat_user` does.
            NotAllowed, LinkInvalid: the page's session has ended, or its cookie is forged.
        """
        event = app.current_event
        if event.cookies and not _header(event, "authtoken"):
            return self._on_page(event)
        return self.chat_user(app)

    def chat_user(self, app: APIGatewayHttpResolver) -> Caller:
        """Give the caller of any other route: by a token alone.

        A link to a booking page can be passed on; its cookie is good for that share and no more.

        Raises:
            Unauthenticated: no app, no token, or CometChat does not know it.
            ChatUnavailable: nobody is let in while CometChat cannot say.
        """
        event = app.current_event
        app_id, token = _header(event, "appid"), _header(event, "authtoken")
        if not _TOKEN.fullmatch(token) or not _APP_ID.fullmatch(app_id):
            raise Unauthenticated("The headers appId and authToken of a chat user are needed.")
        tenant = self.tenants.get(AppId(app_id))
        if tenant is None:
            raise Unauthenticated("This app is not registered here.")
        person = self.chat.whoami(tenant, token)
        if person is None:
            raise Unauthenticated("The chat does not know this authToken.")
        logger().append_keys(app_id=app_id, uid=person.uid)
        return Caller(tenant=tenant, person=person)

    def _on_page(self, event: APIGatewayProxyEventV2) -> Caller:
        """Give the caller of the booking page: its cookie, sent by our own script."""
        if _header(event, _OWN_PAGE) != "calendar-scheduling":
            raise Unauthenticated("The headers appId and authToken of a chat user are needed.")
        session, tenant = self.browsers.known(event, Purpose.PAGE)
        logger().append_keys(app_id=tenant.app_id, uid=session.person.uid)
        return Caller(tenant=tenant, person=session.person, only_share=ShareId(session.share_id))
