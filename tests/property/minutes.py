"""What is offered, found a second time: slowly, minute by minute, and plain to read.

Nothing here reckons with offsets. Each minute of a window is shown to the zone's clock, which says
what it reads then; everything else is looking at those readings.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import cached_property

from scheduling.core import zones as core_zones
from scheduling.core.times import Interval
from scheduling.models import Hours, Preferences
from tests.zones import MINUTE

_BUCKET_MINUTES, _DAY_MINUTES = 5, 24 * 60
_STEPS = (5, 10, 15, 20, 30, 45, 60, 75, 90, 120, 240, 720)
_LENGTHS = (5, 15, 30, 45, 60, 90, 120, 180, 480)
_BUFFERS = (0, 0, 0, 5, 15, 60)


def minutes(span: Interval) -> Iterator[datetime]:
    """Yield the minutes of a span that begins and ends with one."""
    for count in range(int(span.length / MINUTE)):
        yield span.start + count * MINUTE


@dataclass(frozen=True)
class Scene:
    """A host's days and rules around one turn of the clock."""

    zone: str
    window: Interval
    now: datetime
    busy: tuple[Interval, ...]
    preferences: Preferences
    step: int
    length: int

    @cached_property
    def clock(self) -> dict[datetime, datetime]:
        """What the host's clock reads at each minute of the window."""
        zone = core_zones.zone(self.zone)
        return {minute: minute.astimezone(zone) for minute in minutes(self.window)}

    @cached_property
    def opened(self) -> set[datetime]:
        """The minutes at which the host is open."""
        hours = self.preferences.hours
        return {at for at, reads in self.clock.items() if hours is None or is_open(reads, hours)}

    @cached_property
    def grid(self) -> list[datetime]:
        """The minutes at which a meeting may begin, were the host open and free all the time."""
        return [
            at
            for at, reads in self.clock.items()
            if (reads.hour * 60 + reads.minute) % self.step == 0
            and at.minute % _BUCKET_MINUTES == 0
        ]

    def inside(self, start: datetime) -> bool:
        """Whether a meeting of the length takes place in open minutes of the window alone."""
        return all(at in self.opened for at in minutes(self._meeting(start)))

    def offered(self) -> list[datetime]:
        """Return the starts that the host offers."""
        taken = {at for each in self.busy for at in minutes(each)}
        rules = self.preferences
        return [
            start
            for start in self.grid
            if start >= self.now + rules.notice
            and self.inside(start)
            and not any(at in taken for at in minutes(rules.claimed(self._meeting(start))))
        ]

    def _meeting(self, start: datetime) -> Interval:
        return Interval(start, start + self.length * MINUTE)


def is_open(reads: datetime, hours: Hours) -> bool:
    """Whether a clock's reading lies in the hours of its date, or in the night of the date before.

    A range that ends no later than it begins ends on the next date.
    """
    clock = reads.time()
    weekday = reads.weekday()
    today, yesterday = hours.get(weekday, ()), hours.get((weekday - 1) % 7, ())
    return any(
        opens <= clock and (clock < closes or closes <= opens) for opens, closes in today
    ) or any(closes <= opens and clock < closes for opens, closes in yesterday)


def scene(chance: random.Random, name: str, turn: datetime) -> Scene:
    """Return what some host might have set, most of it near the hour that a turn touches."""
    middle = turn - turn.minute % _BUCKET_MINUTES * MINUTE
    start, end = (middle + (each + chance.randrange(-24, 25)) * 5 * MINUTE for each in (-288, 288))
    reads = [turn + each * MINUTE for each in (-_DAY_MINUTES, -1, 0, _DAY_MINUTES)]
    touched = [each.astimezone(core_zones.zone(name)) for each in reads]
    marks = [each.hour * 60 + each.minute for each in touched]
    return Scene(
        zone=name,
        window=Interval(start, end),
        # Between two minutes: a start at this very instant is not booked any more.
        now=turn - chance.randrange(2 * _DAY_MINUTES) * MINUTE - timedelta(seconds=30),
        busy=tuple(_busy(chance, turn) for _ in range(chance.choice((0, 0, 1, 3)))),
        preferences=Preferences(
            buffer_before=chance.choice(_BUFFERS) * MINUTE,
            buffer_after=chance.choice(_BUFFERS) * MINUTE,
            notice=chance.choice((0, 0, 60, _DAY_MINUTES)) * MINUTE,
            hours={each.weekday(): _ranges(chance, marks) for each in touched}
            if chance.randrange(20)
            else None,
        ),
        step=chance.choice(_STEPS),
        length=chance.choice(_LENGTHS),
    )


def _busy(chance: random.Random, turn: datetime) -> Interval:
    start = turn + chance.randrange(-600, 600) * MINUTE
    return Interval(start, start + chance.randrange(1, 180) * MINUTE)


def _ranges(chance: random.Random, marks: list[int]) -> tuple[tuple[time, time], ...]:
    """Return a day's ranges: in order, apart, the last one perhaps to midnight or over it."""
    count = 2 * chance.choice((0, 1, 1, 1, 2, 3))
    every = chance.choice((1, 5, 15, 30))
    drawn = {
        (chance.choice(marks) + every * chance.randrange(-12, 13)) // every * every % _DAY_MINUTES
        for _ in range(count)
    }
    times = [time(*divmod(each, 60)) for each in sorted(drawn)]
    if len(times) % 2:
        times.append(time.min)
    elif times and not chance.randrange(5):
        times = [*times[1:], times[0]]
    return tuple(zip(times[::2], times[1::2], strict=True))
