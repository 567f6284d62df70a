"""A function that is warm, and two that start from its memory, as from one snapshot.

Run as a program in a function's environment, with an event as a line of JSON. Prints a line for the
warm process and one for each that was restored: the answer, what nobody else may have, and how much
of what it used was there before.
"""

import importlib
import json
import os
import random
import socket
import sys
from types import SimpleNamespace
from typing import Any

import boto3
import snapshot_restore_py

from scheduling import wiring
from scheduling.core import ids

RESTORED = 2


def invoke(event: Any) -> dict[str, Any]:
    """Answer one request, with other processes' memory or not."""
    context: Any = SimpleNamespace(
        get_remaining_time_in_millis=lambda: 20_000,
        function_name="share_availability",
        memory_limit_in_mb=1024,
        invoked_function_arn="arn:aws:lambda:us-east-1:000000000000:function:share_availability",
        aws_request_id="restored",
    )
    module = importlib.import_module("functions.share_availability.app")
    answer: dict[str, Any] = module.handler(event, context)
    return answer


def watch() -> set[int]:
    """Note the inode of each socket over which something is said from now on."""
    spoken: set[int] = set()
    send = socket.socket.sendall

    def noting(self: socket.socket, *args: Any) -> None:
        spoken.add(os.fstat(self.fileno()).st_ino)
        send(self, *args)

    socket.socket.sendall = noting  # type: ignore[assignment, method-assign]
    return spoken


def built() -> list[Any]:
    """Return what keeps connections, credentials and secrets."""
    ports = wiring.ports()
    parts = (ports.table, ports.google, ports.parameters, ports.chat)
    return [*parts, boto3.DEFAULT_SESSION]


def tell(out: Any, event: Any, sockets: set[int], spoken: set[int], before: list[Any]) -> None:
    """Run the function, and say what came of it."""
    spoken.clear()
    answer = invoke(event)
    heard = {
        "status": answer["statusCode"],
        "unique": [
            json.loads(answer["body"])["data"]["shareId"],
            ids.random_id(),
            random.random(),  # noqa: S311 - it is the jitter that is looked at
        ],
        "sockets": len(spoken),
        "shared": len(spoken & sockets),
        "kept": sum(one is other for one, other in zip(built(), before, strict=True)),
    }
    out.write(json.dumps(heard) + "\n")
    out.flush()


def main() -> None:
    """Warm up, and be restored twice."""
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # logs are for whoever looks at them
    event = json.loads(sys.stdin.readline())
    spoken = watch()
    for hook, args, more in snapshot_restore_py.get_before_snapshot():
        hook(*args, **more)
    invoke(event)
    warmed, before = set(spoken), built()
    tell(out, event, warmed, spoken, before)
    for _ in range(RESTORED):
        child = os.fork()
        if child == 0:
            for hook, args, more in snapshot_restore_py.get_after_restore():
                hook(*args, **more)
            tell(out, event, warmed, spoken, before)
            os._exit(0)
        os.waitpid(child, 0)


if __name__ == "__main__":
    main()
