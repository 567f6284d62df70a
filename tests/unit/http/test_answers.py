"""What use cases return, as JSON that clients read, and who may keep it."""

import json
from dataclasses import replace
from datetime import time, timedelta
from typing import Any

import pytest
from aws_lambda_powertools.event_handler import Response

from scheduling.access.links import OneTimeLink
from scheduling.access.policy import Role
from scheduling.bookings.book import Outcome
from scheduling.core.times import Interval
from scheduling.http import answers
from scheduling.models import (
    AppId,
    BookingState,
    CalendarId,
    Connection,
    ConnectionState,
    Hold,
    Page,
    Person,
    Preferences,
    ShareId,
    Uid,
)
from scheduling.rules.invite_links import Invite
from scheduling.shares.share import Preview, SentShare
from scheduling.shares.view import ListedShare, ShareStatus, ShareView
from tests import wire
from tests.builders import HALF_HOUR, NOW, STARTS_AT, a_booking, a_share
from tests.fakes import a_grant

SHARE = a_share()
SLOT = Interval(STARTS_AT, STARTS_AT + HALF_HOUR)
START = "2026-11-24T14:00:00Z"
INVITE = Invite({"ics": "https://here/v1/invites/t.ics"}, {"method": "PUBLISH"})


def read(response: Response[str]) -> dict[str, Any]:
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.content_type == "application/json; charset=utf-8"
    return wire.read(response)


def test_an_answer_is_data_that_nobody_keeps() -> None:
    response = answers.data({"a": "é"}, 202)
    assert (response.status_code, read(response)) == (202, {"a": "é"})
    assert json.loads(response.body or "") == {"data": {"a": "é"}}


def test_a_link_is_told_under_the_routes_own_name() -> None:
    made = OneTimeLink("https://here/connect/token", NOW)
    assert read(answers.link("connectUrl", made)) == {
        "connectUrl": "https://here/connect/token",
        "expiresAt": "2026-11-23T08:00:00Z",
    }


def test_a_connection_tells_whose_calendar_it_is_and_no_token() -> None:
    grant = a_grant("alice", NOW)
    connection = Connection(
        app_id=AppId("app"),
        uid=Uid("alice"),
        calendar_id=grant.calendar_id,
        state=ConnectionState.RECONNECT,
        email=grant.email,
        time_zone="Europe/Berlin",
        scopes=grant.scopes,
        connected_at=NOW,
        tokens=grant.tokens,
    )
    assert read(answers.connection(connection)) == {
        "state": "reconnect",
        "email": "alice@example.com",
        "timeZone": "Europe/Berlin",
        "connectedAt": "2026-11-23T08:00:00Z",
    }
    assert read(answers.connection(None)) == {"state": "none"}


def test_preferences_are_told_as_they_may_be_sent() -> None:
    kept = Preferences(
        buffer_before=timedelta(minutes=5),
        notice=timedelta(hours=2),
        hours={6: ((time(22), time.min),), 0: ((time(9), time(12, 30)), (time(13), time(17)))},
    )
    assert read(answers.preferences(kept)) == {
        "bufferBeforeMinutes": 5,
        "bufferAfterMinutes": 0,
        "noticeMinutes": 120,
        "hours": {"mon": [["09:00", "12:30"], ["13:00", "17:00"]], "sun": [["22:00", "24:00"]]},
    }
    assert read(answers.preferences(Preferences()))["hours"] is None
    assert read(answers.preferences(Preferences(hours={})))["hours"] == {}


def test_a_share_that_was_sent_is_told_with_its_message() -> None:
    sent = read(answers.sent_share(SentShare(SHARE, "17", SHARE.availability)))
    assert (sent["shareId"], sent["messageId"]) == (SHARE.share_id, "17")
    assert sent["availability"]["durations"] == [30]


def test_a_preview_says_what_would_be_offered_and_which_starts() -> None:
    shown = Preview(Person(Uid("alice"), "Alice"), SHARE.availability, (STARTS_AT,))
    answer = read(answers.preview(shown))
    assert (answer["slots"], answer["host"]["uid"]) == ([START], "alice")
    assert "shareId" not in answer


def seen(**changes: Any) -> ShareView:
    view = ShareView(SHARE, Role.GUEST, SHARE.availability, (STARTS_AT,), ShareStatus.OPEN, None)
    return replace(view, **changes)


def test_a_look_at_a_share_says_what_the_caller_is_to_it_and_has_booked_of_it() -> None:
    answer = read(answers.share_view(seen()))
    assert (answer["role"], answer["status"], answer["slots"]) == ("guest", "open", [START])
    assert (answer["receiver"], answer["receiverType"]) == ("bob", "user")
    assert "booking" not in answer
    booked = read(answers.share_view(seen(booking=a_booking())))
    assert booked["booking"]["bookingId"] == a_booking().booking_id


def test_a_list_leads_on_as_long_as_there_is_more() -> None:
    listed = (ListedShare(SHARE, ShareStatus.WITHDRAWN),)
    first = read(answers.shares(Page(listed, "more")))
    assert first["nextCursor"] == "more"
    (item,) = first["items"]
    assert (item["shareId"], item["status"]) == (SHARE.share_id, "withdrawn")
    assert (item["from"], item["createdAt"]) == ("2026-11-24T02:00:00Z", "2026-11-23T08:00:00Z")
    assert "busy" not in item
    assert read(answers.shares(Page(()))) == {"items": []}


def test_a_share_that_was_ended_is_withdrawn() -> None:
    assert read(answers.withdrawn(ShareId("s"))) == {"shareId": "s", "status": "withdrawn"}


def test_a_hold_says_until_when() -> None:
    held = Hold(
        app_id=AppId("app"),
        share_id=SHARE.share_id,
        calendar_id=CalendarId("c"),
        guest=Uid("bob"),
        slot=SLOT,
        claimed=SLOT,
        expires_at=NOW + timedelta(minutes=5),
    )
    assert read(answers.hold(held)) == {
        "hold": {
            "shareId": SHARE.share_id,
            "startsAt": START,
            "endsAt": "2026-11-24T14:30:00Z",
            "expiresAt": "2026-11-23T08:05:00Z",
        }
    }


@pytest.mark.parametrize("state", sorted(BookingState))
def test_what_is_not_decided_yet_is_accepted_and_word_follows(state: BookingState) -> None:
    reached = Outcome(a_booking(state=state), INVITE)
    decided = state in {BookingState.CONFIRMED, BookingState.CANCELLED}
    assert answers.outcome(reached).status_code == (200 if decided else 202)
    assert answers.booking(reached).status_code == 200
    assert read(answers.booking(reached))["invite"]["links"] == dict(INVITE.links)


def test_who_was_never_invited_is_shown_no_invite() -> None:
    refused = Outcome(a_booking(state=BookingState.REFUSED), None)
    assert set(read(answers.booking(refused))) == {"booking"}


def test_a_file_says_what_a_calendar_is_to_do_and_is_kept_for_a_minute_by_its_reader() -> None:
    response = answers.calendar_file("CANCEL", b"BEGIN:VCALENDAR")
    assert response.content_type == "text/calendar; charset=utf-8; method=CANCEL"
    assert response.body == b"BEGIN:VCALENDAR"
    assert response.headers["Cache-Control"] == "private, max-age=60"
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert 'filename="invite.ics"' in str(response.headers["Content-Disposition"])
