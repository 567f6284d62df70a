"""Two small functions, packaged by hand, to be run as Lambda runs them."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from local import execution
from local.artifact import Package
from local.environment import Logs
from local.execution import AsLambda
from local.lambda_service import LambdaService
from local.template import Template
from tests.local import samples

#: Does what its event asks for; `layered` and `shadowed` come from layers.
APP = """
import layered, os, signal, sys, threading, time
CALLS = TICKS = 0
def tick():
    global TICKS
    while True:
        time.sleep(0.01)
        TICKS += 1
def handler(event, context):
    global CALLS
    CALLS += 1
    do = event.get("do")
    if do == "tick":
        threading.Thread(target=tick, daemon=True).start()
    if do == "raise":
        raise ValueError("no luck")
    if do == "exit":
        os._exit(7)
    if do == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if do == "sleep":
        time.sleep(event.get("seconds", 60))
    if do == "allocate":
        return len(bytearray(event["mb"] << 20))
    if do == "answer":
        return "x" * event["bytes"]
    if do == "unserialisable":
        return {1, 2}
    if do == "write":
        told = {}
        for place in event["places"]:
            try:
                open(place, "a").close()
                told[place] = "written"
            except OSError as why:
                told[place] = why.strerror
        return told
    if "Records" in event:
        found = [record["dynamodb"] for record in event["Records"]]
        print("records", *(each["Keys"]["sk"]["S"] for each in found))
        if any(each["Keys"]["sk"]["S"].endswith("terrible") for each in found):
            raise ValueError("no luck")
        bad = [each for each in found if each["Keys"]["sk"]["S"].endswith("bad")]
        named = [{"itemIdentifier": each["SequenceNumber"]} for each in bad]
        return {"batchItemFailures": named}
    return {
        "calls": CALLS, "ticks": TICKS,
        "pid": os.getpid(), "user": os.getuid(), "folder": os.getcwd(),
        "environ": dict(os.environ), "layer": [layered.__file__, layered.WHICH],
        "version": list(sys.version_info[:2]), "path": sys.path,
        "left": context.get_remaining_time_in_millis(), "memory": context.memory_limit_in_mb,
        "arn": context.invoked_function_arn, "same": context.aws_request_id,
    }
"""

Scenario = Callable[[LambdaService], Awaitable[None]]


def runtime(folder: Path, *, sandboxed: bool = True) -> AsLambda:
    """Run what `lay` laid out."""
    package = Package(folder / "task", folder / "opt", "app.handler")
    packages = dict.fromkeys(("EchoFunction", "WorkerFunction"), package)
    return AsLambda(packages, execution.client(), folder / "root", sandboxed)


def lay(folder: Path) -> Template:
    """Lay the sample system out as Lambda unpacks it, and read its template."""
    opt, root = folder / "opt", folder / "root"
    for place in (opt / "python", opt / "words", root, folder / "task"):
        place.mkdir(parents=True, exist_ok=True)
    (opt / "python" / "layered.py").write_text("WHICH = 'layer'\n")
    (opt / "words" / "en.json").write_text("{}")
    (folder / "task" / "app.py").write_text(APP)
    return samples.write(folder)


def play(folder: Path, scenario: Scenario, *, sandboxed: bool = True) -> str:
    """Play a scenario against a service with the sample functions, and return the log of `echo`."""
    template = lay(folder)

    async def run() -> None:
        service = LambdaService(
            template.functions(),
            {"AWS_REGION": "us-east-1", "WEB_DIR": "/opt"},
            environments=2,
            logs=Logs(folder / "logs"),
            runtime=runtime(folder, sandboxed=sandboxed),
        )
        try:
            await scenario(service)
        finally:
            await service.stop()

    asyncio.run(run())
    return (folder / "logs" / "echo.log").read_text()
