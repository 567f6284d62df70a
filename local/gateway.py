"""The front door: API Gateway's HTTP API, Lambda's Invoke API, and the demo's files.

The HTTP API behaves as the template says (routes, CORS) and has API Gateway's limits: 30 seconds,
10 MB, 10,240 bytes of headers; beyond them it answers in API Gateway's words. An AWS SDK's client
for Lambda, pointed at this address, invokes any function and reads its configuration.
What it does not do: throttling, access logs, authorizers, stages, custom domains, compression; the
Invoke API neither checks signatures nor tries an asynchronous invocation again.

Source: API Gateway Developer Guide, "Quotas for HTTP APIs" and "Configure CORS for HTTP APIs"; AWS
Lambda API Reference, "Invoke" and "GetFunctionConfiguration" (read 2026-11).
"""

import asyncio
import json
import time
from collections.abc import Awaitable, Coroutine, Iterable
from pathlib import Path
from typing import Any

from aiohttp import web

from local import facts
from local.lambda_service import Functions, PayloadTooLarge, Result, UnknownFunction
from local.payload import BadPayload, Request, Response, event_of, response_of
from local.router import Router
from local.template import Cors, Route

INTEGRATION_SECONDS = 30
BODY_LIMIT_BYTES = 10 * 1024 * 1024
HEADERS_LIMIT_BYTES = 10_240
DEMO = facts.ROOT / "local" / "demo"
_INVOKE_API = "/2015-03-31/functions/{name}"


