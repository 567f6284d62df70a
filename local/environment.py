"""One execution environment of a function: its process and the server side of the Runtime API.

The server side is the one that AWS documents, so any runtime client can stand at the other end:
ours (`local.runtime`) or Amazon's `awslambdaric`.
What it does not do: give up an INIT after 10 seconds and try it again in the first invocation.

Source: AWS Lambda Developer Guide, "Using the Lambda runtime API", "Using Lambda environment
variables" and "Lambda runtime environment" (read 2026-11).
"""

import asyncio
import contextlib
import json
import os
import signal
import sys
import time
import uuid
from asyncio.subprocess import PIPE, STDOUT, Process
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aiohttp import web

from local import tether
from local.execution import Launch
from local.report import Report, peak_memory_mb
from local.template import Function

_PREFIX = "/2018-06-01/runtime"
#: Lambda gives 10 seconds; a laptop that starts everything at once needs more.
_INIT_SECONDS = 60
_LONGEST_LOG_LINE_BYTES = 4 * 1024 * 1024
#: Signals as Lambda names them.
_SIGNALS: Mapping[int, str] = {signal.SIGKILL: "killed", signal.SIGSEGV: "segmentation fault"}
#: A process that was told to end gets this long before it is killed.
_GRACE_SECONDS = 2


class EnvironmentFailed(Exception):
    """The environment itself failed: no time left, crashed, or never came up."""

    def __init__(self, error_type: str, message: str) -> None:
        super().__init__(message)
        self.error_type = error_type

    def describe(self, request_id: str) -> bytes:
        """Say it as Lambda's payload does."""
        message = f"RequestId: {request_id} Error: {self}"
        return json.dumps({"errorType": self.error_type, "errorMessage": message}).encode()


