"""What is due, from the sparse index; each item is re-read, because an index lags."""

from datetime import datetime

from scheduling.adapters.booking_item import booking_from
from scheduling.adapters.outbox_store import PREFIX, outbox_item
from scheduling.adapters.table import DUE_SHARDS, Table, epoch
from scheduling.models import Booking, OutboxItem


class DueIndex:
    """Bookings whose lease ran out, and messages that nobody sent."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def due(self, now: datetime, limit: int) -> list[Booking | OutboxItem]:
        """Give what is due, the longest due first."""
        found: list[tuple[int, Booking | OutboxItem]] = []
        for shard in range(DUE_SHARDS):
            for key in self._table.due(f"DUE#{shard}", epoch(now), limit):
                item = self._table.get(key)
                if item is None or item.get("dueAt", epoch(now) + 1) > epoch(now):
                    continue
                read = outbox_item if key[1].startswith(PREFIX) else booking_from
                found.append((item["dueAt"], read(item)))
        found.sort(key=lambda each: each[0])
        return [each for _, each in found]
