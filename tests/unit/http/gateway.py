"""Requests as API Gateway hands them over, and what a function answers."""

import json
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2

#: API Gateway's id of the request.
GATEWAYS = "JKJaXmPLvHcESHA="
CONTEXT: Any = SimpleNamespace(
    get_remaining_time_in_millis=lambda: 20_000,
    function_name="test",
    memory_limit_in_mb=1024,
    invoked_function_arn="arn:aws:lambda:eu-west-1:000000000000:function:test",
    aws_request_id="invocation",
)


@dataclass
class Asked:
    """One request."""

    headers: dict[str, str] = field(default_factory=dict)
    method: str = "GET"
    path: str = "/v1/x"
    body: str | None = None
    query: dict[str, str] = field(default_factory=dict)
    cookies: list[str] = field(default_factory=list)
    encoded: bool = False
    route: str = ""

    def event(self) -> dict[str, Any]:
        """Return the event, in the format's version 2.0."""
        return {
            "version": "2.0",
            "routeKey": self.route or f"{self.method} {self.path}",
            "rawPath": self.path,
            "rawQueryString": "&".join(f"{name}={value}" for name, value in self.query.items()),
            "queryStringParameters": self.query,
            "headers": self.headers,
            "cookies": self.cookies,
            "body": self.body,
            "requestContext": {
                "requestId": GATEWAYS,
                "stage": "$default",
                "http": {"method": self.method, "path": self.path},
            },
            "isBase64Encoded": self.encoded,
        }

    def at(self) -> APIGatewayHttpResolver:
        """Return a resolver in the midst of this request."""
        app = APIGatewayHttpResolver()
        app.current_event = APIGatewayProxyEventV2(self.event())
        app.lambda_context = CONTEXT
        return app


def error_of(answer: dict[str, Any]) -> dict[str, Any]:
    """Return the error of an answer."""
    error: dict[str, Any] = json.loads(answer["body"])["error"]
    return error
