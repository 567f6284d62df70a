"""The stream mapping retries, halves and gives up as Lambda's does."""

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from local.batches import Feeder, as_event_record
from local.event_pattern import matches
from local.intrinsics import TemplateError
from local.lambda_service import Result
from local.stream import scheduled_event, tick
from local.template import Schedule, StreamMapping

OUTBOX = {"eventName": ["INSERT"], "dynamodb": {"Keys": {"sk": {"S": [{"prefix": "OUT#"}]}}}}
MAPPING = StreamMapping(
    function="worker",
    stream="arn:stream",
    batch_size=4,
    bisect=True,
    retry_attempts=2,
    record_age_seconds=3600,
    partial_responses=True,
    filters=(OUTBOX,),
    on_failure="arn:dead",
)


def a_record(number: int, sk: str = "OUT#1", name: str = "INSERT", age: float = 0) -> Any:
    return {
        "eventName": name,
        "dynamodb": {
            "Keys": {"pk": {"S": "p"}, "sk": {"S": sk}},
            "SequenceNumber": str(number),
            "ApproximateCreationDateTime": time.time() - age,
        },
    }


class Worker:
    """Stands for the function: notes each batch, answers as told."""

    def __init__(self, answer: Callable[[list[int]], Any]) -> None:
        self.answer = answer
        self.batches: list[list[int]] = []
        self.refused: list[dict[str, Any]] = []

    async def invoke(self, event: Any) -> Result:
        numbers = [int(record["dynamodb"]["SequenceNumber"]) for record in event["Records"]]
        self.batches.append(numbers)
        answered = self.answer(numbers)
        if answered is Exception:
            return Result(b"{}", "Unhandled", "request-1")
        return Result(json.dumps(answered).encode(), None, "request-1")

    async def give_up(self, heard: dict[str, Any]) -> None:
        self.refused.append(heard)

    def feed(self, *records: Any, mapping: StreamMapping = MAPPING) -> "Worker":
        feeder = Feeder(
            mapping, self.invoke, self.give_up, function_arn="arn:f", first_pause_seconds=0
        )
        asyncio.run(feeder.feed("shard-1", records))
        return self


def failures(*numbers: int) -> dict[str, Any]:
    return {"batchItemFailures": [{"itemIdentifier": str(number)} for number in numbers]}


def test_records_come_filtered_in_order_and_in_batches() -> None:
    records = [a_record(number) for number in range(1, 7)]
    records[1] = a_record(2, sk="BOOKING#1")
    records[2] = a_record(3, name="MODIFY")
    assert Worker(lambda _: None).feed(*records).batches == [[1, 4, 5, 6]]
    many = [a_record(number) for number in range(6)]
    assert Worker(lambda _: {}).feed(*many).batches == [[0, 1, 2, 3], [4, 5]]


def test_failing_function_has_its_batch_halved_down_to_the_culprit() -> None:
    worker = Worker(lambda numbers: Exception if 3 in numbers else None)
    worker.feed(*(a_record(number) for number in (1, 2, 3, 4)))
    assert worker.batches == [[1, 2, 3, 4], [1, 2], [3, 4], [3], [3], [3], [4]]
    (heard,) = worker.refused
    assert heard["requestContext"] == {
        "requestId": "request-1",
        "functionArn": "arn:f",
        "condition": "RetryAttemptsExhausted",
        "approximateInvokeCount": 3,
    }
    batch = heard["DDBStreamBatchInfo"]
    assert (batch["startSequenceNumber"], batch["endSequenceNumber"]) == ("3", "3")
    assert (batch["shardId"], batch["batchSize"], batch["streamArn"]) == (
        "shard-1",
        1,
        "arn:stream",
    )


def test_without_bisect_the_whole_batch_is_given_up() -> None:
    worker = Worker(lambda _: Exception)
    mapping = replace(MAPPING, bisect=False, retry_attempts=1)
    worker.feed(a_record(1), a_record(2), mapping=mapping)
    assert worker.batches == [[1, 2], [1, 2]]
    assert worker.refused[0]["DDBStreamBatchInfo"]["batchSize"] == 2


def test_named_record_and_those_behind_it_are_retried() -> None:
    answers = iter([failures(3, 2), failures(2), {"batchItemFailures": []}])
    worker = Worker(lambda _: next(answers))
    worker.feed(*(a_record(number) for number in (1, 2, 3)))
    assert worker.batches == [[1, 2, 3], [2, 3], [2, 3]]
    assert worker.refused == []


