"""Shares, the list of a host's shares, and what idempotency keys stand for."""

import re
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from scheduling.adapters.dynamodb.outbox_store import owed
from scheduling.adapters.dynamodb.preference_item import preferences_from, preferences_item
from scheduling.adapters.dynamodb.table import (
    ConditionFailed,
    Item,
    Key,
    Table,
    TransactionRefused,
    Write,
    app_pk,
    delete,
    epoch,
    instant,
    put,
    update,
)
from scheduling.core.errors import IdempotencyMismatch, InvalidRequest
from scheduling.core.ids import key_name
from scheduling.core.times import Interval
from scheduling.models import (
    AppId,
    Availability,
    CalendarId,
    OutboxItem,
    Page,
    Person,
    Receiver,
    Share,
    ShareId,
    ShareState,
    Uid,
)

SK = "SHARE"
#: How long a share is kept after its last day.
_KEPT = timedelta(days=30)
#: Where a list goes on: the key of the last share that was given, see `_listed`.
_CURSOR = re.compile(r"SHARE#\d{12}#[a-v0-9]{32}", re.ASCII)
#: How long an idempotency key is remembered.
_KEY_KEPT = timedelta(days=7)


def share_key(app_id: str, share_id: str) -> Key:
    """Return where a share stands."""
    return app_pk(app_id, "SHARE", share_id), SK


def idempotency_key(app_id: str, uid: str, route: str, key: str) -> Key:
    """Return where a user's idempotency key for a route stands."""
    return key_named(app_id, uid, key_name(route, key))


def key_named(app_id: str, uid: str, name: str) -> Key:
    """Return where a user's idempotency key of that name stands; see `ids.key_name`."""
    return app_pk(app_id, "USER", uid), f"KEY#{name}"


def remember(
    key: Key, stands_for: str, fingerprint: str, now: datetime, instead_of: str = "", **more: int
) -> Write:
    """Return the write that remembers what a key stands for; the same again is no failure."""
    return put(
        key,
        {"id": stands_for, "fingerprint": fingerprint, "ttl": epoch(now + _KEY_KEPT), **more},
        "attribute_not_exists(pk) OR (#id IN (:id, :former) AND #fingerprint = :fingerprint)",
        id=stands_for,
        former=instead_of or stands_for,
        fingerprint=fingerprint,
    )


def recall(table: Table, key: Key, fingerprint: str) -> str | None:
    """Return what a key stands for.

    Raises:
        IdempotencyMismatch: the key came with another request.
    """
    item = table.get(key)
    if item is None:
        return None
    if item["fingerprint"] != fingerprint:
        raise IdempotencyMismatch("This idempotency key was used for another request.")
    return str(item["id"])


