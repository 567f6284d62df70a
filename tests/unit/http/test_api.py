"""API Gateway in and out: every answer in one shape, with the id of its request."""

import base64
import json
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response

from scheduling.core.errors import (
    CalendarUnavailable,
    InvalidRequest,
    NotAllowed,
    NotFound,
    SchedulingError,
)
from scheduling.http import api
from tests.fakes import START, FakeClock
from tests.unit.http.gateway import CONTEXT, GATEWAYS, Asked, error_of


def answered(asked: Asked, app: APIGatewayHttpResolver) -> dict[str, Any]:
    found: dict[str, Any] = api.resolve(app, asked.event(), CONTEXT)
    return found


@pytest.mark.parametrize(("sent", "known"), [("client-7", "client-7"), ("no", GATEWAYS)])
def test_every_answer_names_its_request_and_a_broken_one_in_its_body_too(
    sent: str, known: str
) -> None:
    app = api.resolver()

    @app.get("/v1/x")
    def broken() -> Any:
        raise ZeroDivisionError

    answer = answered(Asked({"x-request-id": sent}), app)
    assert answer["headers"]["X-Request-Id"] == known
    assert json.loads(answer["body"])["error"]["details"] == {"requestId": known}


def test_a_refusal_names_its_request_in_a_header() -> None:
    app = api.resolver()

    @app.get("/v1/x")
    def refused() -> Any:
        raise CalendarUnavailable

    answer = answered(Asked({"x-request-id": "client-7"}), app)
    assert (answer["statusCode"], answer["headers"]["X-Request-Id"]) == (503, "client-7")


def test_what_broke_is_told_by_nothing_but_the_requests_id() -> None:
    app = api.resolver()

    @app.get("/v1/x")
    def broken() -> Any:
        raise RuntimeError("ya29.a-token")

    answer = answered(Asked(), app)
    assert answer["statusCode"] == 500
    assert error_of(answer)["code"] == "INTERNAL"
    assert "ya29" not in answer["body"]


def test_a_refusal_that_is_none_of_the_codes_is_one_of_its_kind() -> None:
    class Stricter(NotAllowed):
        """Not yours either."""

    app = api.resolver()

    @app.get("/v1/x")
    def refused() -> Any:
        raise Stricter("No.")

    answer = answered(Asked(), app)
    assert (answer["statusCode"], error_of(answer)["code"]) == (403, "NOT_ALLOWED")


class Pages:
    """Shows an error as a page would."""

    def problem(self, app: APIGatewayHttpResolver, error: SchedulingError) -> Response[str]:
        del app
        return Response(status_code=418, content_type="text/html", body=error.code)


@pytest.mark.parametrize(
    ("path", "accept", "page"),
    [
        ("/v1/x", "text/html", False),
        ("/connect", "text/html,*/*", True),
        ("/connect", "*/*", True),
    ],
)
def test_a_refusal_on_a_page_is_a_page_and_json_to_programs(
    path: str, accept: str, *, page: bool
) -> None:
    app = api.resolver(Pages)

    @app.get(path)
    def refused() -> Any:
        raise NotAllowed("No.")

    answer = answered(Asked({"accept": accept}, path=path), app)
    assert answer["statusCode"] == (418 if page else 403)


@pytest.mark.parametrize(("accept", "status"), [("text/html", 418), ("application/json", 404)])
def test_what_has_no_route_is_told_to_people_by_a_page(accept: str, status: int) -> None:
    answer = answered(Asked({"accept": accept}, path="/nowhere"), api.resolver(Pages))
    assert answer["statusCode"] == status
    assert "NOT_FOUND" in answer["body"]


def test_doubled_slashes_in_a_path_are_tolerated() -> None:
    app = api.resolver()

    @app.get("/v1/shares/<name>")
    def share(name: str) -> Response[str]:
        return Response(200, "text/plain", name)

    assert answered(Asked(path="//v1//shares///abc"), app)["body"] == "abc"


@pytest.mark.parametrize(
    ("path", "location"),
    [
        ("//v1//connection", "/v1/connection"),
        ("//evil.test/x", "/evil.test/x"),
        ("/a//b c", "/a/b%20c"),
        ("//x\r\nSet-Cookie: a=b", "/x%0D%0ASet-Cookie%3A%20a%3Db"),
    ],
)
def test_a_path_for_which_there_is_no_route_leads_to_the_clean_one_of_this_host(
    path: str, location: str
) -> None:
    event = Asked(path=path, query={"a": "b"}, route="$default").event()
    answer = api.cleaned(event)
    assert answer is not None
    assert answer["statusCode"] == 308, "the method and the body stay"
    assert answer["headers"]["location"] == f"{location}?a=b"


