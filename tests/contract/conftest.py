"""The engines that the stores are held to: moto in this process, two more on loopback."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest

from local import facts
from local.aws import Aws
from local.world import free_ports
from tests.contract.scene import Scene
from tests.world import TABLE, World, create_table

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

ENGINES = ("moto", "ministack", "amazon")
#: Where writers may meet: moto's transactions are not atomic.
REAL_ENGINES = ("ministack", "amazon")
_TABLE = f"{TABLE}-of-the-contract"
_MOST_AT_ONCE = 25


@dataclass
class Engine:
    """One engine with the product's table in it."""

    name: str
    client: "DynamoDBClient"

    def clear(self) -> None:
        """Remove every item; making a table again costs more than most tests."""
        pages = self.client.get_paginator("scan").paginate(
            TableName=_TABLE, ProjectionExpression="pk, sk", ConsistentRead=True
        )
        keys = [key for page in pages for key in page["Items"]]
        for first in range(0, len(keys), _MOST_AT_ONCE):
            deletes: Any = [
                {"DeleteRequest": {"Key": key}} for key in keys[first : first + _MOST_AT_ONCE]
            ]
            self.client.batch_write_item(RequestItems={_TABLE: deletes})


@pytest.fixture(scope="session")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Aws]:
    """Run MiniStack and Amazon's DynamoDB Local."""
    folder = tmp_path_factory.mktemp("engines")
    running = Aws(facts.Addresses(free_ports()), amazon=True, folder=folder)
    with asyncio.Runner() as runner:
        runner.run(running.start())
        yield running
        runner.run(running.stop())


@pytest.fixture(scope="session", params=ENGINES)
def engine(request: pytest.FixtureRequest) -> Engine:
    """Return an engine with the table that `template.yaml` declares."""
    if request.param == "moto":
        client = request.getfixturevalue("_moto")
    else:
        running: Aws = request.getfixturevalue("aws")
        client = replace(running, amazon=request.param == "amazon").client("dynamodb")
    if _TABLE not in client.list_tables()["TableNames"]:
        create_table(client, _TABLE)
        if request.param == "moto":
            _without_stream(client)
    return Engine(request.param, client)


def _without_stream(client: "DynamoDBClient") -> None:
    """Make the table again: moto copies all that a stream ever held at each write."""
    described: Any = client.describe_table(TableName=_TABLE)["Table"]
    client.delete_table(TableName=_TABLE)
    wanted = ("IndexName", "KeySchema", "Projection")
    indexes: Any = [
        {name: index[name] for name in wanted} for index in described["GlobalSecondaryIndexes"]
    ]
    client.create_table(
        TableName=_TABLE,
        AttributeDefinitions=described["AttributeDefinitions"],
        KeySchema=described["KeySchema"],
        GlobalSecondaryIndexes=indexes,
        BillingMode="PAY_PER_REQUEST",
    )


@pytest.fixture
def scene(stores: World) -> Scene:
    """Return the stores with a connected host and an open share."""
    return Scene(stores)


@pytest.fixture
def stores(engine: Engine) -> World:
    """Return every store, on an empty table of the engine; only one app is registered."""
    engine.clear()
    return World(engine.client, _TABLE)
