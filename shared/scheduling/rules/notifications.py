"""Who is notified of what: the message that is owed, to be written with the fact that it tells.

A guest hears of each transition by the invite; a host of each reason and subject once.
"""

from scheduling.core.ids import derived
from scheduling.models import AppId, Booking, OutboxItem, OutboxKind, Uid


def notice(app_id: AppId, uid: Uid, reason: str, about: str, booking_id: str = "") -> OutboxItem:
    """Owe a host one notice, however often the same thing is noticed.

    Args:
        app_id: the host's app.
        uid: the host.
        reason: `connected`, `reconnect`, `clash` or `undeliverable`.
        about: what it is about; the same reason about the same thing is told once.
        booking_id: for the card, where a booking is concerned.
    """
    outbox_id = derived("notice", app_id, uid, reason, about)
    return OutboxItem(
        app_id=app_id,
        owner=f"NOTICE#{outbox_id}",
        number=0,
        kind=OutboxKind.NOTICE,
        outbox_id=outbox_id,
        reason=reason,
        uid=uid,
        booking_id=booking_id,
    )


def invite_owed(before: Booking, after: Booking) -> OutboxItem | None:
    """Return the message that a step owes the guest, under the booking's next number."""
    if after.outbox_count == before.outbox_count:
        return None
    number = before.outbox_count
    return OutboxItem(
        app_id=before.app_id,
        owner=f"BOOKING#{before.booking_id}",
        number=number,
        kind=OutboxKind.INVITE,
        outbox_id=derived("outbox", before.app_id, before.booking_id, str(number)),
        correlation_id=after.correlation_id,
    )
