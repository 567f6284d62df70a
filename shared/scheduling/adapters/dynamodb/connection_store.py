"""Hosts' connections, their tokens sealed, and the users of each calendar."""

from contextlib import suppress
from datetime import datetime
from typing import Any

from scheduling.adapters.aws.sealing import Seal
from scheduling.adapters.dynamodb.busy_store import busy_key
from scheduling.adapters.dynamodb.outbox_store import owed as owed_write
from scheduling.adapters.dynamodb.table import (
    ConditionFailed,
    Item,
    Key,
    Table,
    TransactionRefused,
    Write,
    app_pk,
    delete,
    due_shard,
    epoch,
    instant,
    put,
    update,
)
from scheduling.models import (
    AppId,
    CalendarId,
    Connection,
    ConnectionState,
    OutboxItem,
    Secret,
    TokenSet,
    Uid,
)

SK = "CONNECTION"


def connection_key(app_id: str, uid: str) -> Key:
    """Return where a host's connection stands."""
    return app_pk(app_id, "USER", uid), SK


def _users_key(calendar_id: str) -> Key:
    return f"CAL#{calendar_id}", "USERS"


def token_context(app_id: str, uid: str) -> dict[str, str]:
    """Name the owner of sealed tokens."""
    return {"tenant": app_id, "user": uid, "purpose": "google-tokens"}


def tokens_as_json(tokens: TokenSet) -> dict[str, Any]:
    """Return tokens in the form that is sealed."""
    return {
        "refresh": tokens.refresh_token.reveal(),
        "access": tokens.access_token.reveal(),
        "ends": epoch(tokens.expires_at),
    }


def tokens_from_json(value: dict[str, Any]) -> TokenSet:
    """Read what `tokens_as_json` gave."""
    return TokenSet(
        refresh_token=Secret(value["refresh"]),
        access_token=Secret(value["access"]),
        expires_at=instant(value["ends"]),
    )


