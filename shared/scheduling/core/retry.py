"""Ask again what got no answer, with jitter, while the request has time."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar

from scheduling.core.clock import Clock
from scheduling.core.errors import BookingInProgress, CalendarUnavailable, ChatUnavailable

T = TypeVar("T")

#: How often a question is asked, and a change sent, by one request.
TRIES = 3
#: What has to be left for one more call and the answer; with less time nothing is asked again.
CALL = timedelta(seconds=8)
#: Seconds of the first wait, doubled each time, where the vendor names none.
_FIRST_WAIT = 0.2
#: How often a request that waits for another worker looks again, and what it leaves for its answer.
POLL_SECONDS = 0.25
ANSWER_MARGIN = timedelta(seconds=2)


def retry_after(header: str | None) -> int | None:
    """Return the seconds that a `Retry-After` names; None for a date, which no vendor here sends.

    Source: RFC 9110, 10.2.3.
    """
    return int(header) if header and header.isascii() and header.isdigit() else None


def wait_seconds(tried: int) -> float:
    """Return a random wait, so that those who failed together do not come back together.

    Source: https://developers.google.com/workspace/calendar/api/guides/quota (exponential backoff
    with jitter), read 2026-11.
    """
    return random.uniform(0, _FIRST_WAIT * 2**tried)  # noqa: S311 - jitter, no secret


def pause(clock: Clock, deadline: datetime, tried: int, asked_seconds: float | None = None) -> bool:
    """Wait before one more try; False, without a wait, where no try or no time is left.

    Args:
        clock: to wait by.
        deadline: of the whole request.
        tried: how often it was tried already.
        asked_seconds: the wait that the vendor asked for; None for our own, with jitter.
    """
    wait = wait_seconds(tried) if asked_seconds is None else asked_seconds
    if tried >= TRIES or clock.now() + timedelta(seconds=wait) + CALL > deadline:
        return False
    clock.sleep(wait)
    return True


def with_retries(call: Callable[[], T], clock: Clock, deadline: datetime) -> T:
    """Return the call's answer, asked for up to three times while there is time.

    Args:
        call: safe to repeat, unless it says itself that it is not.
        clock: to wait by.
        deadline: of the whole request.

    Raises:
        CalendarUnavailable, ChatUnavailable: the last try's, or that of the first for whose wait
            there is no time.
    """
    tried = 1
    while True:
        try:
            return call()
        except CalendarUnavailable as error:
            if not error.repeatable or not pause(clock, deadline, tried, error.asked_seconds):
                raise
        except ChatUnavailable as error:
            if not pause(clock, deadline, tried, error.asked_seconds):
                raise
        tried += 1


def wait_for_another(clock: Clock, deadline: datetime, busy: Exception) -> None:
    """Wait a moment for another worker of the same booking, while there is time.

    Raises:
        BookingInProgress: there is none left.
    """
    if clock.now() + ANSWER_MARGIN >= deadline:
        raise BookingInProgress("This booking is being worked on.", retry_after_seconds=5) from busy
    clock.sleep(POLL_SECONDS)
