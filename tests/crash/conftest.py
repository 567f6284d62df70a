"""A world whose clock a test moves, and steps that die at a chosen call."""

import itertools
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests

from local import demo_drive, facts, invoke
from local.demo_drive import Person
from local.world import LocalWorld

_NUMBERS = itertools.count()


@dataclass
class Mortals:
    """Runs steps in processes that may die, against one world."""

    world: LocalWorld
    clock: Path
    process: "subprocess.Popen[str]"
    seconds: int = 0
    host: Person = field(init=False)

    def __post_init__(self) -> None:
        self.host = Person(self.world, "alice")
        demo_drive.connect(self.world, self.host, "alice@example.com")

    def pass_(self, seconds: int) -> None:
        """Move the clock of every process, in one go: nobody may read half of it."""
        self.seconds += seconds
        written = self.clock.with_suffix(".next")
        written.write_text(str(self.seconds))
        written.replace(self.clock)

    def run(
        self, function: str, event: Any, die: tuple[int | str, str] | None = None
    ) -> dict[str, Any]:
        """Run a step; it may die."""
        assert self.process.stdin
        assert self.process.stdout
        order = {"function": function, "event": event, "die": die}
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        done: dict[str, Any] = json.loads(self.process.stdout.readline())
        return done

    def guest(self) -> Person:
        """Make a chat user of this case."""
        uid = f"mortal-{next(_NUMBERS)}"
        user = {"app": "local", "uid": uid, "name": "Mortal"}
        requests.post(f"{self.world.cometchat.url}/_control/users", json=user, timeout=10)
        return Person(self.world, uid)

    def items(self) -> list[dict[str, Any]]:
        """Give everything that the table holds."""
        client = demo_client(self.world)
        (name,) = client.list_tables()["TableNames"]
        pages = client.get_paginator("scan").paginate(TableName=name)
        return [item for page in pages for item in page["Items"]]


def demo_client(world: LocalWorld) -> Any:
    """Give a client of the table."""
    import boto3  # noqa: PLC0415 - only this needs it

    return boto3.client(
        "dynamodb",
        endpoint_url=world.aws_url,
        region_name=facts.REGION,
        aws_access_key_id="local",
        aws_secret_access_key="local",
    )


def event(person: Person, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """Give API Gateway's event of a POST."""
    headers = {name.lower(): value for name, value in person.headers.items()}
    return {
        "version": "2.0",
        "routeKey": f"POST {path}",
        "rawPath": path,
        "rawQueryString": "",
        "headers": headers,
        "requestContext": {
            "requestId": "mortal",
            "stage": "$default",
            "http": {"method": "POST", "path": path},
        },
        "body": json.dumps(body),
        "isBase64Encoded": False,
    }


@pytest.fixture(scope="session")
def mortals(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mortals]:
    clock = tmp_path_factory.mktemp("clock") / "seconds"
    clock.write_text("0")
    moved = {"CLOCK_OFFSET_FILE": str(clock)}
    with LocalWorld(schedule_seconds=36_000, environ=moved) as world:
        _, variables = invoke.fetch("reconcile", world)
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.crash.mortal"],
            cwd=facts.ROOT,
            env={**variables, **moved, "PYTHONPATH": ".:shared", "POWERTOOLS_LOG_LEVEL": "ERROR"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        yield Mortals(world, clock, process)
        process.terminate()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe:
                pipe.close()
