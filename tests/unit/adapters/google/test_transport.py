"""What a refusal of Google's is to a caller whom it does not concern."""

import pytest
import requests
from urllib3.connectionpool import HTTPConnectionPool
from urllib3.exceptions import MaxRetryError, NewConnectionError, ReadTimeoutError

from scheduling.adapters.google.error_reasons import Meaning
from scheduling.adapters.google.transport import (
    QUOTA_SECONDS,
    SETUP_SECONDS,
    unavailable,
    was_not_sent,
)
from tests.fakes import FakeMetrics

POOL = HTTPConnectionPool("google.test")


@pytest.mark.parametrize("meaning", [Meaning.OPERATOR, Meaning.FAULT])
def test_a_setup_that_google_does_not_accept_is_counted_and_takes_minutes(meaning: Meaning) -> None:
    metrics = FakeMetrics()
    error = unavailable(meaning, 5, "invalid_client", metrics)
    assert error.retry_after_seconds == SETUP_SECONDS
    assert metrics.heard == [("GoogleRefusedUs", "", {"code": "invalid_client"})]
    assert unavailable(meaning, SETUP_SECONDS + 1, "", None).asked_seconds == SETUP_SECONDS + 1


def test_a_quota_that_is_used_up_takes_a_minute_and_alarms_nobody() -> None:
    metrics = FakeMetrics()
    assert unavailable(Meaning.USED_UP, None, "", metrics).retry_after_seconds == QUOTA_SECONDS
    assert metrics.heard == []


def test_any_other_refusal_is_asked_again_when_google_says_or_soon() -> None:
    assert unavailable(Meaning.TRY_AGAIN, 7, "", None).asked_seconds == 7
    assert unavailable(Meaning.TRY_AGAIN, None, "", None).asked_seconds is None


def test_only_what_never_left_was_not_sent() -> None:
    refused = MaxRetryError(POOL, "/", NewConnectionError(POOL, "refused"))  # type: ignore[arg-type]
    silent = MaxRetryError(POOL, "/", ReadTimeoutError(POOL, "/", "silent"))
    assert was_not_sent(requests.ConnectionError(refused))
    assert not was_not_sent(requests.ConnectionError(silent))
    assert not was_not_sent(requests.ConnectionError())