@pytest.mark.parametrize(("path", "route"), [("/v1/x", "$default"), ("//v1/x", "GET /v1/x")])
def test_a_clean_path_and_one_that_has_a_route_are_led_nowhere(path: str, route: str) -> None:
    assert api.cleaned(Asked(path=path, route=route).event()) is None


def test_the_deadline_is_what_the_invocation_has_left() -> None:
    app, seen = api.resolver(), []

    @app.get("/v1/x")
    def asks() -> Response[str]:
        seen.append(api.deadline(app, FakeClock()))
        return Response(200, "text/plain", "")

    answered(Asked(), app)
    assert seen == [START + timedelta(seconds=20)]


def body(**asked: Any) -> Any:
    return api.body(Asked(method="POST", **asked).at())


@pytest.mark.parametrize("text", ["", None, "{}"])
def test_a_body_may_be_left_out(text: str | None) -> None:
    assert body(body=text).opaque("idempotencyKey", 10) == ""


@pytest.mark.parametrize("text", ["[]", "1", "null", '"a"', "{", "{'a': 1}", "[" * 9000])
def test_a_body_that_is_no_json_object_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequest) as refusal:
        body(body=text)
    assert refusal.value.field == "body"


def test_a_key_comes_in_the_body_or_in_a_header_and_the_body_counts() -> None:
    headers = {"idempotency-key": "of-the-header"}
    assert body(headers=headers).opaque("idempotencyKey", 50) == "of-the-header"
    both = body(headers=headers, body='{"idempotencyKey": "of-the-body"}')
    assert both.opaque("idempotencyKey", 50) == "of-the-body"


def test_a_body_is_measured_by_its_bytes_encoded_or_not() -> None:
    most = '{"a": "' + "x" * (api.BODY_MAX - 9) + '"}'
    assert len(most) == api.BODY_MAX
    encoded = base64.b64encode(most.encode()).decode()
    assert body(body=most).line("b", 1) == body(body=encoded, encoded=True).line("b", 1) == ""
    for text in (f"{most} ", '{"a": "' + "é" * (api.BODY_MAX // 2) + '"}', "x" * 10**6):
        with pytest.raises(InvalidRequest, match="at most"):
            body(body=text)


def test_a_body_that_is_no_utf_8_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="UTF-8"):
        body(body=base64.b64encode(b"\xff\xfe").decode(), encoded=True)


def test_a_query_is_read_field_by_field() -> None:
    assert api.query(Asked(query={"cursor": "c"}).at()).opaque("cursor", 10) == "c"
    assert api.query(Asked().at()).opaque("cursor", 10) == ""


def test_an_id_in_a_path_that_is_not_of_our_form_names_nothing() -> None:
    assert api.path_id("a" * 32, "shareId") == "a" * 32
    for wrong in ("", "a" * 31, "A" * 32, "../" * 10, "a" * 500):
        with pytest.raises(NotFound):
            api.path_id(wrong, "shareId")


def test_a_deadline_is_the_same_instant_whenever_in_a_request_it_is_asked() -> None:
    """What came before has used time up: a chat that was asked three times, for example."""
    clock, app = FakeClock(), api.resolver()
    ends_at = clock.now() + timedelta(seconds=20)
    heard = []

    @app.get("/v1/slow")
    def slow() -> dict[str, str]:
        heard.append(api.deadline(app, clock))
        clock.pass_(seconds=12)
        heard.append(api.deadline(app, clock))
        return {}

    def remaining() -> int:
        return int((ends_at - clock.now()).total_seconds() * 1000)

    context: Any = SimpleNamespace(get_remaining_time_in_millis=remaining)
    event = {
        "version": "2.0",
        "routeKey": "GET /v1/slow",
        "rawPath": "/v1/slow",
        "headers": {},
        "requestContext": {"http": {"method": "GET", "path": "/v1/slow"}, "stage": "$default"},
    }
    assert api.resolve(app, event, context)["statusCode"] == 200
    assert heard == [ends_at, ends_at]
