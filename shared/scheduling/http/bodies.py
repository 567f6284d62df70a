"""What callers may ask, as frozen values; what is not of the documented form is refused."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from scheduling.core.times import format_instant
from scheduling.http.fields import Fields
from scheduling.models import BookingId, Preferences, Receiver, ShareId
from scheduling.rules.availability import DEFAULT_DURATION

TITLE_MAX = 200
NOTE_MAX = 1000
KEY_MAX = 200
CURSOR_MAX = 1000
URL_MAX = 1000
BUFFER_MAX = timedelta(hours=2)
NOTICE_MAX = timedelta(days=6)


def _fingerprint(*parts: str) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class ConnectRequest:
    """`POST v1/connect`."""

    return_url: str

    @classmethod
    def read(cls, fields: Fields) -> Self:
        """Read it, or raise `InvalidRequest`."""
        return cls(return_url=fields.opaque("returnUrl", URL_MAX))


@dataclass(frozen=True, slots=True)
class ShareRequest:
    """`POST v1/share`."""

    receiver: Receiver
    duration: timedelta
    title: str
    locale: str
    idempotency_key: str

    @classmethod
    def read(cls, fields: Fields) -> Self:
        """Read it, or raise `InvalidRequest`."""
        return cls(
            receiver=Receiver(
                id=fields.uid("receiver"), type=fields.choice("receiverType", "user", "group")
            ),
            duration=fields.minutes("durationMinutes") or DEFAULT_DURATION,
            title=fields.line("title", TITLE_MAX),
            locale=fields.locale("locale"),
            idempotency_key=fields.opaque("idempotencyKey", KEY_MAX),
        )

    def fingerprint(self) -> str:
        """Tell one request from another under the same idempotency key."""
        minutes = str(int(self.duration.total_seconds() // 60))
        return _fingerprint(
            "share", self.receiver.type, self.receiver.id, minutes, self.title, self.locale
        )


@dataclass(frozen=True, slots=True)
class BookRequest:
    """`POST v1/book`."""

    share_id: ShareId
    starts_at: datetime
    duration: timedelta | None
    title: str
    note: str
    time_zone: str
    locale: str
    idempotency_key: str

    @classmethod
    def read(cls, fields: Fields) -> Self:
        """Read it, or raise `InvalidRequest`."""
        return cls(
            share_id=ShareId(fields.id("shareId")),
            starts_at=fields.instant("startsAt"),
            duration=fields.minutes("durationMinutes"),
            title=fields.line("title", TITLE_MAX),
            note=fields.lines("note", NOTE_MAX),
            time_zone=fields.time_zone("timeZone"),
            locale=fields.locale("locale"),
            idempotency_key=fields.opaque("idempotencyKey", KEY_MAX),
        )

    def fingerprint(self) -> str:
        """Tell one request from another under the same idempotency key."""
        minutes = str(int(self.duration.total_seconds() // 60)) if self.duration else ""
        return _fingerprint(
            "book",
            self.share_id,
            format_instant(self.starts_at),
            minutes,
            self.title,
            self.note,
            self.time_zone,
            self.locale,
        )


@dataclass(frozen=True, slots=True)
class HoldRequest:
    """`POST v1/hold`."""

    share_id: ShareId
    starts_at: datetime
    duration: timedelta | None

    @classmethod
    def read(cls, fields: Fields) -> Self:
        """Read it, or raise `InvalidRequest`."""
        return cls(
            share_id=ShareId(fields.id("shareId")),
            starts_at=fields.instant("startsAt"),
            duration=fields.minutes("durationMinutes"),
        )


@dataclass(frozen=True, slots=True)
class RescheduleRequest:
    """`POST v1/bookings/{bookingId}/reschedule`."""

    starts_at: datetime
    idempotency_key: str

    @classmethod
    def read(cls, fields: Fields) -> Self:
        """Read it, or raise `InvalidRequest`."""
        return cls(
            starts_at=fields.instant("startsAt"),
            idempotency_key=fields.opaque("idempotencyKey", KEY_MAX),
        )

    def fingerprint(self, booking_id: BookingId) -> str:
        """Tell one request from another under the same idempotency key."""
        return _fingerprint("reschedule", booking_id, format_instant(self.starts_at))


def preferences(fields: Fields) -> Preferences:
    """Read `PUT v1/preferences`; what is left out is as for a host who has said nothing.

    Raises:
        InvalidRequest: not of the documented form.
    """
    return Preferences(
        buffer_before=fields.length("bufferBeforeMinutes", BUFFER_MAX),
        buffer_after=fields.length("bufferAfterMinutes", BUFFER_MAX),
        notice=fields.length("noticeMinutes", NOTICE_MAX),
        hours=fields.hours("hours"),
    )
