"""A server that the local run starts beside itself, and that ends with it."""

import asyncio
import contextlib
import fcntl
import os
import signal
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from local import tether

if TYPE_CHECKING:
    from asyncio.subprocess import Process

_GRACE_SECONDS = 3
_GLANCE_SECONDS = 0.05
_LAST_LINES = 15


class CannotStart(Exception):
    """Something that the local run needs cannot be had; the message says what to do."""


@contextlib.contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Let one process work in a folder while others, which want the same, wait for it."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


class Child:
    """One process, its output in a file.

    Args:
        name: What people call it.
        log: The file for its output.
    """

    def __init__(self, name: str, log: Path) -> None:
        self._name = name
        self._log = log
        self._process: Process | None = None

    async def start(self, command: list[str], environ: Mapping[str, str], folder: Path) -> None:
        """Start it, in a folder; it ends when we end, even if we are killed."""
        self._log.parent.mkdir(parents=True, exist_ok=True)
        with self._log.open("wb") as output:
            self._process = await asyncio.create_subprocess_exec(
                *tether.command(*command),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env={"PATH": os.environ.get("PATH", os.defpath), **environ},
                cwd=folder,
                start_new_session=True,  # Ctrl-C is for us alone: we end our children in order
            )

    async def until_answers(self, url: str, seconds: float) -> None:
        """Wait until it answers HTTP, with whatever status.

        Raises:
            CannotStart: It ended, or took too long.
        """
        end = time.monotonic() + seconds
        while not await asyncio.to_thread(_answers, url):
            if self._process is None or self._process.returncode is not None:
                raise CannotStart(f"{self._name} ended at once. Its last words:\n{self._words()}")
            if time.monotonic() > end:
                raise CannotStart(
                    f"{self._name} did not answer within {seconds:.0f} s: {self._words()}"
                )
            await asyncio.sleep(_GLANCE_SECONDS)

    async def stop(self) -> None:
        """Ask it to end, and see that it does."""
        process = self._process
        if process is None or process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        try:
            await asyncio.wait_for(process.wait(), _GRACE_SECONDS)
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()

    def _words(self) -> str:
        lines = self._log.read_text(errors="replace").splitlines()
        return "\n".join(lines[-_LAST_LINES:])


def _answers(url: str) -> bool:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        opener.open(url, timeout=2).close()
    except urllib.error.HTTPError as refusal:
        refusal.close()  # a refusal is an answer
    except OSError:
        return False
    return True
