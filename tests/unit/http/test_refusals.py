"""Each error as clients read it: a status, a code, a sentence, details in their own spelling."""

import json
from http import HTTPStatus
from typing import Any

import pytest

from scheduling.core.errors import (
    AlreadyBooked,
    Broken,
    CalendarUnavailable,
    NotFound,
    SchedulingError,
    SlotTaken,
    TooManyRequests,
)
from scheduling.http.refusals import STATUSES, refusal
from tests.fakes import START


def read(error: SchedulingError) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(refusal(error).body or "")
    assert set(body) == {"error"}
    found: dict[str, Any] = body["error"]
    return found


def test_a_refusal_is_a_code_and_a_sentence() -> None:
    answer = refusal(NotFound("There is no such share."))
    assert answer.status_code == HTTPStatus.NOT_FOUND
    assert read(NotFound("There is no such share.")) == {
        "code": "NOT_FOUND",
        "message": "There is no such share.",
    }
    assert "Retry-After" not in answer.headers
    assert answer.headers["Cache-Control"] == "no-store"


def test_details_are_spelt_as_clients_spell_and_instants_are_written() -> None:
    assert read(AlreadyBooked("Twice.", booking_id="b"))["details"] == {"bookingId": "b"}
    taken = SlotTaken("Taken.", alternatives=[START])
    assert read(taken)["details"] == {"alternatives": ["2026-11-23T08:00:00Z"]}
    assert read(Broken("request-7"))["details"] == {"requestId": "request-7"}


@pytest.mark.parametrize("seconds", [0, 5, 3600])
def test_how_long_to_wait_is_a_header_too(seconds: int) -> None:
    for error in (CalendarUnavailable(retry_after=seconds), TooManyRequests("Enough.", seconds)):
        assert refusal(error).headers["Retry-After"] == str(seconds)
        assert read(error)["details"] == {"retryAfterSeconds": seconds}


def test_every_status_is_one_of_a_refusal() -> None:
    assert all(status >= HTTPStatus.BAD_REQUEST for status in STATUSES.values())
