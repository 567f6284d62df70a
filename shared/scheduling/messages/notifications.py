"""Notifications to hosts: owed once for each reason and subject, however often it is noticed."""

from scheduling.core.ids import derived
from scheduling.models import AppId, OutboxItem, OutboxKind, Uid


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
