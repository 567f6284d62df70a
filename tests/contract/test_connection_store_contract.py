"""Promises of `ports.Connections`, kept on every engine."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from scheduling.adapters.dynamodb.connection_store import connection_key
from scheduling.adapters.dynamodb.table import update
from scheduling.models import (
    AppId,
    Connection,
    ConnectionState,
    OutboxItem,
    OutboxKind,
    Secret,
    TokenSet,
    Uid,
)
from scheduling.ports import Unreadable
from tests.builders import NOW
from tests.contract.conftest import REAL_ENGINES
from tests.world import World

pytestmark = pytest.mark.contract

APP, ALICE = AppId("app"), Uid("alice")
FRESH = TokenSet(Secret("refresh-2"), Secret("access-2"), NOW + timedelta(hours=2))
NOTICE = OutboxItem(APP, "USER#alice", 0, OutboxKind.NOTICE, "outbox-1", uid=ALICE)


def again(stores: World, account: str = "alice") -> Connection:
    """Alice connects once more, a minute later."""
    stores.clock.pass_(minutes=1)
    return stores.connect("alice", account)


def test_a_connection_comes_back_with_its_tokens(stores: World) -> None:
    made = stores.connect()
    assert stores.connections.get(APP, ALICE) == made
    assert stores.connections.get(APP, Uid("bob")) is None
    assert stores.connections.get(AppId("other"), ALICE) is None


def test_a_connection_takes_the_place_of_the_hosts_earlier_one(stores: World) -> None:
    first = stores.connect()
    second = again(stores, account="carol")
    assert stores.connections.get(APP, ALICE) == second
    assert stores.connections.users(first.calendar_id) == 0
    assert stores.connections.users(second.calendar_id) == 1


def test_the_users_of_a_google_account_are_counted_over_all_apps(stores: World) -> None:
    first = stores.connect()
    again(stores)
    assert stores.connections.users(first.calendar_id) == 1
    stores.connect("alice", app_id=AppId("other"))
    stores.connect("bob", account="alice")
    assert stores.connections.users(first.calendar_id) == 3
    kept = stores.connections.get(APP, ALICE)
    assert kept is not None
    stores.connections.remove(kept)
    assert stores.connections.users(first.calendar_id) == 2


def test_refreshed_tokens_are_kept_and_nothing_else_changes(stores: World) -> None:
    made = stores.connect()
    stores.connections.keep_tokens(replace(made, email="not.kept@example.com"), FRESH)
    assert stores.connections.get(APP, ALICE) == made.with_(tokens=FRESH)


def test_tokens_of_an_earlier_connecting_are_not_kept(stores: World) -> None:
    first = stores.connect()
    second = again(stores)
    stores.connections.keep_tokens(first, FRESH)
    assert stores.connections.get(APP, ALICE) == second
    stores.connections.remove(second)
    stores.connections.keep_tokens(second, FRESH)
    assert stores.connections.get(APP, ALICE) is None


def test_a_zone_is_kept_with_when_it_was_read_of_this_connecting_alone(stores: World) -> None:
    made = stores.connect()
    stores.connections.keep_time_zone(made, "Asia/Tokyo", NOW)
    assert stores.connections.get(APP, ALICE) == made.with_(
        time_zone="Asia/Tokyo", zone_read_at=NOW
    )
    later = again(stores)
    stores.connections.keep_time_zone(made, "Europe/Paris", NOW)
    assert stores.connections.get(APP, ALICE) == later


def test_one_caller_alone_changes_the_state(stores: World) -> None:
    made = stores.connect()
    assert stores.connections.transition(made, ConnectionState.RECONNECT)
    assert not stores.connections.transition(made, ConnectionState.RECONNECT)
    found = stores.connections.get(APP, ALICE)
    assert found == made.with_(state=ConnectionState.RECONNECT)


def test_a_connection_that_closes_is_not_opened_again(stores: World) -> None:
    made = stores.connect()
    assert stores.connections.transition(made, ConnectionState.CLOSING)
    for state in ConnectionState:
        assert not stores.connections.transition(made, state)
    found = stores.connections.get(APP, ALICE)
    assert found is not None
    assert found.state is ConnectionState.CLOSING


def test_the_state_of_another_connecting_is_left_alone(stores: World) -> None:
    first = stores.connect()
    second = again(stores)
    assert not stores.connections.transition(first, ConnectionState.CLOSING, NOTICE)
    stores.connections.remove(first)
    assert stores.connections.get(APP, ALICE) == second
    assert stores.connections.users(second.calendar_id) == 1
    assert stores.outbox.get(APP, "USER#alice", 0) is None


def test_the_notice_is_owed_by_the_one_who_changed_the_state(stores: World) -> None:
    made = stores.connect()
    assert stores.connections.transition(made, ConnectionState.RECONNECT, NOTICE)
    owed = stores.outbox.get(APP, "USER#alice", 0)
    now = stores.clock.now()
    assert owed == replace(NOTICE, due_at=now, owed_at=now)
    assert not stores.connections.transition(
        made, ConnectionState.RECONNECT, replace(NOTICE, number=1)
    )
    assert stores.outbox.get(APP, "USER#alice", 1) is None


def test_a_closing_connection_is_due_until_it_is_gone(stores: World) -> None:
    made = stores.connect()
    assert stores.work_queue.due(stores.clock.now(), 10) == []
    stores.connections.transition(made, ConnectionState.CLOSING)
    closing = made.with_(state=ConnectionState.CLOSING)
    assert stores.work_queue.due(stores.clock.now(), 10) == [closing]
    stores.connections.remove(made)
    assert stores.work_queue.due(stores.clock.now(), 10) == []
    assert stores.connections.get(APP, ALICE) is None


def test_what_is_put_off_is_due_later_unless_it_was_put_off_already(stores: World) -> None:
    now, later = stores.clock.now(), stores.clock.now() + timedelta(minutes=5)
    stores.connections.transition(stores.connect(), ConnectionState.CLOSING)
    (part,) = stores.work_queue.due(now, 10)
    stores.work_queue.later(part, now, later)
    stores.work_queue.later(part, now, now)
    assert stores.work_queue.due(later - timedelta(seconds=1), 10) == []
    assert stores.work_queue.due(later, 10) == [part]


def test_a_connection_that_does_not_open_hides_nothing_else_that_is_due(stores: World) -> None:
    made, other = stores.connect(), stores.connect("bob", account="bob")
    for each in (made, other):
        stores.connections.transition(each, ConnectionState.CLOSING)
    key = connection_key(APP, ALICE)
    stores.table.write(update(key, "SET #tokens = :damaged", damaged=b"damaged"))
    found = stores.work_queue.due(stores.clock.now(), 10)
    assert other.with_(state=ConnectionState.CLOSING) in found
    (unreadable,) = (each for each in found if isinstance(each, Unreadable))
    assert (unreadable.pk, unreadable.sk) == key


def test_a_connection_that_was_removed_can_be_made_anew(stores: World) -> None:
    stores.connections.remove(stores.connect())
    made = again(stores)
    assert stores.connections.get(APP, ALICE) == made
    assert stores.connections.users(made.calendar_id) == 1


@pytest.mark.parametrize("engine", REAL_ENGINES, indirect=True)
def test_of_many_who_end_a_connection_at_once_one_does(stores: World) -> None:
    made = stores.connect()
    notices = [replace(NOTICE, number=number) for number in range(12)]
    with ThreadPoolExecutor(6) as pool:
        moved = list(
            pool.map(
                lambda notice: stores.connections.transition(
                    made, ConnectionState.RECONNECT, notice
                ),
                notices,
            )
        )
    assert moved.count(True) == 1
    owed = [stores.outbox.get(APP, "USER#alice", each.number) is not None for each in notices]
    assert owed == moved


@pytest.mark.parametrize("engine", REAL_ENGINES, indirect=True)
def test_of_many_browsers_that_connect_at_once_one_stands_and_is_counted(stores: World) -> None:
    accounts = ["alice", "bob", "carol"] * 3
    with ThreadPoolExecutor(3) as pool:
        made = list(pool.map(lambda account: stores.connect("alice", account), accounts))
    kept = stores.connections.get(APP, ALICE)
    assert kept in made
    counts = {each.calendar_id: stores.connections.users(each.calendar_id) for each in made}
    assert counts == {each: int(each == kept.calendar_id) for each in counts}
