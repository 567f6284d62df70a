"""The Lambda service's end of the Runtime API: it hands invocations to one process.

It is the one that AWS documents, so any runtime client can stand at the other end: ours
(`local.runtime`) or Amazon's `awslambdaric`.

Source: AWS Lambda Developer Guide, "Using the Lambda runtime API" (read 2026-11).
"""

import asyncio
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass

from aiohttp import web

from local.template import Function

_PREFIX = "/2018-06-01/runtime"


@dataclass(frozen=True)
class _Invocation:
    request_id: str
    payload: bytes
    answer: asyncio.Future[bytes]


class RuntimeApi:
    """Serves one process, one invocation at a time.

    Args:
        function: The process runs it.
        is_up: Called when the process asks for its first invocation.
        idles: Called when the process asks, and there is nothing to do.
    """

    def __init__(
        self, function: Function, is_up: Callable[[], None], idles: Callable[[], None]
    ) -> None:
        self._function = function
        self._is_up = is_up
        self._idles = idles
        self._server: web.AppRunner | None = None
        self._queue: asyncio.Queue[_Invocation | None] = asyncio.Queue()
        self._current: _Invocation | None = None
        #: Set once the process has asked for an invocation.
        self.ready = asyncio.Event()
        #: What the process said when it could not import the handler.
        self.init_error: bytes | None = None
        #: Whether the last answer describes an error.
        self.handler_failed = False

    @property
    def busy(self) -> bool:
        """Whether an invocation is under way."""
        return self._current is not None

    def give(self, request_id: str, payload: bytes) -> asyncio.Future[bytes]:
        """Have an invocation ready for the process; the future has its answer."""
        answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._current = _Invocation(request_id, payload, answer)
        self._queue.put_nowait(self._current)
        return answer

    async def stop(self) -> None:
        """Stop serving."""
        if self._server is not None:
            self._queue.put_nowait(None)  # the server would wait for a request that waits for us
            await self._server.cleanup()

    async def start(self) -> str:
        """Serve on a port of loopback, and give host and port."""
        app = web.Application(client_max_size=0)
        app.router.add_get(f"{_PREFIX}/invocation/next", self._next)
        app.router.add_post(f"{_PREFIX}/invocation/{{request_id}}/response", self._response)
        app.router.add_post(f"{_PREFIX}/invocation/{{request_id}}/error", self._error)
        app.router.add_post(f"{_PREFIX}/init/error", self._failed_init)
        self._server = web.AppRunner(app, access_log=None, shutdown_timeout=0)
        await self._server.setup()
        await web.TCPSite(self._server, "127.0.0.1", 0).start()
        host, port = self._server.addresses[0][:2]
        return f"{host}:{port}"

    async def _next(self, _request: web.Request) -> web.Response:
        if not self.ready.is_set():
            self._is_up()
            self.ready.set()
        if self._queue.empty():
            self._idles()
        invocation = await self._queue.get()
        if invocation is None:
            raise web.HTTPServiceUnavailable
        deadline = time.time() + self._function.timeout_seconds
        trace = f"Root=1-{int(time.time()):08x}-{uuid.uuid4().hex[:24]};Sampled=0"
        return web.Response(
            body=invocation.payload,
            content_type="application/json",
            headers={
                "Lambda-Runtime-Aws-Request-Id": invocation.request_id,
                "Lambda-Runtime-Deadline-Ms": str(int(deadline * 1000)),
                "Lambda-Runtime-Invoked-Function-Arn": self._function.arn,
                "Lambda-Runtime-Trace-Id": trace,
            },
        )

    async def _response(self, request: web.Request) -> web.Response:
        return await self._finish(request, failed=False)

    async def _error(self, request: web.Request) -> web.Response:
        return await self._finish(request, failed=True)

    async def _finish(self, request: web.Request, *, failed: bool) -> web.Response:
        body = await request.read()
        current = self._current
        if current is None or current.request_id != request.match_info["request_id"]:
            refusal = {"errorType": "InvalidRequestID", "errorMessage": "Invalid request ID"}
            return web.json_response(refusal, status=400)
        self._current = None
        self.handler_failed = failed
        if not current.answer.done():
            current.answer.set_result(body)
        return web.json_response({"status": "OK"}, status=202)

    async def _failed_init(self, request: web.Request) -> web.Response:
        self.init_error = await request.read()
        return web.json_response({"status": "OK"}, status=202)
