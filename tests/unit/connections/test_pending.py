"""What a consent brought is kept for the final confirmation, or given back to Google."""

from dataclasses import replace

import pytest

from scheduling.connections.pending import PendingGrants
from scheduling.core.errors import CalendarUnavailable
from scheduling.models import ConsentRefusal, Purpose, Session, UnusedGrant
from scheduling.ports import GrantEnded, NoCalendar
from tests.fakes import a_grant
from tests.world import World


def pending(world: World) -> PendingGrants:
    return PendingGrants(
        clock=world.clock,
        sessions=world.sessions,
        calendar=world.calendar,
        disconnector=world.use_cases.disconnector,
        metrics=world.metrics,
    )


def opened(world: World, uid: str = "bob") -> Session:
    url = world.use_cases.connector.link(world.caller(uid), "").url
    return world.use_cases.one_time_links.redeem(Purpose.CONNECT, url.rpartition("/")[2])


def test_a_good_grant_is_kept_with_its_calendars_zone(world: World) -> None:
    session = opened(world)
    grant = a_grant("bob", world.clock.now())
    assert pending(world).keep(session, grant, world.deadline()) is None
    kept = world.sessions.get(session.app_id, session.key)
    assert kept is not None
    assert kept.pending == grant.with_(time_zone="Europe/Berlin")
    assert world.oauth.revoked == []


@pytest.mark.parametrize(
    ("fault", "refusal"),
    [(NoCalendar(), ConsentRefusal.NO_CALENDAR), (GrantEnded(), ConsentRefusal.FORBIDDEN)],
)
def test_a_grant_of_no_use_is_given_back_and_said_to_be_so(
    world: World, fault: Exception, refusal: ConsentRefusal
) -> None:
    world.calendar.faults["time_zone"] = [fault]
    grant = a_grant("bob", world.clock.now())
    assert pending(world).keep(opened(world), grant, world.deadline()) is refusal
    assert world.oauth.revoked == ["refresh-bob"]


def test_a_grant_without_all_scopes_is_given_back(world: World) -> None:
    grant = replace(a_grant("bob", world.clock.now()), scopes=frozenset({"openid"}))
    partial = pending(world).keep(opened(world), grant, world.deadline())
    assert partial is ConsentRefusal.PARTIAL
    assert world.oauth.revoked == ["refresh-bob"]


def test_a_silent_calendar_costs_no_grant_its_zone_is_asked_for_later(world: World) -> None:
    world.calendar.faults["time_zone"] = [CalendarUnavailable() for _ in range(9)]
    session = opened(world)
    assert pending(world).keep(session, a_grant("bob", world.clock.now()), world.deadline()) is None
    kept = world.sessions.get(session.app_id, session.key)
    assert kept is not None
    assert kept.pending is not None
    assert kept.pending.time_zone == ""


def test_what_is_in_use_or_of_nobody_known_is_not_given_back(world: World) -> None:
    used = a_grant("alice", world.clock.now())
    pending(world).give_back(
        opened(world), UnusedGrant(used.calendar_id, used.tokens), world.deadline()
    )
    pending(world).give_back(opened(world), UnusedGrant(None, used.tokens), world.deadline())
    assert world.oauth.revoked == []
    assert world.metrics.counts["RevokeFailed"] == 1
