"""API Gateway in and out: who is calling, what they ask, and every refusal in one shape.

The wire format is that of CometChat's `callExtension`: headers `appId` and `authToken`, JSON
bodies, `{"data"}` or `{"error": {"code", "message", "details"?}}`, with a right status as well.
"""

import json
import re
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any, Protocol
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
)
from scheduling.http.fields import Fields
from scheduling.http.refusals import refusal
from scheduling.observability import logger
from scheduling.ports import Clock

#: The most bytes of a body; the largest honest one has a note of 1,000 characters.
BODY_MAX = 16_384


class ProblemPages(Protocol):
    """Answers a refusal on a page's route; the API's routes begin with `/v1/`."""

    def problem(self, app: APIGatewayHttpResolver, error: SchedulingError) -> Response[str]:
        """Show what went wrong, and the way on."""
        ...


def resolver(pages: Callable[[], ProblemPages] | None = None) -> APIGatewayHttpResolver:
    """Return a function its routes, with every error answered in one place."""
    app = APIGatewayHttpResolver()

    def answer(error: SchedulingError) -> Response[str]:
        if pages and not app.current_event.path.startswith("/v1/"):
            return pages().problem(app, error)
        return refusal(error)

    def refused(error: SchedulingError) -> Response[str]:
        logger().info("refused", extra={"code": error.code})
        return answer(error)

    def broken(_: Exception) -> Response[str]:
        logger().exception("broken")
        return answer(Broken(correlation.current()))

    def unknown(_: NotFoundError) -> Response[str]:
        error = NotFound("There is no such route.")
        person = "text/html" in header(app.current_event, "accept")
        return answer(error) if person else refusal(error)

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
    answer = app.resolve(request, context)
    answer["headers"][correlation.HEADER] = correlation.current()
    # The route's key, never path or query: those may hold signed links.
    line = {"route": event.get("routeKey"), "status": answer["statusCode"]}
    # The API's access log has this id and no other.
    line |= {"api_request_id": context_id}
    line |= {"milliseconds": round((time.monotonic() - begun) * 1000)}
    logger().info("answered", extra=line)
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
    """Return the instant at which this invocation's time ends, whenever in it this is asked."""
    remaining = app.lambda_context.get_remaining_time_in_millis()
    return clock.now() + timedelta(milliseconds=remaining)


def body(app: APIGatewayHttpResolver) -> Fields:
    """Return the JSON body of a request; an idempotency key may also come as a header.

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
    key = header(event, "idempotency-key")
    return Fields({"idempotencyKey": key, **loaded} if key else loaded)


def raw_body(event: APIGatewayProxyEventV2) -> str:
    """Return the body as text, or raise `InvalidRequest` if it is too large or not UTF-8."""
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
    """Return the query of a request."""
    return Fields(app.current_event.query_string_parameters or {})


def path_id(value: str, field: str) -> str:
    """Read an id from the path, for the log too; what is not of our form names nothing."""
    try:
        found = Fields({field: value}).id(field)
    except InvalidRequest as error:
        raise NotFound("There is nothing of that id.") from error
    logger().append_keys(**{field.replace("Id", "_id"): found})
    return found


def header(event: APIGatewayProxyEventV2, name: str) -> str:
    """Return a header by its name in small letters, or `""`."""
    return event.headers.get(name) or ""
