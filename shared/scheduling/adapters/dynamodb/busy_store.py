"""The last busy list of a calendar, beside its claims: times only, for half a minute's use."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from scheduling.adapters.dynamodb.claims import calendar_pk
from scheduling.adapters.dynamodb.share_store import interval
from scheduling.adapters.dynamodb.table import Key, Table, epoch, instant, put
from scheduling.core.times import Interval
from scheduling.models import CalendarId

SK = "BUSY"
_KEPT = timedelta(minutes=10)


def busy_key(calendar_id: str) -> Key:
    """Return where a calendar's last busy list stands."""
    return calendar_pk(calendar_id), SK


class BusyStore:
    """One list for each calendar: the last one that came."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def put(self, calendar_id: CalendarId, window: Interval, busy: Sequence[Interval]) -> None:
        """Keep it, with the instant at which it was asked for."""
        now = self._table.now()
        item = {
            "window": [epoch(window.start), epoch(window.end)],
            "busy": [[epoch(each.start), epoch(each.end)] for each in busy],
            "askedAt": epoch(now),
            "ttl": epoch(now + _KEPT),
        }
        self._table.write(put(busy_key(calendar_id), item))

    def get(
        self, calendar_id: CalendarId, not_before: datetime
    ) -> tuple[Interval, list[Interval]] | None:
        """Return it with the window that it covers, if it is no older."""
        item = self._table.get(busy_key(calendar_id))
        if item is None or instant(item["askedAt"]) < not_before:
            return None
        return interval(item["window"]), [interval(pair) for pair in item["busy"]]
