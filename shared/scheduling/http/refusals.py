"""Each error as an HTTP answer: its status, `{"error": {"code", "message", "details"?}}`.

Inside, an error knows its code and its evidence; what a client reads of both is decided here.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response

from scheduling.core.errors import SchedulingError
from scheduling.core.times import format_instant
from scheduling.http.answers import json_response

#: The status of each error's code.
STATUSES: Mapping[str, HTTPStatus] = {
    "INTERNAL": HTTPStatus.INTERNAL_SERVER_ERROR,
    "INVALID_REQUEST": HTTPStatus.BAD_REQUEST,
    "UNAUTHENTICATED": HTTPStatus.UNAUTHORIZED,
    "NOT_ALLOWED": HTTPStatus.FORBIDDEN,
    "NOT_FOUND": HTTPStatus.NOT_FOUND,
    "NOT_CONNECTED": HTTPStatus.CONFLICT,
    "RECONNECT_NEEDED": HTTPStatus.CONFLICT,
    "SLOT_TAKEN": HTTPStatus.CONFLICT,
    "ALREADY_BOOKED": HTTPStatus.CONFLICT,
    "BOOKING_IN_PROGRESS": HTTPStatus.CONFLICT,
    "SHARE_CLOSED": HTTPStatus.GONE,
    "BOOKING_ENDED": HTTPStatus.GONE,
    "LINK_INVALID": HTTPStatus.GONE,
    "IDEMPOTENCY_MISMATCH": HTTPStatus.UNPROCESSABLE_ENTITY,
    "SLOT_NOT_OFFERED": HTTPStatus.UNPROCESSABLE_ENTITY,
    "TOO_MANY_REQUESTS": HTTPStatus.TOO_MANY_REQUESTS,
    "CALENDAR_UNAVAILABLE": HTTPStatus.SERVICE_UNAVAILABLE,
    "CHAT_UNAVAILABLE": HTTPStatus.SERVICE_UNAVAILABLE,
}


def refusal(error: SchedulingError) -> Response[str]:
    """Answer with an error; seconds after which to try again are a header as well."""
    body: dict[str, Any] = {"code": error.code, "message": error.message}
    if error.details:
        body["details"] = {_camel(name): _wire(value) for name, value in error.details.items()}
    after = error.retry_after_seconds
    headers = {"Retry-After": str(after)} if after is not None else {}
    return json_response(STATUSES[error.code], {"error": body}, headers)


def _camel(name: str) -> str:
    return re.sub(r"_([a-z])", lambda found: found[1].upper(), name)


def _wire(value: Any) -> Any:
    if isinstance(value, datetime):
        return format_instant(value)
    return [_wire(each) for each in value] if isinstance(value, list) else value
