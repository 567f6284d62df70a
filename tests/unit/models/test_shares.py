"""What a host offers."""

from datetime import timedelta

from scheduling.core.times import Interval
from scheduling.models import Preferences
from tests.builders import HALF_HOUR, STARTS_AT

SLOT = Interval(STARTS_AT, STARTS_AT + HALF_HOUR)


def test_a_meeting_claims_its_buffers_on_their_own_sides() -> None:
    host = Preferences(buffer_before=timedelta(minutes=5), buffer_after=timedelta(minutes=20))
    assert host.claimed(SLOT) == Interval(
        SLOT.start - timedelta(minutes=5), SLOT.end + timedelta(minutes=20)
    )


def test_a_host_who_has_said_nothing_is_booked_as_it_comes() -> None:
    assert Preferences().claimed(SLOT) == SLOT
    assert Preferences().hours is None
