"""Connecting: one link, one session, one consent, one confirmation; and disconnecting."""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from scheduling.connections.connect import ConsentOutcome
from scheduling.core.errors import (
    CalendarUnavailable,
    ChatUnavailable,
    InvalidRequest,
    NotAllowed,
)
from scheduling.core.retry import TRIES
from scheduling.models import ConnectionState, ConsentRefusal, Purpose, Session, UnusedGrant
from scheduling.ports import ConsentRefused, GrantEnded, NoCalendar
from scheduling.rules.consent import NEEDED_SCOPES
from tests.fakes import a_grant
from tests.world import World


def link(world: World, uid: str = "bob") -> str:
    answer = world.use_cases.connector.link(world.caller(uid), "")
    return str(answer.url).rpartition("/")[2]


def session(world: World, uid: str = "bob") -> Session:
    return world.use_cases.one_time_links.redeem(Purpose.CONNECT, link(world, uid))


def again(world: World, known: Session) -> Session:
    found = world.sessions.get(known.app_id, known.key)
    assert found is not None
    return found


def state_of(url: str) -> str:
    return parse_qs(urlsplit(url).query)["state"][0]


def consented(world: World, known: Session, account: str = "bob") -> ConsentOutcome:
    state = state_of(world.use_cases.connector.begin(known, choose=False))
    return world.use_cases.connector.callback(
        again(world, known), {"state": state, "code": account}, world.deadline()
    )


def say_yes(world: World, known: Session) -> ConsentOutcome:
    waiting = again(world, known)
    seen = world.use_cases.connector.view(waiting).seen
    return world.use_cases.connector.confirm(waiting, seen, world.deadline())


def connect(world: World, uid: str = "bob", account: str = "bob") -> None:
    known = session(world, uid)
    assert consented(world, known, account) is ConsentOutcome.PENDING
    assert say_yes(world, known) is ConsentOutcome.CONNECTED


def test_a_calendar_is_connected_after_the_last_yes_only(world: World) -> None:
    known = session(world)
    assert consented(world, known) is ConsentOutcome.PENDING
    assert world.connection(world.bob) == {"state": "none"}
    view = world.use_cases.connector.view(again(world, known))
    assert (view.state, view.session.person.name) == ("pending", "Bob")
    assert view.session.pending is not None
    assert view.session.pending.email == "bob@example.com"
    say_yes(world, known)
    assert world.connection(world.bob) == {
        "state": "connected",
        "email": "bob@example.com",
        "timeZone": "Europe/Berlin",
        "connectedAt": "2026-11-23T08:00:00Z",
    }


def test_the_chat_user_is_told_of_a_new_connection(world: World) -> None:
    connect(world)
    world.deliver_all()
    (notice,) = world.chat.of_type("notice")
    assert (notice.sender, notice.receiver.id) == ("app_system", "bob")
    assert notice.custom["reason"] == "connected"


def test_the_last_yes_counts_once(world: World) -> None:
    known = session(world)
    consented(world, known)
    say_yes(world, known)
    assert say_yes(world, known) is ConsentOutcome.STALE


def test_a_user_whom_the_chat_does_not_know_any_more_connects_nothing(world: World) -> None:
    known = session(world)
    consented(world, known)
    world.chat.known = {"alice"}
    with pytest.raises(NotAllowed):
        say_yes(world, known)
    world.chat.known, world.chat.unreachable = None, True
    with pytest.raises(ChatUnavailable):
        say_yes(world, known)
    assert world.connection(world.bob) == {"state": "none"}
    world.chat.unreachable = False
    assert say_yes(world, known) is ConsentOutcome.CONNECTED


@pytest.mark.parametrize("why", [GrantEnded(), CalendarUnavailable()])
def test_a_grant_that_ended_while_it_waited_connects_nothing(world: World, why: Exception) -> None:
    known = session(world)
    consented(world, known)
    world.calendar.faults["time_zone"] = [why]
    ended = isinstance(why, GrantEnded)
    assert say_yes(world, known) is (ConsentOutcome.STALE if ended else ConsentOutcome.CONNECTED)
    assert (world.connection(world.bob) == {"state": "none"}) == ended


