"""A packaged function finds what it finds in Lambda, and no more."""

import asyncio
import re
import subprocess
import sys
import time
import uuid
from pathlib import Path

import pytest

from local import facts, sandbox
from local.lambda_service import LambdaService
from tests.runtime import packaged

pytestmark = pytest.mark.build

REPORT = re.compile(
    r"^REPORT RequestId: (\S+)\tDuration: ([\d.]+) ms\tBilled Duration: (\d+) ms\t"
    r"Memory Size: 512 MB\tMax Memory Used: (\d+) MB(?:\tInit Duration: ([\d.]+) ms)?"
    r"(?:\tStatus: (\w+))?$",
    re.MULTILINE,
)
#: What Lambda sets by itself.
OF_LAMBDA = {
    *("AWS_EXECUTION_ENV", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "AWS_LAMBDA_FUNCTION_NAME"),
    *("AWS_LAMBDA_FUNCTION_VERSION", "AWS_LAMBDA_INITIALIZATION_TYPE", "AWS_LAMBDA_LOG_GROUP_NAME"),
    *("AWS_LAMBDA_LOG_STREAM_NAME", "AWS_LAMBDA_RUNTIME_API", "LAMBDA_TASK_ROOT", "LANG", "PATH"),
    *("PYTHONPATH", "TZ", "_HANDLER", "_X_AMZN_TRACE_ID"),
}
OF_TEMPLATE = {"CLIENT", "HOST", "KEY_ARN", "PARAMETERS_PREFIX", "STAGE", "TABLE_NAME"}
OF_RUN = {"AWS_REGION", "WEB_DIR"}


def test_this_machine_makes_sandboxes() -> None:
    assert sandbox.possible(), "without them, the tests below would prove little"


def test_code_and_layers_lie_where_lambda_has_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_OF_THE_DEVELOPER", "x")

    async def scenario(service: LambdaService) -> None:
        result = await service.invoke("echo", {})
        given = result.json()
        assert given["folder"] == "/var/task"
        assert given["layer"] == ["/opt/python/layered.py", "layer"]
        assert given["path"][1:3] == ["/var/task", "/opt/python"]
        assert given["version"] == [3, 13]
        assert given["user"] == 993
        assert (given["memory"], given["same"]) == ("512", result.request_id)
        assert 15_000 < given["left"] <= 20_000
        assert set(given["environ"]) <= OF_LAMBDA | OF_TEMPLATE | OF_RUN | {"LC_CTYPE"}
        assert set(given["environ"]) >= OF_TEMPLATE | OF_RUN
        assert given["environ"]["WEB_DIR"] == "/opt"
        assert given["environ"]["_HANDLER"] == "app.handler"

    packaged.play(tmp_path, scenario)


def test_nothing_can_be_written_but_tmp_and_nothing_of_the_developer_seen(tmp_path: Path) -> None:
    shut = ["/var/task/new", "/var/task/app.py", "/opt/new", "/opt/python/layered.py", "/new"]
    hidden = [str(tmp_path / "new"), str(Path(__file__).parent / "new")]
    own = f"/tmp/{uuid.uuid4()}"  # noqa: S108 - Lambda's, and no name that is taken outside

    async def scenario(service: LambdaService) -> None:
        event = {"do": "write", "places": [*shut, *hidden, own]}
        heard = (await service.invoke("echo", event)).json()
        assert {heard[place] for place in shut} == {"Read-only file system"}
        assert {heard[place] for place in hidden} == {"No such file or directory"}
        assert heard[own] == "written"

    packaged.play(tmp_path, scenario)
    assert not Path(own).exists()


def test_memory_ends_where_the_template_says(tmp_path: Path) -> None:
    async def scenario(service: LambdaService) -> None:
        assert (await service.invoke("echo", {"do": "allocate", "mb": 300})).json() == 300 << 20
        too_much = await service.invoke("echo", {"do": "allocate", "mb": 512})
        assert too_much.function_error == "Unhandled"
        assert too_much.json()["errorType"] == "MemoryError"

    log = packaged.play(tmp_path, scenario)
    reports = list(REPORT.finditer(log))
    assert 300 < int(reports[0][4]) < 400


def test_each_invocation_is_reported_and_the_first_with_its_init(tmp_path: Path) -> None:
    async def scenario(service: LambdaService) -> None:
        for _ in range(2):
            await service.invoke("echo", {})

    log = packaged.play(tmp_path, scenario)
    first, second = REPORT.finditer(log)
    assert float(first[5]) > 10
    assert int(first[3]) >= float(first[2]) + float(first[5])
    assert second[5] is None
    assert second[6] is None
    assert log.count("START RequestId: ") == log.count("END RequestId: ") == 2


