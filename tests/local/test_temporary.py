"""What runs leave in the temporary folder: nothing, however they end."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from local import facts
from local.world import LocalWorld, free_ports

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]
SECONDS = 90

CONFTEST = """
from pathlib import Path
import pytest
from tests import temporary

pytest_configure = temporary.begin

@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_sessionfinish(session):
    yield
    temporary.end(session, Path(__file__).parent / "kept" / "failed")
"""
#: Tests by what they do.
CLEAN = "def test_a(tmp_path): (tmp_path / 'mine').touch()"
LEAKING = "import tempfile\ndef test_a(): tempfile.mkdtemp(prefix='mine-')"
FAILING = "def test_a(tmp_path): (tmp_path / 'mine').touch(); assert 0"
SLEEPING = f"import tempfile, time\ndef test_a(): tempfile.mkdtemp(); time.sleep({SECONDS * 2})"

WAITING = """
import sys, time
from local.world import LocalWorld
with LocalWorld(schedule_seconds=3600) as world:
    print("ready", flush=True)
    time.sleep(600)
"""


@pytest.fixture
def temporary(tmp_path: Path) -> Path:
    """The temporary folder of what a test starts."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    return folder


Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start(temporary: Path) -> Iterator[Start]:
    """Start a program of Python with that temporary folder; it is ended with the test."""
    started: list[subprocess.Popen[str]] = []

    def start(*arguments: str, **environ: str) -> "subprocess.Popen[str]":
        kept = {name: value for name, value in os.environ.items() if "PYTEST" not in name}
        paths = {"TMPDIR": str(temporary), "PYTHONPATH": f"{facts.ROOT}:{facts.ROOT / 'shared'}"}
        process = subprocess.Popen(  # noqa: S603 - our own command
            [sys.executable, *arguments],
            cwd=facts.ROOT,
            env={**kept, **paths, **environ},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def until(what: Callable[[], bool]) -> None:
    end = time.monotonic() + SECONDS
    while not what():
        assert time.monotonic() < end
        time.sleep(0.1)


def is_ready(process: "subprocess.Popen[str]") -> bool:
    """Read on until a program says that it is ready; false if it ended before."""
    assert process.stdout is not None
    return any(line.startswith("ready") for line in process.stdout)


def pytest_run(start: Start, folder: Path, tests: str, *options: str) -> "subprocess.Popen[str]":
    (folder / "conftest.py").write_text(CONFTEST)
    (folder / "test_it.py").write_text(tests)
    (folder / "pytest.ini").write_text("[pytest]\ntmp_path_retention_policy = failed\n")
    return start("-m", "pytest", "-q", f"--rootdir={folder}", *options, str(folder))


@pytest.mark.parametrize("option", ["-v", "--markers"])
def test_tests_that_pass_or_are_not_run_leave_nothing(
    start: Start, tmp_path: Path, temporary: Path, option: str
) -> None:
    process = pytest_run(start, tmp_path, CLEAN, option)
    said, _ = process.communicate(timeout=SECONDS)
    assert process.returncode == 0, said
    assert list(temporary.iterdir()) == []
    assert not (tmp_path / "kept").exists()


@pytest.mark.parametrize("options", [(), ("-n", "1")])
def test_what_a_test_leaves_fails_the_run_and_is_named(
    start: Start, tmp_path: Path, temporary: Path, options: tuple[str, ...]
) -> None:
    process = pytest_run(start, tmp_path, LEAKING, *options)
    said, _ = process.communicate(timeout=SECONDS)
    assert process.returncode == 1, said
    assert "1 passed" in said
    assert "Left in the temporary folder: mine-" in said
    assert list(temporary.iterdir()) == []


def test_what_a_failed_test_wrote_is_kept_elsewhere(
    start: Start, tmp_path: Path, temporary: Path
) -> None:
    for _ in range(2):
        process = pytest_run(start, tmp_path, FAILING)
        said, _ = process.communicate(timeout=SECONDS)
        assert process.returncode == 1
        assert f"What the tests wrote is in {tmp_path}/kept/failed." in said
        assert len(list((tmp_path / "kept").glob("failed/pytest-of-*/pytest-*/test_a0/mine"))) == 1
        assert list(temporary.iterdir()) == []


def test_tests_that_are_ended_leave_nothing(start: Start, tmp_path: Path, temporary: Path) -> None:
    process = pytest_run(start, tmp_path, SLEEPING)
    until(lambda: any(temporary.glob("tests-*/tmp*")))
    process.terminate()
    process.communicate(timeout=SECONDS)
    assert process.returncode == 128 + signal.SIGTERM
    assert list(temporary.iterdir()) == []


def javas(port: int) -> list[str]:
    """Find the processes of Amazon's DynamoDB Local at a port, where there is /proc."""
    found = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):  # it may end while we look
            arguments = file.read_bytes().split(b"\0")
            if str(port).encode() in arguments and b"-inMemory" in arguments:
                found.append(file.parent.name)
    return found


def test_a_local_run_that_is_ended_leaves_nothing(
    start: Start, tmp_path: Path, temporary: Path
) -> None:
    port = free_ports()
    options = ("--port", str(port), "--folder", str(tmp_path / "run"))
    process = start("-m", "local", *options, DYNAMODB="amazon", SCHEDULE_SECONDS="3600")
    assert is_ready(process)
    # Java asks no TMPDIR where to write of itself.
    own = [file for pid in javas(port + 4) for file in Path("/tmp").glob(f"hsperfdata_*/{pid}")]  # noqa: S108
    assert own == []
    process.terminate()
    process.communicate(timeout=SECONDS)
    assert process.returncode == 0
    assert list(temporary.iterdir()) == []
    left = sorted(each.name for each in (tmp_path / "run").iterdir())
    assert [name for name in left if not name.endswith((".log", ".json"))] == []


def test_an_invocation_needs_no_temporary_folder(start: Start, temporary: Path) -> None:
    with LocalWorld(schedule_seconds=3600) as world:
        port = str(world.addresses.port)
        process = start("-m", "local.invoke", "serve_invite", "--port", port)
        while process.poll() is None:
            assert list(temporary.iterdir()) == []
            time.sleep(0.02)
    assert process.returncode == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_world_whose_owner_is_killed_leaves_nothing(
    start: Start, temporary: Path, number: signal.Signals
) -> None:
    process = start("-c", WAITING)
    assert is_ready(process)
    assert [each.name[:6] for each in temporary.iterdir()] == ["local-"]
    process.send_signal(number)
    process.wait(SECONDS)
    until(lambda: list(temporary.iterdir()) == [])
