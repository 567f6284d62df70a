"""A world whose clock a test moves, and steps that meet trouble at a chosen call."""

import itertools
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import requests

from local import demo_drive, facts, invoke
from local.demo_drive import Person
from local.execution import FromSource
from local.world import LocalWorld
from tests.crash_workers.clock import move

_NUMBERS = itertools.count()


@dataclass
class CrashWorkers:
    """Runs steps in processes that may die, against one world."""

    world: LocalWorld
    clock: Path
    process: "subprocess.Popen[str]"
    host: Person = field(init=False)
    account: str = ""
    _client: Any = None
    _turns: Iterator[int] = field(default_factory=itertools.count)

    def begin(self) -> None:
        """Forget all that was, and have a new host: what has grown makes every look at it slow."""
        self.world.clear_faults()
        client, table = self._table()
        for item in self.items():
            if item["sk"]["S"] != "TENANT":
                client.delete_item(TableName=table, Key={"pk": item["pk"], "sk": item["sk"]})
        self._turns = itertools.count()
        self.host = self.guest()
        self.account = f"{self.host.uid}@example.com"
        self.world.add_account(self.account)
        self.consent_again()

    def pass_(self, seconds: int) -> None:
        """Let time pass for every process."""
        move(self.clock, seconds)

    def run(self, function: str, event: Any, *troubles: dict[str, Any]) -> dict[str, Any]:
        """Run a step with its troubles."""
        assert self.process.stdin
        assert self.process.stdout
        order = {"function": function, "event": event, "troubles": troubles}
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        done: dict[str, Any] = json.loads(self.process.stdout.readline())
        return done

    def consent_again(self) -> None:
        """Let the host consent again where the grant was taken for ended."""
        if self.host.call("GET", "v1/connection")["state"] != "connected":
            demo_drive.connect(self.world, self.host, self.account)

    def guest(self) -> Person:
        """Make a chat user of this case."""
        uid = f"crash-{next(_NUMBERS)}"
        user = {"app": "local", "uid": uid, "name": "Crash"}
        requests.post(f"{self.world.cometchat.url}/_control/users", json=user, timeout=10)
        return Person(self.world, uid)

    def items(self) -> list[dict[str, Any]]:
        """Return everything that the table holds."""
        client, table = self._table()
        pages = client.get_paginator("scan").paginate(TableName=table)
        return [item for page in pages for item in page["Items"]]

    def wait_for_the_stream(self) -> None:
        """Wait until nobody is sending: a clock that leaps over a lease would bring a second."""
        before: list[dict[str, Any]] | None = None
        for _ in range(200):
            owed = [item for item in self.items() if item.get("state", {}).get("S") == "owed"]
            if not owed or (owed == before and all(item["attempt"]["N"] != "0" for item in owed)):
                return
            before = owed
            time.sleep(0.15)

    def free(self, slots: list[str]) -> str:
        """Choose a start that no other step has chosen, half an hour after the one before."""
        tomorrow = datetime.fromisoformat(slots[0]).replace(hour=0, minute=0) + timedelta(days=1)
        wanted = tomorrow + timedelta(minutes=30 * next(self._turns))
        return next(start for start in slots if datetime.fromisoformat(start) >= wanted)

    def fail_next_message(self) -> None:
        """Let the chat not take the next message."""
        self.wait_for_the_stream()
        self.world.cometchat.add_fault(match="messages.send", kind="status", status=503)

    def _table(self) -> tuple[Any, str]:
        if self._client is None:
            endpoint = self.world.aws_url
            self._client = boto3.client(
                "dynamodb",
                endpoint_url=endpoint,
                region_name=facts.REGION,
                aws_access_key_id="local",
                aws_secret_access_key="local",
            )
        (table,) = self._client.list_tables()["TableNames"]
        return self._client, table


def event(
    person: Person, path: str, body: dict[str, Any] | None, method: str = "POST"
) -> dict[str, Any]:
    """Return API Gateway's event of a request."""
    headers = {name.lower(): value for name, value in person.headers.items()}
    return {
        "version": "2.0",
        "routeKey": f"{method} {path}",
        "rawPath": path,
        "rawQueryString": "",
        "headers": headers,
        "requestContext": {
            "requestId": "crash",
            "stage": "$default",
            "http": {"method": method, "path": path},
        },
        "body": json.dumps(body) if body is not None else None,
        "isBase64Encoded": False,
    }


@contextmanager
def crash_world(folder: Path) -> Iterator[CrashWorkers]:
    """Provide a world with nobody in it but its host, and a process that runs steps against it."""
    clock = folder / "seconds"
    clock.write_text("0")
    moved = {"CLOCK_OFFSET_FILE": str(clock)}
    with LocalWorld(schedule_seconds=36_000, environ=moved) as world:
        # Of all functions, the one that is given most.
        function, given = invoke.fetch("share_availability", world)
        variables = {**given, **FromSource().launch(function, given).variables}
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.crash_workers.process"],
            cwd=facts.ROOT,
            env={**variables, **moved, "POWERTOOLS_LOG_LEVEL": "ERROR"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        yield CrashWorkers(world, clock, process)
        process.terminate()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe:
                pipe.close()