def test_whatever_runs_at_once_has_environments_of_its_own(tmp_path: Path) -> None:
    async def scenario(service: LambdaService) -> None:
        event = {"do": "sleep", "seconds": 0.5}
        results = await asyncio.gather(*(service.invoke("echo", event) for _ in range(3)))
        assert len({result.json()["pid"] for result in results}) == 2
        assert sorted(result.json()["calls"] for result in results) == [1, 1, 2]

    packaged.play(tmp_path, scenario)


def test_between_invocations_everything_stands_still(tmp_path: Path) -> None:
    async def scenario(service: LambdaService) -> None:
        await service.invoke("echo", {"do": "tick"})
        before = (await service.invoke("echo", {"do": "sleep", "seconds": 0.3})).json()["ticks"]
        await asyncio.sleep(1)
        after = (await service.invoke("echo", {})).json()["ticks"]
        assert before > 3, "while it runs, so do its threads"
        assert after - before < 20, "a hundred, had it gone on"

    packaged.play(tmp_path, scenario)


#: Starts an environment, says its process, and waits to be killed.
PARENT = """
import asyncio, sys, pathlib
from tests.runtime import packaged
async def scenario(service):
    print((await service.invoke("echo", {})).json()["pid"], flush=True)
    await asyncio.sleep(60)
packaged.play(pathlib.Path(sys.argv[1]), scenario)
"""


def test_what_stands_still_ends_with_whoever_started_it_even_when_that_is_killed(
    tmp_path: Path,
) -> None:
    with subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-c", PARENT, str(tmp_path)],
        cwd=facts.ROOT,
        stdout=subprocess.PIPE,
        text=True,
    ) as parent:
        assert parent.stdout is not None
        held = Path(f"/proc/{parent.stdout.readline().strip()}/stat")
        stood_still = _becomes(held, "T")
        parent.kill()
        assert stood_still
        assert _becomes(held, "Z")


def _becomes(stat: Path, wanted: str) -> bool:
    """Wait until the kernel tells a state of a process; whoever is gone is dead."""
    end = time.monotonic() + 5
    while time.monotonic() < end:
        try:
            state = stat.read_text().rpartition(")")[2].split()[0]
        except OSError:
            state = "Z"
        if state == wanted:
            return True
        time.sleep(0.02)
    return False


def test_time_ends_where_the_template_says_and_the_next_call_finds_a_new_process(
    tmp_path: Path,
) -> None:
    async def scenario(service: LambdaService) -> None:
        before = (await service.invoke("worker", {})).json()
        late = await service.invoke("worker", {"do": "sleep"})
        assert late.json()["errorType"] == "Sandbox.Timedout"
        after = (await service.invoke("worker", {})).json()
        assert after["calls"] == 1
        assert after["pid"] != before["pid"]
        await service.invoke("echo", {})

    packaged.play(tmp_path, scenario)
    worker = (tmp_path / "logs" / "worker.log").read_text()
    assert [match[6] for match in REPORT.finditer(worker)] == [None, "timeout", None]


def test_an_answer_may_have_six_megabytes_and_a_hundred_bytes(tmp_path: Path) -> None:
    most = 6 * 1024 * 1024 + 100 - 2  # two of them are the quotes of JSON

    async def scenario(service: LambdaService) -> None:
        whole = await service.invoke("echo", {"do": "answer", "bytes": most})
        assert (whole.function_error, len(whole.payload)) == (None, most + 2)
        over = await service.invoke("echo", {"do": "answer", "bytes": most + 1})
        assert over.json()["errorType"] == "Function.ResponseSizeTooLarge"

    packaged.play(tmp_path, scenario)


def test_without_a_sandbox_layers_are_found_where_they_lie(tmp_path: Path) -> None:
    async def scenario(service: LambdaService) -> None:
        given = (await service.invoke("echo", {})).json()
        assert given["layer"] == [str(tmp_path / "opt" / "python" / "layered.py"), "layer"]
        assert given["environ"]["WEB_DIR"] == str(tmp_path / "opt")
        assert given["folder"] == str(tmp_path / "task")
        assert given["version"] == [3, 13]

    packaged.play(tmp_path, scenario, sandboxed=False)
    assert not list((tmp_path / "task").rglob("*.pyc"))
