"""The front door behaves as API Gateway does, before real functions."""

import asyncio
import base64
import io
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from multidict import CIMultiDictProxy
from yarl import URL

from local.environment import Logs
from local.execution import FromSource
from local.gateway import Gateway
from local.lambda_service import LambdaService
from local.payload import BadPayload, Request, event_of, response_of
from local.router import Match, Router
from local.template import Route
from tests.local import samples

ROUTES = [
    Route("GET", "/things/{id}", "one"),
    Route("GET", "/things/mine", "mine"),
    Route("ANY", "/things/{id}", "any"),
    Route("GET", "/things/{id}/{file}", "file"),
    Route("ANY", "/things/{rest+}", "deep"),
    Route("ANY", "$default", "rest"),
]


@pytest.mark.parametrize(
    ("method", "path", "function", "parameters"),
    [
        ("GET", "/things/7", "one", {"id": "7"}),
        ("GET", "/things/mine", "mine", {}),
        ("PUT", "/things/7", "any", {"id": "7"}),
        ("GET", "/things/a%2Fb%20c", "one", {"id": "a/b c"}),
        ("GET", "/things/7/x.ics", "file", {"id": "7", "file": "x.ics"}),
        ("GET", "/things/7/8/9", "deep", {"rest": "7/8/9"}),
        ("GET", "//things/7", "rest", {}),
        ("GET", "/things/", "rest", {}),
        ("GET", "/", "rest", {}),
    ],
)
def test_most_specific_route_takes_the_request(
    method: str, path: str, function: str, parameters: dict[str, str]
) -> None:
    match = Router(ROUTES).match(method, path)
    assert match is not None
    assert (match.route.function, match.parameters) == (function, parameters)


def test_without_default_nothing_matches() -> None:
    assert Router(ROUTES[:1]).match("POST", "/things/1") is None


def an_event(**changes: Any) -> dict[str, Any]:
    arrived: dict[str, Any] = {
        "method": "POST",
        "target": "/things/a%20b?x=1&x=2&empty=&y=%C3%A9",
        "headers": (("Host", "localhost:3000"), ("Accept", "a"), ("accept", "b")),
    }
    request = Request(**(arrived | changes))
    return event_of(request, Match(Route("POST", "/things/{id}", "one"), {"id": "a b"}))


def test_event_has_the_second_payload_format() -> None:
    event = an_event(headers=(("Host", "localhost:3000"), ("X-A", "a"), ("x-a", "b")))
    assert (event["version"], event["routeKey"]) == ("2.0", "POST /things/{id}")
    assert (event["rawPath"], event["rawQueryString"]) == (
        "/things/a b",
        "x=1&x=2&empty=&y=%C3%A9",
    )
    assert event["queryStringParameters"] == {"x": "1,2", "empty": "", "y": "é"}
    assert event["pathParameters"] == {"id": "a b"}
    assert event["headers"]["x-a"] == "a,b"
    context = event["requestContext"]
    assert (context["domainName"], context["stage"]) == ("localhost", "$default")
    assert context["http"]["method"] == "POST"
    assert not {"body", "cookies"} & set(event)


def test_cookies_stand_apart_from_headers() -> None:
    event = an_event(headers=(("Cookie", "a=1; b=2"), ("cookie", "c=3")))
    assert event["cookies"] == ["a=1", "b=2", "c=3"]
    assert "cookie" not in event["headers"]


@pytest.mark.parametrize(
    ("kind", "body", "encoded"),
    [
        ("application/json; charset=utf-8", b'{"a": "\xc3\xa9"}', False),
        ("text/plain", b"x", False),
        ("application/x-www-form-urlencoded", b"a=1", True),
        ("application/json", b"\xff", True),
        ("", b"x", True),
    ],
)
def test_body_is_text_only_where_it_is_at_aws(kind: str, body: bytes, encoded: bool) -> None:  # noqa: FBT001
    event = an_event(headers=(("Content-Type", kind),), body=body)
    assert event["isBase64Encoded"] is encoded
    text = event["body"]
    assert (base64.b64decode(text) if encoded else text.encode()) == body


