from datetime import timedelta
from typing import Any

import pytest
import requests

from local.google.grants import REFRESH_TOKEN_LIMIT
from local.google.scopes import EMAIL, EVENTS_OWNED, FREEBUSY
from tests.emulators.conftest import MovableClock
from tests.emulators.google_user import CLIENT, REDIRECT_URI, VERIFIER, Google, claims_of

pytestmark = pytest.mark.integration

ALICE = "alice@example.com"
OTHER = {"client_id": "other-client", "client_secret": "other-secret"}
DEAD = (400, {"error": "invalid_grant", "error_description": "Token has been expired or revoked."})


def said(answer: requests.Response) -> tuple[int, str, str]:
    body = answer.json()
    return answer.status_code, body["error"], body["error_description"]


def test_code_becomes_tokens_of_googles_shape(google: Google) -> None:
    answer = google.connect()
    assert answer["access_token"].startswith("ya29.")
    assert answer["refresh_token"].startswith("1//")
    assert (answer["expires_in"], answer["token_type"]) == (3599, "Bearer")
    assert answer["scope"] == f"{EVENTS_OWNED} {FREEBUSY} {EMAIL} openid"
    claims = claims_of(answer["id_token"])
    assert claims["exp"] - claims["iat"] == 3600
    heard = {key: claims[key] for key in claims.keys() - {"iat", "exp", "at_hash"}}
    assert heard == {
        "iss": "https://accounts.google.com",
        "azp": "local-client",
        "aud": "local-client",
        "sub": "104729581730265518301",
        "email": ALICE,
        "email_verified": True,
        "nonce": "n-1",
    }


def test_identity_follows_the_scopes_and_the_account(google: Google) -> None:
    carol = google.connect("carol@example.com", scope=f"openid profile {FREEBUSY} {EVENTS_OWNED}")
    claims = claims_of(carol["id_token"])
    assert (claims["hd"], claims["name"], "email" in claims) == ("example.com", "Carol Chen", False)
    query = google.consent(ALICE, FREEBUSY, scope=f"email {FREEBUSY}")
    assert "id_token" not in google.exchange(query["code"]).json()


def test_code_works_once(google: Google) -> None:
    code = google.consent(ALICE, FREEBUSY)["code"]
    assert google.exchange(code).status_code == 200
    assert said(google.exchange(code)) == (400, "invalid_grant", "Bad Request")


def test_code_dies_after_ten_minutes(google: Google, google_clock: MovableClock) -> None:
    code = google.consent(ALICE, FREEBUSY)["code"]
    google_clock.ahead = timedelta(minutes=10)
    assert said(google.exchange(code)) == (400, "invalid_grant", "Bad Request")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"redirect_uri": REDIRECT_URI + "/"}, (400, "redirect_uri_mismatch", "Bad Request")),
        ({"code_verifier": "w" * 64}, (400, "invalid_grant", "Invalid code verifier.")),
        ({"code_verifier": ""}, (400, "invalid_grant", "Missing code verifier.")),
        ({"code": "nonsense"}, (400, "invalid_grant", "Malformed auth code.")),
        ({"code": "4/0Aunknown"}, (400, "invalid_grant", "Bad Request")),
        ({"code": ""}, (400, "invalid_request", "Missing required parameter: code")),
        (OTHER, (400, "invalid_grant", "Bad Request")),
        (
            {"client_secret": "wrong"},
            (401, "invalid_client", "The provided client secret is invalid."),
        ),
        ({"client_secret": ""}, (400, "invalid_request", "client_secret is missing.")),
        ({"client_id": "stranger"}, (401, "invalid_client", "The OAuth client was not found.")),
        (
            {"client_id": ""},
            (400, "invalid_request", "Could not determine client ID from request."),
        ),
        (
            {"grant_type": "password"},
            (400, "unsupported_grant_type", "Invalid grant_type: password"),
        ),
    ],
)
def test_wrong_exchange_is_refused(
    google: Google, changes: dict[str, str], expected: tuple[int, str, str]
) -> None:
    code = google.consent(ALICE, FREEBUSY)["code"]
    answer = google.exchange(**({"code": code} | changes))
    assert said(answer) == expected


