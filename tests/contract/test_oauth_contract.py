"""One promise of `ports.OAuthProvider` and `ports.Revocation`: the fake's and Google's adapters'.

Google's adapters run over the Google emulator, whose pages a person walks through to each code.
"""

import base64
import hashlib
import json
import socket
import traceback
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from local.google.refusals import Refusal, oauth_refusal
from local.google.scopes import EVENTS_OWNED, FREEBUSY
from local.google.server import create_app
from scheduling.adapters.google.oauth import GoogleOAuth, GoogleRevocation
from scheduling.core.config import GoogleConfig
from scheduling.core.errors import CalendarUnavailable
from scheduling.core.ids import calendar_id
from scheduling.models import ConsentRefusal, Secret, TokenSet
from scheduling.ports import ConsentRefused
from scheduling.rules.consent import NEEDED_SCOPES
from tests.contract.consent import NONCE, STATE, VERIFIER, Side
from tests.emulators.google_user import CLIENT, REDIRECT_URI, Google
from tests.emulators.serving import served
from tests.fakes import FakeClock, FakeMetrics, FakeOAuth

pytestmark = pytest.mark.contract

CALENDAR_KEY = b"a-calendar-key-for-tests"
GOOGLE = pytest.mark.parametrize("side", ["google"], indirect=True)


@pytest.fixture(scope="module")
def google_address() -> Iterator[str]:
    with served(lambda address: create_app(address, [REDIRECT_URI])) as address:
        yield address


#: Where Google publishes its keys: as google-auth expects them, and as OpenID Connect names them.
PEM_MAP, KEY_SET = "/oauth2/v1/certs", "/oauth2/v3/certs"
ALICE = "104729581730265518301"


@pytest.fixture
def certs_path() -> str:
    """Return the form of the keys; a test may ask for the other."""
    return PEM_MAP


@pytest.fixture(params=["fake", "google"])
def side(request: pytest.FixtureRequest, google_address: str, certs_path: str) -> Iterator[Side]:
    clock = FakeClock(datetime.now(UTC))
    if request.param == "fake":
        fake = FakeOAuth(clock)
        yield Side(fake, fake, clock, fake=fake)
        return
    google = Google(google_address)
    google.control("POST", "reset")
    config = GoogleConfig(
        client_id=CLIENT["client_id"],
        auth_url=f"{google_address}/o/oauth2/v2/auth",
        token_url=f"{google_address}/token",
        revoke_url=f"{google_address}/revoke",
        certs_url=f"{google_address}{certs_path}",
    )
    metrics = FakeMetrics()
    oauth = GoogleOAuth(
        config,
        secret=Secret(CLIENT["client_secret"]),
        redirect_uri=REDIRECT_URI,
        calendar_key=CALENDAR_KEY,
        clock=clock,
        metrics=metrics,
    )
    revocation = GoogleRevocation(config)
    yield Side(oauth, revocation, clock, at_google=google, metrics=metrics)
    for session in (google.session, oauth._session, revocation._session):
        session.close()


def test_the_address_carries_the_state_and_the_hint(side: Side) -> None:
    url = side.oauth.authorization_url(STATE, VERIFIER, NONCE, "alice@example.com")
    query = parse_qs(urlsplit(url).query)
    assert query["state"] == [STATE]
    assert query["login_hint"] == ["alice@example.com"]
    assert VERIFIER.reveal() not in url


def test_a_code_becomes_a_grant_of_the_person_who_consented(side: Side) -> None:
    grant = side.granted()
    assert grant.email == "alice@example.com"
    assert grant.scopes >= NEEDED_SCOPES
    assert grant.tokens.refresh_token.reveal()
    assert grant.tokens.access_token.reveal()
    lasts = grant.tokens.expires_at - side.clock.now()
    assert timedelta(minutes=59) < lasts <= timedelta(hours=1)
    assert "refresh" not in repr(grant)


def test_a_google_account_has_one_name_and_no_other_has_it(side: Side) -> None:
    names = [side.granted(account).calendar_id for account in ("alice", "bob", "alice")]
    assert names[0] == names[2] != names[1]
    assert "104729581730265518301" not in names[0]