@pytest.mark.parametrize("answer", [failures(99), {"batchItemFailures": "?"}, ["?"]])
def test_answer_without_sense_counts_as_failure(answer: Any) -> None:
    worker = Worker(lambda _: answer)
    worker.feed(a_record(1))
    assert worker.batches == [[1]] * 3
    assert len(worker.refused) == 1


def test_partial_answer_is_not_heeded_unless_the_template_asks() -> None:
    worker = Worker(lambda _: failures(1))
    worker.feed(a_record(1), mapping=replace(MAPPING, partial_responses=False))
    assert worker.batches == [[1]]


def test_too_old_record_is_given_up_untried() -> None:
    worker = Worker(lambda _: None).feed(a_record(1, age=7200), a_record(2))
    assert worker.batches == [[2]]
    assert worker.refused[0]["requestContext"]["condition"] == "RecordAgeExceeded"


def test_endless_retries_go_on_until_success() -> None:
    answers = iter([Exception] * 8 + [None])
    worker = Worker(lambda _: next(answers))
    endless = replace(MAPPING, retry_attempts=-1, record_age_seconds=-1)
    worker.feed(a_record(1, age=10**6), mapping=endless)
    assert len(worker.batches) == 9
    assert worker.refused == []


def test_record_gets_the_form_that_functions_know() -> None:
    moment = datetime(2026, 11, 23, 8, tzinfo=UTC)
    raw = {"eventName": "INSERT", "dynamodb": {"ApproximateCreationDateTime": moment, "b": b"\xff"}}
    record = as_event_record(raw, "arn:stream")
    assert record["eventSourceARN"] == "arn:stream"
    assert record["dynamodb"] == {"ApproximateCreationDateTime": moment.timestamp(), "b": "/w=="}


@pytest.mark.parametrize(
    ("pattern", "event", "met"),
    [
        ({"a": ["x", "y"]}, {"a": "y"}, True),
        ({"a": ["x"]}, {"a": "z"}, False),
        ({"a": ["x"]}, {}, False),
        ({"a": [None]}, {"a": None}, True),
        ({"a": ["x"]}, {"a": ["z", "x"]}, True),
        ({"a": {"b": [1]}}, {"a": {"b": 1, "c": 2}}, True),
        ({"a": {"b": [1]}}, {"a": 1}, False),
        ({"a": [{"prefix": "O#"}]}, {"a": "O#1"}, True),
        ({"a": [{"prefix": "O#"}]}, {"a": 1}, False),
        ({"a": [{"suffix": "z"}]}, {"a": "xyz"}, True),
        ({"a": [{"equals-ignore-case": "ab"}]}, {"a": "AB"}, True),
        ({"a": [{"exists": False}]}, {}, True),
        ({"a": [{"exists": True}]}, {}, False),
        ({"a": [{"anything-but": ["x"]}]}, {"a": "y"}, True),
        ({"a": [{"anything-but": {"prefix": "x"}}]}, {"a": "xy"}, False),
        ({"a": [{"numeric": [">", 0, "<=", 5]}]}, {"a": 5}, True),
        ({"a": [{"numeric": ["=", 3]}]}, {"a": "3"}, False),
    ],
)
def test_pattern(pattern: dict[str, Any], event: Any, met: bool) -> None:  # noqa: FBT001
    assert matches(pattern, event) is met


@pytest.mark.parametrize("pattern", [{"a": "x"}, {"a": [{"wildcard": "*"}]}])
def test_unknown_pattern_is_refused(pattern: dict[str, Any]) -> None:
    with pytest.raises(TemplateError):
        matches(pattern, {"a": "x"})


def test_schedule_comes_again_and_again() -> None:
    events: list[Any] = []

    async def invoke(event: Any) -> object:
        events.append(event)
        return None

    async def scenario() -> None:
        ticking = asyncio.create_task(tick(Schedule("Tick", "worker", 60), invoke, 0.02))
        await asyncio.sleep(0.15)
        ticking.cancel()

    asyncio.run(scenario())
    assert len(events) >= 3
    assert events[0]["detail-type"] == "Scheduled Event"


def test_schedule_with_input_gives_just_that() -> None:
    assert scheduled_event(Schedule("Tick", "worker", 60, '{"a": 1}')) == {"a": 1}
