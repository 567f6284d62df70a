"""The whole local run, once: people of each test are their own, so that tests do not meet."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
import requests

from local import demo_drive, facts
from local.demo_drive import Person
from local.world import LocalWorld

_NUMBERS = itertools.count()
_PASSING = ("BUSY", "SPENT", "SESSION", "USED#")


@dataclass
class Town:
    """People of one test, in the world that all tests share."""

    world: LocalWorld

    def person(self, name: str, app: str = "local") -> Person:
        """Make a chat user."""
        uid = f"{name}-{next(_NUMBERS)}"
        answer = requests.post(
            f"{self.world.cometchat.url}/_control/users",
            json={"app": app, "uid": uid, "name": name.capitalize()},
            timeout=10,
        )
        answer.raise_for_status()
        return Person(self.world, uid)

    def host(self, account: str = "alice") -> Person:
        """Make a chat user with a connected calendar."""
        made = self.person("host")
        demo_drive.connect(self.world, made, f"{account}@example.com")
        return made

    def connected(self, uid: str) -> Person:
        """Return a chat user who is always there, with a calendar of the same name connected."""
        known = Person(self.world, uid)
        if known.call("GET", "v1/connection")["state"] != "connected":
            demo_drive.connect(self.world, known, f"{uid}@example.com")
        return known

    def send(
        self, method: str, path: str, person: Person | None = None, **more: Any
    ) -> requests.Response:
        """Call a route, and return the answer as it is."""
        headers = {**(person.headers if person else {}), **more.pop("headers", {})}
        return requests.request(
            method,
            f"{self.world.url}/{path}",
            headers=headers,
            timeout=40,
            allow_redirects=False,
            **more,
        )

    def share(self, host: Person, guest: Person, **fields: Any) -> dict[str, Any]:
        """Share the host's free times with the guest."""
        body = {"receiver": guest.uid, "receiverType": "user", **fields}
        answer: dict[str, Any] = host.call("POST", "v1/share", body)
        return answer

    def slots(self, guest: Person, share_id: str) -> list[str]:
        """Return the free starts of a share."""
        starts: list[str] = guest.call("GET", f"v1/shares/{share_id}")["slots"]
        return starts

    def aws(self, service: Any) -> Any:
        """Return a client of the AWS services behind the world."""
        return boto3.client(
            service,
            endpoint_url=self.world.aws_url,
            region_name=facts.REGION,
            aws_access_key_id="local",
            aws_secret_access_key="local",
        )

    def items(self) -> list[dict[str, Any]]:
        """Return everything that the table holds, as DynamoDB writes it."""
        client = self.aws("dynamodb")
        (name,) = client.list_tables()["TableNames"]
        pages = client.get_paginator("scan").paginate(TableName=name)
        return [item for page in pages for item in page["Items"]]

    def kept(self) -> dict[tuple[str, str], Any]:
        """Return what the table holds; of owed messages only that they are there: others send them.

        Without what any request may leave behind, which says nothing of anybody's meetings.
        """
        return {
            (item["pk"]["S"], sk): None if sk.startswith("OUTBOX#") else item
            for item in self.items()
            if not (sk := item["sk"]["S"]).startswith(_PASSING)
        }


@pytest.fixture(scope="session")
def _world() -> Iterator[LocalWorld]:
    with LocalWorld(schedule_seconds=3600) as world:
        yield world


@pytest.fixture
def town(_world: LocalWorld) -> Iterator[Town]:
    """Return the town, with no fault left behind."""
    yield Town(_world)
    _world.clear_faults()
