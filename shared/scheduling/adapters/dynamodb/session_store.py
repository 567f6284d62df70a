"""Browser sessions under the hash of their key, and the marks of spent links."""

from datetime import datetime
from typing import Any

from scheduling.adapters.aws.sealing import Seal
from scheduling.adapters.dynamodb.connection_store import tokens_as_json, tokens_from_json
from scheduling.adapters.dynamodb.table import (
    ConditionFailed,
    Item,
    Key,
    Table,
    app_pk,
    epoch,
    instant,
    put,
    update,
)
from scheduling.core.ids import hashed
from scheduling.models import AppId, CalendarId, Grant, Person, Purpose, Secret, Session, Uid


def _key(app_id: str, key: Secret) -> Key:
    return app_pk(app_id, "SESSION", hashed(key.reveal())), "SESSION"


def _context(app_id: str, uid: str) -> dict[str, str]:
    return {"tenant": app_id, "user": uid, "purpose": "pending-grant"}


class SessionStore:
    """Sessions end by the clock; TTL removes them later."""

    def __init__(self, table: Table, seal: Seal) -> None:
        self._table = table
        self._seal = seal

    def spend(self, app_id: AppId, link_id: str, ends_at: datetime) -> bool:
        """Mark a one-time link as used; False if it was used before."""
        key = (app_pk(app_id, "LINK", link_id), "SPENT")
        try:
            self._table.write(put(key, {"ttl": epoch(ends_at)}, "attribute_not_exists(pk)"))
        except ConditionFailed:
            return False
        return True

    def put(self, session: Session) -> None:
        """Keep it until it expires."""
        item: dict[str, Any] = {
            "purpose": session.purpose.value,
            "uid": session.person.uid,
            "name": session.person.name,
            "expiresAt": epoch(session.expires_at),
            "returnUrl": session.return_url,
            "shareId": session.share_id,
            "locale": session.locale,
            "stateHash": session.state_hash,
            "stateEndsAt": epoch(session.state_ends_at) if session.state_ends_at else None,
            "ttl": epoch(session.expires_at),
        }
        if session.pending is not None:
            sealed = self._seal.seal(
                _grant_as_json(session.pending), _context(session.app_id, session.person.uid)
            )
            item["pending"] = sealed
        self._table.write(put(_key(session.app_id, session.key), item))

    def get(self, app_id: AppId, key: Secret) -> Session | None:
        """Return the session whose key this is."""
        item = self._table.get(_key(app_id, key))
        if item is None:
            return None
        return Session(
            app_id=app_id,
            key=key,
            purpose=Purpose(item["purpose"]),
            person=Person(uid=Uid(item["uid"]), name=item["name"]),
            expires_at=instant(item["expiresAt"]),
            return_url=item["returnUrl"],
            share_id=item["shareId"],
            locale=item["locale"],
            state_hash=item["stateHash"],
            state_ends_at=instant(item["stateEndsAt"]) if "stateEndsAt" in item else None,
            pending=self._pending(app_id, item),
        )

    def spend_state(self, session: Session) -> bool:
        """Use the OAuth state up; False if it was used or replaced meanwhile."""
        write = update(
            _key(session.app_id, session.key),
            "SET #stateHash = :none",
            "#stateHash = :hash",
            none="",
            hash=session.state_hash,
        )
        try:
            self._table.write(write)
        except ConditionFailed:
            return False
        return True

    def take_pending(self, session: Session) -> Grant | None:
        """Return the grant that waits for the final confirmation, once."""
        key = _key(session.app_id, session.key)
        before = self._table.get(key)
        if before is None or "pending" not in before:
            return None
        write = update(key, "REMOVE #pending", "#pending = :pending", pending=before["pending"])
        try:
            self._table.write(write)
        except ConditionFailed:
            return None
        return self._pending(session.app_id, before)

    def _pending(self, app_id: str, item: Item) -> Grant | None:
        if "pending" not in item:
            return None
        value = self._seal.open(item["pending"], _context(app_id, item["uid"]))
        return Grant(
            calendar_id=CalendarId(value["calendarId"]),
            email=value["email"],
            scopes=frozenset(value["scopes"]),
            tokens=tokens_from_json(value["tokens"]),
            time_zone=value["timeZone"],
        )


def _grant_as_json(grant: Grant) -> dict[str, Any]:
    return {
        "calendarId": grant.calendar_id,
        "email": grant.email,
        "scopes": sorted(grant.scopes),
        "tokens": tokens_as_json(grant.tokens),
        "timeZone": grant.time_zone,
    }