def test_verifier_without_a_challenge_is_refused(google: Google) -> None:
    plainly = {"code_challenge": None, "code_challenge_method": None}
    code = google.consent(ALICE, FREEBUSY, **plainly)["code"]
    expected = (400, "invalid_grant", "code_verifier or verifier is not needed.")
    assert said(google.exchange(code)) == expected
    code = google.consent(ALICE, FREEBUSY, **plainly)["code"]
    assert google.exchange(code, code_verifier="").status_code == 200


def test_plain_challenge_is_the_verifier_itself(google: Google) -> None:
    plain = {"code_challenge": VERIFIER, "code_challenge_method": None}
    code = google.consent(ALICE, FREEBUSY, **plain)["code"]
    assert google.exchange(code).status_code == 200


def test_client_may_authenticate_by_header(google: Google) -> None:
    refresh_token = google.connect()["refresh_token"]
    form = {"grant_type": "refresh_token", "refresh_token": refresh_token}
    answer = requests.post(
        f"{google.address}/token", data=form, auth=("local-client", "local-secret"), timeout=5
    )
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "how", [{"json": {"grant_type": "refresh_token"}}, {"data": "grant_type=a&grant_type=b"}]
)
def test_body_that_is_no_plain_form_is_refused(google: Google, how: Any) -> None:
    assert requests.post(f"{google.address}/token", timeout=5, **how).status_code == 400


def test_refresh_brings_an_access_token_and_no_refresh_token(google: Google) -> None:
    first = google.connect()
    again = google.refresh(first["refresh_token"]).json()
    assert again["access_token"] != first["access_token"]
    assert again["scope"] == first["scope"]
    assert "nonce" not in claims_of(again["id_token"])
    assert "refresh_token" not in again


def test_refresh_gives_less_on_request_and_never_more(google: Google) -> None:
    query = google.consent(ALICE, FREEBUSY)
    refresh_token = google.exchange(query["code"]).json()["refresh_token"]
    assert google.refresh(refresh_token, scope="email").json()["scope"] == EMAIL
    wider = google.refresh(refresh_token, scope=f"{FREEBUSY} {EVENTS_OWNED}")
    assert said(wider) == (400, "invalid_scope", "Bad Request")


def test_refresh_by_another_client_is_refused(google: Google) -> None:
    refresh_token = google.connect()["refresh_token"]
    answer = google.refresh(refresh_token, **OTHER)
    assert (answer.status_code, answer.json()["error"]) == (401, "unauthorized_client")


def test_hundred_and_first_refresh_token_kills_the_first(google: Google) -> None:
    tokens = [google.connect()["refresh_token"] for _ in range(REFRESH_TOKEN_LIMIT + 1)]
    oldest = google.refresh(tokens[0])
    assert (oldest.status_code, oldest.json()) == DEAD
    assert google.refresh(tokens[1]).status_code == 200


def test_refresh_token_dies_when_its_set_lifetime_ends(
    google: Google, google_clock: MovableClock
) -> None:
    google.control("POST", "settings", {"refreshTokenSeconds": 7 * 86400})
    refresh_token = google.connect()["refresh_token"]
    google_clock.ahead = timedelta(days=7)
    assert google.refresh(refresh_token).json() == DEAD[1]


