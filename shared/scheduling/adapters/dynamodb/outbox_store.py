"""Owed messages: items under what they belong to, which the table's stream tells of.

A message is anybody's from its `dueAt` on: taking it moves that instant to the end of the lease.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from scheduling.adapters.dynamodb.table import (
    ConditionFailed,
    Item,
    Key,
    Table,
    Write,
    app_pk,
    due_shard,
    epoch,
    from_wire,
    instant,
    put,
    update,
)
from scheduling.models import AppId, OutboxItem, OutboxKind, OutboxState, Uid
from scheduling.ports import Busy

PREFIX = "OUTBOX#"
#: How long a sent or undeliverable message's mark is kept.
_KEPT = timedelta(days=60)


def outbox_key(app_id: str, owner: str, number: int) -> Key:
    """Return where an owed message stands."""
    return app_pk(app_id, owner), f"{PREFIX}{number:06d}"


def named(record: Mapping[str, Any]) -> tuple[AppId, str, int]:
    """Read app, owner and number from a record of the table's stream, by its keys."""
    keys = from_wire(record["dynamodb"]["Keys"])
    _, app_id, owner = keys["pk"].split("#", 2)
    return AppId(app_id), owner, int(keys["sk"].removeprefix(PREFIX))


def owed(item: OutboxItem, now: datetime) -> Write:
    """Return the write that owes a message, for the transaction of the fact that it tells."""
    key = outbox_key(item.app_id, item.owner, item.number)
    fields = {
        "appId": item.app_id,
        "owner": item.owner,
        "number": item.number,
        "kind": item.kind.value,
        "outboxId": item.outbox_id,
        "state": item.state.value,
        "attempt": item.attempt,
        "reason": item.reason,
        "uid": item.uid,
        "bookingId": item.booking_id,
        "owedAt": epoch(item.owed_at or now),
        "correlationId": item.correlation_id or None,
        "dueShard": due_shard(key[0]),
        "dueAt": epoch(item.due_at or now),
        "ttl": epoch(now + _KEPT),
    }
    return put(key, fields, "attribute_not_exists(pk)")


def outbox_item(item: Item) -> OutboxItem:
    """Read an owed message."""
    return OutboxItem(
        app_id=AppId(item["appId"]),
        owner=item["owner"],
        number=item["number"],
        kind=OutboxKind(item["kind"]),
        outbox_id=item["outboxId"],
        state=OutboxState(item["state"]),
        attempt=item["attempt"],
        due_at=instant(item["dueAt"]) if "dueAt" in item else None,
        reason=item["reason"],
        uid=Uid(item["uid"]),
        booking_id=item["bookingId"],
        message_id=item.get("messageId"),
        refusal=item.get("refusal", ""),
        owed_at=instant(item["owedAt"]) if "owedAt" in item else None,
        correlation_id=item.get("correlationId", ""),
    )


class OutboxStore:
    """Takes and settles owed messages; every change is conditional on attempt and state."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def add(self, item: OutboxItem) -> None:
        """Owe a message that belongs to no transaction."""
        try:
            self._table.write(owed(item, self._table.now()))
        except ConditionFailed:
            return

    def get(self, app_id: AppId, owner: str, number: int) -> OutboxItem | None:
        """Return it."""
        item = self._table.get(outbox_key(app_id, owner, number))
        return outbox_item(item) if item else None

    def lease(self, item: OutboxItem, now: datetime, until: datetime) -> OutboxItem:
        """Take it for one attempt."""
        return self._change(
            item,
            "SET #attempt = #attempt + :one, #dueAt = :until",
            "#state = :owed AND #attempt = :attempt AND #dueAt <= :now",
            one=1,
            until=epoch(until),
            now=epoch(now),
        )

    def sent(self, item: OutboxItem, message_id: str) -> OutboxItem:
        """Move owed -> sent."""
        return self._change(
            item,
            "SET #state = :sent, #messageId = :message REMOVE #dueShard, #dueAt",
            "#state = :owed AND #attempt = :attempt",
            sent=OutboxState.SENT.value,
            message=message_id,
        )

    def postpone(self, item: OutboxItem, due_at: datetime) -> None:
        """Try again at that instant."""
        self._change(
            item,
            "SET #dueAt = :due",
            "#state = :owed AND #attempt = :attempt",
            due=epoch(due_at),
        )

    def undeliverable(self, item: OutboxItem, refusal: str) -> OutboxItem:
        """Move owed -> undeliverable."""
        return self._change(
            item,
            "SET #state = :end, #refusal = :refusal REMOVE #dueShard, #dueAt",
            "#state = :owed AND #attempt = :attempt",
            end=OutboxState.UNDELIVERABLE.value,
            refusal=refusal,
        )

    def superseded(self, item: OutboxItem) -> OutboxItem:
        """Move owed -> superseded."""
        return self._change(
            item,
            "SET #state = :end REMOVE #dueShard, #dueAt",
            "#state = :owed AND #attempt = :attempt",
            end=OutboxState.SUPERSEDED.value,
        )

    def _change(
        self, item: OutboxItem, expression: str, condition: str, **values: object
    ) -> OutboxItem:
        write = update(
            outbox_key(item.app_id, item.owner, item.number),
            expression,
            condition,
            owed=OutboxState.OWED.value,
            attempt=item.attempt,
            **values,
        )
        try:
            return outbox_item(self._table.write(write))
        except ConditionFailed as error:
            raise Busy(item.owner) from error