@pytest.mark.parametrize("ticked", [FREEBUSY, EVENTS_OWNED])
def test_a_box_that_was_left_empty_is_not_granted(side: Side, ticked: str) -> None:
    assert side.granted("alice", ticked).scopes & NEEDED_SCOPES == {ticked}


def test_a_code_that_google_does_not_know_is_refused(side: Side) -> None:
    with pytest.raises(ConsentRefused):
        side.oauth.exchange("stale", VERIFIER, NONCE)


def test_an_exchange_without_an_answer_is_no_refusal(side: Side) -> None:
    code = side.consent()
    side.break_off()
    with pytest.raises(CalendarUnavailable):
        side.oauth.exchange(code, VERIFIER, NONCE)


def test_a_revoked_grant_is_ended_and_revoking_again_is_nothing(side: Side) -> None:
    grant = side.granted()
    side.revocation.revoke(grant.tokens)
    side.revocation.revoke(grant.tokens)
    if side.fake:
        assert set(side.fake.revoked) == {grant.tokens.refresh_token.reveal()}
    else:
        assert side.google.refresh(grant.tokens.refresh_token.reveal()).status_code == 400
    assert side.granted().calendar_id == grant.calendar_id


def test_a_revocation_without_an_answer_is_told(side: Side) -> None:
    grant = side.granted()
    side.break_off()
    with pytest.raises(CalendarUnavailable):
        side.revocation.revoke(grant.tokens)


@GOOGLE
def test_without_a_hint_google_asks_which_account_and_with_one_it_does_not(side: Side) -> None:
    asked = side.oauth.authorization_url(STATE, VERIFIER, NONCE, None)
    hinted = side.oauth.authorization_url(STATE, VERIFIER, NONCE, "bob@example.com")
    assert len(side.shown(asked).accounts) == 3
    page = side.shown(hinted)
    assert page.accounts == []
    assert sorted(page.boxes) == sorted(NEEDED_SCOPES)


@GOOGLE
def test_the_address_asks_for_no_more_than_is_needed(side: Side) -> None:
    url = side.oauth.authorization_url(STATE, VERIFIER, NONCE, None)
    query = {name: value for name, (value,) in parse_qs(urlsplit(url).query).items()}
    digest = hashlib.sha256(VERIFIER.reveal().encode()).digest()
    assert set(query.pop("scope").split()) == {"openid", "email", FREEBUSY, EVENTS_OWNED}
    assert query == {
        "client_id": CLIENT["client_id"],
        "redirect_uri": REDIRECT_URI,
        "response_type": "code",
        "access_type": "offline",
        "prompt": "consent select_account",
        "state": STATE,
        "nonce": NONCE,
        "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
        "code_challenge_method": "S256",
    }


@GOOGLE
def test_a_code_is_good_for_one_exchange_by_the_browser_that_began(side: Side) -> None:
    with pytest.raises(ConsentRefused):
        side.oauth.exchange(side.consent(), Secret("w" * 64), NONCE)
    with pytest.raises(ConsentRefused):
        side.oauth.exchange(side.consent(), VERIFIER, "another-nonce")
    code = side.consent()
    side.oauth.exchange(code, VERIFIER, NONCE)
    with pytest.raises(ConsentRefused):
        side.oauth.exchange(code, VERIFIER, NONCE)


def altered(token: str, **claims: Any) -> str:
    """An id token with other claims, under the signature of the true ones."""
    head, body, signature = token.split(".")
    heard = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))) | claims
    body = base64.urlsafe_b64encode(json.dumps(heard).encode()).decode().rstrip("=")
    return f"{head}.{body}.{signature}"


def unsigned(token: str) -> str:
    """An id token that says that it needs no signature."""
    head = base64.urlsafe_b64encode(b'{"alg":"none","typ":"JWT"}').decode().rstrip("=")
    return f"{head}.{token.split('.')[1]}."