def test_the_last_no_ends_the_grant_at_google(world: World) -> None:
    known = session(world)
    consented(world, known)
    assert (
        world.use_cases.connector.decline(again(world, known), world.deadline())
        is ConsentOutcome.DECLINED
    )
    assert world.oauth.revoked == ["refresh-bob"]
    assert world.connection(world.bob) == {"state": "none"}


def test_a_state_is_used_once_and_a_foreign_one_never(world: World) -> None:
    known = session(world)
    state = state_of(world.use_cases.connector.begin(known, choose=False))
    begun = again(world, known)
    answer = {"state": state, "code": "bob"}
    forged = {"state": "forged", "code": "mallory"}
    assert (
        world.use_cases.connector.callback(begun, forged, world.deadline()) is ConsentOutcome.STALE
    )
    assert (
        world.use_cases.connector.callback(begun, answer, world.deadline())
        is ConsentOutcome.PENDING
    )
    assert (
        world.use_cases.connector.callback(begun, answer, world.deadline()) is ConsentOutcome.STALE
    )
    other = session(world, "carol")
    assert (
        world.use_cases.connector.callback(again(world, other), answer, world.deadline())
        is ConsentOutcome.STALE
    )


def test_a_state_that_is_missing_is_not_the_empty_state_of_a_fresh_session(world: World) -> None:
    known = session(world)
    assert (
        world.use_cases.connector.callback(known, {"code": "bob"}, world.deadline())
        is ConsentOutcome.STALE
    )


@pytest.mark.parametrize(
    ("query", "outcome"),
    [
        ({"error": "access_denied"}, ConsentOutcome.REFUSED),
        ({"code": "stale"}, ConsentOutcome.STALE),
    ],
)
def test_every_way_back_from_google_has_a_word(
    world: World, query: dict[str, str], outcome: ConsentOutcome
) -> None:
    known = session(world)
    state = state_of(world.use_cases.connector.begin(known, choose=True))
    assert (
        world.use_cases.connector.callback(
            again(world, known), {"state": state, **query}, world.deadline()
        )
        is outcome
    )


def test_a_partial_consent_connects_nothing_and_is_given_back(world: World) -> None:
    world.oauth.scopes = frozenset({min(NEEDED_SCOPES)})
    assert consented(world, session(world)) is ConsentOutcome.PARTIAL
    assert world.oauth.revoked == ["refresh-bob"]


def test_a_partial_consent_beside_a_working_connection_ends_nothing(world: World) -> None:
    connect(world)
    world.oauth.scopes = frozenset()
    assert consented(world, session(world)) is ConsentOutcome.PARTIAL
    assert world.oauth.revoked == []


def test_google_out_of_reach_is_told_and_can_be_tried_again(world: World) -> None:
    known = session(world)
    world.oauth.unreachable = True
    assert consented(world, known) is ConsentOutcome.FAILED
    world.oauth.unreachable = False
    assert consented(world, known) is ConsentOutcome.PENDING


def test_the_last_no_is_told_to_google_until_it_hears(world: World) -> None:
    known = session(world)
    consented(world, known)
    world.oauth.unheard = 2
    world.use_cases.connector.decline(again(world, known), world.deadline())
    assert world.oauth.revoked == ["refresh-bob"]


def test_reconnecting_the_same_account_ends_nothing_and_heals_the_connection(world: World) -> None:
    connection = world.connections.get(world.tenant.app_id, world.alice.uid)
    assert connection is not None
    world.connections.transition(connection, ConnectionState.RECONNECT)
    connect(world, "alice", "alice")
    assert world.oauth.revoked == []
    assert world.connection(world.alice)["state"] == "connected"


