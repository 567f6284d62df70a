"""UTC instants and half-open intervals: read, write, merge, subtract.

Every datetime in the product is aware and UTC; `parse_instant` is where others are turned away.
"""

import math
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo

BUCKET = timedelta(minutes=5)
_DAY, _SECOND = timedelta(days=1), timedelta(seconds=1)

#: RFC 3339 section 5.6, seconds optional; narrower than ISO 8601, which knows weeks too.
_RFC3339 = re.compile(
    r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?([Zz]|[+-]\d\d:\d\d)", re.ASCII
)

_FIRST_YEAR, _LAST_YEAR = 1970, 9998


@dataclass(frozen=True, slots=True, order=True)
class Interval:
    """Half-open `[start, end)` in UTC; never empty.

    Raises:
        ValueError: a bound is naive or not UTC, or `end` is not after `start`.
    """

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.start.tzinfo is not UTC or self.end.tzinfo is not UTC:
            raise ValueError("an interval's bounds are aware and UTC")
        if self.end <= self.start:
            raise ValueError("an interval ends after it starts")

    @property
    def length(self) -> timedelta:
        """From start to end."""
        return self.end - self.start

    def overlaps(self, other: "Interval") -> bool:
        """Whether the two share an instant; touching is not overlapping."""
        return self.start < other.end and other.start < self.end

    def contains(self, other: "Interval") -> bool:
        """Whether `other` lies wholly inside."""
        return self.start <= other.start and other.end <= self.end

    def widened(self, before: timedelta, after: timedelta) -> "Interval":
        """With a buffer on each side."""
        return Interval(self.start - before, self.end + after)


def parse_instant(text: str) -> datetime:
    """Read RFC 3339 with an offset or Z, as UTC.

    Raises:
        ValueError: not RFC 3339, or without an offset: a time without one names no instant.
    """
    if not _RFC3339.fullmatch(text):
        raise ValueError("not an RFC 3339 date-time with an offset or Z")
    try:
        instant = datetime.fromisoformat(text.upper()).astimezone(UTC)
    except OverflowError as error:
        raise ValueError("not a time that a calendar can hold") from error
    # At the ends of what a datetime can hold, adding a meeting's length would overflow.
    if not _FIRST_YEAR <= instant.year <= _LAST_YEAR:
        raise ValueError("not a time that a calendar can hold")
    return instant


def format_instant(instant: datetime) -> str:
    """Write RFC 3339 in UTC with Z, whole seconds: `2026-11-24T14:00:00Z`."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def steady(window: Interval, there: tzinfo) -> Iterator[tuple[Interval, timezone]]:
    """Cut a window where clocks are turned; yield each part, in order, with its fixed offset.

    Within a part a wall time names one instant at most. Parts are at most a day long, because no
    zone turns its clock twice in a day: equal offsets at both ends are the offset between them.
    """
    start = window.start
    while start < window.end:
        end = min(start + _DAY, window.end)
        offset = _offset(start, there)
        if _offset(end, there) != offset:
            end = _turn(Interval(start, end), there)
        yield Interval(start, end), timezone(offset)
        start = end


def _turn(window: Interval, there: tzinfo) -> datetime:
    """Return when a zone's clock is turned, to the second; a window in which that happens once."""
    before = _offset(window.start, there)
    first = floor_to(window.start, _SECOND)
    seconds = range(math.ceil((window.end - first) / _SECOND))
    turned = bisect_left(
        seconds, True, key=lambda each: _offset(first + each * _SECOND, there) != before
    )
    return first + turned * _SECOND


def is_shown_twice(wall: datetime) -> bool:
    """Whether what a zone's clock shows is shown once more, because the clock is turned back.

    Args:
        wall: an instant in its zone. The offsets of a time that is skipped differ as well, but no
            clock shows one.
    """
    return wall.replace(fold=0).utcoffset() != wall.replace(fold=1).utcoffset()


def format_offset(wall: datetime) -> str:
    """Write the offset of a zone as people do: `UTC+1`, `UTC-3:30`."""
    minutes = int((wall.utcoffset() or timedelta(0)) / timedelta(minutes=1))
    whole, rest = divmod(abs(minutes), 60)
    return f"UTC{'-' if minutes < 0 else '+'}{whole}{f':{rest:02}' if rest else ''}"


def _offset(instant: datetime, there: tzinfo) -> timedelta:
    return instant.astimezone(there).utcoffset() or timedelta(0)


def merge(intervals: Iterable[Interval]) -> list[Interval]:
    """Sort, and join what overlaps or touches."""
    merged: list[Interval] = []
    for interval in sorted(intervals):
        if merged and interval.start <= merged[-1].end:
            if interval.end > merged[-1].end:
                merged[-1] = Interval(merged[-1].start, interval.end)
        else:
            merged.append(interval)
    return merged


def clip(intervals: Iterable[Interval], window: Interval) -> list[Interval]:
    """Keep what lies inside the window, cut at its bounds."""
    return [
        Interval(max(each.start, window.start), min(each.end, window.end))
        for each in intervals
        if each.overlaps(window)
    ]


def gaps(busy: Iterable[Interval], window: Interval) -> list[Interval]:
    """Return the parts of the window that no busy interval covers, in order."""
    free: list[Interval] = []
    cursor = window.start
    for each in merge(clip(busy, window)):
        if each.start > cursor:
            free.append(Interval(cursor, each.start))
        cursor = each.end
    if cursor < window.end:
        free.append(Interval(cursor, window.end))
    return free


def subtract(intervals: Iterable[Interval], taken: Iterable[Interval]) -> list[Interval]:
    """Return the parts of each interval that nothing of `taken` covers."""
    covered = list(taken)
    return [part for each in intervals for part in gaps(covered, each)]


def ceil_to(instant: datetime, step: timedelta) -> datetime:
    """Round up to a multiple of `step` since the epoch."""
    seconds = step.total_seconds()
    return datetime.fromtimestamp(math.ceil(instant.timestamp() / seconds) * seconds, UTC)


def floor_to(instant: datetime, step: timedelta) -> datetime:
    """Round down to a multiple of `step` since the epoch."""
    seconds = step.total_seconds()
    return datetime.fromtimestamp(math.floor(instant.timestamp() / seconds) * seconds, UTC)


def buckets(interval: Interval) -> Iterator[datetime]:
    """Return the starts of the 5-minute UTC buckets that the interval touches, rounded outwards."""
    bucket = floor_to(interval.start, BUCKET)
    while bucket < interval.end:
        yield bucket
        bucket += BUCKET
