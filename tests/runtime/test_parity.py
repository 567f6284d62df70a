"""Our Lambda answers as Amazon's own emulator does, which the SAM CLI brings along.

The emulator keeps the machinery of Lambda itself (INIT, invocation, timeout); where it is known to
differ from Lambda, which describes a timeout as an error and gives 200, the test says so.
"""

import asyncio
import json
import platform
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

from local import build, sandbox, tether
from local.environment import Logs
from local.lambda_service import LambdaService
from local.template import Template
from tests.runtime import packaged

pytestmark = pytest.mark.build

#: Given one after another: after whatever ends a process, the next one finds another.
EVENTS: list[dict[str, Any]] = [
    {"do": "raise"},
    {"do": "unserialisable"},
    {"do": "exit"},
    {"do": "answer", "bytes": 6_291_554},
    {"do": "kill"},
    {"do": "answer", "bytes": 6_291_555},
]
#: What a module may hold that cannot be imported, or has no handler.
BROKEN = {
    "needs what is not there": "import nothing_of_this_name",
    "is no Python": "def handler(:",
    "has no handler": "x = 1",
    "fails": "raise KeyError('gone')",
}


@dataclass(frozen=True)
class Sample:
    """The sample system, laid out."""

    folder: Path
    template: Template


@pytest.fixture
def sample(tmp_path: Path) -> Sample:
    return Sample(tmp_path, packaged.lay(tmp_path))


def of_ours(sample: Sample, events: list[dict[str, Any]]) -> list[bytes]:
    """Ask our service."""

    async def ask() -> list[bytes]:
        service = LambdaService(
            sample.template.functions(),
            {},
            environments=1,
            logs=Logs(sample.folder / "logs"),
            runtime=packaged.runtime(sample.folder),
        )
        try:
            return [(await service.invoke("worker", event)).payload for event in events]
        finally:
            await service.stop()

    return asyncio.run(ask())


def of_amazons(sample: Sample, events: list[dict[str, Any]], seconds: int = 1) -> list[bytes]:
    """Ask Amazon's emulator, in the same sandbox, one call at a time.

    A start after a failed one counts into its seconds: a busy machine needs more of them there.
    """
    return list(_amazons(sample, events, seconds))


def _amazons(sample: Sample, events: list[dict[str, Any]], seconds: int) -> Iterator[bytes]:
    machine = {"aarch64": "arm64"}.get(platform.machine(), platform.machine())
    (emulator,) = build.SAM_VENV.glob(f"lib/*/site-packages/samcli/local/rapid/*rie-{machine}")
    ours = packaged.runtime(sample.folder)
    (worker,) = [each for each in sample.template.functions() if each.name == "worker"]
    launch = ours.launch(worker, {})
    plan = sandbox.Plan(**json.loads(launch.command[4]))
    binds = {**plan.binds, "/emulator": str(emulator.parent)}
    front, runtime_api = (f"127.0.0.1:{port}" for port in _free_ports())
    command = sandbox.command(
        sandbox.Plan(plan.root, binds, plan.folder, plan.memory_bytes),
        f"/emulator/{emulator.name}",
        *("--runtime-interface-emulator-address", front),
        *("--runtime-api-address", runtime_api),
        *launch.command[6:],
    )
    with subprocess.Popen(  # noqa: S603 - our own arguments
        tether.command(*command),
        env={**launch.variables, "AWS_LAMBDA_FUNCTION_TIMEOUT": str(seconds)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            _wait(front)
            for event in events:
                url = f"http://{front}/2015-03-31/functions/function/invocations"
                yield requests.post(url, json=event, timeout=40).content
        finally:
            process.kill()


def _free_ports() -> tuple[int, int]:
    with socket.socket() as one, socket.socket() as other:
        for each in (one, other):
            each.bind(("127.0.0.1", 0))
        return one.getsockname()[1], other.getsockname()[1]


def _wait(address: str) -> None:
    host, _, port = address.partition(":")
    end = time.monotonic() + 10
    while time.monotonic() < end:
        with socket.socket() as probe:
            if probe.connect_ex((host, int(port))) == 0:
                return
        time.sleep(0.02)
    raise TimeoutError(address)


def without_ids(answer: bytes) -> Any:
    """Read an answer, without the id of its request."""
    heard = json.loads(answer)
    if isinstance(heard, dict):
        heard["requestId"] = bool(heard.get("requestId"))
        words = str(heard.get("errorMessage", "")).split(" ")
        if words[0] == "RequestId:":
            heard["errorMessage"] = " ".join(words[2:])
    return heard


def test_what_goes_wrong_is_described_as_by_amazon(sample: Sample) -> None:
    ours, amazons = of_ours(sample, EVENTS), of_amazons(sample, EVENTS, seconds=20)
    assert [without_ids(each) for each in ours] == [without_ids(each) for each in amazons]


@pytest.mark.parametrize("what", BROKEN)
def test_a_module_that_cannot_be_used_is_described_as_by_amazon(sample: Sample, what: str) -> None:
    (sample.folder / "task" / "app.py").write_text(BROKEN[what])
    (ours,), (amazons,) = of_ours(sample, [{}]), of_amazons(sample, [{}], seconds=20)
    assert without_ids(ours) == without_ids(amazons)


def test_a_process_that_ends_while_it_starts_is_described_where_amazon_says_nothing(
    sample: Sample,
) -> None:
    (sample.folder / "task" / "app.py").write_text("import os; os._exit(3)")
    (ours,), (amazons,) = of_ours(sample, [{}]), of_amazons(sample, [{}], seconds=20)
    assert amazons == b""
    assert without_ids(ours)["errorType"] == "Runtime.ExitError"
    assert without_ids(ours)["errorMessage"].endswith("exited with error: exit status 3")


def test_a_timeout_has_amazons_words(sample: Sample) -> None:
    events: list[dict[str, Any]] = [{"do": "sleep"}, {"do": "answer", "bytes": 3}]
    ours, amazons = of_ours(sample, events), of_amazons(sample, events)
    assert amazons[0] == b"Task timed out after 1.00 seconds"  # Lambda itself gives an object
    assert without_ids(ours[0])["errorMessage"] == "Error: Task timed out after 1.00 seconds"
    assert ours[1] == amazons[1]


def test_a_handler_is_given_the_same_context(sample: Sample) -> None:
    (ours,), (amazons,) = of_ours(sample, [{}]), of_amazons(sample, [{}])
    mine, theirs = json.loads(ours), json.loads(amazons)
    for name in ("layer", "path", "folder", "user", "version", "calls"):
        assert mine[name] == theirs[name]
    assert len(mine["same"]) == len(theirs["same"])
    assert 0 < theirs["left"] <= 1000
    assert 0 < mine["left"] <= 1000
