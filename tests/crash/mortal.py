"""Run one step of the product in a process that dies at a chosen call. Run as a program.

Reads a line of JSON for each step, `{"function", "event", "die": [call, "before"|"after"] | null}`
with a call's number or name; forks, runs the function's real handler in the child, and writes a
line with the child's exit status, its answer, and the calls that it made. Calls are counted where
every one passes: a new one is found by itself.
"""

import gc
import importlib
import json
import os
import sys
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import botocore.httpsession
import httplib2
import requests

from scheduling import wiring

#: The exit status of a child that was made to die.
DEAD = 9
_READS = ("GetItem", "Query", "BatchGetItem", "GetParameters", "Decrypt", "GenerateDataKey")


class Calls:
    """Counts the calls to vendors and the writes to the table, and dies at one of them."""

    def __init__(self, die: list[Any] | None) -> None:
        self.names: list[str] = []
        self._die = tuple(die) if die else None

    def passing(self, name: str, send: Callable[[], Any]) -> Any:
        """Let a call through, or die just before or just after it."""
        number = len(self.names)
        self.names.append(name)
        if self._die in {(number, "before"), (name, "before")}:
            os._exit(DEAD)
        try:
            return send()
        finally:
            if self._die in {(number, "after"), (name, "after")}:
                os._exit(DEAD)

    def watch(self) -> None:
        """Stand where every call passes."""
        aws = botocore.httpsession.URLLib3Session.send
        web = requests.Session.send
        google = httplib2.Http.request

        def to_aws(session: Any, request: Any) -> Any:
            target = request.headers.get("X-Amz-Target", b"")
            name = (target.decode() if isinstance(target, bytes) else target).rpartition(".")[2]
            if name in _READS:
                return aws(session, request)
            return self.passing(name, lambda: aws(session, request))

        def to_web(session: Any, request: Any, **more: Any) -> Any:
            name = f"{request.method} {request.url.partition('?')[0].rpartition('/')[2]}"
            return self.passing(name, lambda: web(session, request, **more))

        def to_google(http: Any, uri: str, method: str = "GET", *args: Any, **more: Any) -> Any:
            name = f"{method} {'events' if '/events' in uri else 'freeBusy'}"
            return self.passing(name, lambda: google(http, uri, method, *args, **more))

        for owner, attribute, watched in (
            (botocore.httpsession.URLLib3Session, "send", to_aws),
            (requests.Session, "send", to_web),
            (httplib2.Http, "request", to_google),
        ):
            setattr(owner, attribute, watched)


def run(order: dict[str, Any], answer: Any) -> None:
    """Run a function's handler in this process, and write what came of it."""
    calls = Calls(order["die"])
    calls.watch()
    context: Any = SimpleNamespace(
        get_remaining_time_in_millis=lambda: 25_000,
        function_name=order["function"],
        memory_limit_in_mb=1024,
        invoked_function_arn="arn:aws:lambda:us-east-1:000000000000:function:mortal",
        aws_request_id="mortal",
    )
    module = importlib.import_module(f"functions.{order['function']}.app")
    result = module.handler(order["event"], context)
    answer.write(json.dumps({"result": result, "calls": calls.names}))
    answer.flush()


def prepare() -> None:
    """Build what every step needs, so that a child need not; no connection stays open for it."""
    for name in ("share_availability", "book_slot", "send_invite", "reconcile"):
        importlib.import_module(f"functions.{name}.app")
    wiring.sharing()
    wiring.booker()
    wiring.changing()
    wiring.reconciler()
    assert wiring.vendors.google().service
    for each in gc.get_objects():
        if isinstance(each, botocore.httpsession.URLLib3Session | requests.Session):
            each.close()


def main() -> None:
    """Serve steps until the input ends."""
    prepare()
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # logs are for whoever looks at them, answers for the test
    for line in sys.stdin:
        order = json.loads(line)
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reading)
            with os.fdopen(writing, "w") as answer:
                run(order, answer)
            os._exit(0)
        os.close(writing)
        with os.fdopen(reading) as answer:
            told = answer.read()
        _, status = os.waitpid(child, 0)
        done = json.loads(told) if told else {"result": None, "calls": []}
        out.write(json.dumps({"exit": os.waitstatus_to_exitcode(status), **done}) + "\n")
        out.flush()


if __name__ == "__main__":
    main()