def test_switching_accounts_ends_the_old_grant(world: World) -> None:
    connect(world, "alice", "work")
    assert world.oauth.revoked == ["refresh-alice"]
    assert world.connection(world.alice)["email"] == "work@example.com"


def test_choosing_an_account_suggests_none(world: World) -> None:
    known = session(world, "alice")
    assert world.use_cases.connector.begin(known, choose=False).endswith(
        "login_hint=alice@example.com"
    )
    assert world.use_cases.connector.begin(known, choose=True).endswith("login_hint=")


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.test/chat",
        "https://app.test.evil.test/chat",
        "https://app.test/chatter",
        "https://app.test@evil.test/chat",
        "http://app.test/chat",
        "javascript:alert(1)",
        "//evil.test",
        "https://app.test\\@evil.test/chat",
        "https://[app.test/chat",
        "https://app\u2100test/chat",
        "https://app.test/chat/../admin",
        "https://app.test/chat/%2E./admin",
    ],
)
def test_the_page_leads_back_to_registered_addresses_only(world: World, url: str) -> None:
    with pytest.raises(InvalidRequest):
        world.use_cases.connector.link(world.alice, url)


@pytest.mark.parametrize("url", ["https://app.test/chat", "https://app.test/chat/room?id=1"])
def test_a_registered_address_is_taken(world: World, url: str) -> None:
    assert world.use_cases.connector.link(world.alice, url).url


# Every way out after a code was exchanged keeps the grant or gives it back

HICCUPS = {
    "unavailable": CalendarUnavailable(),
    "slow down": CalendarUnavailable(retry_after=2),
}


@pytest.mark.parametrize("name", HICCUPS)
def test_the_zone_is_asked_for_again_before_anything_is_lost(world: World, name: str) -> None:
    known = session(world)
    world.calendar.faults["time_zone"] = [HICCUPS[name]] * (TRIES - 1)
    assert consented(world, known) is ConsentOutcome.PENDING
    assert say_yes(world, known) is ConsentOutcome.CONNECTED
    assert world.connection(world.bob)["timeZone"] == "Europe/Berlin"
    assert world.oauth.revoked == []


def test_a_calendar_whose_zone_google_cannot_say_waits_for_its_yes_all_the_same(
    world: World,
) -> None:
    known = session(world)
    world.calendar.faults["time_zone"] = [CalendarUnavailable() for _ in range(2 * TRIES)]
    assert consented(world, known) is ConsentOutcome.PENDING
    assert world.use_cases.connector.view(again(world, known)).state == "pending"
    assert say_yes(world, known) is ConsentOutcome.FAILED
    assert world.connection(world.bob) == {"state": "none"}
    assert world.oauth.revoked == []
    assert say_yes(world, known) is ConsentOutcome.CONNECTED
    assert world.connection(world.bob)["timeZone"] == "Europe/Berlin"


@pytest.mark.parametrize(
    ("trouble", "outcome"),
    [(NoCalendar(), ConsentOutcome.NO_CALENDAR), (GrantEnded(), ConsentOutcome.FORBIDDEN)],
)
def test_a_final_refusal_after_the_consent_is_said_as_it_is_and_the_grant_given_back(
    world: World, trouble: Exception, outcome: ConsentOutcome
) -> None:
    known = session(world)
    world.calendar.faults["time_zone"] = [trouble]
    assert consented(world, known) is outcome
    assert again(world, known).pending is None
    assert world.oauth.revoked == ["refresh-bob"]


@pytest.mark.parametrize(
    ("trouble", "outcome"),
    [(NoCalendar(), ConsentOutcome.NO_CALENDAR), (GrantEnded(), ConsentOutcome.STALE)],
)
def test_a_final_refusal_at_the_last_yes_changes_nothing_and_gives_the_grant_back(
    world: World, trouble: Exception, outcome: ConsentOutcome
) -> None:
    known = session(world, "alice")
    assert consented(world, known, "work") is ConsentOutcome.PENDING
    world.calendar.faults["time_zone"] = [trouble]
    assert say_yes(world, known) is outcome
    assert again(world, known).pending is None
    assert world.oauth.revoked == ["refresh-work"]
    # The switch had not begun: the old calendar goes on.
    assert world.connection(world.alice)["state"] == "connected"


