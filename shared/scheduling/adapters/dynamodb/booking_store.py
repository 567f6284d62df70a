"""Bookings with the claims that they own; every step is one conditional write."""

from collections.abc import Iterable
from datetime import datetime

from scheduling.adapters.dynamodb import claims
from scheduling.adapters.dynamodb.booking_item import (
    booking_from,
    booking_key,
    hold_from,
    hold_item,
    hold_key,
    watch_item,
    watch_key,
)
from scheduling.adapters.dynamodb.booking_writes import (
    forget_key,
    guest_key,
    key_of_hold,
    of_guest,
    refusal,
    remember_key,
    rests_on,
    step,
    unless_changed,
)
from scheduling.adapters.dynamodb.outbox_store import owed as owed_write
from scheduling.adapters.dynamodb.share_store import idempotency_key
from scheduling.adapters.dynamodb.table import (
    ConditionFailed,
    Table,
    TransactionRefused,
    Write,
    delete,
    put,
)
from scheduling.core.errors import (
    SlotTaken,
)
from scheduling.core.ids import hold_id
from scheduling.core.times import Interval
from scheduling.models import (
    ENDED,
    UNDER_WORK,
    AppId,
    Booking,
    BookingId,
    CalendarId,
    Connection,
    Hold,
    OrphanWatch,
    ShareId,
    Uid,
)
from scheduling.ports import Busy, Remembered
from scheduling.rules.notifications import invite_owed


class BookingStore:
    """Bookings stand in partitions of their own, claims under the calendar."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def get(self, app_id: AppId, booking_id: BookingId) -> Booking | None:
        """Return it."""
        item = self._table.get(booking_key(app_id, booking_id))
        return booking_from(item) if item else None

    def of_guest(self, app_id: AppId, share_id: ShareId, guest: Uid) -> tuple[Booking | None, int]:
        """Return the guest's open booking of a share, and how many ended before it."""
        item = self._table.get(guest_key(app_id, share_id, guest))
        if item is None:
            return None, 0
        current = self.get(app_id, item["bookingId"]) if "bookingId" in item else None
        return current, item.get("ended", 0)

    def recalled(
        self, app_id: AppId, route: str, uid: Uid, key: str
    ) -> tuple[BookingId, Remembered] | None:
        """Return the booking that an idempotency key of a user stands for."""
        item = self._table.get(idempotency_key(app_id, uid, route, key)) if key else None
        if item is None:
            return None
        known = Remembered(route, uid, key, item["fingerprint"], item.get("sequence", 0))
        return BookingId(item["id"]), known

    def held(self, app_id: AppId, share_id: ShareId, guest: Uid) -> Hold | None:
        """Return what a guest holds of a share, ended or not."""
        item = self._table.get(hold_key(app_id, share_id, guest))
        return hold_from(item) if item else None

    def claims(self, calendar_id: CalendarId, window: Interval) -> list[tuple[Interval, str]]:
        """Return what is owned of a calendar in the window as of now, and by whom."""
        between = (claims.hour_sk(window.start), claims.hour_sk(window.end))
        items = self._table.query(claims.calendar_pk(calendar_id), between=between)
        owned = claims.owned(items, self._table.now())
        return [each for each in owned if each[0].overlaps(window)]

    def under_work(self, connection: Connection) -> list[Booking]:
        """Return the bookings of a connection that somebody works on, by its calendar's claims."""
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
        slot_holder = hold if hold and hold.expires_at > now else None
        held_by = hold_id(after.app_id, after.share_id, after.guest.uid)
        wanted = claims.touched(after.owns) - claims.touched(before.owns if before else ())
        exchange = claims.exchange(
            after.calendar_id,
            claim=wanted,
            free=claims.touched([slot_holder.claimed] if slot_holder else ()),
            owner=owner,
            instead_of=held_by,
            now=now,
        )
        writes = {
            "booking": step(before, after),
            "guest": of_guest(after),
            **rests_on(after.app_id, after.share_id, connection, after.calendar_id),
        }
        if remembered and remembered.key:
            writes |= remember_key(after, remembered, now)
        if slot_holder:
            writes["hold"] = unless_changed(slot_holder, delete)
        self._transact(writes, exchange, (after.calendar_id, wanted, {owner, held_by}))

    def hold(self, before: Hold | None, after: Hold, connection: Connection) -> None:
        """Hold a time in place of what the guest held before."""
        now, owner = self._table.now(), hold_id(after.app_id, after.share_id, after.guest)
        slot_holder = before if before and before.expires_at > now else None
        wanted = claims.touched([after.claimed])
        exchange = claims.exchange(
            after.calendar_id,
            claim=wanted,
            free=claims.touched([slot_holder.claimed] if slot_holder else ()),
            owner=owner,
            now=now,
            until=after.expires_at,
        )
        writes = {
            "hold": unless_changed(before, put, hold_item(after))
            if before
            else put(key_of_hold(after), hold_item(after), "attribute_not_exists(pk)"),
            **rests_on(after.app_id, after.share_id, connection, after.calendar_id),
        }
        self._transact(writes, exchange, (after.calendar_id, wanted, {owner}))

    def transition(self, before: Booking, after: Booking, watch: OrphanWatch | None = None) -> None:
        """Take a step that claims nothing more: what it no longer owns is free, word is owed."""
        writes = [step(before, after), *forget_key(before, after)]
        owed = invite_owed(before, after)
        if after.state in ENDED:
            writes.append(of_guest(after))
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

    def postpone_watch(self, watch: OrphanWatch, due_at: datetime | None) -> None:
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
            raise refusal(dict(zip(writes, error.items, strict=False))) from error

    def _refuse_if_taken(
        self, calendar_id: CalendarId, wanted: set[datetime], owners: Iterable[str]
    ) -> None:
        """Raise `SlotTaken` if a consistent read shows another owner: it spares a transaction."""
        items = self._table.get_many(claims.keys(calendar_id, wanted)).values()
        for interval, owner in claims.owned(items, self._table.now()):
            if owner not in owners and not wanted.isdisjoint(claims.touched([interval])):
                raise SlotTaken("Somebody was faster.")
