"""What got no answer is asked again: three times, with jitter, while the request has time."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from scheduling.core import retry
from scheduling.core.errors import (
    BookingInProgress,
    CalendarUnavailable,
    ChatUnavailable,
    NotAllowed,
)
from scheduling.core.retry import CALL, TRIES, pause, wait_for_another, with_retries
from tests.fakes import START, FakeClock

LONG = START + timedelta(seconds=60)
Refusal = CalendarUnavailable | ChatUnavailable


def failing(*errors: Exception) -> tuple[list[int], Callable[[], str]]:
    """Return a call that fails so and then answers, and the list of how often it was tried."""
    tries: list[int] = []

    def call() -> str:
        tries.append(len(tries))
        if len(tries) <= len(errors):
            raise errors[len(tries) - 1]
        return "answer"

    return tries, call


def test_an_answer_is_returned_at_once() -> None:
    clock, (tries, call) = FakeClock(), failing()
    assert with_retries(call, clock, LONG) == "answer"
    assert (len(tries), clock.now()) == (1, START)


@pytest.mark.parametrize("kind", [CalendarUnavailable, ChatUnavailable])
def test_the_third_try_may_bring_the_answer_and_there_is_no_fourth(kind: type[Refusal]) -> None:
    tries, call = failing(kind(), kind())
    assert with_retries(call, FakeClock(), LONG) == "answer"
    assert len(tries) == TRIES == 3
    last = kind(retry_after=1)
    tries, call = failing(kind(), kind(), last)
    with pytest.raises(kind) as refusal:
        with_retries(call, FakeClock(), LONG)
    assert refusal.value is last
    assert len(tries) == TRIES


def test_what_is_refused_for_a_reason_is_not_asked_again() -> None:
    tries, call = failing(NotAllowed("No."))
    with pytest.raises(NotAllowed):
        with_retries(call, FakeClock(), LONG)
    assert len(tries) == 1


def test_the_wait_is_the_vendors_where_it_named_one() -> None:
    clock, (_, call) = FakeClock(), failing(CalendarUnavailable(retry_after=7))
    with_retries(call, clock, LONG)
    assert clock.now() == START + timedelta(seconds=7)


def test_our_own_waits_are_short_random_and_grow() -> None:
    for tried, most in ((1, 0.4), (2, 0.8)):
        waits = {retry.wait_seconds(tried) for _ in range(200)}
        assert len(waits) > 100
        assert all(0 <= wait <= most for wait in waits)
        assert max(waits) > most / 2


@pytest.mark.parametrize(("spare", "again"), [(0, True), (-0.001, False)])
def test_nothing_is_asked_again_unless_a_whole_call_fits_behind_the_wait(
    spare: float, *, again: bool
) -> None:
    clock = FakeClock()
    deadline = START + timedelta(seconds=3) + CALL + timedelta(seconds=spare)
    assert pause(clock, deadline, 1, asked_seconds=3) is again
    assert clock.now() == (START + timedelta(seconds=3) if again else START), "no wait in vain"


def test_a_wait_that_does_not_fit_brings_the_refusal_at_once() -> None:
    clock, (tries, call) = FakeClock(), failing(CalendarUnavailable(retry_after=55))
    with pytest.raises(CalendarUnavailable) as refusal:
        with_retries(call, clock, LONG)
    assert refusal.value.retry_after_seconds == 55
    assert (len(tries), clock.now()) == (1, START)


def test_another_worker_is_waited_for_until_an_answer_has_to_be_given() -> None:
    clock, busy = FakeClock(), RuntimeError("busy")
    deadline = START + timedelta(seconds=5)
    for _ in range(12):
        wait_for_another(clock, deadline, busy)
    with pytest.raises(BookingInProgress) as refusal:
        wait_for_another(clock, deadline, busy)
    assert refusal.value.retry_after_seconds == 5
    assert refusal.value.__cause__ is busy
    assert clock.now() == deadline - retry.ANSWER_MARGIN


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("0", 0), ("30", 30), (None, None), ("", None), ("-1", None), ("1.5", None), ("\u0663", None)],
)
def test_a_wait_that_is_asked_for_is_whole_seconds(header: str | None, seconds: int | None) -> None:
    assert retry.retry_after(header) == seconds
