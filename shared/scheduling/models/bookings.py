"""A booking, its states and the legal moves between them; what it leaves at Google and behind."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NewType, Self

from scheduling.core import correlation
from scheduling.core.times import Interval
from scheduling.models.calendars import CalendarId
from scheduling.models.people import AppId, Person, ShareId, Uid

BookingId = NewType("BookingId", str)


class BookingState(StrEnum):
    """The states of a booking; `MOVES` lists the legal moves between them."""

    CLAIMED = "claimed"
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    RESCHEDULING = "moving"
    CANCELLING = "cancelling"
    CANCELLED = "cancelled"


#: To each state, from where it may be reached; None is a booking that is not there yet.
#: Each move is one conditional transaction, whose condition is read from here.
TRANSITIONS: Mapping[BookingState, frozenset[BookingState | None]] = {
    BookingState.CLAIMED: frozenset({None, BookingState.REFUSED}),
    BookingState.CONFIRMED: frozenset(
        {BookingState.CLAIMED, BookingState.RESCHEDULING, BookingState.CANCELLING}
    ),
    BookingState.REFUSED: frozenset({BookingState.CLAIMED}),
    BookingState.RESCHEDULING: frozenset({BookingState.CONFIRMED}),
    BookingState.CANCELLING: frozenset({BookingState.CONFIRMED}),
    BookingState.CANCELLED: frozenset({BookingState.CANCELLING, BookingState.RESCHEDULING}),
}
#: Somebody works on it, under a lease; a new worker or its next step changes no state.
UNDER_WORK = frozenset({BookingState.CLAIMED, BookingState.RESCHEDULING, BookingState.CANCELLING})
#: The meeting takes place, as far as anybody has heard.
ACTIVE = frozenset({BookingState.CONFIRMED, BookingState.RESCHEDULING, BookingState.CANCELLING})
#: Nothing of it is left in the calendar.
ENDED = frozenset({BookingState.REFUSED, BookingState.CANCELLED})


@dataclass(frozen=True, slots=True)
class Booking:
    """One meeting, from the claim on."""

    app_id: AppId
    booking_id: BookingId
    share_id: ShareId
    calendar_id: CalendarId
    host: Person
    guest: Person
    slot: Interval
    title: str
    note: str
    #: Of the guest, for the words and links that they read; else the host's.
    time_zone: str
    locale: str
    state: BookingState
    #: Counts the workers that took this booking; every move names the attempt that makes it.
    attempt: int
    #: Until when the present worker has it.
    leased_until: datetime
    #: Counts the events that this booking has had at Google.
    revision: int
    #: Derived from the booking and its generation; an event of this id may exist from the claim on.
    event_id: str
    created_at: datetime
    #: Kept free around the meeting, and claimed with it.
    buffer_before: timedelta = timedelta(0)
    buffer_after: timedelta = timedelta(0)
    #: When somebody has to look at it next; None for never.
    due_at: datetime | None = None
    #: While it is moved: where to.
    target: Interval | None = None
    #: And who asked for it with an idempotency key, and what that is called in the table.
    asked: tuple[Uid, str] | None = None
    #: Set when an earlier attempt may have asked Google for a change that is not known to be done:
    #: until then an insert may still land, so the claim is not released, and whoever works on it
    #: asks for the event first.
    settles_at: datetime | None = None
    ical_uid: str = ""
    sequence: int = 0
    #: Since when it stands as it does: the stamp of its invite.
    last_modified: datetime | None = None
    #: Why it was refused, as an error's code.
    refusal: str = ""
    #: Whether somebody was answered 202 and waits for word.
    awaited: bool = False
    #: How many messages were owed for it so far; they are numbered, and sent in order.
    outbox_count: int = 0
    #: By when the first worker of its present step was to be done with it.
    promised_by: datetime | None = None
    #: Of the request for which it is worked on, or was at last.
    correlation_id: str = field(default_factory=correlation.current)

    @property
    def ids(self) -> dict[str, str]:
        """What names it in the log."""
        return {"app_id": self.app_id, "booking_id": self.booking_id, "share_id": self.share_id}

    def with_(self, **changes: Any) -> Self:
        """A copy with some fields changed."""
        return replace(self, **changes)

    def around(self, slot: Interval) -> Interval:
        """Return what a meeting at that time takes of the calendar: itself and its buffers."""
        return slot.widened(self.buffer_before, self.buffer_after)

    @property
    def owns(self) -> tuple[Interval, ...]:
        """What it has claimed of the calendar; while it is moved, its old time and the new one."""
        if self.state in ENDED:
            return ()
        if self.state is BookingState.RESCHEDULING and self.target is not None:
            return self.around(self.slot), self.around(self.target)
        return (self.around(self.slot),)


@dataclass(frozen=True, slots=True)
class Hold:
    """A claim that ends by the clock, with nothing at Google: one for each guest and share."""

    app_id: AppId
    share_id: ShareId
    calendar_id: CalendarId
    guest: Uid
    slot: Interval
    #: What it takes of the calendar: the slot and its buffers.
    claimed: Interval
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class OrphanWatch:
    """An event id that an insert may still bring to life though its booking was released."""

    app_id: AppId
    booking_id: BookingId
    host: Uid
    calendar_id: CalendarId
    event_id: str
    revision: int
    since: datetime
    due_at: datetime
    #: Of the request whose booking was released.
    correlation_id: str = field(default_factory=correlation.current)

    @property
    def ids(self) -> dict[str, str]:
        """What names it in the log."""
        return {"app_id": self.app_id, "booking_id": self.booking_id}

    def with_(self, **changes: Any) -> Self:
        """A copy with some fields changed."""
        return replace(self, **changes)


@dataclass(frozen=True, slots=True)
class CalendarEvent:
    """What we read of our own event at Google."""

    event_id: str
    ical_uid: str
    #: Whether Google keeps it only as a tombstone.
    cancelled: bool
    #: The booking that our private property names; empty for a foreign event.
    booking_id: str
    #: Google's mark of this very version of the event.
    etag: str = ""
    #: When it takes place now; None for a tombstone without times.
    slot: Interval | None = None


@dataclass(frozen=True, slots=True)
class EventDraft:
    """What we write into the host's calendar."""

    event_id: str
    booking_id: BookingId
    slot: Interval
    summary: str
    description: str