def test_response_has_headers_cookies_and_bytes() -> None:
    body = base64.b64encode(b"\x00\x01").decode()
    response = response_of(
        {
            "statusCode": 201,
            "headers": {"Content-Type": "image/png", "Retry-After": 3},
            "cookies": ["a=1", "b=2"],
            "body": body,
            "isBase64Encoded": True,
        }
    )
    assert (response.status, response.body) == (201, b"\x00\x01")
    assert response.headers == [
        ("content-type", "image/png"),
        ("retry-after", "3"),
        ("set-cookie", "a=1"),
        ("set-cookie", "b=2"),
    ]


def test_payload_without_status_is_taken_as_json() -> None:
    response = response_of({"a": 1})
    assert (response.status, response.body) == (200, b'{"a": 1}')
    assert response.headers == [("content-type", "application/json")]


@pytest.mark.parametrize(
    "payload",
    [
        {"statusCode": "abc"},
        {"statusCode": 200, "body": {"a": 1}},
        {"statusCode": 200, "body": "%", "isBase64Encoded": True},
        {"statusCode": 200, "headers": ["a"]},
    ],
)
def test_payload_of_another_form_is_refused(payload: dict[str, Any]) -> None:
    with pytest.raises(BadPayload):
        response_of(payload)


class Front:
    """A client of a gateway with the sample functions."""

    def __init__(self, session: aiohttp.ClientSession, address: str) -> None:
        self.address = address
        self.session = session

    async def ask(
        self, method: str, path: str | URL, **options: Any
    ) -> tuple[int, CIMultiDictProxy[str], Any]:
        """Send a request; gives status, headers and body."""
        address = path if isinstance(path, URL) else self.address + path
        async with self.session.request(method, address, **options) as response:
            body = await response.read()
            is_json = response.content_type == "application/json"
            return response.status, response.headers, await response.json() if is_json else body


