"""A consent counts for the browser and the chat user that began it, once, and not for long."""

import base64
import hashlib
import hmac
import json
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from aiohttp import web

from local import demo_drive
from local.browser import Browser, Page
from local.google.server import create_app
from local.google.signing import SigningKey
from local.google.world import WORLD
from scheduling.adapters.dynamodb.table import Write
from scheduling.adapters.google.oauth import GoogleOAuth, GoogleRevocation
from scheduling.adapters.google.service import GoogleClient
from scheduling.connections.connect import ConsentOutcome
from scheduling.connections.sessions import SESSION_LIFETIME
from scheduling.core.config import GoogleConfig
from scheduling.core.errors import CalendarUnavailable
from scheduling.models import Grant, Purpose, Secret, Session
from scheduling.ports import ConsentRefused
from scheduling.rules.consent import NEEDED_SCOPES
from tests.e2e.conftest import Town
from tests.emulators.google_user import CLIENT, REDIRECT_URI, Google
from tests.emulators.serving import served
from tests.fakes import FakeClock, a_grant
from tests.world import World

NONCE = "the-nonce-of-this-browser"
VERIFIER = Secret("v" * 64)


def begun(world: World, uid: str = "bob") -> tuple[Session, dict[str, str]]:
    """Return a browser that was led to Google, and the query with which Google leads it back."""
    url = world.use_cases.connector.link(world.caller(uid), "").url
    session = world.use_cases.one_time_links.redeem(Purpose.CONNECT, str(url).rpartition("/")[2])
    consent = world.use_cases.connector.begin(session, choose=False)
    (state,) = parse_qs(urlsplit(consent).query)["state"]
    return again(world, session), {"state": state, "code": uid}


def again(world: World, session: Session) -> Session:
    found = world.sessions.get(session.app_id, session.key)
    assert found is not None
    return found


def test_a_state_lasts_ten_minutes_though_its_session_lasts_longer(world: World) -> None:
    session, answer = begun(world)
    world.clock.pass_(minutes=10)
    assert world.clock.now() < session.expires_at
    assert (
        world.use_cases.connector.callback(session, answer, world.deadline())
        is ConsentOutcome.STALE
    )
    assert again(world, session).pending is None


def test_a_state_is_good_until_its_ten_minutes_are_over(world: World) -> None:
    session, answer = begun(world)
    world.clock.pass_(minutes=9, seconds=59)
    assert (
        world.use_cases.connector.callback(session, answer, world.deadline())
        is ConsentOutcome.PENDING
    )
    assert SESSION_LIFETIME.total_seconds() == 30 * 60


def test_a_replayed_callback_gets_nothing(world: World) -> None:
    session, answer = begun(world)
    assert (
        world.use_cases.connector.callback(session, answer, world.deadline())
        is ConsentOutcome.PENDING
    )
    for replayed in (session, again(world, session)):
        assert (
            world.use_cases.connector.callback(replayed, answer, world.deadline())
            is ConsentOutcome.STALE
        )


def test_a_state_that_was_refused_is_spent_too(world: World) -> None:
    session, answer = begun(world)
    refused = {"state": answer["state"], "error": "access_denied"}
    assert (
        world.use_cases.connector.callback(session, refused, world.deadline())
        is ConsentOutcome.REFUSED
    )
    assert (
        world.use_cases.connector.callback(again(world, session), answer, world.deadline())
        is ConsentOutcome.STALE
    )


def test_a_state_of_another_browser_or_chat_user_is_of_no_use(world: World) -> None:
    mallory, hers = begun(world, "mallory")
    bob, his = begun(world, "bob")
    for session, answer in ((bob, hers), (mallory, his), (bob, {**his, "state": ""})):
        assert (
            world.use_cases.connector.callback(session, answer, world.deadline())
            is ConsentOutcome.STALE
        )
    assert world.use_cases.connector.callback(bob, his, world.deadline()) is ConsentOutcome.PENDING


