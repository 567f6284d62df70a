"""Every way out after a code was exchanged keeps the grant, or gives it back."""

from collections.abc import Callable
from typing import Any

import pytest

from scheduling.connections.connect import ConsentOutcome
from scheduling.core.errors import CalendarUnavailable
from scheduling.core.retry import TRIES
from scheduling.models import ConsentRefusal, Session, UnusedGrant
from scheduling.ports import ConsentRefused, GrantEnded, NoCalendar
from tests.fakes import a_grant
from tests.unit.connections.test_connect import (
    again,
    connect,
    consented,
    say_yes,
    session,
    state_of,
)
from tests.world import World

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


# By itself


def kept(world: World, known: Session) -> ConsentRefusal | None:
    grant = a_grant("bob", world.clock.now())
    return world.use_cases.pending_grants.keep(known, grant, world.deadline())


def test_a_grant_that_is_kept_waits_in_its_browsers_session_with_the_zone_as_it_is(
    world: World,
) -> None:
    world.calendar.zone = "Asia/Tokyo"
    known = session(world).with_(state_hash="h", state_ends_at=world.clock.now())
    assert kept(world, known) is None
    found = again(world, known)
    assert found.pending is not None
    assert found.pending.time_zone == "Asia/Tokyo"
    assert (found.state_hash, found.state_ends_at) == ("", None), "the consent is over"


def test_nothing_is_given_back_where_nothing_came(world: World) -> None:
    world.use_cases.pending_grants.give_back(session(world), None, world.deadline())
    assert world.oauth.revoked == []
    assert world.metrics.counts["RevokeFailed"] == 0


def test_what_waits_for_a_yes_here_is_not_given_back_for_a_later_consent(world: World) -> None:
    grant = a_grant("bob", world.clock.now())
    waiting = session(world).with_(pending=grant)
    unused = UnusedGrant(grant.calendar_id, grant.tokens)
    world.use_cases.pending_grants.give_back(waiting, unused, world.deadline())
    assert world.oauth.revoked == []