class ShareStore:
    """A share stands in a partition of its own, with its message and its guests."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def create(self, share: Share, item: OutboxItem, key: str, fingerprint: str) -> Share | None:
        """Keep a share with its message owed, in one transaction."""
        writes = [
            put(
                share_key(share.app_id, share.share_id),
                _item(share),
                "attribute_not_exists(pk)",
            ),
            put(
                (app_pk(share.app_id, "USER", share.host.uid), _listed(share)),
                {"shareId": share.share_id, "ttl": _ends(share)},
            ),
            owed(item, share.created_at),
        ]
        if key:
            place = idempotency_key(share.app_id, share.host.uid, "share", key)
            writes.append(remember(place, share.share_id, fingerprint, share.created_at))
        try:
            self._table.transact(writes)
        except TransactionRefused:
            existing = self.repeated(share.app_id, share.host.uid, key, fingerprint)
            if existing is None:
                raise
            return existing
        return None

    def repeated(self, app_id: AppId, uid: Uid, key: str, fingerprint: str) -> Share | None:
        """Return the share that a host's idempotency key made before."""
        if not key:
            return None
        place = idempotency_key(app_id, uid, "share", key)
        share_id = recall(self._table, place, fingerprint)
        return self.get(app_id, ShareId(share_id)) if share_id else None

    def get(self, app_id: AppId, share_id: ShareId) -> Share | None:
        """Return it."""
        item = self._table.get(share_key(app_id, share_id))
        return share_from(item) if item else None

    def note_message(self, share: Share, message_id: str) -> None:
        """Note the id of the message that was sent."""
        key = share_key(share.app_id, share.share_id)
        write = update(key, "SET #messageId = :message", "attribute_exists(pk)", message=message_id)
        with suppress(ConditionFailed):  # its host was erased meanwhile
            self._table.write(write)

    def forget(self, share: Share, key: str) -> None:
        """Close a share that could not be told, and free its idempotency key."""
        self.close(share, ShareState.CLOSED)
        if not key:
            return
        place = idempotency_key(share.app_id, share.host.uid, "share", key)
        with suppress(ConditionFailed):
            self._table.write(delete(place, "#id = :id", id=share.share_id))

    def close(self, share: Share, state: ShareState) -> None:
        """End an open share."""
        write = update(
            share_key(share.app_id, share.share_id),
            "SET #state = :state",
            "#state = :open",
            state=state.value,
            open=ShareState.OPEN.value,
        )
        try:
            self._table.write(write)
        except ConditionFailed:
            return

    def made_by(self, app_id: AppId, uid: Uid, cursor: str | None, limit: int) -> Page[Share]:
        """List a host's shares, newest first."""
        pk = app_pk(app_id, "USER", uid)
        if cursor and not _CURSOR.fullmatch(cursor):
            raise InvalidRequest("cursor", "is not one that this service gave")
        listed = list(
            self._table.query(
                pk,
                prefix="SHARE#",
                newest_first=True,
                limit=limit + 1,
                start=(pk, cursor) if cursor else None,
            )
        )
        keys = [share_key(app_id, each["shareId"]) for each in listed[:limit]]
        found = self._table.get_many(keys)
        shares = tuple(share_from(found[key]) for key in keys if key in found)
        more = listed[limit - 1]["sk"] if len(listed) > limit else None
        return Page(items=shares, next_cursor=more)


def _listed(share: Share) -> str:
    return f"SHARE#{epoch(share.created_at):012d}#{share.share_id}"


def _ends(share: Share) -> int:
    return epoch(share.availability.window.end + _KEPT)


def _item(share: Share) -> dict[str, Any]:
    offered = share.availability
    return {
        "appId": share.app_id,
        "shareId": share.share_id,
        "host": person_item(share.host),
        "receiver": share.receiver.id,
        "receiverType": share.receiver.type,
        "calendarId": share.calendar_id,
        "title": share.title,
        "locale": share.locale,
        "state": share.state.value,
        "createdAt": epoch(share.created_at),
        "messageId": share.message_id,
        "window": [epoch(offered.window.start), epoch(offered.window.end)],
        "busy": [[epoch(each.start), epoch(each.end)] for each in offered.busy],
        "timeZone": offered.time_zone,
        "stepSeconds": int(offered.step.total_seconds()),
        "durationSeconds": [int(each.total_seconds()) for each in offered.durations],
        "generatedAt": epoch(offered.generated_at),
        "preferences": preferences_item(share.preferences),
        "ttl": _ends(share),
    }


def interval(pair: list[int]) -> Interval:
    """Read an interval kept as two numbers of seconds."""
    return Interval(instant(pair[0]), instant(pair[1]))


def person_item(someone: Person) -> dict[str, str]:
    """Return a person as part of an item."""
    return {"uid": someone.uid, "name": someone.name}


def person(item: dict[str, str]) -> Person:
    """Read a person."""
    return Person(uid=Uid(item["uid"]), name=item["name"])


def share_from(item: Item) -> Share:
    """Read a share."""
    return Share(
        app_id=AppId(item["appId"]),
        share_id=ShareId(item["shareId"]),
        host=person(item["host"]),
        receiver=Receiver(id=item["receiver"], type=item["receiverType"]),
        calendar_id=CalendarId(item["calendarId"]),
        title=item["title"],
        locale=item["locale"],
        availability=Availability(
            window=interval(item["window"]),
            busy=tuple(interval(pair) for pair in item["busy"]),
            time_zone=item["timeZone"],
            step=timedelta(seconds=item["stepSeconds"]),
            durations=tuple(timedelta(seconds=each) for each in item["durationSeconds"]),
            generated_at=instant(item["generatedAt"]),
        ),
        state=ShareState(item["state"]),
        created_at=instant(item["createdAt"]),
        message_id=item.get("messageId"),
        preferences=preferences_from(item["preferences"]),
    )