@pytest.mark.parametrize("iss", ["https://evil.test", "accounts.google.com", ""])
def test_an_answer_that_names_another_issuer_grants_nothing(world: World, iss: str) -> None:
    session, answer = begun(world)
    assert (
        world.use_cases.connector.callback(session, answer | {"iss": iss}, world.deadline())
        is ConsentOutcome.STALE
    )
    assert again(world, session).pending is None
    googles = answer | {"iss": "https://accounts.google.com"}
    assert (
        world.use_cases.connector.callback(session, googles, world.deadline())
        is ConsentOutcome.PENDING
    )


def test_a_newer_consent_of_the_same_browser_ends_the_older_state(world: World) -> None:
    session, older = begun(world)
    world.use_cases.connector.begin(session, choose=True)
    assert (
        world.use_cases.connector.callback(again(world, session), older, world.deadline())
        is ConsentOutcome.STALE
    )


def test_a_yes_to_a_page_that_named_another_calendar_connects_nothing(world: World) -> None:
    session, answer = begun(world)
    world.use_cases.connector.callback(session, answer, world.deadline())
    seen = world.use_cases.connector.view(again(world, session)).seen
    consent = world.use_cases.connector.begin(again(world, session), choose=True)
    (state,) = parse_qs(urlsplit(consent).query)["state"]
    other = {"state": state, "code": "mallory"}
    assert (
        world.use_cases.connector.callback(again(world, session), other, world.deadline())
        is ConsentOutcome.PENDING
    )
    waiting = again(world, session)
    for named in (seen, "", "gefälscht"):
        said = world.use_cases.connector.confirm(waiting, named, world.deadline())
        assert said is ConsentOutcome.STALE
    assert world.connection(world.bob) == {"state": "none"}
    said = world.use_cases.connector.confirm(
        waiting, world.use_cases.connector.view(waiting).seen, world.deadline()
    )
    assert said is ConsentOutcome.CONNECTED


