"""One execution environment of a function: its process, its time and its log.

What it does not do: give up an INIT after 10 seconds and try it again in the first invocation.

Source: AWS Lambda Developer Guide, "Using Lambda environment variables" and "Lambda runtime
environment" (read 2026-11).
"""

import asyncio
import contextlib
import json
import os
import signal
import sys
import uuid
from asyncio.subprocess import PIPE, STDOUT, Process
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from local import tether
from local.execution import Launch
from local.report import Report, peak_memory_mb
from local.runtime_api import RuntimeApi
from local.template import Function

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
        self._ended = asyncio.Event()
        self._api = RuntimeApi(
            function, self._report.is_up, idles=lambda: self._hold(signal.SIGSTOP)
        )

    @property
    def alive(self) -> bool:
        """Whether its process can still serve."""
        return self._process is not None and not self._ended.is_set()

    @property
    def busy(self) -> bool:
        """Whether an invocation is under way."""
        return self._api.busy

    @property
    def handler_failed(self) -> bool:
        """Whether the last answer describes an error."""
        return self._api.handler_failed or self._api.init_error is not None

    async def start(self) -> None:
        """Start the process; returns before the handler is imported."""
        host = await self._api.start()
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
        waits = [asyncio.ensure_future(event.wait()) for event in (self._api.ready, self._ended)]
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
        if not self._api.ready.is_set():
            await self.stop()
            if self._api.init_error is not None:
                return self._api.init_error
            raise self._exited()
        answer = self._api.give(request_id, payload)
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
        await self._api.stop()

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
