"""What calls functions without a request: the table's stream, and the schedule.

The stream is the engine's own, read with the Streams API as Lambda's poller reads it.
What it does not do: checkpoints that outlive the run; more than one poller for a mapping.
"""

import asyncio
import contextlib
import json
import time
import uuid
from collections.abc import Awaitable, Callable, Coroutine
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from local import facts
from local.batches import Feeder, as_event_record
from local.template import Schedule, StreamMapping

if TYPE_CHECKING:
    from mypy_boto3_dynamodbstreams import DynamoDBStreamsClient

_IDLE_SECONDS = 0.25
_AFTER_TROUBLE_SECONDS = 2.0


class Poller:
    """Reads one stream and hands its records to a feeder, until cancelled.

    Args:
        client: Of the engine that holds the table.
        mapping: Names the stream and where to begin.
        feeder: Works on the records.
    """

    def __init__(
        self, client: "DynamoDBStreamsClient", mapping: StreamMapping, feeder: Feeder
    ) -> None:
        self._client = client
        self._mapping = mapping
        self._feeder = feeder
        self._position: dict[str, str] = {}
        #: Set once the place to begin at is fixed: what is written later is not missed.
        self.begun = asyncio.Event()

    async def run(self) -> None:
        """Follow every shard; ended shards are replaced by their successors."""
        done: set[str] = set()
        tasks: dict[str, asyncio.Task[None]] = {}
        first_look = True
        try:
            while True:
                for shard in await self._shards():
                    if shard not in tasks and shard not in done:
                        tasks[shard] = asyncio.create_task(
                            self._follow(shard, later=not first_look)
                        )
                first_look = False
                ended = {shard for shard, task in tasks.items() if task.done()}
                for shard in ended:
                    done.add(shard)
                    tasks.pop(shard).result()
                await asyncio.wait(tasks.values(), timeout=30, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks.values():
                task.cancel()
            await asyncio.gather(*tasks.values(), return_exceptions=True)

    async def _shards(self) -> list[str]:
        described = await asyncio.to_thread(
            self._client.describe_stream, StreamArn=self._mapping.stream
        )
        return [shard["ShardId"] for shard in described["StreamDescription"].get("Shards", [])]

    async def _follow(self, shard: str, *, later: bool) -> None:
        """Read one shard to its end; one that appears later is read from its start."""
        start = "TRIM_HORIZON" if later else self._mapping.starting_position
        iterator: str | None = await self._iterator(shard, start)
        self.begun.set()
        while iterator is not None:
            try:
                answer = await asyncio.to_thread(
                    self._client.get_records, ShardIterator=iterator, Limit=1000
                )
            except (
                self._client.exceptions.ExpiredIteratorException,
                self._client.exceptions.TrimmedDataAccessException,
            ):
                iterator = await self._iterator(shard, start)
                continue
            records = [
                as_event_record(record, self._mapping.stream) for record in answer["Records"]
            ]
            if records:
                await self._feeder.feed(shard, records)
                self._position[shard] = records[-1]["dynamodb"]["SequenceNumber"]
            iterator = answer.get("NextShardIterator")
            if not records:
                await asyncio.sleep(_IDLE_SECONDS)

    async def _iterator(self, shard: str, start: str) -> str:
        place: dict[str, Any] = {"ShardIteratorType": start}
        if shard in self._position:
            place = {
                "ShardIteratorType": "AFTER_SEQUENCE_NUMBER",
                "SequenceNumber": self._position[shard],
            }
        answer = await asyncio.to_thread(
            self._client.get_shard_iterator,
            StreamArn=self._mapping.stream,
            ShardId=shard,
            **place,
        )
        return answer["ShardIterator"]


async def keep_on(name: str, work: Callable[[], Awaitable[None]]) -> None:
    """Run something that should never end, and start it again with a word when it does."""
    while True:
        try:
            await work()
        except Exception as why:  # noqa: BLE001 - the run goes on, whatever it was
            print(f"{name}: {type(why).__name__}: {why}; trying again", flush=True)
        await asyncio.sleep(_AFTER_TROUBLE_SECONDS)


async def tick(
    schedule: Schedule, invoke: Callable[[Any], Coroutine[Any, Any, object]], seconds: float
) -> None:
    """Invoke a function every so many seconds, whether or not the last run has ended."""
    running: set[asyncio.Task[object]] = set()
    due = time.monotonic()
    with contextlib.suppress(asyncio.CancelledError):
        while True:
            due += seconds
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            run = asyncio.create_task(invoke(scheduled_event(schedule)))
            running.add(run)
            run.add_done_callback(running.discard)
    for run in running:
        run.cancel()


def scheduled_event(schedule: Schedule) -> Any:
    """Make what a schedule gives its function."""
    if schedule.input is not None:
        return json.loads(schedule.input)
    arn = f"arn:aws:events:{facts.REGION}:{facts.ACCOUNT}:rule/{schedule.name}"
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "Scheduled Event",
        "source": schedule.source,
        "account": facts.ACCOUNT,
        "time": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "region": facts.REGION,
        "resources": [arn],
        "detail": {},
    }
