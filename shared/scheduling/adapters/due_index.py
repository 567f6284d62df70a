"""What is due, from the sparse index; each item is re-read, because an index lags."""

from collections.abc import Callable, Mapping
from datetime import datetime

from scheduling.adapters import booking_item, connection_store, outbox_store
from scheduling.adapters.connection_store import ConnectionStore
from scheduling.adapters.table import DUE_SHARDS, Item, Table, epoch
from scheduling.models import Booking, Connection, OutboxItem, Watch

Found = Booking | OutboxItem | Watch | Connection


class DueIndex:
    """Everything that has an instant at which somebody has to look at it."""

    def __init__(self, table: Table, connections: ConnectionStore) -> None:
        self._table = table
        self._read: Mapping[str, Callable[[Item], Found]] = {
            "BOOKING": booking_item.booking_from,
            booking_item.WATCH: booking_item.watch_from,
            outbox_store.PREFIX: outbox_store.outbox_item,
            connection_store.SK: connections.read,
        }

    def due(self, now: datetime, limit: int) -> list[Found]:
        """Give what is due, the longest due first."""
        found: list[tuple[int, Found]] = []
        for shard in range(DUE_SHARDS):
            for key in self._table.due(f"DUE#{shard}", epoch(now), limit):
                item = self._table.get(key)
                if item is None or item.get("dueAt", epoch(now) + 1) > epoch(now):
                    continue
                kind = key[1][: key[1].find("#") + 1] or key[1]
                found.append((item["dueAt"], self._read[kind](item)))
        found.sort(key=lambda each: each[0])
        return [each for _, each in found]
