"""API Gateway in and out: every answer in one shape, with the id of its request."""

import json
from types import SimpleNamespace
from typing import Any

import pytest

from scheduling.core.errors import CalendarUnavailable
from scheduling.http import api

GATEWAYS = "JKJaXmPLvHcESHA="
CONTEXT: Any = SimpleNamespace(
    get_remaining_time_in_millis=lambda: 20_000,
    function_name="test",
    memory_limit_in_mb=1024,
    invoked_function_arn="arn:aws:lambda:eu-west-1:000000000000:function:test",
    aws_request_id="invocation",
)


def event(headers: dict[str, str]) -> dict[str, Any]:
    http = {"method": "GET", "path": "/v1/x"}
    return {
        "version": "2.0",
        "routeKey": "GET /v1/x",
        "rawPath": "/v1/x",
        "rawQueryString": "",
        "headers": headers,
        "requestContext": {"requestId": GATEWAYS, "stage": "$default", "http": http},
        "isBase64Encoded": False,
    }


@pytest.mark.parametrize(("sent", "known"), [("client-7", "client-7"), ("no", GATEWAYS)])
def test_every_answer_names_its_request_and_a_broken_one_in_its_body_too(
    sent: str, known: str
) -> None:
    app = api.resolver()

    @app.get("/v1/x")
    def broken() -> Any:
        raise ZeroDivisionError

    answer = api.resolve(app, event({"x-request-id": sent}), CONTEXT)
    assert answer["headers"]["X-Request-Id"] == known
    assert json.loads(answer["body"])["error"]["details"] == {"requestId": known}


def test_a_refusal_names_its_request_in_a_header() -> None:
    app = api.resolver()

    @app.get("/v1/x")
    def refused() -> Any:
        raise CalendarUnavailable

    answer = api.resolve(app, event({"x-request-id": "client-7"}), CONTEXT)
    assert (answer["statusCode"], answer["headers"]["X-Request-Id"]) == (503, "client-7")
