"""Try again what could not be said, within the time that a request has."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar

from scheduling.core.errors import BookingInProgress, CalendarUnavailable
from scheduling.ports import Clock

T = TypeVar("T")

TRIES = 3
#: What is left for one more call and the answer; with less time nothing is tried again.
MARGIN = timedelta(seconds=8)
#: What one question to Google takes at most; with less time a worker leaves the rest to
#: `reconcile`.
CALL = timedelta(seconds=7)
#: Seconds of the first wait, doubled each time, when Google names none.
_FIRST_WAIT = 0.2


def wait_seconds(tried: int) -> float:
    """Give a random wait, so that those who failed together do not come back together.

    Source: https://developers.google.com/workspace/calendar/api/guides/quota (exponential backoff
    with jitter), read 2026-11.
    """
    return random.uniform(0, _FIRST_WAIT * 2**tried)  # noqa: S311 - jitter, no secret


def patiently(call: Callable[[], T], clock: Clock, deadline: datetime) -> T:
    """Give the call's answer, tried up to three times while there is time.

    Args:
        call: safe to repeat.
        clock: to wait by.
        deadline: of the whole request.

    Raises:
        CalendarUnavailable: the last try's, or the first for whose wait there is no time.
    """
    for tried in range(1, TRIES + 1):
        try:
            return call()
        except CalendarUnavailable as error:
            asked = error.asked_seconds
            wait = wait_seconds(tried) if asked is None else float(asked)
            too_late = clock.now() + timedelta(seconds=wait) + MARGIN > deadline
            if tried == TRIES or too_late:
                raise
            clock.sleep(wait)
    raise AssertionError  # the loop returns or raises


#: How often a request that waits for another worker looks again, and what it leaves for its answer.
POLL_SECONDS = 0.25
ANSWER_MARGIN = timedelta(seconds=2)


def wait_for_another(clock: Clock, deadline: datetime, busy: Exception) -> None:
    """Wait a moment for another worker of the same booking, while there is time.

    Raises:
        BookingInProgress: there is none left.
    """
    if clock.now() + ANSWER_MARGIN >= deadline:
        raise BookingInProgress("This booking is being worked on.", retryAfterSeconds=5) from busy
    clock.sleep(POLL_SECONDS)
