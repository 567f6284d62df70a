"""What is due, from the sparse index; each item is re-read, because an index lags."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from operator import itemgetter

from scheduling.adapters.dynamodb import booking_item, connection_store, outbox_store
from scheduling.adapters.dynamodb.connection_store import ConnectionStore
from scheduling.adapters.dynamodb.table import (
    DUE_SHARDS,
    ConditionFailed,
    Item,
    Key,
    Table,
    epoch,
    update,
)
from scheduling.models import Booking, Connection, OutboxItem
from scheduling.ports import Unreadable, WorkItem


class DueIndex:
    """Everything that has an instant at which somebody has to look at it."""

    def __init__(self, table: Table, connections: ConnectionStore) -> None:
        self._table = table
        self._read: Mapping[str, Callable[[Item], WorkItem]] = {
            "BOOKING": booking_item.booking_from,
            booking_item.WATCH: booking_item.watch_from,
            outbox_store.PREFIX: outbox_store.outbox_item,
            connection_store.SK: connections.read,
        }

    def due(self, now: datetime, limit: int, shard: int | None = None) -> list[WorkItem]:
        """Return what is due in a shard, or in all, the longest due first.

        Raises:
            ValueError: there is no such shard.
        """
        if shard is not None and shard not in range(DUE_SHARDS):
            raise ValueError(f"there is no shard {shard}")
        found: list[tuple[int, WorkItem]] = []
        for each in range(DUE_SHARDS) if shard is None else (shard,):
            for key in self._table.due(f"DUE#{each}", epoch(now), limit):
                item = self._table.get(key)
                if item is None or item.get("dueAt", epoch(now) + 1) > epoch(now):
                    continue
                found.append((item["dueAt"], self._work_item(key, item)))
        found.sort(key=itemgetter(0))
        return [each for _, each in found]

    def later(self, item: WorkItem, now: datetime, until: datetime) -> None:
        """Have a item due at that instant, if it still is due now."""
        write = update(
            _key(item),
            "SET #dueAt = :until",
            "#dueAt <= :now",
            until=epoch(until),
            now=epoch(now),
        )
        with suppress(ConditionFailed):
            self._table.write(write)

    def _work_item(self, key: Key, item: Item) -> WorkItem:
        kind = key[1][: key[1].find("#") + 1] or key[1]
        try:
            return self._read[kind](item)
        except Exception as why:  # noqa: BLE001 - whatever it is, others must have their turn
            return Unreadable(*key, why)


def _key(item: WorkItem) -> Key:
    if isinstance(item, Booking):
        return booking_item.booking_key(item.app_id, item.booking_id)
    if isinstance(item, Connection):
        return connection_store.connection_key(item.app_id, item.uid)
    if isinstance(item, OutboxItem):
        return outbox_store.outbox_key(item.app_id, item.owner, item.number)
    if isinstance(item, Unreadable):
        return item.pk, item.sk
    return booking_item.watch_key(item)
