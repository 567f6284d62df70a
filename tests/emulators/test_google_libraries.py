"""Google's own libraries as independent clients of the emulator."""

import base64
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import requests
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509 import load_pem_x509_certificate
from google.auth.exceptions import GoogleAuthError, RefreshError
from google.auth.transport.requests import AuthorizedSession, Request
from google.oauth2 import id_token
from google.oauth2.credentials import Credentials
from googleapiclient.discovery import build
from googleapiclient.errors import HttpError

from local.google.scopes import EMAIL, FREEBUSY
from tests.emulators.conftest import MovableClock
from tests.emulators.google_user import CLIENT, Google

pytestmark = pytest.mark.integration

ALICE = "alice@example.com"
ID = "abcdefghijklmnopqrstuv0123456789"
WEEK = {
    "timeMin": "2026-11-23T00:00:00Z",
    "timeMax": "2026-11-30T00:00:00Z",
    "items": [{"id": "primary"}],
}
EVENT = {
    "id": ID,
    "start": {"dateTime": "2026-11-24T14:00:00Z"},
    "end": {"dateTime": "2026-11-24T14:30:00Z"},
}


def credentials(google: Google, tokens: dict[str, Any], **more: Any) -> Any:
    return Credentials(  # type: ignore[no-untyped-call]
        tokens["access_token"],
        refresh_token=tokens["refresh_token"],
        token_uri=f"{google.address}/token",
        **CLIENT,
        **more,
    )


@pytest.fixture
def transport(google: Google) -> Any:
    return Request(google.session)


@pytest.fixture
def service(google: Google) -> Iterator[Any]:
    options = {"api_endpoint": f"{google.address}/calendar/v3/"}
    whose = credentials(google, google.connect())
    with build("calendar", "v3", credentials=whose, client_options=options) as service:
        yield service


def verify(google: Google, transport: Any, token: str, audience: str) -> Any:
    return id_token.verify_token(
        token, transport, audience=audience, certs_url=f"{google.address}/oauth2/v1/certs"
    )


def test_google_auth_verifies_the_identity_token(google: Google, transport: Any) -> None:
    token = google.connect()["id_token"]
    claims = verify(google, transport, token, "local-client")
    assert (claims["email"], claims["nonce"]) == (ALICE, "n-1")
    with pytest.raises(GoogleAuthError):
        verify(google, transport, token, "other-client")
    header, payload, signature = token.split(".")
    forged = base64.urlsafe_b64encode(
        base64.urlsafe_b64decode(payload + "==").replace(b"alice", b"carol")
    )
    with pytest.raises(ValueError, match="signature"):
        verify(
            google,
            transport,
            f"{header}.{forged.decode().rstrip('=')}.{signature}",
            "local-client",
        )


def test_both_shapes_of_the_certificates_hold_one_key(google: Google) -> None:
    pems = requests.get(f"{google.address}/oauth2/v1/certs", timeout=5)
    keys = requests.get(f"{google.address}/oauth2/v3/certs", timeout=5).json()["keys"]
    assert "max-age" in pems.headers["Cache-Control"]
    assert [key["kid"] for key in keys] == list(pems.json())
    public = load_pem_x509_certificate(pems.json()[keys[0]["kid"]].encode()).public_key()
    assert isinstance(public, RSAPublicKey)
    modulus = int.from_bytes(base64.urlsafe_b64decode(keys[0]["n"] + "=="))
    assert (public.public_numbers().n, keys[0]["alg"]) == (modulus, "RS256")


def test_google_auth_refreshes_and_learns_of_revocation(google: Google, transport: Any) -> None:
    tokens = google.connect()
    mine = credentials(google, tokens, scopes=[EMAIL, FREEBUSY])
    mine.refresh(transport)
    assert mine.token != tokens["access_token"]
    assert mine.refresh_token == tokens["refresh_token"]
    assert set(mine.granted_scopes) == {EMAIL, FREEBUSY}
    google.control("POST", "revoke", {"email": ALICE})
    with pytest.raises(RefreshError) as heard:
        mine.refresh(transport)
    assert heard.value.args[0] == "invalid_grant: Token has been expired or revoked."
    assert heard.value.retryable is False


