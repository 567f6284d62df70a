"""Bookings with the claims that they own; every step is one conditional write."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from scheduling import moves
from scheduling.adapters import claims
from scheduling.adapters.booking_item import (
    booking_from,
    booking_item,
    booking_key,
    hold_from,
    hold_item,
    hold_key,
    watch_item,
    watch_key,
)
from scheduling.adapters.connection_store import connection_key
from scheduling.adapters.outbox_store import owed as owed_write
from scheduling.adapters.share_store import idempotency_key, remember, share_key
from scheduling.adapters.table import (
    ConditionFailed,
    Item,
    Key,
    Table,
    TransactionRefused,
    Write,
    app_pk,
    check,
    delete,
    put,
    update,
)
from scheduling.errors import (
    AlreadyBooked,
    IdempotencyMismatch,
    NotConnected,
    ReconnectNeeded,
    ShareClosed,
    SlotTaken,
)
from scheduling.ids import hold_id
from scheduling.models import (
    ENDED,
    MOVES,
    UNDER_WORK,
    AppId,
    Booking,
    BookingId,
    BookingState,
    CalendarId,
    Connection,
    ConnectionState,
    Hold,
    ShareId,
    ShareState,
    Uid,
    Watch,
)
from scheduling.ports import Busy, Remembered
from scheduling.times import Interval


class BookingStore:
    """Bookings stand in partitions of their own, claims under the calendar."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def get(self, app_id: AppId, booking_id: BookingId) -> Booking | None:
        """Give it."""
        item = self._table.get(booking_key(app_id, booking_id))
        return booking_from(item) if item else None

    def of_guest(self, app_id: AppId, share_id: ShareId, guest: Uid) -> tuple[Booking | None, int]:
        """Give the guest's open booking of a share, and how many ended before it."""
        item = self._table.get(_guest_key(app_id, share_id, guest))
        if item is None:
            return None, 0
        current = self.get(app_id, item["bookingId"]) if "bookingId" in item else None
        return current, item.get("ended", 0)

    def recalled(
        self, app_id: AppId, route: str, uid: Uid, key: str
    ) -> tuple[BookingId, Remembered] | None:
        """Give the booking that an idempotency key of a user stands for."""
        item = self._table.get(idempotency_key(app_id, uid, route, key)) if key else None
        if item is None:
            return None
        known = Remembered(route, uid, key, item["fingerprint"], item.get("sequence", 0))
        return BookingId(item["id"]), known

    def held(self, app_id: AppId, share_id: ShareId, guest: Uid) -> Hold | None:
        """Give what a guest holds of a share, ended or not."""
        item = self._table.get(hold_key(app_id, share_id, guest))
        return hold_from(item) if item else None

    def claims(self, calendar_id: CalendarId, window: Interval) -> list[tuple[Interval, str]]:
        """Give what is owned of a calendar in the window as of now, and by whom."""
        between = (claims.hour_sk(window.start), claims.hour_sk(window.end))
        items = self._table.query(claims.calendar_pk(calendar_id), between=between)
        owned = claims.owned(items, self._table.now())
        return [each for each in owned if each[0].overlaps(window)]

    def under_work(self, connection: Connection) -> list[Booking]:
        """Give the bookings of a connection that somebody works on, by its calendar's claims."""
        items = self._table.query(claims.calendar_pk(connection.calendar_id), prefix=claims.PREFIX)
        owners = dict.fromkeys(owner for _, owner in claims.owned(items, self._table.now()))
        found = (self.get(connection.app_id, BookingId(owner)) for owner in owners)
        return [
            booking
            for booking in found
            if booking is not None
            and booking.state in UNDER_WORK
            and booking.host.uid == connection.uid
        ]

    def claim(
        self,
        before: Booking | None,
        after: Booking,
        connection: Connection,
        remembered: Remembered | None = None,
    ) -> None:
        """Take a step that claims more, in one transaction with all that it rests on."""
        now, owner = self._table.now(), after.booking_id
        hold = self.held(after.app_id, after.share_id, after.guest.uid)
        holding = hold if hold and hold.expires_at > now else None
        held_by = hold_id(after.app_id, after.share_id, after.guest.uid)
        wanted = claims.touched(after.owns) - claims.touched(before.owns if before else ())
        exchange = claims.exchange(
            after.calendar_id,
            claim=wanted,
            free=claims.touched([holding.claimed] if holding else ()),
            owner=owner,
            instead_of=held_by,
            now=now,
        )
        writes = {
            "booking": _step(before, after),
            "guest": _of_guest(after),
            **_rests_on(after.app_id, after.share_id, connection, after.calendar_id),
        }
        if remembered and remembered.key:
            writes["key"] = _remember(after, remembered, now)
        if holding:
            writes["hold"] = _unless_changed(holding, delete)
        self._transact(writes, exchange, (after.calendar_id, wanted, {owner, held_by}))

    def hold(self, before: Hold | None, after: Hold, connection: Connection) -> None:
        """Hold a time in place of what the guest held before."""
        now, owner = self._table.now(), hold_id(after.app_id, after.share_id, after.guest)
        holding = before if before and before.expires_at > now else None
        wanted = claims.touched([after.claimed])
        exchange = claims.exchange(
            after.calendar_id,
            claim=wanted,
            free=claims.touched([holding.claimed] if holding else ()),
            owner=owner,
            now=now,
            until=after.expires_at,
        )
        writes = {
            "hold": _unless_changed(before, put, hold_item(after))
            if before
            else put(_hold_key(after), hold_item(after), "attribute_not_exists(pk)"),
            **_rests_on(after.app_id, after.share_id, connection, after.calendar_id),
        }
        self._transact(writes, exchange, (after.calendar_id, wanted, {owner}))

    def move(self, before: Booking, after: Booking, watch: Watch | None = None) -> None:
        """Take a step that claims nothing more: what it no longer owns is free, word is owed."""
        writes = [_step(before, after)]
        owed = moves.owed(before, after)
        if after.state in ENDED:
            writes.append(_of_guest(after))
        if owed is not None:
            writes.append(owed_write(owed, self._table.now()))
        if watch is not None:
            writes.append(put(watch_key(watch), watch_item(watch)))
        writes += claims.exchange(
            after.calendar_id,
            claim=set(),
            free=claims.touched(before.owns) - claims.touched(after.owns),
            owner=after.booking_id,
            now=self._table.now(),
        )
        try:
            if len(writes) == 1:
                self._table.write(writes[0])
            else:
                self._table.transact(writes)
        except (ConditionFailed, TransactionRefused) as error:
            raise Busy(before.booking_id) from error

    def watch_on(self, watch: Watch, due_at: datetime | None) -> None:
        """Look again at that instant; never again if None."""
        key = watch_key(watch)
        if due_at is None:
            self._table.write(delete(key))
        else:
            self._table.write(put(key, watch_item(watch.with_(due_at=due_at))))

    def _transact(
        self,
        writes: dict[str, Write],
        exchange: list[Write],
        wanted: tuple[CalendarId, set[datetime], set[str]],
    ) -> None:
        """Do it all or nothing, and say which condition did not hold."""
        self._refuse_if_taken(*wanted)
        try:
            self._table.transact([*writes.values(), *exchange])
        except TransactionRefused as error:
            self._refuse_if_taken(*wanted)
            raise _refusal(dict(zip(writes, error.items, strict=False))) from error

    def _refuse_if_taken(
        self, calendar_id: CalendarId, wanted: set[datetime], owners: Iterable[str]
    ) -> None:
        """Raise `SlotTaken` if a consistent read shows another owner: it spares a transaction."""
        items = self._table.get_many(claims.keys(calendar_id, wanted)).values()
        for interval, owner in claims.owned(items, self._table.now()):
            if owner not in owners and not wanted.isdisjoint(claims.touched([interval])):
                raise SlotTaken("Somebody was faster.")


