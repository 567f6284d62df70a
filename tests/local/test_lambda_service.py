"""Functions run in processes of their own, and fail as they do in Lambda."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from local.environment import Logs
from local.execution import FromSource
from local.lambda_service import LambdaService, PayloadTooLarge, UnknownFunction
from tests.local import samples

pytestmark = pytest.mark.integration

Scenario = Callable[[LambdaService], Awaitable[None]]


def run(folder: Path, scenario: Scenario, environments: int = 2) -> None:
    """Play a scenario against a service with the sample functions."""

    async def play() -> None:
        service = LambdaService(
            samples.write(folder).functions(),
            {"VENDOR_URL": "http://vendor", "AWS_REGION": "us-east-1"},
            environments=environments,
            logs=Logs(folder / "logs"),
            runtime=FromSource(folder),
        )
        try:
            await scenario(service)
        finally:
            await service.stop()

    asyncio.run(play())


def test_handler_gets_faithful_context_and_only_its_variables(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_OF_THE_DEVELOPER", "x")

    async def scenario(service: LambdaService) -> None:
        result = await service.invoke("echo", {})
        assert result.function_error is None
        given = result.json()
        assert given["request_id"] == result.request_id
        assert (given["name"], given["memory"]) == ("EchoFunction", "512")
        assert given["arn"].endswith(":function:EchoFunction")
        assert 10_000 < given["left"] <= 20_000
        environ = given["environ"]
        assert environ["TABLE_NAME"] == "test-table"
        assert environ["VENDOR_URL"] == "http://vendor"
        assert environ["TZ"] == ":UTC"
        assert "SECRET_OF_THE_DEVELOPER" not in environ
        assert "HOME" not in environ

    run(tmp_path, scenario)


def test_environment_is_reused_and_its_log_kept(tmp_path: Path) -> None:
    async def scenario(service: LambdaService) -> None:
        first = (await service.invoke("echo", {})).json()
        second = (await service.invoke("EchoFunction", {})).json()
        assert first["pid"] == second["pid"]
        assert second["calls"] == 2

    run(tmp_path, scenario)
    assert (tmp_path / "logs" / "echo.log").read_text() == "echo was called\n" * 2


def test_two_requests_get_two_environments_and_a_third_waits(tmp_path: Path) -> None:
    async def scenario(service: LambdaService) -> None:
        event = {"do": "sleep", "seconds": 0.3}
        results = await asyncio.gather(*(service.invoke("echo", event) for _ in range(3)))
        pids = [result.json()["pid"] for result in results]
        assert len(set(pids)) == 2

    run(tmp_path, scenario)


def test_raised_error_is_described(tmp_path: Path) -> None:
    async def scenario(service: LambdaService) -> None:
        result = await service.invoke("echo", {"do": "raise"})
        assert result.function_error == "Unhandled"
        error = result.json()
        assert (error["errorType"], error["errorMessage"]) == ("ValueError", "no luck")
        assert error["requestId"] == result.request_id
        assert "app.py" in error["stackTrace"][0]
        assert (await service.invoke("echo", {})).json()["calls"] == 2

    run(tmp_path, scenario)


@pytest.mark.parametrize(
    ("do", "error_type", "message"),
    [
        ("exit", "Runtime.ExitError", "exit status 7"),
        ("sleep", "Sandbox.Timedout", "Task timed out after 1.00 seconds"),
        ("large", "Function.ResponseSizeTooLarge", "exceeded"),
        ("unserialisable", "Runtime.MarshalError", "not JSON serializable"),
    ],
)
def test_failed_environment_is_told_and_replaced(
    tmp_path: Path, do: str, error_type: str, message: str
) -> None:
    async def scenario(service: LambdaService) -> None:
        result = await service.invoke("worker", {"do": do})
        assert result.function_error == "Unhandled"
        assert result.json()["errorType"] == error_type
        assert message in result.json()["errorMessage"]
        assert (await service.invoke("worker", {})).function_error is None

    run(tmp_path, scenario, environments=1)


@pytest.mark.parametrize(
    ("source", "error_type"),
    [
        ("import nothing_of_this_name", "Runtime.ImportModuleError"),
        ("x = 1", "Runtime.HandlerNotFound"),
        ("import os; os._exit(3)", "Runtime.ExitError"),
    ],
)
def test_handler_that_cannot_be_imported_is_told(
    tmp_path: Path, source: str, error_type: str
) -> None:
    async def scenario(service: LambdaService) -> None:
        (tmp_path / "functions" / "echo" / "app.py").write_text(source)
        result = await service.invoke("echo", {})
        assert result.json()["errorType"] == error_type
        (tmp_path / "functions" / "echo" / "app.py").write_text(samples.ECHO)
        assert (await service.invoke("echo", {})).function_error is None

    run(tmp_path, scenario)


def test_warm_environments_are_used(tmp_path: Path) -> None:
    async def scenario(service: LambdaService) -> None:
        await service.warm()
        assert (await service.invoke("worker", {})).json()["left"] > 0

    run(tmp_path, scenario)


def test_no_process_survives_the_service(tmp_path: Path) -> None:
    pids = []

    async def scenario(service: LambdaService) -> None:
        pids.append((await service.invoke("echo", {})).json()["pid"])
        asyncio.get_running_loop().create_task(service.invoke("echo", {"do": "sleep"}))
        await asyncio.sleep(0.2)

    run(tmp_path, scenario)
    with pytest.raises(ProcessLookupError):
        os.kill(pids[0], 0)


def test_unknown_function_and_too_large_event_are_refused(tmp_path: Path) -> None:
    async def scenario(service: LambdaService) -> None:
        with pytest.raises(UnknownFunction, match="Function not found: nobody"):
            await service.invoke("nobody", {})
        with pytest.raises(PayloadTooLarge):
            await service.invoke("echo", {"text": "x" * 7_000_000})

    run(tmp_path, scenario)