@GOOGLE
def test_an_id_token_that_does_not_hold_grants_nothing(side: Side) -> None:
    true: dict[str, Any] = side.google.connect(nonce=NONCE)
    elsewhere = side.google.connect("bob@example.com", nonce="of-another-browser")
    for token in (
        altered(true["id_token"], sub="111320964487102938475"),
        unsigned(true["id_token"]),
        elsewhere["id_token"],
        true["id_token"][:-8],
        "no.id.token",
        "",
    ):
        body = true | {"id_token": token}
        side.google.fault(match="oauth.token", kind="status", status=200, body=body)
        with pytest.raises(ConsentRefused):
            side.oauth.exchange("a-code", VERIFIER, NONCE)
    side.google.fault(match="oauth.token", kind="status", status=200, body=true)
    assert side.oauth.exchange("a-code", VERIFIER, NONCE).email == "alice@example.com"


@GOOGLE
def test_a_grant_that_would_end_within_the_hour_is_refused(side: Side) -> None:
    granted = side.google.connect(nonce=NONCE)
    del granted["refresh_token"]
    side.google.fault(match="oauth.token", kind="status", status=200, body=granted)
    with pytest.raises(ConsentRefused) as refusal:
        side.oauth.exchange("a-code", VERIFIER, NONCE)
    assert refusal.value.why is ConsentRefusal.SHORT
    unused = refusal.value.unused
    assert unused
    assert unused.calendar_id == calendar_id(CALENDAR_KEY, ALICE)
    # An access token stands for the whole grant as well.
    side.revocation.revoke(unused.tokens)
    assert side.google.control("POST", "revoke", {"email": "alice@example.com"}) == {
        "revoked": False
    }


@GOOGLE
@pytest.mark.parametrize("match", ["oauth.token", "oauth.certs"])
@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_google_that_is_broken_or_busy_is_no_refusal(side: Side, match: str, status: int) -> None:
    code = side.consent()
    side.google.fault(match=match, kind="status", status=status)
    with pytest.raises(CalendarUnavailable):
        side.oauth.exchange(code, VERIFIER, NONCE)


@GOOGLE
@pytest.mark.parametrize("body", ["<html>Sorry</html>", [], "null"])
def test_what_is_no_answer_of_googles_is_no_refusal(side: Side, body: Any) -> None:
    side.google.fault(match="oauth.token", kind="status", status=200, body=body)
    with pytest.raises(CalendarUnavailable):
        side.oauth.exchange("a-code", VERIFIER, NONCE)


@GOOGLE
@pytest.mark.parametrize("kind", ["drop_before", "drop_after"])
def test_an_error_that_is_logged_holds_no_secret(side: Side, kind: str) -> None:
    grant = side.granted()
    code = side.consent()
    side.google.fault(match="oauth.*", kind=kind, times=2)
    with pytest.raises(CalendarUnavailable) as of_exchange:
        side.oauth.exchange(code, VERIFIER, NONCE)
    with pytest.raises(CalendarUnavailable) as of_revocation:
        side.revocation.revoke(grant.tokens)
    heard = "".join(
        line
        for each in (of_exchange, of_revocation)
        for line in traceback.format_exception(each.value)
    )
    refresh_token = grant.tokens.refresh_token.reveal()
    for secret in (code, VERIFIER.reveal(), CLIENT["client_secret"], refresh_token):
        assert secret not in heard


@GOOGLE
def test_revoking_ends_every_token_of_that_person_and_of_no_other(side: Side) -> None:
    first, second, of_bob = (side.granted(each).tokens for each in ("alice", "alice", "bob"))
    side.revocation.revoke(first)

    def alive(tokens: TokenSet) -> bool:
        return side.google.refresh(tokens.refresh_token.reveal()).ok

    assert [alive(each) for each in (first, second, of_bob)] == [False, False, True]


@GOOGLE
@pytest.mark.parametrize("status", [429, 500, 503, 403])
def test_a_revocation_that_google_did_not_do_is_told(side: Side, status: int) -> None:
    grant = side.granted()
    side.google.fault(match="oauth.revoke", kind="status", status=status)
    with pytest.raises(CalendarUnavailable):
        side.revocation.revoke(grant.tokens)
    assert side.google.refresh(grant.tokens.refresh_token.reveal()).ok