def test_a_connection_and_the_notice_of_it_are_one_write(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, answer = begun(world)
    world.use_cases.connector.callback(session, answer, world.deadline())
    waiting = again(world, session)
    written: list[set[str]] = []
    transact = world.table.transact

    def orphan_watch(writes: Sequence[Write]) -> None:
        written.append({each.key[1] for each in writes})
        transact(writes)

    monkeypatch.setattr(world.table, "transact", orphan_watch)
    world.use_cases.connector.confirm(
        waiting, world.use_cases.connector.view(waiting).seen, world.deadline()
    )
    assert written == [{"CONNECTION", "USERS", "OUTBOX#000000"}]


@pytest.mark.parametrize("missing", sorted(NEEDED_SCOPES))
def test_a_grant_that_lacks_a_scope_waits_for_no_yes_and_is_ended(
    world: World, missing: str
) -> None:
    world.oauth.scopes = NEEDED_SCOPES - {missing}
    session, answer = begun(world)
    assert (
        world.use_cases.connector.callback(session, answer, world.deadline())
        is ConsentOutcome.PARTIAL
    )
    assert again(world, session).pending is None
    assert world.oauth.revoked == ["refresh-bob"]


# The id token, against the emulator's key


@dataclass
class Issuer:
    """Google, as far as it signs id tokens and answers the exchange of a code."""

    google: Google
    key: SigningKey
    oauth: GoogleOAuth
    answer: dict[str, Any]

    def claims(self, **changes: Any) -> dict[str, Any]:
        """Return the claims of a good token, some changed.

        None leaves one out, and a timedelta is a time so far from now: the tests of a module may
        run long after they were collected.
        """
        now = int(time.time())
        good = {
            "iss": "https://accounts.google.com",
            "aud": CLIENT["client_id"],
            "azp": CLIENT["client_id"],
            "sub": "104729581730265518301",
            "email": "alice@example.com",
            "nonce": NONCE,
            "iat": now,
            "exp": now + 3600,
        }
        return {
            name: now + int(value.total_seconds()) if isinstance(value, timedelta) else value
            for name, value in (good | changes).items()
            if value is not None
        }

    def exchange(self, id_token: str) -> Grant:
        """Exchange a code for an answer with this token."""
        body = self.answer | {"id_token": id_token}
        self.google.fault(match="oauth.token", kind="status", status=200, body=body)
        return self.oauth.exchange("4/0Aa-code", VERIFIER, NONCE)


@pytest.fixture(scope="module")
def issuer() -> Iterator[Issuer]:
    apps: list[web.Application] = []

    def made(address: str) -> web.Application:
        apps.append(create_app(address, [REDIRECT_URI]))
        return apps[0]

    with served(made) as address:
        google = Google(address)
        answer = google.connect(nonce=NONCE)
        config = GoogleConfig(
            client_id=CLIENT["client_id"],
            token_url=f"{address}/token",
            certs_url=f"{address}/oauth2/v1/certs",
        )
        oauth = GoogleOAuth(
            config,
            secret=Secret(CLIENT["client_secret"]),
            redirect_uri=REDIRECT_URI,
            calendar_key=b"a-calendar-key-for-tests",
            clock=FakeClock(datetime.now(UTC)),
        )
        yield Issuer(google, apps[0][WORLD].signing_key, oauth, answer)
        google.session.close()
        oauth._session.close()


def part(value: Any) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def test_an_id_token_that_holds_makes_a_grant(issuer: Issuer) -> None:
    for iss in ("https://accounts.google.com", "accounts.google.com"):
        grant = issuer.exchange(issuer.key.sign(issuer.claims(iss=iss)))
        assert grant.email == "alice@example.com"


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://accounts.google.com.evil.test"},
        {"iss": None},
        {"aud": "another-client"},
        {"aud": ["another-client"]},
        {"aud": None},
        {"nonce": "the-nonce-of-another-browser"},
        {"nonce": None},
        {"nonce": ""},
        {"exp": timedelta(minutes=-1)},
        {"exp": None},
        {"iat": timedelta(minutes=10)},
        {"sub": None},
        {"sub": ""},
        {"sub": 7},
        {"email": None},
    ],
    ids=lambda changes: "-".join(f"{name}={value}" for name, value in changes.items())[:40],
)
def test_an_id_token_that_is_wrong_in_one_claim_grants_nothing(
    issuer: Issuer, changes: dict[str, Any]
) -> None:
    token = issuer.key.sign(issuer.claims(**changes))
    with pytest.raises(ConsentRefused):
        issuer.exchange(token)


def forged(issuer: Issuer, how: str) -> str:
    """Return an id token with good claims that Google did not sign."""
    claims, key_id = issuer.claims(), issuer.key.key_id
    head, body, signature = issuer.key.sign(claims).split(".")
    stranger = SigningKey().sign(claims)
    if how == "with another key":
        return stranger
    if how == "with another key under google's name":
        return ".".join([head, *stranger.split(".")[1:]])
    if how == "with the public key as a secret":
        signed = f"{part({'alg': 'HS256', 'kid': key_id, 'typ': 'JWT'})}.{body}"
        pem = issuer.key.pem_map()[key_id]
        return f"{signed}.{part(hmac.digest(pem.encode(), signed.encode(), hashlib.sha256))}"
    if how == "with no algorithm":
        return f"{part({'alg': 'none', 'kid': key_id})}.{body}."
    if how == "with other claims":
        return f"{head}.{part(claims | {'sub': '1'})}.{signature}"
    return f"{head}.{body}."


@pytest.mark.parametrize(
    "how",
    [
        "with another key",
        "with another key under google's name",
        "with the public key as a secret",
        "with no algorithm",
        "with other claims",
        "without a signature",
    ],
)
def test_an_id_token_that_google_did_not_sign_grants_nothing(issuer: Issuer, how: str) -> None:
    token = forged(issuer, how)
    with pytest.raises(ConsentRefused):
        issuer.exchange(token)


