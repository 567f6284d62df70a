"""The writes of a booking's step, and what it means when one of them does not hold."""

from datetime import datetime
from typing import Any

from scheduling.adapters.dynamodb.booking_item import booking_item, booking_key, hold_item, hold_key
from scheduling.adapters.dynamodb.connection_store import connection_key
from scheduling.adapters.dynamodb.share_store import key_named, remember, share_key
from scheduling.adapters.dynamodb.table import Item, Key, Write, app_pk, check, delete, put, update
from scheduling.core.errors import (
    AlreadyBooked,
    IdempotencyMismatch,
    NotConnected,
    ReconnectNeeded,
    ShareClosed,
)
from scheduling.models import (
    ENDED,
    TRANSITIONS,
    UNDER_WORK,
    AppId,
    Booking,
    BookingState,
    CalendarId,
    Connection,
    ConnectionState,
    Hold,
    ShareId,
    ShareState,
)
from scheduling.ports import Busy, Remembered


def step(before: Booking | None, after: Booking) -> Write:
    """Return the write of a transition: it changes what differs, if the booking is as read."""
    state = before.state if before else None
    stays = state is after.state and (state in UNDER_WORK or state is BookingState.CONFIRMED)
    if not stays and state not in TRANSITIONS[after.state]:
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


def guest_key(app_id: str, share_id: str, guest: str) -> Key:
    """Return where it stands which booking of a share is a guest's."""
    return app_pk(app_id, "SHARE", share_id), f"GUEST#{guest}"


def of_guest(booking: Booking) -> Write:
    """Note which booking of a share is its guest's, or that it has ended."""
    key = guest_key(booking.app_id, booking.share_id, booking.guest.uid)
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


def rests_on(
    app_id: AppId, share_id: ShareId, connection: Connection, calendar_id: CalendarId
) -> dict[str, Write]:
    """Return the checks of what every claim rests on."""
    return {
        "share": check(share_key(app_id, share_id), "#state = :open", open=ShareState.OPEN.value),
        "connection": check(
            connection_key(connection.app_id, connection.uid),
            "#state = :connected AND #calendarId = :calendar",
            connected=ConnectionState.CONNECTED.value,
            calendar=calendar_id,
        ),
    }


def remember_key(after: Booking, remembered: Remembered, now: datetime) -> dict[str, Write]:
    """Remember what the request's idempotency key stands for, in place of what never came to be."""
    place = key_named(after.app_id, remembered.uid, remembered.name)
    former = remembered.instead_of
    key = remember(
        place,
        after.booking_id,
        remembered.fingerprint,
        now,
        instead_of=former,
        sequence=remembered.sequence,
    )
    if former in {"", after.booking_id}:
        return {"key": key}
    unborn = check(booking_key(after.app_id, former), "attribute_not_exists(#icalUid)")
    return {"key": key, "former": unborn}


def forget_key(before: Booking, after: Booking) -> list[Write]:
    """Forget the idempotency key of a move that was not made, so that a repeat is made again."""
    if before.asked is None or after.state in UNDER_WORK or after.slot == before.target:
        return []
    uid, name = before.asked
    return [delete(key_named(before.app_id, uid, name))]


def key_of_hold(hold: Hold) -> Key:
    """Return where a hold stands."""
    return hold_key(hold.app_id, hold.share_id, hold.guest)


def unless_changed(hold: Hold, write: Any, *item: Item) -> Write:
    """Return a write in a hold's place, if it still is what was read."""
    was = hold_item(hold)
    made: Write = write(
        key_of_hold(hold),
        *item,
        "#slot = :wasSlot AND #expiresAt = :wasExpiresAt",
        wasSlot=was["slot"],
        wasExpiresAt=was["expiresAt"],
    )
    return made


def refusal(found: dict[str, Item | None]) -> Exception:
    """Say which condition did not hold; claims themselves were looked at before."""
    guest, connection = found.get("guest"), found.get("connection")
    if any(found.get(name) is not None for name in ("booking", "hold", "former")):
        why: Exception = Busy("booking")
    elif found.get("key") is not None:
        why = IdempotencyMismatch("This idempotency key was used for another request.")
    elif guest is not None:
        booked = guest.get("bookingId")
        why = AlreadyBooked("You have booked a time of this share.", booking_id=booked)
    elif found.get("share") is not None:
        why = ShareClosed("This share is closed.")
    elif connection is None:
        why = Busy("claim")
    elif connection.get("state") == ConnectionState.RECONNECT.value:
        why = ReconnectNeeded("The host's calendar has to be connected again.")
    else:
        why = NotConnected("The host's calendar is not connected any more.")
    return why