class ConnectionStore:
    """Connections under their host; the set of users under the calendar."""

    def __init__(self, table: Table, seal: Seal) -> None:
        self._table = table
        self._seal = seal

    def get(self, app_id: AppId, uid: Uid) -> Connection | None:
        """Return the host's connection."""
        item = self._table.get(connection_key(app_id, uid))
        return self.read(item) if item else None

    def put(self, connection: Connection, owed: OutboxItem | None = None) -> None:
        """Keep it in place of an earlier one; retried if another browser was faster."""
        key = connection_key(connection.app_id, connection.uid)
        while True:
            before = self._table.get(key)
            writes = [self._write(connection, before)]
            if before is None or before["calendarId"] != connection.calendar_id:
                writes.append(_join(connection.calendar_id, _user(connection)))
                if before is not None:
                    writes.append(_leave(before["calendarId"], _user(connection)))
            if owed is not None:
                writes.append(owed_write(owed, self._table.now()))
            try:
                self._table.transact(writes)
            except TransactionRefused:
                continue
            if before is not None and before["calendarId"] != connection.calendar_id:
                self._forget_unused(before["calendarId"])
            return

    def _write(self, connection: Connection, before: Item | None) -> Write:
        key = connection_key(connection.app_id, connection.uid)
        item = {
            "appId": connection.app_id,
            "uid": connection.uid,
            "calendarId": connection.calendar_id,
            "state": connection.state.value,
            "email": connection.email,
            "timeZone": connection.time_zone,
            "scopes": sorted(connection.scopes),
            "connectedAt": epoch(connection.connected_at),
            "tokens": self._sealed(connection, connection.tokens),
            "version": connection.version,
        }
        if before is None:
            return put(key, item, "attribute_not_exists(pk)")
        return put(key, item, "#version = :before", before=before["version"])

    def keep_tokens(self, connection: Connection, tokens: TokenSet) -> None:
        """Keep refreshed tokens of exactly this connecting."""
        write = update(
            connection_key(connection.app_id, connection.uid),
            "SET #tokens = :tokens",
            "#version = :version",
            tokens=self._sealed(connection, tokens),
            version=connection.version,
        )
        try:
            self._table.write(write)
        except ConditionFailed:
            return

    def keep_time_zone(self, connection: Connection, time_zone: str, read_at: datetime) -> None:
        """Keep the calendar's zone of exactly this connecting, and when it was read."""
        write = update(
            connection_key(connection.app_id, connection.uid),
            "SET #timeZone = :timeZone, #zoneReadAt = :readAt",
            "#version = :version",
            timeZone=time_zone,
            readAt=epoch(read_at),
            version=connection.version,
        )
        with suppress(ConditionFailed):
            self._table.write(write)

    def transition(
        self, connection: Connection, state: ConnectionState, owed: OutboxItem | None = None
    ) -> bool:
        """Change the state of exactly this connecting; a closing one is due until it is gone."""
        key = connection_key(connection.app_id, connection.uid)
        closing = state is ConnectionState.CLOSING
        due = {"shard": due_shard(key[0]), "due": epoch(self._table.now())} if closing else {}
        write = update(
            key,
            "SET #state = :state" + (", #dueShard = :shard, #dueAt = :due" if closing else ""),
            "#version = :version AND #state <> :state AND #state <> :closing",
            state=state.value,
            closing=ConnectionState.CLOSING.value,
            version=connection.version,
            **due,
        )
        writes = [write, owed_write(owed, self._table.now())] if owed else [write]
        try:
            self._table.transact(writes)
        except TransactionRefused:
            return False
        return True

    def remove(self, connection: Connection) -> None:
        """Delete the connection with its tokens, its mark on the calendar, and the busy list."""
        key = connection_key(connection.app_id, connection.uid)
        writes = [
            delete(key, "#version = :version", version=connection.version),
            _leave(connection.calendar_id, _user(connection)),
            delete(busy_key(connection.calendar_id)),
        ]
        try:
            self._table.transact(writes)
        except TransactionRefused:
            return
        self._forget_unused(connection.calendar_id)

    def _forget_unused(self, calendar_id: str) -> None:
        """Delete what says that somebody used a calendar once."""
        with suppress(ConditionFailed):
            self._table.write(delete(_users_key(calendar_id), "attribute_not_exists(#users)"))

    def users(self, calendar_id: CalendarId) -> int:
        """Count the connections to that Google account."""
        item = self._table.get(_users_key(calendar_id))
        return len(item.get("users", ())) if item else 0

    def reseal(self) -> int:
        """Seal all tokens again, under the key that seals now, and count them.

        Tokens that change meanwhile are sealed under that key by whoever changes them. For the
        operator's command.
        """
        count = 0
        for item in self._table.scan(SK):
            connection = self.read(item)
            write = update(
                connection_key(connection.app_id, connection.uid),
                "SET #tokens = :new",
                "#tokens = :old",
                new=self._sealed(connection, connection.tokens),
                old=item["tokens"],
            )
            with suppress(ConditionFailed):
                self._table.write(write)
                count += 1
        return count

    def hosts(self, app_id: AppId) -> list[Uid]:
        """List an app's users who have a connection, in whatever state; reads the whole table."""
        found = self._table.scan(SK, below=app_pk(app_id, "USER", ""))
        return sorted(Uid(item["uid"]) for item in found)

    def _sealed(self, connection: Connection, tokens: TokenSet) -> bytes:
        context = token_context(connection.app_id, connection.uid)
        return self._seal.seal(tokens_as_json(tokens), context)

    def read(self, item: Item) -> Connection:
        """Read a connection's item, and open its tokens.

        Whose it is, its key says: an item that was copied under another key opens for nobody.
        """
        _, app_id, _, uid = item["pk"].split("#", 3)
        context = token_context(app_id, uid)
        return Connection(
            app_id=AppId(app_id),
            uid=Uid(uid),
            calendar_id=CalendarId(item["calendarId"]),
            state=ConnectionState(item["state"]),
            email=item["email"],
            time_zone=item["timeZone"],
            zone_read_at=instant(item["zoneReadAt"]) if "zoneReadAt" in item else None,
            scopes=frozenset(item["scopes"]),
            connected_at=instant(item["connectedAt"]),
            tokens=tokens_from_json(self._seal.open(item["tokens"], context)),
            version=item["version"],
        )


def _user(connection: Connection) -> str:
    return f"{connection.app_id}/{connection.uid}"


def _join(calendar_id: str, user: str) -> Write:
    return update(_users_key(calendar_id), "ADD #users :user", user={user})


def _leave(calendar_id: str, user: str) -> Write:
    return update(_users_key(calendar_id), "DELETE #users :user", user={user})
