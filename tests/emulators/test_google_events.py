from typing import Any

import pytest
import requests

from tests.emulators.google_user import Google, reason_of

pytestmark = pytest.mark.integration

ALICE = "alice@example.com"
EVENTS = "calendars/primary/events"
ID = "abcdefghijklmnopqrstuv0123456789"
TIMES = {
    "start": {"dateTime": "2026-11-24T14:00:00Z"},
    "end": {"dateTime": "2026-11-24T14:30:00Z"},
}


@pytest.fixture
def token(google: Google) -> str:
    return str(google.connect()["access_token"])


def insert(google: Google, token: str, **changes: Any) -> requests.Response:
    body = {"id": ID, "summary": "Intro call"} | TIMES | changes
    present = {name: value for name, value in body.items() if value is not None}
    return google.calendar(token, "POST", EVENTS, body=present)


def test_inserted_event_comes_back_whole(google: Google, token: str) -> None:
    answer = insert(google, token)
    event = answer.json()
    assert answer.headers["ETag"] == event.pop("etag")
    link = event.pop("htmlLink")
    assert "Intro call" in requests.get(link, timeout=5).text
    assert event.pop("created").endswith("Z")
    assert event.pop("updated").endswith("Z")
    owner = {"email": ALICE, "self": True}
    assert event == {
        "kind": "calendar#event",
        "id": ID,
        "status": "confirmed",
        "summary": "Intro call",
        "creator": owner,
        "organizer": owner,
        "start": {"dateTime": "2026-11-24T15:00:00+01:00", "timeZone": "Europe/Berlin"},
        "end": {"dateTime": "2026-11-24T15:30:00+01:00", "timeZone": "Europe/Berlin"},
        "iCalUID": f"{ID}@google.com",
        "sequence": 0,
        "reminders": {"useDefault": True},
        "eventType": "default",
    }
    assert google.calendar(token, "GET", f"{EVENTS}/{ID}").json()["id"] == ID


def test_taken_id_is_refused_also_after_deletion(google: Google, token: str) -> None:
    insert(google, token)
    assert reason_of(insert(google, token)) == (409, "duplicate")
    google.calendar(token, "DELETE", f"{EVENTS}/{ID}")
    assert reason_of(insert(google, token)) == (409, "duplicate")
    bob = google.connect("bob@example.com")["access_token"]
    assert insert(google, bob).status_code == 200


def naive(text: str, **more: str) -> dict[str, str]:
    return {"dateTime": text, **more}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"id": "abcd"}, "invalid"),
        ({"id": "ABCDEF"}, "invalid"),
        ({"id": "wxyz1"}, "invalid"),
        ({"id": "a" * 1025}, "invalid"),
        ({"iCalUID": "another@example.com"}, "invalid"),
        ({"start": None}, "required"),
        ({"end": None}, "required"),
        ({"start": {}}, "required"),
        ({"start": naive("2026-11-24T14:00:00")}, "required"),
        ({"start": naive("2026-11-24T14:00:00Z", timeZone="Mars/Base")}, "invalid"),
        ({"start": {"dateTime": "2026-11-24T14:00:00Z", "date": "2026-11-24"}}, "invalid"),
        ({"start": {"date": "2026-11-24"}}, "invalid"),
        ({"start": {"date": "2026-11-24"}, "end": {"date": "2026-11-24"}}, "timeRangeEmpty"),
        ({"end": naive("2026-11-24T13:59:00Z")}, "timeRangeEmpty"),
        ({"end": naive("9999-12-31T23:59:59Z")}, "invalid"),
        ({"start": naive("yesterday")}, "badRequest"),
        ({"start": naive("2026-02-30T10:00:00Z")}, "badRequest"),
        ({"start": "2026-11-24T14:00:00Z"}, "badRequest"),
        ({"summary": 7}, "badRequest"),
        ({"atendees": []}, "badRequest"),
        ({"status": "maybe"}, "invalid"),
        ({"transparency": "glass"}, "invalid"),
        ({"visibility": "hidden"}, "invalid"),
        ({"attendees": [{"email": "nobody"}]}, "invalid"),
        ({"attendees": [{"displayName": "Bob"}]}, "invalid"),
        ({"attendees": [{"email": "b@x.org", "responseStatus": "yes"}]}, "invalid"),
        ({"source": {"url": "javascript:alert(1)"}}, "invalid"),
        ({"reminders": {"overrides": [{"method": "sms", "minutes": 1}]}}, "invalid"),
        ({"reminders": {"overrides": [{"method": "popup", "minutes": 40321}]}}, "invalid"),
        ({"reminders": {"overrides": [{"method": "popup", "minutes": 1}] * 6}}, "invalid"),
        (
            {"reminders": {"useDefault": True, "overrides": [{"method": "popup", "minutes": 1}]}},
            "cannotUseDefaultRemindersAndSpecifyOverride",
        ),
        ({"extendedProperties": {"private": {str(n): "" for n in range(301)}}}, "invalid"),
    ],
)
def test_wrong_event_is_refused(
    google: Google, token: str, changes: dict[str, Any], reason: str
) -> None:
    assert reason_of(insert(google, token, **changes)) == (400, reason)
    assert google.control("GET", "events", email=ALICE) == {"items": []}


