"""Run steps of the product in processes that meet trouble at a chosen call. Run as a program.

Reads a line of JSON for each step, `{"function", "event", "troubles": [...]}`; forks, runs the
function's real handler in the child, and writes a line with the child's exit status, its answer,
and the calls that it made. Calls are counted where every one passes: a new one is found by itself.

A trouble is `{"at", "kind", ...}` with a call's number or name. Kinds: `die before`, `die after`;
for vendors those of the emulators (`local/faults.py`), handed to the emulator just before the call
is sent; for the table `conflict` and `throttled`, answered in its place.
"""

import gc
import importlib
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import botocore.httpsession
import httplib2
import requests
from botocore.awsrequest import AWSResponse

from local.faults import KINDS
from scheduling import wiring
from scheduling.adapters.cometchat import rest_api
from scheduling.adapters.google import transport
from scheduling.adapters.system_clock import SystemClock
from scheduling.observability import Unforeseen
from tests.crash_workers.clock import move

#: The exit status of a child that was made to die.
DEAD = 9
#: Seconds that a call may take here, so that one which dawdles is given up soon.
TIMEOUT = 0.3
_READS = ("GetItem", "Query", "BatchGetItem", "GetParameters", "Decrypt", "GenerateDataKey")
_REASON = {"conflict": "TransactionConflict", "throttled": "ThrottlingError"}
_ERROR = {
    "conflict": "TransactionConflictException",
    "throttled": "ProvisionedThroughputExceededException",
}


class Calls:
    """Counts the calls to vendors and the writes to the table, and lets trouble happen."""

    def __init__(self, troubles: list[dict[str, Any]]) -> None:
        #: Each call's name, and whom it is for: `table`, or the address of a vendor.
        self.made: list[tuple[str, str]] = []
        self._troubles = troubles

    def passing(self, name: str, whom: str, send: Callable[[], Any]) -> Any:
        """Let a call through, with what trouble there is for it."""
        number = len(self.made)
        self.made.append((name, whom))
        here = [each for each in self._troubles if each["at"] in {number, name}]
        kinds = {each["kind"] for each in here}
        if "die before" in kinds:
            os._exit(DEAD)
        for each in here:
            # Trouble before may have brought a call that was not there when they were numbered.
            if each["kind"] in _ERROR and whom == "table":
                return _refused_by_the_table(name, each["kind"])
            if each["kind"] in KINDS and whom != "table":
                fault = {key: value for key, value in each.items() if key != "at"}
                _SEND(_CONTROL, "POST", f"{whom}/_faults", json={"match": "*", **fault})
        try:
            return send()
        finally:
            if "die after" in kinds:
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
            return self.passing(name, "table", lambda: aws(session, request))

        def to_web(session: Any, request: Any, **more: Any) -> Any:
            if session is _CONTROL:
                return web(session, request, **more)
            name = f"{request.method} {request.url.partition('?')[0].rpartition('/')[2]}"
            whom = "/".join(request.url.split("/")[:3])
            return self.passing(name, whom, lambda: web(session, request, **more))

        def to_google(http: Any, uri: str, method: str = "GET", *args: Any, **more: Any) -> Any:
            name = f"{method} {'events' if '/events' in uri else 'freeBusy'}"
            whom = "/".join(uri.split("/")[:3])
            return self.passing(name, whom, lambda: google(http, uri, method, *args, **more))

        for owner, attribute, orphan_watch in (
            (botocore.httpsession.URLLib3Session, "send", to_aws),
            (requests.Session, "send", to_web),
            (httplib2.Http, "request", to_google),
        ):
            setattr(owner, attribute, orphan_watch)


_CONTROL = requests.Session()
_SEND = requests.Session.request


class _Body:
    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self, **_: Any) -> Any:
        yield self._content


def _refused_by_the_table(name: str, kind: str) -> AWSResponse:
    """Answer as DynamoDB does: source as named in `scheduling.adapters.dynamodb.table`."""
    error: dict[str, Any] = {"__type": _ERROR[kind], "message": kind}
    if name == "TransactWriteItems":
        reasons = [{"Code": _REASON[kind]}, {"Code": "None"}]
        error = {
            "__type": "TransactionCanceledException",
            "Message": "Transaction cancelled",
            "CancellationReasons": reasons,
        }
    headers = {"Content-Type": "application/x-amz-json-1.0"}
    return AWSResponse("", 400, headers, _Body(json.dumps(error).encode()))  # type: ignore[arg-type]


def run(order: dict[str, Any], answer: Any) -> None:
    """Run a function's handler in this process, and write what came of it."""
    calls = Calls(order["troubles"])
    calls.watch()
    context: Any = SimpleNamespace(
        get_remaining_time_in_millis=lambda: 25_000,
        function_name=order["function"],
        memory_limit_in_mb=1024,
        invoked_function_arn="arn:aws:lambda:us-east-1:000000000000:function:crash",
        aws_request_id="crash",
    )
    module = importlib.import_module(f"functions.{order['function']}.app")
    try:
        result = module.handler(order["event"], context)
    except Unforeseen as let_go:
        broken = let_go.__context__
        if not isinstance(broken, ExceptionGroup):
            raise
        # reconcile's, when everything else is done
        result = {"broken": [repr(each) for each in broken.exceptions]}
    answer.write(json.dumps({"result": result, "calls": calls.made}))
    answer.flush()


def wait_by_the_clock() -> None:
    """Let whoever waits here find the time passed, and lose none.

    It passes for every process: one that were ahead would owe what the others find not yet due.
    """
    clock = Path(os.environ["CLOCK_OFFSET_FILE"])

    def sleep(_: SystemClock, seconds: float) -> None:
        move(clock, seconds)

    # A method in place of another, whose name for itself differs.
    SystemClock.sleep = sleep  # type: ignore[assignment, method-assign]


def prepare() -> None:
    """Build what every step needs, so that a child need not; no connection stays open for it."""
    transport.TIMEOUT = rest_api.TIMEOUT = TIMEOUT  # type: ignore[assignment]
    wait_by_the_clock()
    for name in ("share_availability", "book_slot", "send_invite", "reconcile"):
        importlib.import_module(f"functions.{name}.app")
    use_cases = wiring.use_cases()
    built = (use_cases.sharer, use_cases.booker, use_cases.booking_changer, use_cases.reconciler)
    assert all(built)
    assert wiring.ports().google.service
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
            heard = answer.read()
        _, status = os.waitpid(child, 0)
        done = json.loads(heard) if heard else {"result": None, "calls": []}
        out.write(json.dumps({"exit": os.waitstatus_to_exitcode(status), **done}) + "\n")
        out.flush()


if __name__ == "__main__":
    main()
