"""Busy times into slots: what is offered, and what a message may tell of it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from scheduling.core.errors import ShareClosed, SlotNotOffered
from scheduling.core.times import BUCKET, Interval, ceil_to, clip, gaps, merge, steady
from scheduling.core.zones import zone
from scheduling.models import Availability, Hours, Preferences, Share, ShareState
from scheduling.rules.defaults import ANY_TIME, HORIZON, STEP


def snapshot(
    busy: Iterable[Interval],
    *,
    now: datetime,
    time_zone: str,
    durations: Sequence[timedelta],
    window: Interval | None = None,
    step: timedelta = STEP,
    preferences: Preferences = ANY_TIME,
) -> Availability:
    """Say what is offered from now on.

    The busy list covers everything that is not: gaps that are too short for the shortest duration
    are folded in, so that no outline of single meetings is given away for nothing.

    Args:
        busy: in any order, overlapping or not.
        now: the window begins at the next whole bucket after it.
        time_zone: whose wall clock the step grid follows.
        durations: at least one.
        window: of an earlier snapshot, to be looked at again; else the next 7 days.
        step: length of the grid.
        preferences: the host's; buffers are added to what is busy, closed hours are busy.
    """
    start = ceil_to(now, BUCKET)
    whole = window or Interval(start, start + HORIZON)
    if start >= whole.end:
        left = Interval(whole.end - BUCKET, whole.end)
        blocked = [left]
    else:
        left = Interval(max(start, whole.start), whole.end)
        # A meeting's own buffers, turned round: what is nearer than they are long is busy for it.
        near = [each.widened(preferences.buffer_after, preferences.buffer_before) for each in busy]
        soon = ceil_to(now + preferences.notice, BUCKET)
        if soon > left.start:
            near.append(Interval(left.start, soon))
        blocked = clip([*near, *closed(left, zone(time_zone), preferences.hours)], left)
    grid = zone(time_zone)
    shortest = min(durations)
    unusable = [gap for gap in gaps(blocked, left) if not any(_starts(gap, shortest, step, grid))]
    return Availability(
        window=left,
        busy=tuple(merge([*blocked, *unusable])),
        time_zone=time_zone,
        step=step,
        durations=tuple(durations),
        generated_at=now,
    )


def shortened(availability: Availability, end: datetime) -> Availability:
    """Offer less far ahead, for a message that has no room: busy times are never dropped."""
    window = Interval(availability.window.start, end)
    return replace(
        availability,
        window=window,
        busy=tuple(clip(availability.busy, window)),
        truncated=True,
    )


def on_grid(start: datetime, step: timedelta, grid: ZoneInfo) -> bool:
    """Whether a start lies on the step grid of the zone's wall clock."""
    wall = start.astimezone(grid)
    seconds = wall.hour * 3600 + wall.minute * 60 + wall.second
    return seconds % int(step.total_seconds()) == 0 and wall.microsecond == 0


def _starts(
    gap: Interval, duration: timedelta, step: timedelta, grid: ZoneInfo
) -> Iterator[datetime]:
    """Yield the starts on the grid at which the duration fits into the gap, in order.

    Steps in UTC: wall-clock arithmetic repeats or skips an hour where clocks change.
    """
    start = ceil_to(gap.start, BUCKET)
    while start + duration <= gap.end:
        if on_grid(start, step, grid):
            yield start
        start += BUCKET


def nothing(offered: Availability) -> Availability:
    """Return a window in which nothing is offered any more, and nothing told of anybody's days."""
    return replace(offered, busy=(offered.window,))


def slots(
    availability: Availability, duration: timedelta, *, after: datetime | None = None
) -> list[datetime]:
    """Return the starts at which a meeting of that length may be booked, in order.

    Args:
        availability: as of now.
        duration: of the meeting.
        after: only starts at or after it.
    """
    grid = zone(availability.time_zone)
    return [
        start
        for gap in gaps(availability.busy, availability.window)
        for start in _starts(gap, duration, availability.step, grid)
        if after is None or start >= after
    ]


def closed(window: Interval, grid: ZoneInfo, hours: Hours | None) -> list[Interval]:
    """Return the parts of a window that lie outside a host's open hours.

    An instant is open if the wall clock then shows a time inside them: of an hour that is skipped
    nothing is open, and of one that is repeated both passes are.
    """
    if hours is None:
        return []
    opened: list[Interval] = []
    for part, clock in steady(window, grid):
        opened += clip(_opened(part, clock, hours), part)
    return gaps(opened, window)


def _opened(part: Interval, clock: timezone, hours: Hours) -> Iterator[Interval]:
    """Yield the open hours of the dates of a part, and of the date before: its night may last."""
    day = part.start.astimezone(clock).date() - timedelta(days=1)
    last = part.end.astimezone(clock).date()
    while day <= last:
        for opens, closes in hours.get(day.weekday(), ()):
            until = day if opens < closes else day + timedelta(days=1)
            yield Interval(
                datetime.combine(day, opens, clock).astimezone(UTC),
                datetime.combine(until, closes, clock).astimezone(UTC),
            )
        day += timedelta(days=1)


def require_open(share: Share, now: datetime) -> None:
    """Check that something can be booked of a share.

    Raises:
        ShareClosed: nothing can be booked of it any more.
    """
    if share.state is not ShareState.OPEN or now >= share.availability.window.end:
        raise ShareClosed("This share is closed.")


def nearest(starts: Iterable[datetime], wanted: datetime, limit: int) -> list[datetime]:
    """Return the starts that are nearest to a wanted one, before it and after it, in order."""
    by_distance = sorted(starts, key=lambda start: (abs(start - wanted), start))
    return sorted(by_distance[:limit])


def require_offered(share: Share, slot: Interval, *, now: datetime, time_zone: str) -> None:
    """Check that a share offers this start and length at all, free or not.

    Args:
        share: of the slot.
        slot: start and length that are wanted.
        now: nothing before it is offered.
        time_zone: the calendar's, as it is now; hours and grid follow its clock.

    Raises:
        ShareClosed: nothing can be booked of it any more.
        SlotNotOffered: not a length, a start or an hour of this share, or too soon.
    """
    require_open(share, now=now)
    offered, preferences = share.availability, share.preferences
    grid = zone(time_zone)
    if not (
        slot.length in offered.durations
        and offered.window.contains(slot)
        and slot.start > now
        and slot.start >= now + preferences.notice
        and on_grid(slot.start, offered.step, grid)
        and not closed(slot, grid, preferences.hours)
    ):
        raise SlotNotOffered("This share does not offer that time.")
