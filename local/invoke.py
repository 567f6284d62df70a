"""Run one function once, in an environment of its own, against a running local run.

`make invoke F=book_slot` takes the event of `local/events/book_slot.json`. Its settings come from
the running local run, its code from the checkout as it is now. In an event these stand for what
cannot be known before: `{token of alice}` for a fresh auth token of that user of the app `local`,
`{share of alice}` for the newest share of that user, `{slot of alice}` for its first free start.
"""

import argparse
import asyncio
import contextlib
import json
import os
import re
import sys
from pathlib import Path
from typing import Any

import requests

from local import facts
from local.environment import Logs
from local.lambda_service import LambdaService, Result
from local.template import Function
from local.world import RunningWorld

EVENTS = facts.ROOT / "local" / "events"
APP = "local"
#: What the function printed, once more: apart from what the running local run writes.
LOGS = facts.ROOT / ".build" / "invoke"
_PLACEHOLDER = re.compile(r"\{(token|share|slot) of (\w+)\}")
_REQUEST_SECONDS = 10


class CannotInvoke(Exception):
    """There is nothing to invoke, or nothing to invoke it against; the message says which."""


def fill(event: Any, world: RunningWorld) -> Any:
    """Put what is true now into an event's placeholders.

    Raises:
        CannotInvoke: There is no share yet.
    """

    def value(found: re.Match[str]) -> str:
        what, uid = found.groups()
        return world.token(APP, uid) if what == "token" else _newest_share(world, uid)[what]

    return json.loads(_PLACEHOLDER.sub(value, json.dumps(event, ensure_ascii=False)))


def _newest_share(world: RunningWorld, uid: str) -> dict[str, str]:
    headers = {"appId": APP, "authToken": world.token(APP, uid)}

    def get(path: str) -> Any:
        url = f"{world.url}/v1/{path}"
        answer = requests.get(url, headers=headers, timeout=_REQUEST_SECONDS)
        return answer.json().get("data") or {}

    items = get("shares").get("items") or []
    slots = get(f"shares/{items[0]['shareId']}").get("slots") if items else None
    if not slots:
        raise CannotInvoke(
            f"{uid} has shared no free time yet. Do so in the demo at {world.demo_url}, "
            f"or by 'make demo PORT={world.addresses.port}', then try again."
        )
    return {"share": items[0]["shareId"], "slot": slots[0]}


def fetch(name: str, world: RunningWorld) -> tuple[Function, dict[str, str]]:
    """Ask the running local run for a function and its environment.

    Raises:
        CannotInvoke: It does not run, or has no such function.
    """
    url = f"{world.url}/2015-03-31/functions/{name}/configuration"
    try:
        answer = requests.get(url, timeout=_REQUEST_SECONDS)
        known = answer.json()
    except requests.RequestException as why:
        raise CannotInvoke(
            f"No local run answers at {world.url}. Start one with 'make run', or name its port, "
            "such as PORT=4000"
        ) from why
    if not answer.ok:
        raise CannotInvoke(known.get("Message", f"{url} answered {answer.status_code}."))
    function = Function(
        logical_id=known["FunctionName"],
        name=name,
        handler=known["Handler"],
        timeout_seconds=known["Timeout"],
        memory_mb=known["MemorySize"],
        environment={},
        deployed_name=known["FunctionName"],
    )
    return function, known["Environment"]["Variables"]


def invoke(name: str, event: Any, world: RunningWorld) -> Result:
    """Run a function once, in a process of its own; its output goes to the terminal.

    Raises:
        CannotInvoke: There is no such function, or no local run.
    """
    function, variables = fetch(name, world)
    return asyncio.run(_once(function, variables, fill(event, world)))


async def _once(function: Function, variables: dict[str, str], event: Any) -> Result:
    logs = Logs(LOGS, on_terminal=True)
    logs.clear()
    service = LambdaService([function], variables, environments=1, logs=logs)
    try:
        return await service.invoke(function.name, event)
    finally:
        await service.stop()


def pretty(payload: bytes) -> str:
    """Show a payload to people; a JSON body within it is shown as JSON too."""
    value = json.loads(payload)
    if isinstance(value, dict) and isinstance(value.get("body"), str):
        with contextlib.suppress(ValueError):  # a page, a file
            value["body"] = json.loads(value["body"])
    return json.dumps(value, indent=2, ensure_ascii=False)


def main() -> int:
    """Read the command line, run the function, print what it gave."""
    parser = argparse.ArgumentParser(
        prog="python -m local.invoke",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("function", help="the name of its folder, for example book_slot")
    parser.add_argument("--event", type=Path, help="another event, as a JSON file")
    port = os.environ.get("PORT") or str(facts.DEFAULT_PORT)
    parser.add_argument("--port", type=int, default=port, help="of the local run")
    chosen = parser.parse_args()
    file = chosen.event or EVENTS / f"{chosen.function}.json"
    try:
        event = json.loads(file.read_text(encoding="utf-8"))
        result = invoke(chosen.function, event, RunningWorld(chosen.port))
    except FileNotFoundError:
        print(f"There is no event {file}.", file=sys.stderr)
        return 1
    except ValueError as why:
        print(f"{file} is not JSON: {why}", file=sys.stderr)
        return 1
    except CannotInvoke as why:
        print(why, file=sys.stderr)
        return 1
    print(pretty(result.payload))
    return 1 if result.function_error else 0


if __name__ == "__main__":
    sys.exit(main())
