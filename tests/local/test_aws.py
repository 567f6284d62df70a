"""What the template declares stands in the engine, and its stream reaches a function."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from local import facts
from local.aws import Aws
from local.batches import Feeder
from local.lambda_service import Result
from local.stream import Poller
from local.world import free_ports
from tests.local import samples

pytestmark = pytest.mark.integration


def test_resources_are_made_as_declared_and_the_stream_flows(tmp_path: Path) -> None:
    template = samples.write(tmp_path)
    aws = Aws(facts.Addresses(free_ports()), amazon=False, folder=tmp_path / "aws")

    async def scenario() -> None:
        await aws.start()
        try:
            await asyncio.to_thread(aws.make_resources, template, {"secret": "s"})
            described = aws.client("dynamodb").describe_table(TableName="Table")["Table"]
            assert [key["AttributeName"] for key in described["KeySchema"]] == ["pk", "sk"]
            ttl = aws.client("dynamodb").describe_time_to_live(TableName="Table")
            assert ttl["TimeToLiveDescription"]["AttributeName"] == "ttl"
            key = aws.client("kms").describe_key(KeyId=template.values["Key.Arn"])
            assert key["KeyMetadata"]["Arn"] == template.functions()[0].environment["KEY_ARN"]
            parameters = aws.client("ssm").get_parameters(
                Names=["/sample/secret", "/sample/base-url"], WithDecryption=True
            )["Parameters"]
            assert {one["Name"]: one["Value"] for one in parameters} == {
                "/sample/secret": "s",
                "/sample/base-url": aws.addresses.extension,
            }
            aws.send(template.values["Dead.Arn"], {"heard": 1})
            assert _messages(aws, template.values["Dead"]) == [{"heard": 1}]
            assert await _delivered(aws, template) == ["OUT#1", "OUT#2"]
        finally:
            await aws.stop()

    asyncio.run(scenario())


def _messages(aws: Aws, url: str) -> list[Any]:
    answer = aws.client("sqs").receive_message(QueueUrl=url)
    return [json.loads(message["Body"]) for message in answer.get("Messages", [])]


async def _delivered(aws: Aws, template: Any) -> list[str]:
    """Put three items and give the sort keys that reach the function."""
    arrived: list[str] = []
    both = asyncio.Event()

    async def invoke(event: Any) -> Result:
        arrived.extend(record["dynamodb"]["Keys"]["sk"]["S"] for record in event["Records"])
        if len(arrived) >= 2:
            both.set()
        return Result(b"null")

    async def give_up(heard: Any) -> None:
        raise AssertionError(heard)

    (mapping,) = template.streams()
    poller = Poller(aws.streams(), mapping, Feeder(mapping, invoke, give_up))
    polling = asyncio.create_task(poller.run())
    database = aws.client("dynamodb")
    for sk in ("OUT#1", "BOOKING#1", "OUT#2"):
        item = {"pk": {"S": "p"}, "sk": {"S": sk}}
        await asyncio.to_thread(database.put_item, TableName="Table", Item=item)
    await asyncio.wait_for(both.wait(), 10)
    polling.cancel()
    await asyncio.gather(polling, return_exceptions=True)
    return arrived