@pytest.mark.parametrize("missing", ["refresh_token", "access_token", "id_token"])
def test_an_answer_that_lacks_a_part_grants_nothing(issuer: Issuer, missing: str) -> None:
    body = issuer.answer | {"id_token": issuer.key.sign(issuer.claims())}
    del body[missing]
    issuer.google.fault(match="oauth.token", kind="status", status=200, body=body)
    with pytest.raises(ConsentRefused):
        issuer.oauth.exchange("4/0Aa-code", VERIFIER, NONCE)


@pytest.mark.parametrize("method", ["oauth.token", "oauth.certs", "oauth.revoke"])
def test_no_secret_follows_a_redirect(issuer: Issuer, method: str) -> None:
    address = issuer.google.address
    config = GoogleConfig(
        client_id=CLIENT["client_id"],
        token_url=f"{address}/token",
        revoke_url=f"{address}/revoke",
        certs_url=f"{address}/oauth2/v1/certs",
    )
    client = GoogleClient(config, Secret(CLIENT["client_secret"]), FakeClock(datetime.now(UTC)))
    tokens = a_grant("alice", datetime.now(UTC)).tokens
    asked: dict[str, list[Callable[[], object]]] = {
        "oauth.token": [
            lambda: issuer.oauth.exchange("4/0Aa-code", VERIFIER, NONCE),
            lambda: client.refreshed(tokens),
        ],
        "oauth.certs": [lambda: issuer.oauth.exchange("4/0Aa-code", VERIFIER, NONCE)],
        "oauth.revoke": [lambda: GoogleRevocation(config).revoke(tokens)],
    }
    for ask in asked[method]:
        with socket.create_server(("127.0.0.1", 0)) as trap:
            trap.setblocking(False)
            where = {"Location": f"http://127.0.0.1:{trap.getsockname()[1]}/"}
            issuer.google.fault(match=method, kind="status", status=307, headers=where, body={})
            with pytest.raises(CalendarUnavailable):
                ask()
            with pytest.raises(BlockingIOError):  # nobody came
                trap.accept()
    client.close()


# Over HTTP


def opened(town: Town, uid: str) -> tuple[Browser, Page]:
    """Open a connect link of a chat user's, and press its button."""
    person = demo_drive.Person(town.world, uid)
    link = person.call("POST", "v1/connect", {"returnUrl": town.world.demo_url})["connectUrl"]
    browser = Browser()
    page = browser.open(link)
    return browser, browser.submit(page, page.form("/connect/" + link.rpartition("/")[2]))


def sent_to_google(town: Town, uid: str, **headers: str) -> tuple[str, dict[str, str]]:
    """Return a browser's cookie, and the query with which it was led to Google."""
    person = demo_drive.Person(town.world, uid)
    link = person.call("POST", "v1/connect")["connectUrl"]
    spent = requests.post(link, timeout=30, allow_redirects=False)
    cookie = spent.headers["Set-Cookie"].split(";")[0]
    sent = {"Cookie": cookie, **headers}
    html = requests.get(f"{town.world.url}/connect", headers=sent, timeout=30).text
    csrf = html.partition('name="csrf" value="')[2].partition('"')[0]
    form = {"csrf": csrf, "account": "choose"}
    answer = requests.post(
        f"{town.world.url}/connect/google",
        headers=sent,
        data=form,
        timeout=30,
        allow_redirects=False,
    )
    query = parse_qs(urlsplit(answer.headers["Location"]).query)
    return cookie, {name: value for name, (value,) in query.items()}


def called_back(town: Town, cookie: str, **query: str) -> requests.Response:
    headers = {"Cookie": cookie} if cookie else {}
    return town.send("GET", "oauth/callback", params=query, headers=headers)


