"""Bookings with the claims that they own; every move is one conditional transaction."""

from datetime import datetime, timedelta
from typing import Any

from scheduling.adapters import claims
from scheduling.adapters.booking_item import (
    booking_from,
    booking_item,
    booking_key,
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
    epoch,
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
from scheduling.ids import event_id
from scheduling.models import (
    MOVES,
    AppId,
    Booking,
    BookingId,
    BookingState,
    CalendarId,
    Connection,
    ConnectionState,
    OutboxItem,
    ShareId,
    ShareState,
    Uid,
    Watch,
)
from scheduling.ports import Busy
from scheduling.times import Interval

#: What every move depends on: the state before it, and that the mover still has the booking.
_OURS = "#state = :before AND #attempt = :attempt"


def _guest_key(booking: Booking) -> Key:
    return app_pk(booking.app_id, "SHARE", booking.share_id), f"GUEST#{booking.guest.uid}"


def _ours(booking: Booking) -> dict[str, Any]:
    """Give the values of `_OURS`: a booking is given as it is to be, or as it stays claimed."""
    stays = booking.state is BookingState.CLAIMED
    before = booking.state.value if stays else _origin(booking.state)
    return {"before": before, "attempt": booking.attempt}


def _origin(state: BookingState) -> str:
    """Give the one state from which a booking that is there may be moved to this one."""
    (before,) = (each.value for each in MOVES[state] if each is not None)
    return before


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
        item = self._table.get((app_pk(app_id, "SHARE", share_id), f"GUEST#{guest}"))
        if item is None:
            return None, 0
        current = self.get(app_id, item["bookingId"]) if "bookingId" in item else None
        return current, item.get("ended", 0)

    def of_key(self, app_id: AppId, guest: Uid, key: str) -> tuple[BookingId, str] | None:
        """Give the booking that an idempotency key stands for, and the request's fingerprint."""
        item = self._table.get(idempotency_key(app_id, guest, "book", key))
        return (BookingId(item["id"]), str(item["fingerprint"])) if item else None

    def claims(self, calendar_id: CalendarId, window: Interval) -> list[tuple[Interval, BookingId]]:
        """Give what bookings own of a calendar in the window."""
        between = (claims.hour_sk(window.start), claims.hour_sk(window.end))
        items = self._table.query(claims.calendar_pk(calendar_id), between=between)
        return [each for each in claims.owned(items) if each[0].overlaps(window)]

    def claimed(self, connection: Connection) -> list[Booking]:
        """Give the bookings of a connection that are claimed, by the claims of its calendar."""
        items = self._table.query(claims.calendar_pk(connection.calendar_id), prefix=claims.PREFIX)
        owners = dict.fromkeys(owner for _, owner in claims.owned(items))
        found = (self.get(connection.app_id, owner) for owner in owners)
        return [
            booking
            for booking in found
            if booking is not None
            and booking.state is BookingState.CLAIMED
            and booking.host.uid == connection.uid
        ]

    def claim(self, booking: Booking, connection: Connection, key: str, fingerprint: str) -> None:
        """Take the booking and claim its buckets, in one transaction with all it depends on."""
        self._refuse_if_taken(booking)
        item = booking_item(booking)
        writes: dict[str, Write] = {
            "booking": put(
                booking_key(booking.app_id, booking.booking_id),
                item,
                "attribute_not_exists(pk) OR (#state = :before AND #attempt = :earlier)",
                before=_origin(booking.state),
                earlier=booking.attempt - 1,
            ),
            "guest": update(
                _guest_key(booking),
                "SET #bookingId = :id, #ttl = :ttl",
                "attribute_not_exists(#bookingId) OR #bookingId = :id",
                id=booking.booking_id,
                ttl=item["ttl"],
            ),
            "share": check(
                share_key(booking.app_id, booking.share_id),
                "#state = :open",
                open=ShareState.OPEN.value,
            ),
            "connection": check(
                connection_key(connection.app_id, connection.uid),
                "#state = :connected AND #calendarId = :calendar",
                connected=ConnectionState.CONNECTED.value,
                calendar=booking.calendar_id,
            ),
        }
        if key:
            place = idempotency_key(booking.app_id, booking.guest.uid, "book", key)
            now = self._table.now()
            writes["key"] = remember(place, booking.booking_id, fingerprint, now)
        claimed = claims.claim(booking.calendar_id, booking.slot, booking.booking_id)
        try:
            self._table.transact([*writes.values(), *claimed])
        except TransactionRefused as error:
            self._refuse_if_taken(booking)
            stands = dict(zip(writes, error.items, strict=False))
            raise _refusal(stands) from error

    def _refuse_if_taken(self, booking: Booking) -> None:
        """Raise `SlotTaken` if a consistent read shows another owner: it spares a transaction."""
        keys = claims.keys(booking.calendar_id, booking.slot)
        items = sorted(self._table.get_many(keys).values(), key=lambda item: str(item["sk"]))
        for interval, owner in claims.owned(items):
            if owner != booking.booking_id and interval.overlaps(booking.slot):
                raise SlotTaken("Somebody was faster.")

    def take(
        self, booking: Booking, now: datetime, leased_until: datetime, settling: timedelta
    ) -> Booking:
        """Take a claimed booking whose lease ran out, for one more attempt."""
        settles_at = booking.leased_until + settling
        if booking.settles_at is not None:
            settles_at = max(settles_at, booking.settles_at)
        return self._move(
            booking,
            "SET #attempt = #attempt + :one, #leasedUntil = :until, #settlesAt = :settles,"
            " #dueAt = :until",
            _OURS + " AND #leasedUntil <= :now",
            one=1,
            until=epoch(leased_until),
            settles=epoch(settles_at),
            now=epoch(now),
        )

    def renew_event(self, booking: Booking) -> Booking:
        """Use the next generation of event ids."""
        generation = booking.generation + 1
        return self._move(
            booking,
            "SET #generation = :generation, #eventId = :event",
            _OURS,
            generation=generation,
            event=event_id(booking.booking_id, generation),
        )

    def give_back(self, booking: Booking, due_at: datetime) -> None:
        """End the lease of a booking whose outcome is open."""
        self._move(
            booking,
            "SET #leasedUntil = :now, #settlesAt = :settles, #dueAt = :due, #awaited = :awaited",
            _OURS,
            now=epoch(self._table.now()),
            settles=epoch(booking.settles_at or due_at),
            due=epoch(due_at),
            awaited=booking.awaited,
        )

    def confirm(self, booking: Booking, owed: OutboxItem, look_at: datetime) -> None:
        """Move claimed -> confirmed, and the invite is owed."""
        confirmed_at = booking.confirmed_at or self._table.now()
        self._end(
            booking,
            [
                update(
                    booking_key(booking.app_id, booking.booking_id),
                    "SET #state = :state, #icalUid = :ical, #confirmedAt = :at,"
                    " #eventId = :event, #told = :told, #dueAt = :due",
                    _OURS,
                    state=booking.state.value,
                    ical=booking.ical_uid,
                    at=epoch(confirmed_at),
                    event=booking.event_id,
                    told=booking.told,
                    due=epoch(look_at),
                    **_ours(booking),
                ),
                owed_write(owed, confirmed_at),
            ],
        )

    def looked_at(self, booking: Booking) -> None:
        """Note that nobody has to look at a confirmed booking any more."""
        write = update(
            booking_key(booking.app_id, booking.booking_id),
            "REMOVE #dueShard, #dueAt",
            "#state = :state AND #attempt = :attempt",
            state=booking.state.value,
            attempt=booking.attempt,
        )
        try:
            self._table.write(write)
        except ConditionFailed:
            return

    def watch_on(self, watch: Watch, due_at: datetime | None) -> None:
        """Look again at that instant; never again if None."""
        key = watch_key(watch)
        if due_at is None:
            self._table.write(delete(key))
        else:
            self._table.write(put(key, watch_item(watch.with_(due_at=due_at))))

    def refuse(self, booking: Booking, owed: OutboxItem | None, watch: Watch | None) -> None:
        """Move claimed -> refused, and its buckets are free."""
        writes = [
            update(
                booking_key(booking.app_id, booking.booking_id),
                "SET #state = :state, #refusal = :refusal, #told = :told, #awaited = :awaited"
                " REMOVE #dueShard, #dueAt, #settlesAt",
                _OURS,
                state=booking.state.value,
                refusal=booking.refusal,
                told=booking.told,
                awaited=booking.awaited,
                **_ours(booking),
            ),
            update(
                _guest_key(booking),
                "REMOVE #bookingId",
                "#bookingId = :id",
                id=booking.booking_id,
            ),
            *claims.release(booking.calendar_id, booking.slot, booking.booking_id),
        ]
        if owed is not None:
            writes.append(owed_write(owed, self._table.now()))
        if watch is not None:
            writes.append(put(watch_key(watch), watch_item(watch)))
        self._end(booking, writes)

    def _move(self, booking: Booking, expression: str, condition: str, **values: Any) -> Booking:
        key = booking_key(booking.app_id, booking.booking_id)
        try:
            item = self._table.write(update(key, expression, condition, **_ours(booking), **values))
        except ConditionFailed as error:
            raise Busy(booking.booking_id) from error
        return booking_from(item)

    def _end(self, booking: Booking, writes: list[Write]) -> None:
        try:
            self._table.transact(writes)
        except TransactionRefused as error:
            raise Busy(booking.booking_id) from error


def _refusal(stands: dict[str, Item | None]) -> Exception:
    """Say which condition of a claim did not hold; claims themselves were looked at before."""
    guest, connection = stands.get("guest"), stands.get("connection")
    if stands.get("booking") is not None:
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
