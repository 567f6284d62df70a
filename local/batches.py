"""How Lambda feeds a function with one shard's records: filter, batch, retry, bisect, give up.

Records of a shard are worked on in order, and a batch that fails holds up those behind it until it
succeeds, runs out of attempts, or grows too old; then it goes to the on-failure queue. A function
that fails as a whole has its batch halved, which uses up no attempt; one that names a record has it
and all behind it retried, unhalved, for that is where AWS bisects.
What it does not do: tumbling windows; parallel batches within a shard (`ParallelizationFactor` may
be set, batches still go one by one).

Source: AWS Lambda Developer Guide, "Process DynamoDB records with Lambda", error handling, batching
and partial responses (read 2026-11).
"""

import asyncio
import base64
import json
import time
import uuid
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from local.event_pattern import matches
from local.lambda_service import Result
from local.template import StreamMapping

Record = dict[str, Any]
_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 0.5, 30.0


@dataclass(frozen=True)
class _Failure:
    """What is left of a batch that failed."""

    records: Sequence[Record]
    result: Result | None
    #: Whether the function said which record failed.
    named: bool = False


class Feeder:
    """Feeds one function from one shard after another.

    Args:
        mapping: As the template declares it.
        invoke: Runs the mapped function with an event.
        give_up: Takes the record of a failure that is meant for the on-failure queue.
        first_pause_seconds: Before the first retry; it doubles from retry to retry.
    """

    def __init__(
        self,
        mapping: StreamMapping,
        invoke: Callable[[Any], Awaitable[Result]],
        give_up: Callable[[dict[str, Any]], Awaitable[None]],
        *,
        function_arn: str = "",
        first_pause_seconds: float = _FIRST_PAUSE_SECONDS,
    ) -> None:
        self._mapping = mapping
        self._invoke = invoke
        self._give_up = give_up
        self._function_arn = function_arn
        self._first_pause = first_pause_seconds

    async def feed(self, shard: str, records: Sequence[Record]) -> None:
        """Work through records of one shard, in order; returns when each is done or given up."""
        wanted = [record for record in records if self._wanted(record)]
        size = self._mapping.batch_size
        for start in range(0, len(wanted), size):
            await self._work(shard, wanted[start : start + size])

    def _wanted(self, record: Record) -> bool:
        filters = self._mapping.filters
        return not filters or any(matches(pattern, record) for pattern in filters)

    async def _work(self, shard: str, batch: Sequence[Record]) -> None:
        attempts, records = 0, batch
        while records:
            young = [record for record in records if not self._too_old(record)]
            if len(young) < len(records):
                old = [record for record in records if self._too_old(record)]
                await self._refuse(shard, _Failure(old, None), "RecordAgeExceeded", attempts)
                records = young
                continue
            failure = await self._try(records)
            if failure is None:
                return
            attempts += 1
            if len(failure.records) < len(records):
                records, attempts = failure.records, 0  # some were done: what is left starts again
                continue
            if self._mapping.bisect and len(records) > 1 and not failure.named:
                middle = len(records) // 2
                await self._work(shard, records[:middle])
                await self._work(shard, records[middle:])
                return
            if 0 <= self._mapping.retry_attempts < attempts:
                await self._refuse(shard, failure, "RetryAttemptsExhausted", attempts)
                return
            await self._pause(attempts)

    async def _try(self, records: Sequence[Record]) -> _Failure | None:
        result = await self._invoke({"Records": list(records)})
        if result.function_error is not None:
            return _Failure(records, result)
        if not self._mapping.partial_responses:
            return None
        payload = result.json() or {}
        failed = payload.get("batchItemFailures") or [] if isinstance(payload, dict) else None
        if failed == []:
            return None
        numbers = [_sequence(record) for record in records]
        try:
            first = min(numbers.index(item["itemIdentifier"]) for item in failed or ())
        except (ValueError, TypeError, KeyError):
            return _Failure(records, result)  # an answer without sense: all of it failed
        return _Failure(records[first:], result, named=True)

    async def _pause(self, attempts: int) -> None:
        seconds = self._first_pause * 2 ** (attempts - 1)
        await asyncio.sleep(min(seconds, _LONGEST_PAUSE_SECONDS))

    def _too_old(self, record: Record) -> bool:
        age = time.time() - float(record["dynamodb"]["ApproximateCreationDateTime"])
        return 0 <= self._mapping.record_age_seconds < age

    async def _refuse(self, shard: str, failure: _Failure, condition: str, attempts: int) -> None:
        if self._mapping.on_failure is None:
            return
        records = failure.records
        times = [record["dynamodb"]["ApproximateCreationDateTime"] for record in records]
        request = {
            "requestId": failure.result.request_id if failure.result else str(uuid.uuid4()),
            "functionArn": self._function_arn,
            "condition": condition,
            "approximateInvokeCount": attempts,
        }
        record: dict[str, Any] = {
            "requestContext": request,
            "version": "1.0",
            "timestamp": _iso(time.time()),
            "DDBStreamBatchInfo": {
                "shardId": shard,
                "startSequenceNumber": _sequence(records[0]),
                "endSequenceNumber": _sequence(records[-1]),
                "approximateArrivalOfFirstRecord": _iso(times[0]),
                "approximateArrivalOfLastRecord": _iso(times[-1]),
                "batchSize": len(records),
                "streamArn": self._mapping.stream,
            },
        }
        if failure.result is not None:
            record["responseContext"] = {
                "statusCode": 200,
                "executedVersion": "$LATEST",
                "functionError": failure.result.function_error,
            }
        await self._give_up(record)


def as_event_record(raw: Any, stream: str) -> Record:
    """Turn a record of the Streams API into what a function is given."""
    text = json.dumps(raw, default=_plain)
    return {**json.loads(text), "eventSourceARN": stream}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.timestamp()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    raise TypeError(f"A record holds a {type(value).__name__}.")


def _sequence(record: Record) -> str:
    return str(record["dynamodb"]["SequenceNumber"])


def _iso(seconds: float) -> str:
    moment = datetime.fromtimestamp(seconds, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
