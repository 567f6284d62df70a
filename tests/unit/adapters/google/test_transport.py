"""How failing looks: what never left, what may pass, and what the operator has to mend."""

import pytest
import requests
from urllib3.exceptions import (
    ConnectTimeoutError,
    MaxRetryError,
    NewConnectionError,
    ReadTimeoutError,
)

from scheduling.adapters.google import transport
from scheduling.adapters.google.error_reasons import Meaning
from scheduling.adapters.google.transport import QUOTA_SECONDS, SETUP_SECONDS
from tests.fakes import FakeMetrics

POOL = object()


def after(reason: Exception) -> requests.RequestException:
    """Return what requests raises when urllib3 has given up for a reason."""
    return requests.ConnectionError(MaxRetryError(POOL, "/token", reason))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("error", "unsent"),
    [
        (after(NewConnectionError(POOL, "refused")), True),  # type: ignore[arg-type]
        (after(ConnectTimeoutError(POOL, "no answer")), True),
        (after(ReadTimeoutError(POOL, "/token", "no answer")), False),  # type: ignore[arg-type]
        (requests.ConnectionError("reset"), False),
        (requests.ReadTimeout(), False),
        (requests.RequestException(), False),
    ],
)
def test_what_never_left_is_told_from_what_may_have_been_done(
    error: requests.RequestException, *, unsent: bool
) -> None:
    assert transport.was_not_sent(error) is unsent


@pytest.mark.parametrize("meaning", list(Meaning))
def test_only_our_own_setup_alarms_the_operator(meaning: Meaning) -> None:
    metrics = FakeMetrics()
    transport.unavailable(meaning, None, "invalid_client", metrics)
    ours = meaning in {Meaning.OPERATOR, Meaning.FAULT}
    told = [(name, about) for name, _, about in metrics.told]
    assert told == ([("GoogleRefusedUs", {"code": "invalid_client"})] if ours else [])


@pytest.mark.parametrize(
    ("meaning", "asked", "seconds"),
    [
        (Meaning.OPERATOR, None, SETUP_SECONDS),
        (Meaning.OPERATOR, 900, 900),
        (Meaning.FAULT, 1, SETUP_SECONDS),
        (Meaning.USED_UP, None, QUOTA_SECONDS),
        (Meaning.USED_UP, 90, 90),
        (Meaning.TRY_AGAIN, 7, 7),
        (Meaning.TRY_AGAIN, None, None),
    ],
)
def test_when_to_come_again_is_googles_word_or_as_long_as_it_takes_to_mend(
    meaning: Meaning, asked: int | None, seconds: int | None
) -> None:
    error = transport.unavailable(meaning, asked, "", None)
    assert error.asked_seconds == seconds
