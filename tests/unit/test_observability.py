"""Logs with ids and outcomes, and without anything that looks like a secret."""

import json
import logging
from collections.abc import Callable, Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from scheduling import observability
from scheduling.core import correlation
from scheduling.observability import (
    BusinessMetrics,
    Unforeseen,
    entry_point,
    guarded,
    redacted,
)

CONTEXT: Any = SimpleNamespace(
    function_name="book_slot",
    memory_limit_in_mb=128,
    invoked_function_arn="arn:aws:lambda:here:1:function:book_slot",
    aws_request_id="invocation",
)
Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def lines(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    request: pytest.FixtureRequest,
) -> Iterator[Lines]:
    """Return what a function of a process of its own has written, line by line."""
    # Powertools keeps a service's logger with the stream that it began with.
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", request.node.name)
    for cached in (observability.logger, observability._metrics):
        cached.cache_clear()
    level = logging.getLogger().level
    yield lambda: [json.loads(each) for each in capsys.readouterr().out.splitlines()]
    logging.getLogger().setLevel(level)
    for cached in (observability.logger, observability._metrics):
        cached.cache_clear()


def invoked(handler: Callable[[Any, Any], Any], event: Any = None) -> Any:
    return entry_point(handler)(event or {}, CONTEXT)


def measured(lines: list[dict[str, Any]], name: str) -> Any:
    """Return what was counted or measured under a name, with its unit."""
    for line in lines:
        for metric in line.get("_aws", {}).get("CloudWatchMetrics", []):
            for each in metric["Metrics"]:
                if each["Name"] == name:
                    return line[name], each["Unit"]
    return None


def test_each_line_of_the_log_has_the_carried_id_and_no_secret() -> None:
    formatter = observability._RedactingFormatter()
    record = logging.LogRecord("x", logging.INFO, "x", 1, "ya29.secret-of-google", None, None)
    correlation.carry("client-7")
    line = json.loads(formatter.format(record))
    assert (line["message"], line["correlation_id"]) == ("[redacted]", "client-7")
    correlation.carry("")
    assert "correlation_id" not in json.loads(formatter.format(record))


def test_a_fact_that_is_counted_with_ids_is_a_line_of_the_log_too(lines: Lines) -> None:
    def handler(*_: Any) -> None:
        BusinessMetrics().count("SlotBooked", booking_id="b")
        BusinessMetrics().count("SlotTaken")

    invoked(handler)
    written = lines()
    assert measured(written, "SlotBooked") == ([1.0], "Count")
    assert measured(written, "SlotTaken") == ([1.0], "Count")
    heard = [(line["message"], line.get("booking_id")) for line in written if "message" in line]
    assert heard == [("SlotBooked", "b")]


def test_a_length_is_measured_in_seconds(lines: Lines) -> None:
    def handler(*_: Any) -> None:
        BusinessMetrics().measure("MessageSeconds", timedelta(minutes=2, milliseconds=500))

    invoked(handler)
    assert measured(lines(), "MessageSeconds") == ([120.5], "Seconds")


def test_what_was_counted_before_it_broke_is_not_lost(lines: Lines) -> None:
    def handler(*_: Any) -> None:
        BusinessMetrics().count("SlotBooked")
        raise ZeroDivisionError

    with pytest.raises(Unforeseen):
        invoked(handler)
    written = lines()
    assert measured(written, "SlotBooked")
    assert [line["level"] for line in written if line.get("message") == "broken"] == ["ERROR"]


@pytest.mark.usefixtures("lines")
def test_a_function_answers_what_its_handler_does_and_begins_with_nobodys_id() -> None:
    correlation.carry("the-one-before")
    assert invoked(lambda event, _: (event, correlation.current()), {"a": 1}) == ({"a": 1}, "")


def test_one_invocation_does_not_log_under_the_keys_of_another(lines: Lines) -> None:
    def first(*_: Any) -> None:
        observability.logger().append_keys(uid="bob")
        observability.logger().info("one")

    invoked(first)
    invoked(lambda *_: observability.logger().info("other"))
    heard = {line["message"]: line.get("uid") for line in lines() if "message" in line}
    assert heard == {"one": "bob", "other": None}


def test_a_guard_lets_answers_through_and_no_words_of_what_broke() -> None:
    assert guarded(lambda: "answer")() == "answer"

    @guarded
    @guarded
    def work() -> None:
        raise ValueError("private words")

    with pytest.raises(Unforeseen) as let_go:
        work()
    assert "private" not in str(let_go.value)
    assert let_go.value.__suppress_context__


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("token ya29.a0AfB_byC sent", "token [redacted] sent"),
        ("mail to alice@example.com", "mail to [redacted]"),
        ("booking 0kq3v9b1c2d4e5f6g7h8i9j0k1l2m3n4", "booking 0kq3v9b1c2d4e5f6g7h8i9j0k1l2m3n4"),
        ("", ""),
    ],
)
def test_what_looks_like_a_secret_is_replaced_and_ids_are_not(text: str, shown: str) -> None:
    assert redacted(text) == shown
