"""The table's stream reaches a packaged function as its mapping says, and what fails is kept."""

import asyncio
import json
import time
from pathlib import Path
from typing import Any

import pytest

from local import facts
from local.aws import Aws
from local.batches import Feeder
from local.environment import Logs
from local.lambda_service import LambdaService
from local.stream import Poller
from local.template import Template
from local.world import free_ports
from tests.runtime import packaged

pytestmark = pytest.mark.build

_PATIENCE_SECONDS = 30


def test_a_batch_is_halved_down_to_the_record_that_fails_and_the_queue_tells_of_it(
    tmp_path: Path,
) -> None:
    heard, log = asyncio.run(_play(tmp_path, packaged.lay(tmp_path)))
    assert [each["requestContext"]["condition"] for each in heard] == ["RetryAttemptsExhausted"] * 2
    named, raised = heard
    assert named["DDBStreamBatchInfo"]["batchSize"] == 1
    assert named["responseContext"]["functionError"] is None
    assert raised["DDBStreamBatchInfo"]["batchSize"] == 1
    assert raised["responseContext"]["functionError"] == "Unhandled"
    lines = [line for line in log.splitlines() if line.startswith("records ")]
    # The one that is named is tried again alone: the one before it was done.
    assert lines.count("records OUT#2-bad") == 3
    assert lines.count("records OUT#1 OUT#2-bad") <= 1
    assert lines.count("records OUT#4-terrible") == 3
    assert lines[-1].endswith("OUT#5")
    assert "IN#1" not in log
    assert log.count("REPORT RequestId") == len(lines)


async def _play(folder: Path, template: Template) -> tuple[list[dict[str, Any]], str]:
    aws = Aws(facts.Addresses(free_ports()), amazon=False, folder=folder / "aws")
    await aws.start()
    try:
        await asyncio.to_thread(aws.make_resources, template, {})
        service = LambdaService(
            template.functions(),
            {"AWS_REGION": facts.REGION},
            environments=2,
            logs=Logs(folder / "logs"),
            runtime=packaged.runtime(folder),
        )
        (mapping,) = template.streams()
        feeder = Feeder(
            mapping,
            invoke=lambda event: service.invoke(mapping.function, event),
            give_up=lambda heard: asyncio.to_thread(aws.send, str(mapping.on_failure), heard),
            first_pause_seconds=0.1,
        )
        poller = Poller(aws.streams(), mapping, feeder)
        polling = asyncio.create_task(poller.run())
        try:
            await poller.begun.wait()
            await asyncio.to_thread(_write, aws, template.values["Table"])
            return await asyncio.to_thread(_told, aws, template.values["Dead"], folder)
        finally:
            polling.cancel()
            await asyncio.gather(polling, return_exceptions=True)
            await service.stop()
    finally:
        await aws.stop()


def _write(aws: Aws, table: str) -> None:
    client = aws.client("dynamodb")
    for names in (["OUT#1", "OUT#2-bad"], ["IN#1", "OUT#3", "OUT#4-terrible", "OUT#5"]):
        puts = [
            {"Put": {"TableName": table, "Item": {"pk": {"S": "p"}, "sk": {"S": name}}}}
            for name in names
        ]
        client.transact_write_items(TransactItems=puts)


def _told(aws: Aws, queue: str, folder: Path) -> tuple[list[dict[str, Any]], str]:
    """Wait until the last record is done; give what the queue and the log tell."""
    client = aws.client("sqs")
    heard: list[dict[str, Any]] = []
    log = folder / "logs" / "worker.log"
    end = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < end:
        answer = client.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, WaitTimeSeconds=1)
        for message in answer.get("Messages", []):
            heard.append(json.loads(message["Body"]))
            client.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
        if len(heard) == 2 and "OUT#5\n" in log.read_text():
            time.sleep(0.2)  # the report follows the last line
            return heard, log.read_text()
    raise TimeoutError(f"{heard}\n{log.read_text()}")