def _step(before: Booking | None, after: Booking) -> Write:
    """Give the write of a legal step: it changes what differs, if the booking is what was read."""
    state = before.state if before else None
    stays = state is after.state and (state in UNDER_WORK or state is BookingState.CONFIRMED)
    if not stays and state not in MOVES[after.state]:
        raise ValueError(f"a booking does not go from {state} to {after.state}")
    key, new = booking_key(after.app_id, after.booking_id), booking_item(after)
    if before is None:
        return put(key, new, "attribute_not_exists(pk)")
    old = booking_item(before)
    changed = [name for name, value in new.items() if old.get(name) != value]
    gone = [name for name in old if name not in new]
    expressions = [
        "SET " + ", ".join(f"#{name} = :{name}" for name in changed) if changed else "",
        "REMOVE " + ", ".join(f"#{name}" for name in gone) if gone else "",
    ]
    return update(
        key,
        " ".join(expressions).strip(),
        "#state = :wasState AND #attempt = :wasAttempt AND #leasedUntil = :wasLeasedUntil",
        wasState=old["state"],
        wasAttempt=old["attempt"],
        wasLeasedUntil=old["leasedUntil"],
        **{name: new[name] for name in changed},
    )


def _guest_key(app_id: str, share_id: str, guest: str) -> Key:
    return app_pk(app_id, "SHARE", share_id), f"GUEST#{guest}"