def test_missing_zone_is_named(google: Google, token: str) -> None:
    answer = insert(google, token, start=naive("2026-11-24T14:00:00"))
    message = "Missing time zone definition for start time."
    assert answer.json()["error"]["message"] == message


def test_time_without_offset_is_read_in_its_zone(google: Google, token: str) -> None:
    start = naive("2026-11-24T09:00:00", timeZone="America/New_York")
    event = insert(google, token, start=start).json()
    assert event["start"] == {
        "dateTime": "2026-11-24T15:00:00+01:00",
        "timeZone": "America/New_York",
    }


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ({"sendUpdates": "some"}, "invalidParameter"),
        ({"conferenceDataVersion": "2"}, "invalidParameter"),
        ({"supportsAttachments": "yes"}, "invalidParameter"),
        ({"sendUpdate": "none"}, "badRequest"),
        ({"sendUpdates": ["none", "all"]}, "invalidParameter"),
        ({"fields": "id,titel"}, "invalidParameter"),
        ({"fields": "id,start(dateTime"}, "invalidParameter"),
    ],
)
def test_wrong_parameter_is_refused(
    google: Google, token: str, query: dict[str, Any], reason: str
) -> None:
    answer = google.calendar(token, "POST", EVENTS, body=TIMES, **query)
    assert reason_of(answer) == (400, reason)


def test_parameters_without_meaning_here_are_ignored(google: Google, token: str) -> None:
    query = {"alt": "json", "prettyPrint": "false", "quotaUser": "alice"}
    assert google.calendar(token, "POST", EVENTS, body=TIMES, **query).status_code == 200


def test_body_that_is_not_json_is_refused(google: Google, token: str) -> None:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    address = f"{google.address}/calendar/v3/{EVENTS}"
    answer = requests.post(address, data="{", headers=headers, timeout=5)
    assert reason_of(answer) == (400, "parseError")
    headers["Content-Type"] = "text/plain"
    answer = requests.post(address, data="{}", headers=headers, timeout=5)
    assert reason_of(answer) == (400, "badContent")


def test_overlong_properties_are_cut(google: Google, token: str) -> None:
    private = {"k" * 45: "gone", "k" * 44: "v" * 1025}
    event = insert(google, token, extendedProperties={"private": private}).json()
    assert event["extendedProperties"]["private"] == {"k" * 44: "v" * 1024}


def test_deleting_cancels_once(google: Google, token: str) -> None:
    insert(google, token)
    deleted = google.calendar(token, "DELETE", f"{EVENTS}/{ID}", sendUpdates="all")
    assert (deleted.status_code, deleted.content) == (204, b"")
    assert google.calendar(token, "GET", f"{EVENTS}/{ID}").json()["status"] == "cancelled"
    assert reason_of(google.calendar(token, "DELETE", f"{EVENTS}/{ID}")) == (410, "deleted")


@pytest.mark.parametrize("verb", ["GET", "DELETE", "PATCH", "PUT"])
@pytest.mark.parametrize("path", [f"{EVENTS}/never0", "calendars/bob@example.com/events/never0"])
def test_unknown_event_or_calendar_is_not_found(
    google: Google, token: str, verb: str, path: str
) -> None:
    body = TIMES if verb in {"PATCH", "PUT"} else None
    assert reason_of(google.calendar(token, verb, path, body=body)) == (404, "notFound")


def test_patch_merges_and_null_removes(google: Google, token: str) -> None:
    private = {"a": "1", "b": "2"}
    insert(google, token, description="old", extendedProperties={"private": private})
    change = {"description": None, "extendedProperties": {"private": {"b": None, "c": "3"}}}
    event = google.calendar(token, "PATCH", f"{EVENTS}/{ID}", body=change).json()
    assert event["extendedProperties"]["private"] == {"a": "1", "c": "3"}
    assert ("description" in event, event["summary"], event["sequence"]) == (False, "Intro call", 0)


