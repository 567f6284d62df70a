from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from local.google.scopes import EVENTS_OWNED, FREEBUSY
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
    body = {"id": ID} | TIMES | changes
    present = {name: value for name, value in body.items() if value is not None}
    return google.calendar(token, "POST", EVENTS, body=present)


def test_list_bounds_the_end_and_the_start(google: Google, token: str) -> None:
    insert(google, token, extendedProperties={"private": {"booking": "b=1"}})
    insert(google, token, id="second", summary="Later", start={"dateTime": "2026-11-24T14:15:00Z"})

    def ids(**query: Any) -> list[str]:
        answer = google.calendar(token, "GET", EVENTS, singleEvents="true", **query)
        return [event["id"] for event in answer.json()["items"]]

    assert ids() == [ID, "second"]
    assert ids(timeMin="2026-11-24T14:30:00Z") == []
    assert ids(timeMin="2026-11-24T14:29:59Z") == [ID, "second"]
    assert ids(timeMax="2026-11-24T14:15:00Z", orderBy="startTime") == [ID]
    assert ids(privateExtendedProperty="booking=b=1") == [ID]
    assert ids(privateExtendedProperty=["booking=b=1", "booking=2"]) == []
    assert ids(iCalUID="second@google.com") == ["second"]
    google.calendar(token, "DELETE", f"{EVENTS}/second")
    assert ids() == [ID]
    assert ids(showDeleted="true") == [ID, "second"]


def test_list_comes_in_pages(google: Google, token: str) -> None:
    for number in range(3):
        insert(google, token, id=f"event{number}")
    first = google.calendar(token, "GET", EVENTS, maxResults=2).json()
    assert ("nextSyncToken" in first, len(first["items"])) == (False, 2)
    page = {"maxResults": 2, "pageToken": first["nextPageToken"]}
    second = google.calendar(token, "GET", EVENTS, **page).json()
    assert ("nextPageToken" in second, second["items"][0]["id"]) == (False, "event2")
    wrong = google.calendar(token, "GET", EVENTS, pageToken="page9")
    assert reason_of(wrong) == (400, "invalidParameter")


def test_field_mask_keeps_what_is_asked(google: Google, token: str) -> None:
    insert(google, token)
    listed = google.calendar(token, "GET", EVENTS, maxResults=1, fields="timeZone").json()
    assert listed == {"timeZone": "Europe/Berlin"}
    mask = "items(id,start/dateTime,creator(*)),kind"
    assert google.calendar(token, "GET", EVENTS, fields=mask).json() == {
        "kind": "calendar#events",
        "items": [
            {
                "id": ID,
                "start": {"dateTime": "2026-11-24T15:00:00+01:00"},
                "creator": {"email": ALICE, "self": True},
            }
        ],
    }


@pytest.mark.parametrize(
    ("query", "status", "reason"),
    [
        ({"timeMin": "2026-11-24T14:00:00"}, 400, "badRequest"),
        ({"timeMin": "2026-11-24T14:00:00Z", "timeMax": "2026-11-24T14:00:00Z"}, 400, None),
        ({"orderBy": "startTime"}, 400, "badRequest"),
        ({"maxResults": "0"}, 400, "invalidParameter"),
        ({"timeZone": "Mars/Base"}, 400, "invalid"),
        ({"fields": "items/summary/x"}, 400, "invalidParameter"),
        ({"q": "call"}, 501, None),
        ({"syncToken": "s"}, 501, None),
    ],
)
def test_wrong_list_is_refused(
    google: Google, token: str, query: dict[str, str], status: int, reason: str | None
) -> None:
    insert(google, token)
    answer = google.calendar(token, "GET", EVENTS, **query)
    assert answer.status_code == status
    assert reason in {None, answer.json()["error"].get("errors", [{}])[0].get("reason")}


def test_token_is_asked_before_anything_else(google: Google) -> None:
    absent = requests.get(f"{google.address}/calendar/v3/{EVENTS}", timeout=5)
    assert reason_of(absent) == (401, "required")
    unknown = google.calendar("ya29.unknown", "POST", EVENTS, body={})
    assert reason_of(unknown) == (401, "authError")
    assert unknown.json()["error"]["status"] == "UNAUTHENTICATED"
    assert 'error="invalid_token"' in unknown.headers["WWW-Authenticate"]
    assert google.calendar("x", "GET", "nowhere").status_code == 404


def test_each_method_wants_one_of_its_scopes(google: Google) -> None:
    def token_for(scope: str) -> str:
        code = google.consent(ALICE, scope)["code"]
        return str(google.exchange(code).json()["access_token"])

    week = {"timeMin": "2026-11-23T00:00:00Z", "timeMax": "2026-11-30T00:00:00Z"}
    reader, writer = token_for(FREEBUSY), token_for(EVENTS_OWNED)
    assert google.calendar(reader, "POST", "freeBusy", body=week).status_code == 200
    assert google.calendar(writer, "GET", EVENTS).status_code == 200
    refused = google.calendar(reader, "GET", EVENTS)
    assert reason_of(refused) == (403, "insufficientPermissions")
    details = refused.json()["error"]["details"][0]
    assert details["reason"] == "ACCESS_TOKEN_SCOPE_INSUFFICIENT"
    assert details["metadata"]["method"] == "calendar.v3.Events.List"
    refused = google.calendar(writer, "POST", "freeBusy", body=week)
    assert refused.json()["error"]["details"][0]["metadata"]["method"] == (
        "calendar.v3.Freebusy.Query"
    )


def test_method_outside_the_stand_in_says_so(google: Google) -> None:
    code = google.consent(ALICE, scope="https://www.googleapis.com/auth/calendar")["code"]
    token = google.exchange(code).json()["access_token"]
    answer = google.calendar(token, "GET", "users/me/settings/timezone")
    assert answer.status_code == 501
    assert "calendar.settings.get" in answer.json()["error"]["message"]
    recurring = insert(google, token, recurrence=["RRULE:FREQ=DAILY"])
    assert recurring.status_code == 501


def test_settings_and_hand_made_events(google: Google) -> None:
    start = datetime.now(UTC) + timedelta(days=1)
    body = {"email": ALICE, "start": start.isoformat(), "end": "2099-01-01"}
    address = f"{google.address}/_control/"
    assert requests.post(address + "events", json=body, timeout=5).status_code == 400
    body["end"] = (start + timedelta(hours=1)).isoformat()
    made = google.control("POST", "events", body | {"summary": "Dentist"})
    assert google.control("GET", "events", email=ALICE) == {"items": [made]}
    gone = google.control("DELETE", "events", email=ALICE, id=made["id"])
    assert gone["status"] == "cancelled"
    zone = {"email": ALICE, "timeZone": "Asia/Tokyo"}
    settings = google.control("POST", "settings", zone | {"accessTokenSeconds": 5})
    assert (settings["timeZones"][ALICE], settings["accessTokenSeconds"]) == ("Asia/Tokyo", 5)
    assert google.connect()["expires_in"] == 5
    for wrong in (
        {"noneTicked": "x"},
        {"meet": 1},
        {"accessTokenSeconds": "5"},
        {"x": 1},
        zone | {"timeZone": 1},
    ):
        assert requests.post(address + "settings", json=wrong, timeout=5).status_code == 400
    assert google.control("GET", "settings")["accessTokenSeconds"] == 5
    assert google.control("POST", "reset")["timeZones"][ALICE] == "Europe/Berlin"
