"""Promises of `ports.Sessions`, kept on every engine."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from scheduling.core.ids import hashed
from scheduling.models import AppId, Person, Purpose, Secret, Session, Uid
from tests.builders import NOW
from tests.contract.conftest import REAL_ENGINES
from tests.fakes import a_grant
from tests.world import World

pytestmark = pytest.mark.contract

APP = AppId("app")
ENDS_AT = NOW + timedelta(minutes=15)
KEY = Secret("the-key-in-the-cookie")


def a_session(**changes: Any) -> Session:
    session = Session(
        app_id=APP,
        key=KEY,
        purpose=Purpose.CONNECT,
        person=Person(Uid("alice"), "Alice"),
        expires_at=ENDS_AT,
        return_url="https://app.test/chat",
        share_id="s" * 32,
        locale="de",
        state_hash="hash-of-the-state",
        state_ends_at=NOW,
    )
    return session.with_(**changes)


def test_a_link_is_spent_once_and_in_its_app_only(stores: World) -> None:
    assert stores.sessions.spend(APP, "link-1", ENDS_AT)
    assert not stores.sessions.spend(APP, "link-1", ENDS_AT)
    assert stores.sessions.spend(APP, "link-2", ENDS_AT)
    assert stores.sessions.spend(AppId("other"), "link-1", ENDS_AT)


@pytest.mark.parametrize("engine", REAL_ENGINES, indirect=True)
def test_of_many_who_spend_a_link_at_once_one_does(stores: World) -> None:
    with ThreadPoolExecutor(6) as pool:
        spent = list(pool.map(lambda _: stores.sessions.spend(APP, "link", ENDS_AT), range(12)))
    assert spent.count(True) == 1


@pytest.mark.parametrize("pending", [None, a_grant("alice", NOW)], ids=["plain", "with a grant"])
def test_a_session_comes_back_by_its_key_in_its_app(stores: World, pending: Any) -> None:
    session = a_session(pending=pending)
    stores.sessions.put(session)
    assert stores.sessions.get(APP, KEY) == session
    assert stores.sessions.get(AppId("other"), KEY) is None
    assert stores.sessions.get(APP, Secret("another-key")) is None
    assert stores.sessions.get(APP, Secret(hashed(KEY.reveal()))) is None


def test_the_table_holds_the_hash_of_the_key_alone(stores: World) -> None:
    stores.sessions.put(a_session())
    text = repr(stores.items())
    assert hashed(KEY.reveal()) in text
    assert KEY.reveal() not in text


def test_a_state_is_spent_once(stores: World) -> None:
    session = a_session()
    stores.sessions.put(session)
    assert stores.sessions.spend_state(session)
    assert not stores.sessions.spend_state(session)
    assert stores.sessions.get(APP, KEY) == session.with_(state_hash="")


def test_a_state_that_was_replaced_is_not_spent(stores: World) -> None:
    stores.sessions.put(a_session(state_hash="of-a-newer-one"))
    assert not stores.sessions.spend_state(a_session())
    assert not stores.sessions.spend_state(a_session(key=Secret("of-nobody")))
    assert stores.sessions.get(APP, Secret("of-nobody")) is None
    assert stores.sessions.spend_state(a_session(state_hash="of-a-newer-one"))


def test_a_pending_grant_is_taken_once(stores: World) -> None:
    grant = a_grant("alice", NOW)
    session = a_session(pending=grant)
    stores.sessions.put(session)
    assert stores.sessions.take_pending(session) == grant
    assert stores.sessions.take_pending(session) is None
    assert stores.sessions.get(APP, KEY) == session.with_(pending=None)


def test_where_no_grant_waits_none_is_taken(stores: World) -> None:
    assert stores.sessions.take_pending(a_session(pending=a_grant("alice", NOW))) is None
    stores.sessions.put(a_session())
    assert stores.sessions.take_pending(a_session()) is None


@pytest.mark.parametrize("engine", REAL_ENGINES, indirect=True)
def test_of_many_who_take_a_grant_at_once_one_does(stores: World) -> None:
    session = a_session(pending=a_grant("alice", NOW))
    stores.sessions.put(session)
    with ThreadPoolExecutor(6) as pool:
        taken = list(pool.map(lambda _: stores.sessions.take_pending(session), range(12)))
    assert [each for each in taken if each is not None] == [session.pending]
