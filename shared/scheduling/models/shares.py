"""What a host offers: the rules, and one sharing of free times by them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Generic, TypeVar

from scheduling.core.times import Interval
from scheduling.models.calendars import CalendarId
from scheduling.models.people import AppId, Person, Receiver, ShareId

T = TypeVar("T")

#: Open hours of each weekday (0 is Monday): wall-clock times in the host's zone, in order.
#: An end that is not after its start is on the next date; so midnight is the end of the day.
Hours = Mapping[int, tuple[tuple[time, time], ...]]


@dataclass(frozen=True, slots=True)
class Preferences:
    """How a host wants to be booked; a share keeps those of the day on which it was made."""

    #: Kept free before and after each meeting, and claimed with it.
    buffer_before: timedelta = timedelta(0)
    buffer_after: timedelta = timedelta(0)
    #: How long before its start a meeting has to be booked.
    notice: timedelta = timedelta(0)
    #: None: at any hour.
    hours: Hours | None = None

    def claimed(self, slot: Interval) -> Interval:
        """Return what a meeting takes of the calendar: itself and its buffers."""
        return slot.widened(self.buffer_before, self.buffer_after)


class ShareState(StrEnum):
    """What is stored of a share; `expired` and `full` are told from the clock and the calendar."""

    OPEN = "open"
    WITHDRAWN = "withdrawn"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Availability:
    """Busy times over a window, and how slots lie in it: what a guest sees."""

    window: Interval
    busy: tuple[Interval, ...]
    time_zone: str
    step: timedelta
    durations: tuple[timedelta, ...]
    generated_at: datetime
    #: Whether the window was made shorter to fit into a message.
    truncated: bool = False


@dataclass(frozen=True, slots=True)
class Share:
    """One sharing of availability: what the host said the guest may book."""

    app_id: AppId
    share_id: ShareId
    host: Person
    receiver: Receiver
    calendar_id: CalendarId
    title: str
    locale: str
    availability: Availability
    state: ShareState
    created_at: datetime
    #: CometChat's id of the availability message, once it is sent.
    message_id: str | None = None
    preferences: Preferences = field(default_factory=Preferences)


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a list."""

    items: tuple[T, ...]
    #: Opaque; give it back for the next page.
    next_cursor: str | None = None