class Gateway:
    """One HTTP API in front of the functions of a service.

    Args:
        service: Runs the functions.
        routes: As the template declares them.
        cors: The same; None if the API has no CORS rules.
        demo: The folder served at `/demo`.
        seconds: How long a function may take to answer a request.
        print_requests: Whether each request is told on the terminal.
    """

    def __init__(
        self,
        service: Functions,
        routes: Iterable[Route],
        cors: Cors | None,
        *,
        demo: Path = DEMO,
        seconds: float = INTEGRATION_SECONDS,
        print_requests: bool = False,
    ) -> None:
        self._service = service
        self._router = Router(routes)
        self._cors = cors
        self._demo = demo
        self._seconds = seconds
        self._print = print_requests
        self._running: set[asyncio.Task[Any]] = set()

    def app(self) -> web.Application:
        """Make the server."""
        app = web.Application(client_max_size=BODY_LIMIT_BYTES)
        app.router.add_post(f"{_INVOKE_API}/invocations", self._invoke)
        app.router.add_get(f"{_INVOKE_API}/configuration", self._configuration)
        app.router.add_get("/demo", self._demo_file)
        app.router.add_get("/demo/{path:.*}", self._demo_file)
        # Any character: a dot does not take the newline that `%0A` becomes.
        app.router.add_route("*", r"/{path:[\s\S]*}", self._http_api)
        return app

    async def _http_api(self, request: web.Request) -> web.Response:
        started = time.perf_counter()
        response = await self._answer(request)
        if self._print:
            took = (time.perf_counter() - started) * 1000
            print(f"{request.method} {request.path} {response.status} {took:.0f} ms", flush=True)
        # Built by hand, so that nothing is added that API Gateway would not send.
        answer = web.Response(status=response.status, body=response.body)
        answer.headers.popall("content-type", None)
        for name, value in response.headers:
            answer.headers.add(name, value)
        return answer

    async def _answer(self, request: web.Request) -> Response:
        origin = request.headers.get("origin")
        if self._cors is not None and request.method == "OPTIONS":
            return Response(204, self._preflight(self._cors, origin))
        response = await self._integrate(request)
        if self._cors is None:
            return response
        # API Gateway drops the integration's own CORS headers and sets those configured.
        kept = [(k, v) for k, v in response.headers if not k.startswith("access-control-")]
        return Response(response.status, kept + self._allowed(self._cors, origin), response.body)

    async def _integrate(self, request: web.Request) -> Response:
        if sum(len(name) + len(value) for name, value in request.raw_headers) > HEADERS_LIMIT_BYTES:
            return Response.message(431, "Request Header Fields Too Large")
        try:
            body = await request.read()
        except web.HTTPRequestEntityTooLarge:
            return Response.message(413, "Request Entity Too Large")
        arrived = Request(
            method=request.method,
            target=request.raw_path,
            headers=tuple(request.headers.items()),
            body=body,
            source_ip=request.remote or "127.0.0.1",
        )
        match = self._router.match(arrived.method, arrived.raw_path)
        if match is None:
            return Response.message(404, "Not Found")
        return await self._run(match.route.function, event_of(arrived, match))

    async def _run(self, function: str, event: dict[str, Any]) -> Response:
        try:
            work = self._unbroken(self._service.invoke(function, event))
            result = await asyncio.wait_for(work, self._seconds)
            if result.function_error is None:
                return response_of(result.json())
        except TimeoutError:
            return Response.message(503, "Service Unavailable")
        except PayloadTooLarge:
            return Response.message(413, "Request Entity Too Large")
        except BadPayload as why:
            print(f"{function} gave no response of API Gateway's form: {why}", flush=True)
        return Response.message(500, "Internal Server Error")

    def _unbroken(self, work: Coroutine[Any, Any, Result]) -> Awaitable[Result]:
        """Let a function run on, though nobody waits for it any more."""
        task = asyncio.create_task(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return asyncio.shield(task)

    def _preflight(self, cors: Cors, origin: str | None) -> list[tuple[str, str]]:
        headers = self._allowed(cors, origin)
        if not headers:
            return []
        headers = [pair for pair in headers if pair[0] != "access-control-expose-headers"]
        if cors.allow_methods:
            headers.append(("access-control-allow-methods", ",".join(cors.allow_methods)))
        if cors.allow_headers:
            headers.append(("access-control-allow-headers", ",".join(cors.allow_headers).lower()))
        if cors.max_age is not None:
            headers.append(("access-control-max-age", str(cors.max_age)))
        return headers

    def _allowed(self, cors: Cors, origin: str | None) -> list[tuple[str, str]]:
        if origin is None or not {"*", origin} & set(cors.allow_origins):
            return []
        allowed = "*" if "*" in cors.allow_origins else origin
        headers = [("access-control-allow-origin", allowed)]
        if cors.allow_credentials:
            headers.append(("access-control-allow-credentials", "true"))
        if cors.expose_headers:
            exposed = ",".join(cors.expose_headers).lower()
            headers.append(("access-control-expose-headers", exposed))
        return headers

    async def _invoke(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        kind = request.headers.get("X-Amz-Invocation-Type", "RequestResponse")
        try:
            payload = await request.read() or b"{}"
            json.loads(payload)
            self._service.find(name)
            if kind == "DryRun":
                return web.Response(status=204)
            running = self._unbroken(self._service.invoke_bytes(name, payload))
            if kind == "Event":
                return web.Response(status=202)
            result = await running
        except ValueError as why:
            return _refusal(400, "InvalidRequestContentException", str(why))
        except UnknownFunction as why:
            return _refusal(404, "ResourceNotFoundException", str(why))
        except PayloadTooLarge as why:
            return _refusal(413, "RequestTooLargeException", str(why))
        headers = {"X-Amz-Executed-Version": "$LATEST", "X-Amzn-RequestId": result.request_id}
        if result.function_error:
            headers["X-Amz-Function-Error"] = result.function_error
        return web.Response(body=result.payload, headers=headers, content_type="application/json")

    async def _configuration(self, request: web.Request) -> web.Response:
        try:
            function = self._service.find(request.match_info["name"])
        except UnknownFunction as why:
            return _refusal(404, "ResourceNotFoundException", str(why))
        return web.json_response(
            {
                "FunctionName": function.deployed_name,
                "FunctionArn": function.arn,
                "Handler": function.handler,
                "Timeout": function.timeout_seconds,
                "MemorySize": function.memory_mb,
                "Environment": {"Variables": self._service.variables_of(function)},
            }
        )

    async def _demo_file(self, request: web.Request) -> web.StreamResponse:
        file = (self._demo / (request.match_info.get("path") or "index.html")).resolve()
        if not file.is_relative_to(self._demo.resolve()) or not file.is_file():
            return web.json_response({"message": "Not Found"}, status=404)
        return web.FileResponse(file, headers={"Cache-Control": "no-store"})


def _refusal(status: int, kind: str, message: str) -> web.Response:
    body = {"Type": "User", "Message": message, "message": message}
    return web.json_response(body, status=status, headers={"X-Amzn-ErrorType": kind})