def _of_guest(booking: Booking) -> Write:
    """Note which booking of a share is its guest's, or that it has ended."""
    key = _guest_key(booking.app_id, booking.share_id, booking.guest.uid)
    if booking.state not in ENDED:
        return update(
            key,
            "SET #bookingId = :id, #ttl = :ttl",
            "attribute_not_exists(#bookingId) OR #bookingId = :id",
            id=booking.booking_id,
            ttl=booking_item(booking)["ttl"],
        )
    counted = " ADD #ended :one" if booking.state is BookingState.CANCELLED else ""
    expression = f"REMOVE #bookingId{counted}"
    return update(key, expression, "#bookingId = :id", id=booking.booking_id, one=1)


def _rests_on(
    app_id: AppId, share_id: ShareId, connection: Connection, calendar_id: CalendarId
) -> dict[str, Write]:
    """Give the checks of what every claim rests on."""
    return {
        "share": check(share_key(app_id, share_id), "#state = :open", open=ShareState.OPEN.value),
        "connection": check(
            connection_key(connection.app_id, connection.uid),
            "#state = :connected AND #calendarId = :calendar",
            connected=ConnectionState.CONNECTED.value,
            calendar=calendar_id,
        ),
    }


def _remember(after: Booking, remembered: Remembered, now: datetime) -> Write:
    place = idempotency_key(after.app_id, remembered.uid, remembered.route, remembered.key)
    return remember(
        place, after.booking_id, remembered.fingerprint, now, sequence=remembered.sequence
    )


def _hold_key(hold: Hold) -> Key:
    return hold_key(hold.app_id, hold.share_id, hold.guest)


def _unless_changed(hold: Hold, write: Any, *item: Item) -> Write:
    """Give a write in a hold's place, if it still is what was read."""
    was = hold_item(hold)
    made: Write = write(
        _hold_key(hold),
        *item,
        "#slot = :wasSlot AND #expiresAt = :wasExpiresAt",
        wasSlot=was["slot"],
        wasExpiresAt=was["expiresAt"],
    )
    return made


def _refusal(stands: dict[str, Item | None]) -> Exception:
    """Say which condition did not hold; claims themselves were looked at before."""
    guest, connection = stands.get("guest"), stands.get("connection")
    if stands.get("booking") is not None or stands.get("hold") is not None:
        refusal: Exception = Busy("booking")
    elif stands.get("key") is not None:
        refusal = IdempotencyMismatch("This idempotency key was used for another request.")
    elif guest is not None:
        booked = guest.get("bookingId")
        refusal = AlreadyBooked("You have booked a time of this share.", bookingId=booked)
    elif stands.get("share") is not None:
        refusal = ShareClosed("This share is closed.")
    elif connection is None:
        refusal = Busy("claim")
    elif connection.get("state") == ConnectionState.RECONNECT.value:
        refusal = ReconnectNeeded("The host's calendar has to be connected anew.")
    else:
        refusal = NotConnected("The host's calendar is not connected any more.")
    return refusal