def granted_in_vain(why: ConsentRefusal, account: str = "bob") -> Callable[[World], ConsentRefused]:
    """Google gave a grant that cannot be used."""

    def refused(world: World) -> ConsentRefused:
        grant = a_grant(account, world.clock.now())
        return ConsentRefused(why, UnusedGrant(grant.calendar_id, grant.tokens))

    return refused


IN_VAIN: dict[str, Any] = {
    "another browser's": granted_in_vain(ConsentRefusal.STALE),
    "for an hour": granted_in_vain(ConsentRefusal.SHORT),
}
IN_VAIN_OUTCOMES = {"another browser's": ConsentOutcome.STALE, "for an hour": ConsentOutcome.SHORT}


@pytest.mark.parametrize("name", IN_VAIN)
def test_what_was_granted_in_vain_is_given_back(world: World, name: str) -> None:
    known = session(world)
    world.oauth.troubles = [IN_VAIN[name](world)]
    assert consented(world, known) is IN_VAIN_OUTCOMES[name]
    assert world.oauth.revoked == ["refresh-bob"]
    assert again(world, known).pending is None


@pytest.mark.parametrize("name", [*IN_VAIN, "no calendar", "partial", "forbidden"])
@pytest.mark.parametrize("uid", ["bob", "carol"], ids=["on a reconnect", "of another user"])
def test_a_grant_beside_one_that_works_is_never_given_back(
    world: World, name: str, uid: str
) -> None:
    """A revocation ends the whole grant of that person, the working connection's too."""
    connect(world, "bob", "bob")
    known = session(world, uid)
    if name in IN_VAIN:
        world.oauth.troubles = [IN_VAIN[name](world)]
    elif name == "partial":
        world.oauth.scopes = frozenset()
    else:
        why = NoCalendar() if name == "no calendar" else GrantEnded()
        world.calendar.faults["time_zone"] = [why]
    assert consented(world, known, "bob") is not ConsentOutcome.PENDING
    assert world.oauth.revoked == []
    assert world.connection(world.bob)["state"] == "connected"


def test_a_grant_of_an_account_that_nobody_can_name_is_counted_and_left(world: World) -> None:
    """It may be somebody's who is connected: what cannot be told apart is not revoked."""
    known = session(world)
    tokens = a_grant("bob", world.clock.now()).tokens
    world.oauth.troubles = [ConsentRefused(ConsentRefusal.STALE, UnusedGrant(None, tokens))]
    assert consented(world, known) is ConsentOutcome.STALE
    assert world.oauth.revoked == []
    assert world.metrics.counts["RevokeFailed"] == 1


