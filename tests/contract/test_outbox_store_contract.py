"""Promises of `ports.Outbox`, `ports.Due` and `ports.BusyTimes`, kept on every engine."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from scheduling.adapters.dynamodb.table import DUE_SHARDS
from scheduling.core.times import Interval
from scheduling.models import (
    AppId,
    CalendarId,
    OutboxItem,
    OutboxKind,
    OutboxState,
    Uid,
)
from scheduling.ports import Busy
from tests.builders import NOW, STARTS_AT
from tests.contract.conftest import REAL_ENGINES
from tests.world import World

pytestmark = pytest.mark.contract

APP = AppId("app")
LEASE = timedelta(seconds=30)


def an_item(number: int = 0, **changes: Any) -> OutboxItem:
    item = OutboxItem(
        app_id=APP,
        owner="USER#alice",
        number=number,
        kind=OutboxKind.NOTICE,
        outbox_id=f"outbox-{number}",
        due_at=NOW,
        owed_at=NOW,
        correlation_id="a-request",
        reason="reconnect",
        uid=Uid("alice"),
        booking_id="b" * 32,
    )
    return replace(item, **changes)


def leased(stores: World, item: OutboxItem) -> OutboxItem:
    stores.outbox.add(item)
    return stores.outbox.lease(item, NOW, NOW + LEASE)


def stored(stores: World, number: int = 0) -> OutboxItem | None:
    return stores.outbox.get(APP, "USER#alice", number)


def test_an_owed_message_comes_back_as_it_was_owed(stores: World) -> None:
    stores.outbox.add(an_item())
    assert stored(stores) == an_item()
    assert stored(stores, 1) is None
    assert stores.outbox.get(AppId("other"), "USER#alice", 0) is None


def test_a_message_that_names_no_instant_is_due_at_once(stores: World) -> None:
    stores.outbox.add(an_item(due_at=None))
    assert stored(stores) == an_item(due_at=stores.clock.now())


def test_a_repeat_changes_nothing(stores: World) -> None:
    taken = leased(stores, an_item())
    stores.outbox.add(an_item(reason="another"))
    assert stored(stores) == taken


def test_a_message_is_anybodys_from_its_instant_on(stores: World) -> None:
    stores.outbox.add(an_item(due_at=NOW + LEASE))
    early = NOW + LEASE - timedelta(seconds=1)
    with pytest.raises(Busy):
        stores.outbox.lease(an_item(), early, early + LEASE)
    taken = stores.outbox.lease(an_item(), NOW + LEASE, NOW + 2 * LEASE)
    assert (taken.attempt, taken.due_at) == (1, NOW + 2 * LEASE)
    assert stored(stores) == taken


def test_a_message_that_another_has_is_not_taken(stores: World) -> None:
    first = leased(stores, an_item())
    for seen in (an_item(), first):
        with pytest.raises(Busy):
            stores.outbox.lease(seen, NOW + LEASE / 2, NOW + 2 * LEASE)
    with pytest.raises(Busy):
        stores.outbox.lease(an_item(), NOW + LEASE, NOW + 2 * LEASE)
    second = stores.outbox.lease(first, NOW + LEASE, NOW + 2 * LEASE)
    assert second.attempt == 2


def test_a_sender_who_lost_the_message_changes_nothing(stores: World) -> None:
    first = leased(stores, an_item())
    second = stores.outbox.lease(first, NOW + LEASE, NOW + 2 * LEASE)
    with pytest.raises(Busy):
        stores.outbox.sent(first, "4711")
    with pytest.raises(Busy):
        stores.outbox.undeliverable(first, "ERR_UID_NOT_FOUND")
    with pytest.raises(Busy):
        stores.outbox.postpone(first, NOW)
    assert stored(stores) == second


def test_a_sent_message_is_owed_no_more(stores: World) -> None:
    taken = leased(stores, an_item())
    sent = stores.outbox.sent(taken, "4711")
    assert sent == replace(taken, state=OutboxState.SENT, message_id="4711", due_at=None)
    assert stored(stores) == sent
    with pytest.raises(Busy):
        stores.outbox.lease(sent, NOW + LEASE, NOW + 2 * LEASE)
    with pytest.raises(Busy):
        stores.outbox.sent(sent, "4712")
    with pytest.raises(Busy):
        stores.outbox.undeliverable(sent, "ERR_UID_NOT_FOUND")
    assert stored(stores) == sent
    assert stores.work_queue.due(NOW + timedelta(days=1), 10) == []


def test_an_undeliverable_message_keeps_why(stores: World) -> None:
    taken = leased(stores, an_item())
    ended = stores.outbox.undeliverable(taken, "ERR_UID_NOT_FOUND")
    assert stored(stores) == ended
    assert (ended.state, ended.refusal) == (OutboxState.UNDELIVERABLE, "ERR_UID_NOT_FOUND")
    assert stores.work_queue.due(NOW + timedelta(days=1), 10) == []


def test_a_superseded_message_is_owed_no_more(stores: World) -> None:
    ended = stores.outbox.superseded(leased(stores, an_item()))
    assert stored(stores) == ended
    assert ended.state is OutboxState.SUPERSEDED
    assert stores.work_queue.due(NOW + timedelta(days=1), 10) == []


def test_a_postponed_message_is_due_at_that_instant(stores: World) -> None:
    taken = leased(stores, an_item())
    later = NOW + timedelta(minutes=10)
    stores.outbox.postpone(taken, later)
    assert stored(stores) == replace(taken, due_at=later)
    assert stores.work_queue.due(later - timedelta(seconds=1), 10) == []
    assert stores.work_queue.due(later, 10) == [replace(taken, due_at=later)]


@pytest.mark.parametrize("engine", REAL_ENGINES, indirect=True)
def test_of_many_who_lease_at_once_one_does(stores: World) -> None:
    def lease(_: int) -> bool:
        try:
            stores.outbox.lease(an_item(), NOW, NOW + LEASE)
        except Busy:
            return False
        return True

    stores.outbox.add(an_item())
    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(lease, range(12))).count(True) == 1
    found = stored(stores)
    assert found is not None
    assert found.attempt == 1


def test_the_longest_due_comes_first_over_all_that_is_due(stores: World) -> None:
    owners = [f"USER#{name}" for name in ("alice", "bob", "carol", "dave", "erin", "frank")]
    waits = (3, 0, 5, 1, 4, 2)
    items = [
        an_item(owner=owner, due_at=NOW + timedelta(seconds=wait))
        for owner, wait in zip(owners, waits, strict=True)
    ]
    for item in items:
        stores.outbox.add(item)
    by_instant = sorted(items, key=lambda item: item.due_at or NOW)
    assert stores.work_queue.due(NOW + timedelta(seconds=5), 10) == by_instant
    assert stores.work_queue.due(NOW + timedelta(seconds=2), 10) == by_instant[:3]
    assert stores.work_queue.due(NOW - timedelta(seconds=1), 10) == []


CALENDAR = CalendarId("calendar")
WINDOW = Interval(STARTS_AT, STARTS_AT + timedelta(days=14))
BUSY = [
    Interval(STARTS_AT + timedelta(hours=n), STARTS_AT + timedelta(hours=n + 1)) for n in (1, 5)
]


def test_the_last_busy_list_is_given_while_it_is_young_enough(stores: World) -> None:
    stores.busy_times.put(CALENDAR, WINDOW, [])
    stores.clock.pass_(seconds=10)
    asked_at = stores.clock.now()
    stores.busy_times.put(CALENDAR, WINDOW, BUSY)
    stores.clock.pass_(seconds=10)
    assert stores.busy_times.get(CALENDAR, asked_at) == (WINDOW, BUSY)
    assert stores.busy_times.get(CALENDAR, asked_at + timedelta(seconds=1)) is None
    assert stores.busy_times.get(CalendarId("another"), asked_at) is None


def test_each_shard_gives_its_own_and_together_they_give_all(stores: World) -> None:
    for name in ("alice", "bob", "carol", "dave", "erin", "frank"):
        stores.outbox.add(an_item(owner=f"USER#{name}", due_at=NOW))
    parts = [stores.work_queue.due(NOW, 10, shard) for shard in range(DUE_SHARDS)]
    assert len([part for part in parts if part]) > 1
    everything = [repr(item) for item in stores.work_queue.due(NOW, 10)]
    assert sorted(repr(item) for part in parts for item in part) == sorted(everything)
    with pytest.raises(ValueError, match="there is no shard 4"):
        stores.work_queue.due(NOW, 10, DUE_SHARDS)
