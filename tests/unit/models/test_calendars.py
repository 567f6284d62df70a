"""A connection and a session: what they derive, and what they never show."""

from datetime import timedelta

from scheduling.models import (
    AppId,
    Connection,
    ConnectionState,
    Person,
    Purpose,
    Secret,
    Session,
    Uid,
)
from tests.fakes import START, a_grant

KEY = "a-sessions-key"
GRANT = a_grant("alice", START)
SESSION = Session(
    app_id=AppId("app"),
    key=Secret(KEY),
    purpose=Purpose.CONNECT,
    person=Person(Uid("bob"), "Bob"),
    expires_at=START + timedelta(minutes=30),
    pending=GRANT,
)


def test_a_value_that_is_derived_can_be_named_by_the_keys_holder_alone() -> None:
    made = SESSION.derived("csrf")
    assert made == SESSION.with_(expires_at=START, pending=None).derived("csrf")
    assert made != SESSION.derived("pkce")
    assert made != SESSION.with_(key=Secret("another")).derived("csrf")
    assert KEY not in made


def test_a_derived_value_is_long_enough_for_pkce_and_of_its_characters() -> None:
    """RFC 7636, 4.1: 43 to 128 characters, letters, digits and `-._~`."""
    made = SESSION.derived("pkce:state")
    assert len(made) == 43
    assert made.replace("-", "").replace("_", "").isalnum()


def test_nothing_that_holds_a_token_or_a_key_shows_it() -> None:
    connection = Connection(
        app_id=AppId("app"),
        uid=Uid("alice"),
        calendar_id=GRANT.calendar_id,
        state=ConnectionState.CONNECTED,
        email=GRANT.email,
        time_zone="UTC",
        scopes=GRANT.scopes,
        connected_at=START,
        tokens=GRANT.tokens,
    )
    shown = f"{connection!r} {GRANT!r} {SESSION!r} {GRANT.tokens!r}"
    for secret in (GRANT.tokens.refresh_token, GRANT.tokens.access_token, SESSION.key):
        assert secret.reveal() not in shown


def test_a_copy_differs_in_what_was_changed_alone() -> None:
    assert GRANT.with_(time_zone="UTC") == a_grant("alice", START).with_(time_zone="UTC")
    assert GRANT.with_(time_zone="UTC") != GRANT
    assert SESSION.with_(state_hash="h").with_(state_hash="") == SESSION