@dataclass(frozen=True)
class Logs:
    """Where functions write: a file each, and the terminal if wanted."""

    folder: Path
    on_terminal: bool = False

    def write(self, function: str, line: bytes) -> None:
        """Append one line of a function."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / f"{function}.log").open("ab") as file:
            file.write(line)
        if self.on_terminal:
            text = line.decode(errors="replace").rstrip("\n")
            print(f"{function}: {text}", file=sys.stderr, flush=True)

    def clear(self) -> None:
        """Forget what earlier runs wrote."""
        for file in self.folder.glob("*.log"):
            file.unlink()


@dataclass(frozen=True)
class _Invocation:
    request_id: str
    payload: bytes
    answer: asyncio.Future[bytes]


class Environment:
    """One process that serves one function, one invocation at a time."""

    def __init__(
        self,
        function: Function,
        variables: Mapping[str, str],
        *,
        launch: Launch,
        logs: Logs,
    ) -> None:
        self._function = function
        self._variables = variables
        self._launch = launch
        self._logs = logs
        self._report = Report(function.memory_mb)
        self._process: Process | None = None
        self._watch: asyncio.Task[None] | None = None
        self._stopping: asyncio.Task[None] | None = None
        self._server: web.AppRunner | None = None
        self._queue: asyncio.Queue[_Invocation | None] = asyncio.Queue()
        self._current: _Invocation | None = None
        self._ready = asyncio.Event()
        self._ended = asyncio.Event()
        self._init_error: bytes | None = None
        self.handler_failed = False

    @property
    def alive(self) -> bool:
        """Whether its process can still serve."""
        return self._process is not None and not self._ended.is_set()

    @property
    def busy(self) -> bool:
        """Whether an invocation is under way."""
        return self._current is not None

    async def start(self) -> None:
        """Start the process; returns before the handler is imported."""
        host = await self._listen()
        self._report.starts()
        self._process = await asyncio.create_subprocess_exec(
            *tether.command(*self._launch.command),
            stdout=PIPE,
            stderr=STDOUT,
            cwd=self._launch.folder,
            env=self._environ(host),
            start_new_session=True,
            limit=_LONGEST_LOG_LINE_BYTES,
        )
        self._watch = asyncio.create_task(self._read_until_end(self._process))

    async def initialised(self) -> None:
        """Wait until the handler is imported, or the process has ended."""
        waits = [asyncio.ensure_future(event.wait()) for event in (self._ready, self._ended)]
        await asyncio.wait(waits, timeout=_INIT_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        for wait in waits:
            wait.cancel()

    async def invoke(self, request_id: str, payload: bytes) -> bytes:
        """Run the handler; `handler_failed` says afterwards whether it raised.

        Raises:
            EnvironmentFailed: There was no answer; the environment is of no more use.
        """
        await self.initialised()
        self._log(self._report.begins(request_id))
        status = "error"
        try:
            answer = await self._answer(request_id, payload)
            status = ""
        except EnvironmentFailed as why:
            if why.error_type == "Sandbox.Timedout":
                status = "timeout"
            raise
        finally:
            self._log(self._report.ends(request_id, status))
        return answer

    async def _answer(self, request_id: str, payload: bytes) -> bytes:
        if not self._ready.is_set():
            await self.stop()
            if self._init_error is not None:
                self.handler_failed = True
                return self._init_error
            raise self._exited()
        answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._current = _Invocation(request_id, payload, answer)
        self._queue.put_nowait(self._current)
        self._hold(signal.SIGCONT)
        ended = asyncio.ensure_future(self._ended.wait())
        try:
            waits: list[asyncio.Future[Any]] = [answer, ended]
            await asyncio.wait(
                waits,
                timeout=self._function.timeout_seconds,
                return_when=asyncio.FIRST_COMPLETED,
            )
            if self._process is not None:
                self._report.peak_mb = peak_memory_mb(self._process.pid) or self._report.peak_mb
            if answer.done():
                return answer.result()
        finally:
            ended.cancel()
            answer.cancel()
        if self._ended.is_set():
            raise self._exited()
        await self.stop()
        raise EnvironmentFailed(
            "Sandbox.Timedout", f"Task timed out after {self._function.timeout_seconds:.2f} seconds"
        )

    def _exited(self) -> EnvironmentFailed:
        """Say how the process ended, in Lambda's words."""
        code = self._process.returncode if self._process else None
        if not code:
            return EnvironmentFailed(
                "Runtime.ExitError", "Runtime exited without providing a reason"
            )
        how = f"exit status {code}"
        if code < 0:
            how = f"signal: {_SIGNALS.get(-code, str(-code))}"
        return EnvironmentFailed("Runtime.ExitError", f"Runtime exited with error: {how}")

    def _log(self, lines: str) -> None:
        if self._launch.reports:
            for line in lines.splitlines(keepends=True):
                self._logs.write(self._function.name, line.encode())

    async def stop(self) -> None:
        """End the process and the server; however often it is asked, it is done once."""
        if self._stopping is None:
            self._stopping = asyncio.create_task(self._stop())
        await asyncio.shield(self._stopping)

    async def _stop(self) -> None:
        process = self._process
        if process is not None and not self._ended.is_set():
            self._hold(signal.SIGCONT)
            self._signal(process, signal.SIGTERM)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._ended.wait(), _GRACE_SECONDS)
            self._signal(process, signal.SIGKILL)
        if self._watch is not None:
            await self._watch
        if self._server is not None:
            self._queue.put_nowait(None)  # the server would wait for a request that waits for us
            await self._server.cleanup()

    def _hold(self, number: signal.Signals) -> None:
        """Make the process stand still or go on, if it is of that kind."""
        if self._launch.freezes and self._process is not None:
            self._signal(self._process, number)

    @staticmethod
    def _signal(process: Process, number: signal.Signals) -> None:
        """Tell the process and whatever it started; the group bears the process's id."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)

    def _environ(self, host: str) -> dict[str, str]:
        function = self._function
        stream = f"{datetime.now(UTC):%Y/%m/%d}/[$LATEST]{uuid.uuid4().hex}"
        return {
            **self._variables,
            "AWS_LAMBDA_RUNTIME_API": host,
            "AWS_LAMBDA_FUNCTION_NAME": function.deployed_name,
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_mb),
            "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{function.deployed_name}",
            "AWS_LAMBDA_LOG_STREAM_NAME": stream,
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "_HANDLER": function.handler,
            "TZ": ":UTC",
            "LANG": "en_US.UTF-8",
            **self._launch.variables,
        }

    async def _read_until_end(self, process: Process) -> None:
        assert process.stdout is not None
        while line := await process.stdout.readline():
            self._logs.write(self._function.name, line)
        await process.wait()
        self._ended.set()

    async def _listen(self) -> str:
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
        if not self._ready.is_set():
            self._report.is_up()
            self._ready.set()
        if self._queue.empty():
            self._hold(signal.SIGSTOP)
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
        self._init_error = await request.read()
        return web.json_response({"status": "OK"}, status=202)