@pytest.mark.e2e
def test_the_sessions_cookie_is_for_this_host_alone_and_unseen_by_scripts(town: Town) -> None:
    person = town.person("host")
    link = person.call("POST", "v1/connect")["connectUrl"]
    cookie = requests.post(link, timeout=30, allow_redirects=False).headers["Set-Cookie"]
    name, *attributes = [each.strip() for each in cookie.split(";")]
    assert name.startswith("__Host-connect=")
    # No Domain; Lax, since Strict is lost on the way back from Google.
    assert attributes == ["Path=/", "Secure", "HttpOnly", "SameSite=Lax"]


@pytest.mark.e2e
def test_pkce_and_state_and_nonce_are_new_for_each_consent(town: Town) -> None:
    uid = town.person("host").uid
    (one, first), (other, second) = sent_to_google(town, uid), sent_to_google(town, uid)
    assert one != other
    for name in ("state", "nonce", "code_challenge"):
        assert len(first[name]) >= 32
        assert first[name] != second[name]
    assert first["code_challenge_method"] == "S256"


@pytest.mark.e2e
def test_the_redirect_address_is_fixed_whatever_host_a_request_names(town: Town) -> None:
    forged = {"X-Forwarded-Host": "evil.test", "Forwarded": "host=evil.test"}
    _, query = sent_to_google(town, town.person("host").uid, **forged)
    assert query["redirect_uri"] == f"{town.world.url}/oauth/callback"


@pytest.mark.e2e
def test_a_callback_in_a_browser_without_the_cookie_gets_nothing(town: Town) -> None:
    mallory, bob = town.person("mallory"), town.person("bob")
    _, hers = sent_to_google(town, mallory.uid)
    his_cookie, _ = sent_to_google(town, bob.uid)
    assert called_back(town, "", state=hers["state"], code="4/0Ahers").status_code == 403
    forged = "__Host-connect=forged"
    assert called_back(town, forged, state=hers["state"], code="4/0Ahers").status_code == 410
    injected = called_back(town, his_cookie, state=hers["state"], code="4/0Ahers")
    assert injected.headers["Location"] == "/connect?outcome=stale"
    assert bob.call("GET", "v1/connection") == {"state": "none"}


@pytest.mark.e2e
def test_nothing_is_connected_before_a_yes_on_a_page_that_names_both_sides(town: Town) -> None:
    person = town.person("host")
    browser, page = opened(town, person.uid)
    page = browser.submit(page, page.form("/connect/google"))
    page = demo_drive.consent(town.world, browser, page, "carol@example.com")
    assert person.call("GET", "v1/connection") == {"state": "none"}
    for named in ("carol@example.com", "Host", person.uid, "Local App"):
        assert named in page.text
    assert person.messages("extension_calendar_notice", "app_system") == []
    page = browser.submit(page, page.form("/connect/confirm"))
    browser.close()
    assert person.call("GET", "v1/connection")["email"] == "carol@example.com"
    end = time.monotonic() + 30
    heard: list[dict[str, Any]] = []
    while not heard and time.monotonic() < end:
        heard = person.messages("extension_calendar_notice", "app_system")
    assert [each["data"]["customData"]["reason"] for each in heard] == ["connected"]
    assert [each["sender"] for each in heard] == ["app_system"]


@pytest.mark.e2e
def test_a_no_at_the_last_page_connects_nothing_and_ends_the_grant(town: Town) -> None:
    account = "no-at-last@example.com"
    town.world.add_account(account)
    person = town.person("host")
    browser, page = opened(town, person.uid)
    page = browser.submit(page, page.form("/connect/google"))
    page = demo_drive.consent(town.world, browser, page, account)
    log = f"{town.world.google.url}/_control/log"
    requests.delete(log, timeout=10)
    browser.submit(page, page.form("/connect/decline"))
    browser.close()
    assert person.call("GET", "v1/connection") == {"state": "none"}
    asked = [each["method"] for each in requests.get(log, timeout=10).json()["requests"]]
    assert asked == ["oauth.revoke"]
