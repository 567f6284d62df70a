"""What the local run starts ends with it, even when it is killed."""

import asyncio
import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from local import dynamodb, facts, tether
from local.child import CannotStart, Child
from local.run import require_free
from local.world import free_ports

pytestmark = pytest.mark.integration

PARENT = """
import subprocess, sys, time
from local import tether
child = subprocess.Popen(tether.command(sys.executable, "-c", "import time; time.sleep(60)"))
print(child.pid, flush=True)
time.sleep(60)
"""


def is_gone(pid: int) -> bool:
    with contextlib.suppress(FileNotFoundError):  # where there is /proc, it tells the dead apart
        if Path("/proc/self/stat").is_file():
            return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def test_killed_parent_takes_its_child_along() -> None:
    with subprocess.Popen(  # noqa: S603 - our own command
        [sys.executable, "-c", PARENT], cwd=facts.ROOT, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        time.sleep(0.2)
        assert not is_gone(pid)
        os.kill(parent.pid, signal.SIGKILL)
        end = time.monotonic() + 5
        while not is_gone(pid) and time.monotonic() < end:
            time.sleep(0.05)
        assert is_gone(pid)


def test_child_that_ends_at_once_is_told_with_its_last_words(tmp_path: Path) -> None:
    async def scenario() -> None:
        child = Child("The engine", tmp_path / "engine.log")
        await child.start([sys.executable, "-c", "print('no fuel')"], {}, tmp_path)
        with pytest.raises(CannotStart, match="no fuel"):
            await child.until_answers("http://127.0.0.1:9/", 10)

    asyncio.run(scenario())


def test_child_is_waited_for_and_stopped(tmp_path: Path) -> None:
    async def scenario() -> None:
        port = free_ports()
        child = Child("A server", tmp_path / "server.log")
        command = [sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1"]
        await child.start(command, {}, tmp_path)
        await child.until_answers(f"http://127.0.0.1:{port}/", 10)
        await child.stop()
        require_free(port, 1)

    asyncio.run(scenario())


def test_taken_port_is_named() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(CannotStart, match=f"Port {port} is taken"):
            require_free(port, 1)


def test_command_says_in_a_sentence_why_it_cannot_start() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = subprocess.run(  # noqa: S603 - our own command
            [sys.executable, "-m", "local", "--port", str(port)],
            cwd=facts.ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr.startswith(f"Port {port} is taken.")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("missing", ["java", "npm"])
def test_missing_tool_for_amazons_engine_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    monkeypatch.setattr(shutil, "which", lambda tool: None if tool == missing else "/bin/true")
    monkeypatch.setattr(dynamodb, "_FOLDER", tmp_path)
    with pytest.raises(CannotStart, match=f"{missing} is needed once|needs Java"):
        asyncio.run(dynamodb.start(1, tmp_path))


def test_tether_names_this_process() -> None:
    assert str(os.getpid()) in tether.command("true")