def test_a_grant_whose_keeping_breaks_is_given_back(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = session(world)
    state = state_of(world.use_cases.connector.begin(known, choose=False))
    begun = again(world, known)

    def broken(_: Session) -> None:
        raise OSError

    monkeypatch.setattr(world.sessions, "put", broken)
    with pytest.raises(OSError):  # noqa: PT011 - whatever it was, it goes on
        world.use_cases.connector.callback(begun, {"state": state, "code": "bob"}, world.deadline())
    assert world.oauth.revoked == ["refresh-bob"]


def test_a_grant_whose_connecting_breaks_is_given_back(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = session(world)
    consented(world, known)

    def broken(*_: Any) -> None:
        raise OSError

    monkeypatch.setattr(world.connections, "put", broken)
    with pytest.raises(OSError):  # noqa: PT011 - whatever it was, it goes on
        say_yes(world, known)
    assert world.oauth.revoked == ["refresh-bob"]


def test_a_second_consent_takes_the_place_of_a_pending_one_which_is_given_back(
    world: World,
) -> None:
    known = session(world)
    assert consented(world, known, "work") is ConsentOutcome.PENDING
    assert consented(world, again(world, known), "bob") is ConsentOutcome.PENDING
    assert world.oauth.revoked == ["refresh-work"]
    assert say_yes(world, known) is ConsentOutcome.CONNECTED
    assert world.connection(world.bob)["email"] == "bob@example.com"


def test_a_second_consent_to_the_same_account_ends_nothing(world: World) -> None:
    """Google knows one grant a person: what ends the first token ends the second one too."""
    known = session(world)
    for _ in range(2):
        assert consented(world, again(world, known), "bob") is ConsentOutcome.PENDING
    world.oauth.scopes = frozenset()
    assert consented(world, again(world, known), "bob") is ConsentOutcome.PARTIAL
    assert world.oauth.revoked == []
    assert say_yes(world, known) is ConsentOutcome.CONNECTED


def test_a_consent_that_is_broken_off_leaves_the_pending_one_as_it_was(world: World) -> None:
    known = session(world)
    consented(world, known)
    state = state_of(world.use_cases.connector.begin(again(world, known), choose=True))
    denied = {"state": state, "error": "access_denied"}
    outcome = world.use_cases.connector.callback(again(world, known), denied, world.deadline())
    assert outcome is ConsentOutcome.REFUSED
    assert say_yes(world, known) is ConsentOutcome.CONNECTED


# The exchange: a code is good for one time


def test_an_exchange_of_which_google_did_nothing_is_sent_again(world: World) -> None:
    known = session(world)
    world.oauth.troubles = [CalendarUnavailable(), CalendarUnavailable(retry_after=1)]
    assert consented(world, known) is ConsentOutcome.PENDING


def test_an_exchange_that_may_have_been_done_is_not_sent_again(world: World) -> None:
    known = session(world)
    world.oauth.troubles = [CalendarUnavailable(repeatable=False), CalendarUnavailable()]
    assert consented(world, known) is ConsentOutcome.FAILED
    assert len(world.oauth.troubles) == 1


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        ("access_denied", ConsentOutcome.REFUSED),
        ("server_error", ConsentOutcome.FAILED),
        ("temporarily_unavailable", ConsentOutcome.FAILED),
        ("admin_policy_enforced", ConsentOutcome.FORBIDDEN),
        ("org_internal", ConsentOutcome.FORBIDDEN),
        ("something_new", ConsentOutcome.FORBIDDEN),
        ("login_required", ConsentOutcome.STALE),
        ("redirect_uri_mismatch", ConsentOutcome.SETUP),
    ],
)
def test_a_consent_that_comes_back_without_a_code_is_told_as_it_is(
    world: World, error: str, outcome: ConsentOutcome
) -> None:
    known = session(world)
    state = state_of(world.use_cases.connector.begin(known, choose=True))
    answer = {"state": state, "error": error}
    heard = world.use_cases.connector.callback(again(world, known), answer, world.deadline())
    assert heard is outcome


@pytest.mark.parametrize(
    ("why", "outcome"),
    [
        (ConsentRefusal.FORBIDDEN, ConsentOutcome.FORBIDDEN),
        (ConsentRefusal.SETUP, ConsentOutcome.SETUP),
        (ConsentRefusal.STALE, ConsentOutcome.STALE),
    ],
)
def test_a_code_that_google_does_not_take_is_told_as_it_is(
    world: World, why: ConsentRefusal, outcome: ConsentOutcome
) -> None:
    world.oauth.troubles = [ConsentRefused(why)]
    assert consented(world, session(world)) is outcome
    assert world.oauth.revoked == []


def test_the_chat_is_asked_again_at_the_last_yes(world: World) -> None:
    known = session(world)
    consented(world, known)
    world.chat.troubles = [ChatUnavailable(), ChatUnavailable()]
    assert say_yes(world, known) is ConsentOutcome.CONNECTED
