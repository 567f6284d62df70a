from datetime import timedelta
from typing import Any

import pytest

from tests.emulators.conftest import MovableClock
from tests.emulators.google_user import Google, reason_of

pytestmark = pytest.mark.integration

ALICE = "alice@example.com"
WEEK = {
    "timeMin": "2026-11-23T00:00:00Z",
    "timeMax": "2026-11-30T00:00:00Z",
    "items": [{"id": "primary"}],
}


@pytest.fixture
def token(google: Google) -> str:
    return str(google.connect()["access_token"])


def hand_made(google: Google, start: str, end: str, **more: str) -> Any:
    return google.control("POST", "events", {"email": ALICE, "start": start, "end": end} | more)


def busy(google: Google, token: str, **changes: Any) -> list[tuple[str, str]]:
    answer = google.calendar(token, "POST", "freeBusy", body=WEEK | changes)
    listed = answer.json()["calendars"]["primary"]["busy"]
    return [(each["start"], each["end"]) for each in listed]


def test_answer_has_googles_shape(google: Google, token: str) -> None:
    hand_made(google, "2026-11-24T10:00:00+01:00", "2026-11-24T10:30:00+01:00", summary="Secret")
    asked = WEEK | {"items": [{"id": "primary"}, {"id": "Alice@example.com"}]}
    slot = {"start": "2026-11-24T09:00:00Z", "end": "2026-11-24T09:30:00Z"}
    assert google.calendar(token, "POST", "freeBusy", body=asked).json() == {
        "kind": "calendar#freeBusy",
        "timeMin": "2026-11-23T00:00:00.000Z",
        "timeMax": "2026-11-30T00:00:00.000Z",
        "calendars": {"primary": {"busy": [slot]}, "Alice@example.com": {"busy": [slot]}},
    }


def test_busy_times_are_merged_sorted_and_cut(google: Google, token: str) -> None:
    hand_made(google, "2026-11-25T10:00:00Z", "2026-11-25T11:00:00Z")
    hand_made(google, "2026-11-24T10:30:00Z", "2026-11-24T12:00:00Z")
    hand_made(google, "2026-11-24T10:00:00Z", "2026-11-24T11:00:00Z")
    hand_made(google, "2026-11-24T12:00:00Z", "2026-11-24T12:15:00Z")
    hand_made(google, "2026-11-22T10:00:00Z", "2026-11-23T01:00:00Z")
    hand_made(google, "2026-11-30T00:00:00Z", "2026-11-30T01:00:00Z")
    assert busy(google, token) == [
        ("2026-11-23T00:00:00Z", "2026-11-23T01:00:00Z"),
        ("2026-11-24T10:00:00Z", "2026-11-24T12:15:00Z"),
        ("2026-11-25T10:00:00Z", "2026-11-25T11:00:00Z"),
    ]


def test_zone_of_the_request_writes_the_offsets(google: Google, token: str) -> None:
    hand_made(google, "2026-11-24T10:00:00Z", "2026-11-24T11:00:00Z")
    assert busy(google, token, timeZone="America/New_York") == [
        ("2026-11-24T05:00:00-05:00", "2026-11-24T06:00:00-05:00")
    ]


def test_day_long_events_block_days_of_the_calendars_zone(google: Google, token: str) -> None:
    hand_made(google, "2026-11-24", "2026-11-25")
    assert busy(google, token) == [("2026-11-23T23:00:00Z", "2026-11-24T23:00:00Z")]


def test_what_does_not_block_is_left_out(google: Google, token: str) -> None:
    hours = ("2026-11-24T10:00:00Z", "2026-11-24T11:00:00Z")
    hand_made(google, *hours, transparency="transparent")
    declined = hand_made(google, *hours)
    cancelled = hand_made(google, *hours)
    path = "calendars/primary/events/"
    google.calendar(token, "DELETE", path + cancelled["id"])
    change = {"attendees": [{"email": ALICE, "responseStatus": "declined"}]}
    google.calendar(token, "PATCH", path + declined["id"], body=change)
    assert busy(google, token) == []


def test_failure_of_one_calendar_is_told_in_a_success(google: Google, token: str) -> None:
    ids = ["primary", "bob@example.com", *(f"c{number}@example.com" for number in range(49))]
    body = WEEK | {"items": [{"id": each} for each in ids]}
    calendars = google.calendar(token, "POST", "freeBusy", body=body).json()["calendars"]
    assert calendars["primary"] == {"busy": []}
    refused = {"errors": [{"domain": "global", "reason": "notFound"}], "busy": []}
    assert calendars["bob@example.com"] == refused
    assert calendars[ids[-1]]["errors"][0]["reason"] == "tooManyCalendarsRequested"


def test_lag_hides_changes_for_a_while(
    google: Google, token: str, google_clock: MovableClock
) -> None:
    google.control("POST", "settings", {"freeBusyLagSeconds": 60})
    event = hand_made(google, "2026-11-24T10:00:00Z", "2026-11-24T11:00:00Z")
    assert busy(google, token) == []
    google_clock.ahead = timedelta(seconds=61)
    assert len(busy(google, token)) == 1
    google.calendar(token, "DELETE", f"calendars/primary/events/{event['id']}")
    assert len(busy(google, token)) == 1
    google_clock.ahead = timedelta(seconds=122)
    assert busy(google, token) == []


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"timeMin": None}, "required"),
        ({"timeMax": None}, "required"),
        ({"timeMin": "2026-11-23T00:00:00"}, "badRequest"),
        ({"timeMin": "2026-11-23"}, "badRequest"),
        ({"timeMin": 1}, "badRequest"),
        ({"timeMax": WEEK["timeMin"]}, "timeRangeEmpty"),
        ({"timeMax": "2027-11-30T00:00:00Z"}, "timeRangeTooLong"),
        ({"timeZone": "Mars/Base"}, "invalid"),
        ({"timeZone": ""}, "invalid"),
        ({"items": [{}]}, "required"),
        ({"items": ["primary"]}, "badRequest"),
        ({"calendarExpansionMax": 51}, "invalid"),
        ({"calender": "primary"}, "badRequest"),
    ],
)
def test_wrong_question_is_refused(
    google: Google, token: str, changes: dict[str, Any], reason: str
) -> None:
    answer = google.calendar(token, "POST", "freeBusy", body=WEEK | changes)
    assert reason_of(answer) == (400, reason)


def test_missing_bound_is_named(google: Google, token: str) -> None:
    error = google.calendar(token, "POST", "freeBusy", body={}).json()["error"]
    assert error["message"] == "Missing timeMin parameter."
