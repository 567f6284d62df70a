"""The whole local run for tests: `with LocalWorld() as world: ...`.

It starts `python -m local` as a process of its own on free ports, waits for `ready`, and ends it.
"""

import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import requests

from local import facts, tether

_START_SECONDS = 180  # the first one may have to install MiniStack
_STOP_SECONDS = 15
_REQUEST_SECONDS = 30
#: Below the range from which the system lends ports to clients.
_LOWEST_PORT, _HIGHEST_PORT = 20_000, 32_000


class WorldFailed(Exception):
    """The local run did not come up; the message holds what it said."""


class StandIn:
    """One of the two vendors, as a test sees it."""

    def __init__(self, url: str) -> None:
        self.url = url

    def add_fault(self, **fault: Any) -> None:
        """Let something fail, for example `match="events.insert", kind="status", status=503`."""
        answer = requests.post(f"{self.url}/_faults", json=fault, timeout=_REQUEST_SECONDS)
        if not answer.ok:
            raise ValueError(answer.text)

    def clear_faults(self) -> None:
        """Let nothing fail any more."""
        requests.delete(f"{self.url}/_faults", timeout=_REQUEST_SECONDS).raise_for_status()

    def waiting_faults(self) -> list[dict[str, Any]]:
        """List the faults that have not happened yet."""
        answer = requests.get(f"{self.url}/_faults", timeout=_REQUEST_SECONDS)
        found: list[dict[str, Any]] = answer.json()["faults"]
        return found


class RunningWorld:
    """A local run that is up, whoever started it."""

    def __init__(self, port: int) -> None:
        self.addresses = facts.Addresses(port)
        self.url = self.addresses.extension
        self.demo_url = self.addresses.demo
        self.aws_url = self.addresses.aws
        self.google = StandIn(self.addresses.google)
        self.cometchat = StandIn(self.addresses.cometchat)

    def token(self, app_id: str, uid: str) -> str:
        """Mint an auth token for a chat user."""
        answer = requests.post(
            f"{self.cometchat.url}/v3/users/{uid}/auth_tokens",
            headers={"appid": app_id, "apikey": facts.API_KEYS[app_id]},
            json={},
            timeout=_REQUEST_SECONDS,
        )
        answer.raise_for_status()
        return str(answer.json()["data"]["authToken"])

    def add_account(self, email: str, **more: str) -> None:
        """Make a Google account, with a calendar of its own."""
        answer = requests.post(
            f"{self.google.url}/_control/accounts",
            json={"email": email, **more},
            timeout=_REQUEST_SECONDS,
        )
        answer.raise_for_status()

    def add_event(self, email: str, start: str, end: str, summary: str = "Busy") -> dict[str, Any]:
        """Put an event into a Google calendar, as its owner does by hand; times in RFC 3339."""
        event = {"email": email, "start": start, "end": end, "summary": summary}
        answer = requests.post(
            f"{self.google.url}/_control/events", json=event, timeout=_REQUEST_SECONDS
        )
        answer.raise_for_status()
        made: dict[str, Any] = answer.json()
        return made

    def events(self, email: str) -> list[dict[str, Any]]:
        """List the events in a Google calendar."""
        answer = requests.get(
            f"{self.google.url}/_control/events", params={"email": email}, timeout=_REQUEST_SECONDS
        )
        answer.raise_for_status()
        found: list[dict[str, Any]] = answer.json()["items"]
        return found

    def clear_faults(self) -> None:
        """Let nothing fail any more, at either vendor."""
        self.google.clear_faults()
        self.cometchat.clear_faults()

    def invoke(self, function: str, event: Any) -> Any:
        """Run a function by its folder's name, and give what it returned."""
        answer = requests.post(
            f"{self.url}/2015-03-31/functions/{function}/invocations",
            json=event,
            timeout=_REQUEST_SECONDS * 2,
        )
        answer.raise_for_status()
        if kind := answer.headers.get("X-Amz-Function-Error"):
            raise RuntimeError(f"{function}: {kind}: {answer.text}")
        return answer.json()

    def is_up(self) -> bool:
        """Say whether a local run answers at this port."""
        try:
            answer = requests.get(f"{self.cometchat.url}/_faults", timeout=2)
            return answer.ok and requests.get(self.demo_url, timeout=2).status_code < 500  # noqa: PLR2004
        except requests.RequestException:
            return False


