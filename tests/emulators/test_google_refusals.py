"""Refusals in Google's real form, as faults play them: what a client is to read is all there."""

import pytest
import requests

from local.google.refusals import (
    Refusal,
    api_disabled,
    insufficient_scope,
    not_a_calendar_user,
    oauth_refusal,
)
from tests.emulators.google_user import Google, reason_of

SCOPE = insufficient_scope("calendar.freebusy.query", ["https://a.scope"])


def played(google: Google, match: str, refusal: Refusal) -> None:
    google.fault(
        match=match,
        kind="status",
        status=refusal.status,
        body=refusal.body,
        headers=refusal.headers,
    )


def asked(google: Google, token: str) -> requests.Response:
    return google.calendar(token, "POST", "freeBusy", body={})


@pytest.mark.parametrize(
    ("refusal", "reason", "detail"),
    [
        (SCOPE, "insufficientPermissions", "ACCESS_TOKEN_SCOPE_INSUFFICIENT"),
        (api_disabled(), "accessNotConfigured", "SERVICE_DISABLED"),
    ],
)
def test_the_front_end_refuses_in_errors_and_in_details(
    google: Google, refusal: Refusal, reason: str, detail: str
) -> None:
    token = google.connect()["access_token"]
    played(google, "calendar.freebusy.query", refusal)
    answer = asked(google, token)
    assert reason_of(answer) == (403, reason)
    error = answer.json()["error"]
    assert error["status"] == "PERMISSION_DENIED"
    assert [each["reason"] for each in error["details"]] == [detail]


def test_a_missing_scope_stands_in_the_challenge_too(google: Google) -> None:
    token = google.connect()["access_token"]
    played(google, "calendar.freebusy.query", SCOPE)
    challenge = asked(google, token).headers["WWW-Authenticate"]
    assert 'error="insufficient_scope", scope="https://a.scope"' in challenge


def test_an_account_without_a_calendar_is_refused_by_the_backend(google: Google) -> None:
    token = google.connect()["access_token"]
    played(google, "calendar.*", not_a_calendar_user())
    answer = asked(google, token)
    assert reason_of(answer) == (403, "notACalendarUser")
    error = answer.json()["error"]
    assert error["errors"][0]["domain"] == "calendar"
    assert "details" not in error


def test_a_refresh_is_refused_in_the_words_of_the_token_endpoint(google: Google) -> None:
    token = google.connect()["refresh_token"]
    for refusal in (
        oauth_refusal(400, "access_denied", "Account restricted"),
        oauth_refusal(403, "admin_policy_enforced"),
        oauth_refusal(400, "invalid_grant", "reauth related error (invalid_rapt)", "invalid_rapt"),
    ):
        played(google, "oauth.token", refusal)
        answer = google.refresh(token)
        assert (answer.status_code, answer.json()) == (refusal.status, refusal.body)
        assert all(answer.json().values())