@GOOGLE
@pytest.mark.parametrize("certs_path", [PEM_MAP, KEY_SET])
def test_googles_keys_are_read_in_either_form(side: Side) -> None:
    assert side.granted().email == "alice@example.com"
    with pytest.raises(ConsentRefused):
        side.oauth.exchange(side.consent(), VERIFIER, "another-nonce")
    true: dict[str, Any] = side.google.connect(nonce=NONCE)
    for token in (altered(true["id_token"], email="m@example.com"), unsigned(true["id_token"])):
        body = true | {"id_token": token}
        side.google.fault(match="oauth.token", kind="status", status=200, body=body)
        with pytest.raises(ConsentRefused):
            side.oauth.exchange("a-code", VERIFIER, NONCE)


@GOOGLE
@pytest.mark.parametrize(
    "keys",
    [
        {},
        [],
        "text",
        {"keys": []},
        {"keys": "none"},
        {"keys": [{"kty": "EC", "kid": "k", "use": "sig"}]},
        {"keys": [{"kty": "RSA", "kid": "k", "use": "enc", "n": "AQAB", "e": "AQAB"}]},
        {"keys": [{"kty": "RSA", "kid": "k", "use": "sig", "n": "AQAB", "e": "AQAB"}]},
        {"keys": [{"kty": "RSA", "kid": "k", "use": "sig"}, None, 7]},
        {"kid": 7},
    ],
)
def test_without_a_key_of_googles_no_code_is_spent(side: Side, keys: Any) -> None:
    code = side.consent()
    side.google.fault(match="oauth.certs", kind="status", status=200, body=keys)
    with pytest.raises(CalendarUnavailable) as refusal:
        side.oauth.exchange(code, VERIFIER, NONCE)
    assert refusal.value.repeatable
    assert side.oauth.exchange(code, VERIFIER, NONCE).email == "alice@example.com"


@GOOGLE
@pytest.mark.parametrize("status", [429, 500, 503])
def test_while_googles_keys_cannot_be_had_no_code_is_spent(side: Side, status: int) -> None:
    code = side.consent()
    side.google.fault(match="oauth.certs", kind="status", status=status)
    with pytest.raises(CalendarUnavailable) as refusal:
        side.oauth.exchange(code, VERIFIER, NONCE)
    assert refusal.value.repeatable
    assert side.oauth.exchange(code, VERIFIER, NONCE).email == "alice@example.com"


@GOOGLE
@pytest.mark.parametrize(
    ("fault", "repeatable"),
    [
        ({"kind": "status", "status": 429, "headers": {"Retry-After": "3"}}, True),
        ({"kind": "status", "status": 503}, True),
        ({"kind": "status", "status": 400, "body": {"error": "temporarily_unavailable"}}, True),
        ({"kind": "status", "status": 500}, False),
        ({"kind": "status", "status": 502, "body": "<html>Bad gateway</html>"}, False),
        ({"kind": "status", "status": 504}, False),
        ({"kind": "status", "status": 200, "body": "<html>Welcome to the hotel</html>"}, False),
        ({"kind": "status", "status": 307, "headers": {"Location": "/"}}, False),
        ({"kind": "drop_before"}, False),
        ({"kind": "drop_after"}, False),
    ],
)
def test_a_code_is_sent_again_only_where_google_says_that_nothing_was_done(
    side: Side, fault: dict[str, Any], *, repeatable: bool
) -> None:
    code = side.consent()
    side.google.fault(match="oauth.token", **fault)
    with pytest.raises(CalendarUnavailable) as refusal:
        side.oauth.exchange(code, VERIFIER, NONCE)
    assert refusal.value.repeatable is repeatable
    if repeatable:
        assert side.oauth.exchange(code, VERIFIER, NONCE).email == "alice@example.com"


@GOOGLE
def test_a_code_that_never_left_is_unspent(side: Side) -> None:
    side.consent()
    oauth: Any = side.oauth
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    oauth._config = replace(oauth._config, token_url=f"http://127.0.0.1:{port}/token")
    with pytest.raises(CalendarUnavailable) as refusal:
        side.oauth.exchange("a-code", VERIFIER, NONCE)
    assert refusal.value.repeatable