class LocalWorld(RunningWorld):
    """A local run of one's own.

    Args:
        port: The first of its ports; 0 finds a free block.
        schedule_seconds: Replaces the rate of the schedule.
        environ: Variables for the run, as `python -m local --help` lists them. What one user may
            do in an hour is raised unless they say otherwise: a test does that in a minute.
        folder: For its logs; without one they are thrown away with the world.
    """

    #: The module that is run, and options of its own.
    program: tuple[str, ...] = ("local",)

    def __init__(
        self,
        port: int = 0,
        schedule_seconds: float | None = None,
        environ: Mapping[str, str] | None = None,
        folder: Path | None = None,
    ) -> None:
        super().__init__(port or free_ports())
        self._stack = contextlib.ExitStack()
        self._folder = folder
        self._output: list[str] = []
        self._environ = {"LIMITS_FACTOR": "1000", **(environ or {})}
        if schedule_seconds is not None:
            self._environ["SCHEDULE_SECONDS"] = str(schedule_seconds)

    def __enter__(self) -> Self:
        """Start it and wait until it is ready."""
        with contextlib.ExitStack() as starting:
            more: tuple[str, ...] = ()
            if self._folder is None:
                self._folder = Path(
                    starting.enter_context(tempfile.TemporaryDirectory(prefix="local-"))
                )
                more = ("--discard",)  # we may be killed; the run ends in order all the same
            self._start(starting, self._folder, *more)
            self._stack = starting.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End it."""
        self._stack.close()

    @property
    def folder(self) -> Path:
        """Where each function's log lies, as `<function>.log`, while the world is up."""
        assert self._folder is not None
        return self._folder

    def output(self) -> str:
        """Return what the run has printed so far."""
        return "".join(self._output)

    def _start(self, stack: contextlib.ExitStack, folder: Path, *more: str) -> None:
        port = str(self.addresses.port)
        options = ("--port", port, "--folder", str(folder), *more)
        process = subprocess.Popen(  # noqa: S603 - our own command
            tether.command(sys.executable, "-m", *self.program, *options),
            cwd=facts.ROOT,
            env={**_clean(os.environ), **self._environ},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        ready = threading.Event()
        reader = threading.Thread(target=self._read, args=(process, ready), daemon=True)
        reader.start()
        stack.callback(reader.join, _STOP_SECONDS)  # after the next, which ends what it reads
        stack.callback(_end, process)
        if not ready.wait(_START_SECONDS) or process.poll() is not None:
            raise WorldFailed(f"The local run did not come up:\n{self.output()}")

    def _read(self, process: "subprocess.Popen[str]", ready: threading.Event) -> None:
        assert process.stdout is not None
        with process.stdout:
            for line in process.stdout:
                self._output.append(line)
                if line.startswith("ready"):
                    ready.set()
        process.wait()
        ready.set()  # nobody waits for what has ended


def free_ports() -> int:
    """Find a block of free ports; processes that ask at the same time get different ones."""
    block = range(_LOWEST_PORT, _HIGHEST_PORT, facts.PORTS)
    offset = os.getpid() % len(block)
    for step in range(len(block)):
        port = block[(offset + step * 7) % len(block)]
        if all(_is_free(port + one) for one in range(facts.PORTS)):
            return port
    raise WorldFailed("No block of free ports was found.")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _clean(environ: Mapping[str, str]) -> dict[str, str]:
    """Keep the test's own surroundings out of the run, except where the engine is chosen."""
    ours = ("GOOGLE_", "COMETCHAT_", "AWS_", "PORT", "SCHEDULE_SECONDS", "ENVIRONMENTS", "PYTEST_")
    kept = {name: value for name, value in environ.items() if not name.startswith(ours)}
    return {**kept, "PYTHONPATH": os.pathsep.join([str(facts.ROOT), str(facts.ROOT / "shared")])}


def _end(process: "subprocess.Popen[str]") -> None:
    process.terminate()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
