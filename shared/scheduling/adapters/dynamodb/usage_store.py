"""What users did that is limited: one number for each user, kind and window."""

from scheduling.adapters.dynamodb.table import ConditionFailed, Table, app_pk, epoch, update
from scheduling.core.times import Interval
from scheduling.models import AppId, Uid


class UsageStore:
    """Numbers end with their window; TTL removes them later."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def count(self, app_id: AppId, uid: Uid, kind: str, window: Interval, most: int) -> bool:
        """Count one more, in one conditional write: two at once are never counted as one."""
        write = update(
            (app_pk(app_id, "USER", uid), f"USED#{kind}#{epoch(window.start)}"),
            "SET #ttl = :ttl ADD #used :one",
            "attribute_not_exists(#used) OR #used < :most",
            ttl=epoch(window.end),
            one=1,
            most=most,
        )
        try:
            self._table.write(write)
        except ConditionFailed:
            return False
        return True