def test_access_token_dies_in_its_time_and_on_demand(
    google: Google, google_clock: MovableClock
) -> None:
    token = google.connect()["access_token"]
    assert google.calendar(token, "GET", "calendars/primary/events").status_code == 200
    google_clock.ahead = timedelta(seconds=3600)
    assert google.calendar(token, "GET", "calendars/primary/events").status_code == 401
    google_clock.ahead = timedelta(0)
    assert google.control("POST", "expire")["expired"] == 1
    assert google.calendar(token, "GET", "calendars/primary/events").status_code == 401


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
@pytest.mark.parametrize("place", ["data", "params"])
def test_revoking_either_token_ends_the_whole_grant(google: Google, kind: str, place: str) -> None:
    first, second = google.connect(), google.connect()
    bob = google.connect("bob@example.com")
    where: Any = {place: {"token": first[kind]}}
    assert requests.post(f"{google.address}/revoke", timeout=5, **where).status_code == 200
    assert google.refresh(second["refresh_token"]).json() == DEAD[1]
    assert (
        google.calendar(second["access_token"], "GET", "calendars/primary/events").status_code
        == 401
    )
    assert google.refresh(bob["refresh_token"]).status_code == 200
    again = requests.post(f"{google.address}/revoke", timeout=5, **where)
    assert said(again) == (400, "invalid_token", "Token expired or revoked")
    assert "refresh_token" in google.connect(prompt=None)


def test_revoking_knows_one_verb_and_needs_a_token(google: Google) -> None:
    address = f"{google.address}/revoke"
    token = google.connect()["refresh_token"]
    assert requests.get(address, params={"token": token}, timeout=5).status_code == 404
    assert requests.post(address, timeout=5).json()["error"] == "invalid_request"
    assert google.refresh(token).status_code == 200


def test_user_takes_access_back_with_codes_on_their_way(google: Google) -> None:
    tokens, code = google.connect(), google.consent(ALICE, FREEBUSY)["code"]
    assert google.control("POST", "revoke", {"email": ALICE}) == {"revoked": True}
    assert google.refresh(tokens["refresh_token"]).json() == DEAD[1]
    assert google.exchange(code).json()["error"] == "invalid_grant"


def test_userinfo_and_tokeninfo_explain_a_token(google: Google) -> None:
    tokens = google.connect()
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    person = requests.get(f"{google.address}/v1/userinfo", headers=bearer, timeout=5).json()
    assert person == {"sub": "104729581730265518301", "email": ALICE, "email_verified": True}
    address = f"{google.address}/tokeninfo"
    query = {"access_token": tokens["access_token"]}
    heard = requests.get(address, params=query, timeout=5).json()
    assert (heard["aud"], heard["email_verified"], heard["access_type"]) == (
        CLIENT["client_id"],
        "true",
        "offline",
    )
    by_id = requests.get(address, params={"id_token": tokens["id_token"]}, timeout=5).json()
    assert by_id["sub"] == heard["sub"]
    assert requests.get(address, params={"access_token": "x"}, timeout=5).status_code == 400
    assert requests.get(f"{google.address}/v1/userinfo", timeout=5).status_code == 401


def test_log_hides_every_secret(google: Google) -> None:
    tokens = google.connect()
    google.refresh(tokens["refresh_token"])
    requests.post(f"{google.address}/revoke", params={"token": tokens["refresh_token"]}, timeout=5)
    lines = google.control("GET", "log")["requests"]
    assert [line["method"] for line in lines] == [
        "oauth.auth",
        "oauth.token",
        "oauth.token",
        "oauth.revoke",
    ]
    assert lines[1]["body"]["redirect_uri"] == REDIRECT_URI
    text = str(lines)
    for secret in (
        tokens["access_token"],
        tokens["refresh_token"],
        "local-secret",
        VERIFIER,
        "4/0A",
    ):
        assert secret not in text


def test_fault_without_a_body_speaks_as_the_endpoint_does(google: Google) -> None:
    tokens = google.connect()
    google.fault(match="oauth.token", kind="status", status=503)
    answer = google.refresh(tokens["refresh_token"])
    assert (answer.status_code, answer.json()["error"]) == (503, "internal_failure")
    assert google.control("GET", "log")["requests"][-1]["fault"] == "status"