def test_google_auth_refreshes_when_the_access_token_died(google: Google) -> None:
    mine = credentials(google, google.connect())
    google.control("POST", "expire")
    with AuthorizedSession(mine) as session:  # type: ignore[no-untyped-call]
        address = f"{google.address}/calendar/v3/freeBusy"
        assert session.post(address, json=WEEK, timeout=5).status_code == 200
    lines = google.control("GET", "log")["requests"]
    assert [(line["method"], line["status"]) for line in lines[-3:]] == [
        ("calendar.freebusy.query", 401),
        ("oauth.token", 200),
        ("calendar.freebusy.query", 200),
    ]


def test_googleapiclient_lives_through_an_events_life(service: Any) -> None:
    events = service.events()
    mine = {"calendarId": "primary", "eventId": ID}
    made = events.insert(calendarId="primary", body=EVENT, sendUpdates="none").execute()
    busy = service.freebusy().query(body=WEEK).execute()["calendars"]["primary"]["busy"]
    assert busy == [{"start": "2026-11-24T14:00:00Z", "end": "2026-11-24T14:30:00Z"}]
    moved = made | {"end": {"dateTime": "2026-11-24T15:00:00Z"}}
    assert events.update(**mine, body=moved).execute()["sequence"] == 1
    assert events.patch(**mine, body={"summary": "x"}).execute()["summary"] == "x"
    listed = events.list(calendarId="primary", fields="items(id)", maxResults=1).execute()
    assert listed == {"items": [{"id": ID}]}
    assert events.delete(**mine).execute() == ""
    assert events.get(**mine).execute()["status"] == "cancelled"
    with pytest.raises(HttpError) as heard:
        events.delete(**mine).execute()
    assert (heard.value.status_code, heard.value.error_details[0]["reason"]) == (410, "deleted")


def test_googleapiclient_pages_through_a_list(google: Google, service: Any) -> None:
    times = {"start": "2026-11-24T14:00:00Z", "end": "2026-11-24T15:00:00Z"}
    for _ in range(3):
        google.control("POST", "events", {"email": ALICE} | times)
    query, seen = service.events().list(calendarId="primary", maxResults=2), 0
    while query is not None:
        page = query.execute()
        seen += len(page["items"])
        query = service.events().list_next(query, page)
    assert seen == 3


@pytest.mark.parametrize(
    ("status", "reason"),
    [(403, "rateLimitExceeded"), (429, "rateLimitExceeded"), (500, "backendError")],
)
def test_googleapiclient_reads_the_faults(
    google: Google, service: Any, status: int, reason: str
) -> None:
    google.fault(match="calendar.events.insert", kind="status", status=status)
    with pytest.raises(HttpError) as heard:
        service.events().insert(calendarId="primary", body=EVENT).execute()
    assert (heard.value.status_code, heard.value.error_details[0]["reason"]) == (status, reason)
    assert google.control("GET", "events", email=ALICE) == {"items": []}


def test_dropped_answer_leaves_the_event_behind(google: Google) -> None:
    token = google.connect()["access_token"]
    google.fault(match="calendar.events.insert", kind="drop_after")
    with pytest.raises(requests.ConnectionError):
        google.calendar(token, "POST", "calendars/primary/events", body=EVENT)
    assert google.control("GET", "events", email=ALICE)["items"][0]["id"] == ID
    line = google.control("GET", "log")["requests"][-1]
    assert (line["status"], line["fault"], line["body"]["id"]) == (None, "drop_after", ID)


def test_refresh_token_outlives_the_access_token(
    google: Google, transport: Any, google_clock: MovableClock
) -> None:
    mine = credentials(google, google.connect())
    google_clock.ahead = timedelta(days=300)
    mine.refresh(transport)
    assert mine.token.startswith("ya29.")