@GOOGLE
@pytest.mark.parametrize(
    ("refused", "why"),
    [
        (oauth_refusal(400, "invalid_grant", "Bad Request"), ConsentRefusal.STALE),
        (oauth_refusal(400, "invalid_grant", "Malformed auth code."), ConsentRefusal.STALE),
        (oauth_refusal(400, "something_new"), ConsentRefusal.STALE),
        (oauth_refusal(400, "access_denied", "Account restricted"), ConsentRefusal.FORBIDDEN),
        (oauth_refusal(400, "admin_policy_enforced"), ConsentRefusal.FORBIDDEN),
        (oauth_refusal(403, "org_internal"), ConsentRefusal.FORBIDDEN),
        (oauth_refusal(401, "invalid_client"), ConsentRefusal.SETUP),
        (oauth_refusal(400, "redirect_uri_mismatch"), ConsentRefusal.SETUP),
    ],
    ids=lambda each: each.body["error"] if isinstance(each, Refusal) else "",
)
def test_why_a_code_is_not_taken_is_told(side: Side, refused: Refusal, why: ConsentRefusal) -> None:
    side.google.fault(match="oauth.token", kind="status", status=refused.status, body=refused.body)
    with pytest.raises(ConsentRefused) as refusal:
        side.oauth.exchange("a-code", VERIFIER, NONCE)
    assert (refusal.value.why, refusal.value.unused) == (why, None)
    setup = why is ConsentRefusal.SETUP
    assert side.metrics
    assert side.metrics.counts["GoogleRefusedUs"] == int(setup)


@GOOGLE
def test_what_was_granted_to_another_browser_is_handed_on_to_be_given_back(side: Side) -> None:
    with pytest.raises(ConsentRefused) as refusal:
        side.oauth.exchange(side.consent(), VERIFIER, "another-nonce")
    assert refusal.value.why is ConsentRefusal.STALE
    unused = refusal.value.unused
    assert unused
    assert unused.calendar_id == calendar_id(CALENDAR_KEY, ALICE)
    assert "refresh" not in repr(refusal.value)
    side.revocation.revoke(unused.tokens)
    assert side.google.refresh(unused.tokens.refresh_token.reveal()).status_code == 400


@GOOGLE
@pytest.mark.parametrize(
    ("token", "named"),
    [("signed by nobody", True), ("no.id.token", False), ("", False), (None, False)],
)
def test_of_a_grant_whose_id_token_does_not_hold_its_own_word_says_whose_it_is(
    side: Side, token: str | None, *, named: bool
) -> None:
    true: dict[str, Any] = side.google.connect(nonce=NONCE)
    sent = true["id_token"][:-8] if token == "signed by nobody" else token
    side.google.fault(
        match="oauth.token", kind="status", status=200, body=true | {"id_token": sent}
    )
    with pytest.raises(ConsentRefused) as refusal:
        side.oauth.exchange("a-code", VERIFIER, NONCE)
    unused = refusal.value.unused
    assert unused
    assert unused.calendar_id == (calendar_id(CALENDAR_KEY, ALICE) if named else None)
    assert unused.tokens.refresh_token.reveal() == true["refresh_token"]


@GOOGLE
@pytest.mark.parametrize("error", ["invalid_token", "invalid_grant"])
def test_a_grant_that_google_does_not_know_any_more_is_ended(side: Side, error: str) -> None:
    body = oauth_refusal(400, error, "Token expired or revoked").body
    side.google.fault(match="oauth.revoke", kind="status", status=400, body=body)
    side.revocation.revoke(side.granted().tokens)


@GOOGLE
@pytest.mark.parametrize("body", [{"error": "invalid_request"}, {}, "<html>Bad request</html>"])
def test_a_revocation_that_google_did_not_understand_is_told(side: Side, body: Any) -> None:
    tokens = side.granted().tokens
    side.google.fault(match="oauth.revoke", kind="status", status=400, body=body)
    with pytest.raises(CalendarUnavailable):
        side.revocation.revoke(tokens)
