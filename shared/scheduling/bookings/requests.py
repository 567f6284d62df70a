"""What guests and hosts ask of bookings, as frozen values."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from scheduling.core.ids import derived
from scheduling.core.times import format_instant
from scheduling.models import BookingId, ShareId


@dataclass(frozen=True, slots=True)
class BookRequest:
    """To book a start of a share; what is empty is as the share has it."""

    share_id: ShareId
    starts_at: datetime
    duration: timedelta | None
    title: str
    note: str
    #: Hints for words: a known zone's name and a language's tag, or empty.
    time_zone: str
    locale: str
    idempotency_key: str
    #: `timeZone`, `locale`: what was asked for and is not known, so another is used.
    unknown_hints: tuple[str, ...] = ()

    def fingerprint(self) -> str:
        """Tell one request from another under the same idempotency key."""
        minutes = str(int(self.duration.total_seconds() // 60)) if self.duration else ""
        return derived(
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
    """To hold a start of a share."""

    share_id: ShareId
    starts_at: datetime
    duration: timedelta | None


@dataclass(frozen=True, slots=True)
class RescheduleRequest:
    """To move a meeting to another start; its length stays."""

    starts_at: datetime
    idempotency_key: str

    def fingerprint(self, booking_id: BookingId) -> str:
        """Tell one request from another under the same idempotency key."""
        return derived("reschedule", booking_id, format_instant(self.starts_at))


@dataclass(frozen=True, slots=True)
class TimesRequest:
    """To see what a meeting can be moved to, by starts; None is now, and seven days on."""

    starts_from: datetime | None
    starts_before: datetime | None