def test_patch_replaces_lists(google: Google, token: str) -> None:
    insert(google, token, attendees=[{"email": "bob@example.com"}, {"email": "c@example.org"}])
    change = {"attendees": [{"email": ALICE, "responseStatus": "declined", "comment": None}]}
    event = google.calendar(token, "PATCH", f"{EVENTS}/{ID}", body=change).json()
    assert event["attendees"] == [
        {"email": ALICE, "responseStatus": "declined", "organizer": True, "self": True}
    ]


def test_moving_counts_the_sequence_up(google: Google, token: str) -> None:
    first = insert(google, token).json()
    later = {"end": {"dateTime": "2026-11-24T15:00:00Z"}}
    moved = google.calendar(token, "PATCH", f"{EVENTS}/{ID}", body=later).json()
    assert (moved["sequence"], moved["iCalUID"]) == (1, first["iCalUID"])
    assert moved["etag"] != first["etag"]
    old = later | {"sequence": 0}
    assert reason_of(google.calendar(token, "PATCH", f"{EVENTS}/{ID}", body=old)) == (
        400,
        "invalid",
    )


def test_update_replaces_everything(google: Google, token: str) -> None:
    insert(google, token, description="old", reminders={"useDefault": False})
    event = google.calendar(token, "PUT", f"{EVENTS}/{ID}", body=TIMES).json()
    assert ("summary" in event, "description" in event) == (False, False)
    assert (event["id"], event["reminders"]) == (ID, {"useDefault": True})
    half = {"start": TIMES["start"]}
    answer = google.calendar(token, "PUT", f"{EVENTS}/{ID}", body=half)
    assert reason_of(answer) == (400, "required")


def test_stale_etag_is_refused(google: Google, token: str) -> None:
    path = f"{EVENTS}/{ID}"
    old = insert(google, token).json()["etag"]
    match = {"If-Match": old}
    new = google.calendar(token, "PATCH", path, body={"summary": "b"}, headers=match).json()["etag"]
    for verb, body in (("PATCH", {"summary": "c"}), ("PUT", TIMES), ("DELETE", None)):
        answer = google.calendar(token, verb, path, body=body, headers=match)
        assert reason_of(answer) == (412, "conditionNotMet")
        assert answer.json()["error"]["errors"][0]["location"] == "If-Match"
    read = google.calendar(token, "GET", path, headers={"If-None-Match": new})
    assert (read.status_code, read.content) == (304, b"")


def test_conference_comes_only_when_its_version_is_named(google: Google, token: str) -> None:
    solution = {"type": "hangoutsMeet"}
    asked = {"createRequest": {"requestId": "r1", "conferenceSolutionKey": solution}}
    assert "conferenceData" not in insert(google, token, conferenceData=asked).json()
    body = TIMES | {"conferenceData": asked}
    event = google.calendar(token, "POST", EVENTS, body=body, conferenceDataVersion=1).json()
    assert event["conferenceData"]["entryPoints"][0]["uri"] == event["hangoutLink"]
    path = f"{EVENTS}/{event['id']}"
    again = google.calendar(token, "PATCH", path, body={"summary": "b"}).json()
    assert again["hangoutLink"] == event["hangoutLink"]
    google.control("POST", "settings", {"meet": "pending"})
    event = google.calendar(token, "POST", EVENTS, body=body, conferenceDataVersion=1).json()
    assert event["conferenceData"]["createRequest"]["status"] == {"statusCode": "pending"}
    assert "hangoutLink" not in event


@pytest.mark.parametrize(("most", "seen"), [(None, 2), (2, 2), (1, 1)])
def test_of_more_attendees_than_are_asked_for_only_the_owner_is_listed(
    google: Google, token: str, most: int | None, seen: int
) -> None:
    insert(google, token, attendees=[{"email": "bob@example.com"}, {"email": ALICE}])
    query = {"maxAttendees": most} if most else {}
    (event,) = google.calendar(token, "GET", EVENTS, **query).json()["items"]
    assert len(event["attendees"]) == seen
    assert event["attendees"][-1]["self"] is True
    assert event.get("attendeesOmitted", False) is (seen == 1)


@pytest.mark.parametrize("kind", ["focusTime", "outOfOffice", "workingLocation", "birthday"])
def test_events_of_every_kind_are_made_by_hand_and_none_through_the_api(
    google: Google, token: str, kind: str
) -> None:
    body = {"email": ALICE, "start": "2026-11-24", "end": "2026-11-25", "eventType": kind}
    google.control("POST", "events", body)
    (event,) = google.calendar(token, "GET", EVENTS, eventTypes=kind).json()["items"]
    free = kind in {"workingLocation", "birthday"}
    assert (event["eventType"], event.get("transparency")) == (
        kind,
        "transparent" if free else None,
    )
    refused = google.calendar(token, "POST", EVENTS, body={**TIMES, "eventType": kind})
    assert reason_of(refused) == (400, "invalid")
