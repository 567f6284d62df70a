"""What has an instant at which somebody has to look at it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from scheduling.models import Booking, Connection, OrphanWatch, OutboxItem


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Something due that cannot be read: a damaged item, tokens that do not open."""

    pk: str
    sk: str
    why: Exception

    @property
    def ids(self) -> dict[str, str]:
        """What names it in the log."""
        return {"pk": self.pk, "sk": self.sk}


#: Whatever somebody has to look at.
WorkItem = Booking | OutboxItem | OrphanWatch | Connection | Unreadable


class WorkQueue(Protocol):
    """What has an instant at which somebody has to look at it; `reconcile` alone reads it."""

    def due(self, now: datetime, limit: int, shard: int | None = None) -> list[WorkItem]:
        """Return what is due, each read consistently, the longest due first.

        Args:
            now: Until when.
            limit: How many of each shard, at most.
            shard: The one that is looked at, from 0 on; all if none is given.

        Raises:
            ValueError: there is no such shard.
        """
        ...

    def later(self, item: WorkItem, now: datetime, until: datetime) -> None:
        """Have a item due at that instant, if it still is due now."""
        ...
