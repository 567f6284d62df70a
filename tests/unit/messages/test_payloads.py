"""The forms that messages and live routes share."""

import json

import pytest

from scheduling.core.times import Interval
from scheduling.messages import payloads
from scheduling.models import BookingState, Person, Uid
from scheduling.rules.invite_links import Invite
from tests.builders import HALF_HOUR, STARTS_AT, a_booking, a_share


def test_a_person_is_a_uid_and_a_name() -> None:
    assert payloads.person(Person(Uid("bob"), "Bob")) == {"uid": "bob", "name": "Bob"}


def test_an_availability_is_a_window_what_is_busy_in_it_and_the_grid() -> None:
    assert payloads.availability(a_share().availability) == {
        "from": "2026-11-24T02:00:00Z",
        "to": "2026-11-25T02:00:00Z",
        "timeZone": "Europe/Berlin",
        "busy": [["2026-11-24T02:00:00Z", "2026-11-24T13:30:00Z"]],
        "truncated": False,
        "stepMinutes": 15,
        "durations": [30],
        "generatedAt": "2026-11-23T08:00:00Z",
        "expiresAt": "2026-11-25T02:00:00Z",
    }


@pytest.mark.parametrize("state", sorted(BookingState))
def test_a_booking_is_who_meets_whom_and_when_and_how_it_stands(state: BookingState) -> None:
    assert payloads.booking(a_booking(state=state, sequence=2)) == {
        "bookingId": "b" * 32,
        "shareId": "s" * 32,
        "status": state.value,
        "sequence": 2,
        "startsAt": "2026-11-24T14:00:00Z",
        "endsAt": "2026-11-24T14:30:00Z",
        "timeZone": "Europe/Madrid",
        "title": "Intro call",
        "host": {"uid": "alice", "name": "Alice"},
        "guest": {"uid": "bob", "name": "Bob"},
    }


def test_what_works_on_a_booking_and_what_its_guest_wrote_is_in_no_form() -> None:
    where = Interval(STARTS_AT + HALF_HOUR, STARTS_AT + 2 * HALF_HOUR)
    booking = a_booking(note="private words", target=where, correlation_id="a-request")
    heard = json.dumps(payloads.booking(booking))
    for hidden in ("private words", "a-request", booking.event_id, booking.calendar_id):
        assert f'"{hidden}"' not in heard


def test_an_invite_is_links_and_a_files_details() -> None:
    assert payloads.invite(Invite({"ics": "https://here"}, {"method": "CANCEL"})) == {
        "links": {"ics": "https://here"},
        "ics": {"method": "CANCEL"},
    }
