"""A booking, the steps that it may take, and what it owns of a calendar at each."""

from datetime import timedelta

import pytest

from scheduling.core import correlation
from scheduling.core.times import Interval
from scheduling.models import (
    ACTIVE,
    ENDED,
    TRANSITIONS,
    UNDER_WORK,
    BookingState,
    OrphanWatch,
)
from tests.builders import HALF_HOUR, NOW, STARTS_AT, a_booking

SLOT = Interval(STARTS_AT, STARTS_AT + HALF_HOUR)
LATER = Interval(STARTS_AT + timedelta(hours=2), STARTS_AT + timedelta(hours=2) + HALF_HOUR)
BUFFERS = {"buffer_before": timedelta(minutes=5), "buffer_after": timedelta(minutes=10)}


def test_every_state_is_reached_from_some_other_and_every_one_is_of_a_kind() -> None:
    assert set(TRANSITIONS) == set(BookingState)
    assert set(BookingState) == UNDER_WORK | ACTIVE | ENDED
    assert not ENDED & (UNDER_WORK | ACTIVE)
    for state, origins in TRANSITIONS.items():
        assert origins
        assert state not in origins
        if state in ENDED:
            assert origins <= UNDER_WORK, "nothing ends but by somebody's work"


def test_no_step_leads_out_of_a_cancelled_booking() -> None:
    assert all(BookingState.CANCELLED not in origins for origins in TRANSITIONS.values())


@pytest.mark.parametrize("state", sorted(BookingState))
def test_a_booking_owns_its_time_and_its_buffers_until_it_has_ended(state: BookingState) -> None:
    booking = a_booking(state=state, target=LATER, **BUFFERS)
    around = SLOT.widened(timedelta(minutes=5), timedelta(minutes=10))
    assert booking.around(SLOT) == around
    if state in ENDED:
        assert booking.owns == ()
    elif state is BookingState.RESCHEDULING:
        assert booking.owns == (around, booking.around(LATER))
    else:
        assert booking.owns == (around,)


def a_watch() -> OrphanWatch:
    booking = a_booking()
    return OrphanWatch(
        app_id=booking.app_id,
        booking_id=booking.booking_id,
        host=booking.host.uid,
        calendar_id=booking.calendar_id,
        event_id="event",
        revision=0,
        since=NOW,
        due_at=NOW,
    )


def test_the_log_names_it_by_ids_and_by_nothing_that_anybody_typed() -> None:
    booking = a_booking(note="a note", title="a title")
    assert booking.ids == {
        "app_id": "app",
        "booking_id": booking.booking_id,
        "share_id": booking.share_id,
    }
    assert a_watch().ids == {"app_id": "app", "booking_id": booking.booking_id}


def test_what_is_made_belongs_to_the_request_that_is_worked_on() -> None:
    correlation.carry("a-request")
    assert a_watch().correlation_id == "a-request"
    assert a_watch().with_(due_at=STARTS_AT).correlation_id == "a-request"
