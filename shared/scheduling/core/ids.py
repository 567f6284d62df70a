"""Ids: derived where a repeat must meet the first, random where nobody may guess.

All are lower-case base32hex (`a`-`v`, `0`-`9`), which is what Google asks of a client's event id:
https://developers.google.com/workspace/calendar/api/v3/reference/events, `id`, read 2026-11.
"""

import base64
import hashlib
import hmac
import re
import secrets

_ID_BYTES = 20
#: uids and guids at CometChat: at most 100 of these, lower-cased by the server.
CHAT_UID = re.compile(r"[a-z0-9_-]{1,100}", re.ASCII)


def _base32hex(raw: bytes) -> str:
    return base64.b32hexencode(raw).decode("ascii").lower().rstrip("=")


def derived(*parts: str) -> str:
    """Return 32 characters that depend on every part and on their borders, and on nothing else."""
    digest = hashlib.sha256()
    for part in parts:
        raw = part.encode()
        digest.update(len(raw).to_bytes(4, "big"))
        digest.update(raw)
    return _base32hex(digest.digest()[:_ID_BYTES])


def random_id() -> str:
    """Return 32 characters with 160 random bits."""
    return _base32hex(secrets.token_bytes(_ID_BYTES))


def booking_id(app_id: str, guest: str, share_id: str, starts_at: str, predecessors: int) -> str:
    """Name a booking by what it is, so that a repeat is the same booking.

    `predecessors` counts the guest's ended bookings of this share: one after them is a new booking.
    """
    return derived("booking", app_id, guest, share_id, starts_at, str(predecessors))


def hold_id(app_id: str, share_id: str, guest: str) -> str:
    """Name the one hold that a guest may have of a share, as an owner of buckets."""
    return derived("hold", app_id, share_id, guest)


def event_id(booking: str, revision: int) -> str:
    """Name the event at Google: a retry meets its own; after a deleted one, a new generation."""
    return derived("event", booking, str(revision))


def calendar_id(key: bytes, subject: str) -> str:
    """Name a Google account in keys of the table, without telling which it is.

    Args:
        key: the deployment's calendar key; it never rotates, since claims stand under these names.
        subject: Google's `sub`.
    """
    return _base32hex(hmac.digest(key, b"calendar:" + subject.encode(), "sha256")[:_ID_BYTES])


def chat_uid(text: str) -> str | None:
    """Return a uid or guid as CometChat keeps it, lower-cased; None if it is not of that form.

    Source: https://www.cometchat.com/docs/articles/properties-and-constraints, read 2026-11.
    """
    lowered = text.lower()
    return lowered if CHAT_UID.fullmatch(lowered) else None


def key_name(route: str, key: str) -> str:
    """Name an idempotency key of a route without keeping it."""
    return f"{route}#{hashed(key)}"


def hashed(secret: str) -> str:
    """Name a secret in the table without keeping it there."""
    return _base32hex(hashlib.sha256(secret.encode()).digest())
