"""What is asked of bookings: one request is told from another under the same key."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from scheduling.bookings.requests import BookRequest, RescheduleRequest
from scheduling.models import BookingId, ShareId
from tests.fakes import START

BOOK = BookRequest(
    share_id=ShareId("share"),
    starts_at=START,
    duration=None,
    title="",
    note="",
    time_zone="",
    locale="",
    idempotency_key="key",
)


@pytest.mark.parametrize(
    "change",
    [
        {"share_id": ShareId("another")},
        {"starts_at": START + timedelta(minutes=5)},
        {"duration": timedelta(minutes=30)},
        {"title": "Intro"},
        {"note": "Intro"},
        {"time_zone": "UTC"},
        {"locale": "de"},
    ],
)
def test_a_booking_that_is_asked_for_otherwise_is_another_request(change: dict[str, Any]) -> None:
    assert replace(BOOK, **change).fingerprint() != BOOK.fingerprint()


def test_the_same_request_is_the_same_whatever_key_it_comes_with() -> None:
    assert replace(BOOK, idempotency_key="other").fingerprint() == BOOK.fingerprint()
    assert replace(BOOK, title="a", note="b").fingerprint() != (
        replace(BOOK, title="", note="ab").fingerprint()
    )


def test_a_move_is_told_from_one_of_another_meeting_or_to_another_time() -> None:
    one = RescheduleRequest(START, "key")
    booking, other = BookingId("b"), BookingId("c")
    assert one.fingerprint(booking) == replace(one, idempotency_key="x").fingerprint(booking)
    assert one.fingerprint(booking) != one.fingerprint(other)
    later = replace(one, starts_at=START + timedelta(minutes=5))
    assert one.fingerprint(booking) != later.fingerprint(booking)