def play(folder: Path, scenario: Callable[[Front], Awaitable[None]], seconds: float = 20) -> None:
    async def whole() -> None:
        template = samples.write(folder)
        service = LambdaService(
            template.functions(),
            {},
            environments=2,
            logs=Logs(folder / "logs"),
            runtime=FromSource(folder),
        )
        (folder / "demo").mkdir()
        (folder / "demo" / "index.html").write_text("<h1>demo</h1>")
        gateway = Gateway(
            service,
            template.routes(),
            template.cors(),
            demo=folder / "demo",
            seconds=seconds,
        )
        runner = web.AppRunner(gateway.app(), shutdown_timeout=1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        port = runner.addresses[0][1]
        try:
            async with aiohttp.ClientSession() as session:
                await scenario(Front(session, f"http://127.0.0.1:{port}"))
        finally:
            await service.stop()
            await runner.cleanup()

    asyncio.run(whole())


MESSAGES = {
    404: "Not Found",
    413: "Request Entity Too Large",
    500: "Internal Server Error",
    503: "Service Unavailable",
}


@pytest.mark.integration
def test_request_reaches_the_function_and_comes_back(tmp_path: Path) -> None:
    async def scenario(front: Front) -> None:
        status, _, event = await front.ask("GET", "/things/a%2Fb?q=1")
        assert status == 200
        assert event["pathParameters"] == {"id": "a/b"}
        assert event["rawPath"] == "/things/a/b"
        _, _, event = await front.ask("GET", URL(f"{front.address}/things/a%0Ab", encoded=True))
        assert event["pathParameters"] == {"id": "a\nb"}
        _, _, event = await front.ask("GET", "/anything/else")
        assert event["routeKey"] == "$default"
        given = '{"statusCode": 303, "headers": {"Location": "/x"}, "cookies": ["a=1", "b=2"]}'
        status, headers, _ = await front.ask(
            "GET", "/things/1", params={"return": given}, allow_redirects=False
        )
        assert (status, headers["Location"]) == (303, "/x")
        assert headers.getall("set-cookie") == ["a=1", "b=2"]
        assert "content-type" not in headers

    play(tmp_path, scenario)


@pytest.mark.integration
@pytest.mark.parametrize(
    ("path", "size", "status"),
    [
        ("/things/1?do=raise", 0, 500),
        ("/things/1?do=exit", 0, 500),
        ('/things/1?return={"statusCode":"x"}', 0, 500),
        ("/things/1?do=sleep", 0, 503),
        ("/things", 10 * 1024 * 1024 + 1, 413),
        ("/things", 9 * 1024 * 1024, 413),
    ],
)
def test_failures_are_told_in_api_gateways_words(
    tmp_path: Path, path: str, size: int, status: int
) -> None:
    async def scenario(front: Front) -> None:
        sent = {"data": io.BytesIO(b"x" * size)} if size else {}
        answered, _, body = await front.ask("POST" if size else "GET", path, **sent)
        assert (answered, body) == (status, {"message": MESSAGES[status]})

    play(tmp_path, scenario, seconds=1.5)


@pytest.mark.integration
def test_too_large_headers_are_refused(tmp_path: Path) -> None:
    async def scenario(front: Front) -> None:
        headers = {f"x-{number}": "x" * 4000 for number in range(3)}
        status, _, _ = await front.ask("GET", "/things/1", headers=headers)
        assert status == 431

    play(tmp_path, scenario)


@pytest.mark.integration
def test_cors_is_answered_from_the_template(tmp_path: Path) -> None:
    async def scenario(front: Front) -> None:
        origin = {"Origin": "https://chat.example", "Access-Control-Request-Method": "POST"}
        status, headers, _ = await front.ask("OPTIONS", "/things", headers=origin)
        assert status == 204
        assert headers["access-control-allow-origin"] == "*"
        assert headers["access-control-allow-methods"] == "GET,POST"
        assert headers["access-control-allow-headers"] == "authtoken"
        assert headers["access-control-max-age"] == "600"
        own = '{"statusCode": 200, "headers": {"Access-Control-Allow-Origin": "https://evil"}}'
        _, headers, _ = await front.ask("GET", "/things/1", params={"return": own}, headers=origin)
        assert headers.getall("access-control-allow-origin") == ["*"]
        assert headers["access-control-expose-headers"] == "retry-after"
        _, headers, _ = await front.ask("GET", "/things/1")
        assert not [name for name in headers if name.lower().startswith("access-control")]

    play(tmp_path, scenario)


@pytest.mark.integration
def test_demo_is_served_and_nothing_beside_it(tmp_path: Path) -> None:
    async def scenario(front: Front) -> None:
        for path in ("/demo", "/demo/", "/demo/index.html"):
            status, _, body = await front.ask("GET", path)
            assert (status, body) == (200, b"<h1>demo</h1>")
        status, _, _ = await front.ask("GET", "/demo/..%2Ftemplate.yaml")
        assert status == 404

    play(tmp_path, scenario)


@pytest.mark.integration
def test_lambda_client_can_invoke(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "local")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "local")

    def talk(address: str) -> None:
        import boto3  # noqa: PLC0415 - slow to import, and only here

        client = boto3.client("lambda", endpoint_url=address, region_name="us-east-1")
        answer = client.invoke(FunctionName="worker", Payload=b'{"do": "return", "value": 3}')
        assert answer["Payload"].read() == b"3"
        assert "FunctionError" not in answer
        answer = client.invoke(FunctionName="worker", Payload=b'{"do": "raise"}')
        assert answer["FunctionError"] == "Unhandled"
        answer = client.invoke(FunctionName="worker", InvocationType="Event")
        assert answer["StatusCode"] == 202
        known = client.get_function_configuration(FunctionName="worker")
        assert known["Environment"]["Variables"]["TABLE_NAME"] == "test-table"
        with pytest.raises(client.exceptions.ResourceNotFoundException):
            client.invoke(FunctionName="nobody")
        with pytest.raises(client.exceptions.InvalidRequestContentException):
            client.invoke(FunctionName="worker", Payload=b"{")

    async def scenario(front: Front) -> None:
        await asyncio.to_thread(talk, front.address)

    play(tmp_path, scenario)
