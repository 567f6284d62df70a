"""What can be refused: a code for programs, a sentence for people, evidence beside it."""

import ast
from collections import Counter
from collections.abc import Iterator

import pytest

from scheduling.core import errors
from scheduling.core.errors import (
    Broken,
    CalendarUnavailable,
    ChatUnavailable,
    InvalidRequest,
    SchedulingError,
    SlotTaken,
    TooManyRequests,
)
from tests.world import ROOT


def every(kind: type[SchedulingError] = SchedulingError) -> Iterator[type[SchedulingError]]:
    yield kind
    for each in kind.__subclasses__():
        yield from every(each)


def test_each_refusal_has_a_code_of_its_own() -> None:
    codes = Counter(each.code for each in every() if each is not Broken)
    assert {code for code, times in codes.items() if times > 1} == set()
    assert Broken.code == SchedulingError.code == "INTERNAL"


def test_a_refusal_says_its_sentence_and_keeps_its_evidence_as_it_is() -> None:
    refusal = SlotTaken("Somebody was faster.", alternatives=["later"])
    assert (str(refusal), refusal.message) == ("Somebody was faster.", "Somebody was faster.")
    assert refusal.details == {"alternatives": ["later"]}
    assert refusal.retry_after_seconds is None


def test_a_wrong_field_is_named_in_words_and_for_programs() -> None:
    refusal = InvalidRequest("startsAt", "is required")
    assert refusal.message == "startsAt is required"
    assert refusal.field == refusal.details["field"] == "startsAt"


def test_a_fault_of_ours_tells_the_requests_id_and_nothing_else() -> None:
    assert Broken("request-7").details == {"request_id": "request-7"}
    assert "request-7" not in Broken("request-7").message


def test_whoever_did_enough_is_told_how_long_to_wait() -> None:
    assert TooManyRequests("Enough.", 61).retry_after_seconds == 61


@pytest.mark.parametrize("kind", [CalendarUnavailable, ChatUnavailable])
def test_a_wait_that_a_vendor_named_is_told_from_one_that_it_did_not(
    kind: type[CalendarUnavailable | ChatUnavailable],
) -> None:
    silent, asked, at_once = kind(), kind(retry_after=20), kind(retry_after=0)
    assert (silent.retry_after_seconds, silent.asked_seconds) == (5, None)
    assert (asked.retry_after_seconds, asked.asked_seconds) == (20, 20)
    assert (at_once.retry_after_seconds, at_once.asked_seconds) == (0, 0)


def test_every_refusal_is_caught_as_one() -> None:
    named = {each for each in vars(errors).values() if isinstance(each, type)}
    ours = {each for each in named if issubclass(each, Exception)}
    assert ours == set(every())


def test_evidence_is_spelt_as_everything_inside_wherever_it_is_raised() -> None:
    """`http` alone knows how clients spell it, and `details["booking_id"]` has one name."""
    kinds = {each.__name__ for each in every()}
    spelt = {
        keyword.arg
        for path in (ROOT / "shared/scheduling").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in kinds
        for keyword in node.keywords
        if keyword.arg
    }
    assert {"booking_id", "alternatives"} <= spelt
    assert {name for name in spelt if name != name.lower()} == set()
