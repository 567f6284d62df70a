"""Every IANA zone, and when its clocks are turned; nothing of the product is used to find out."""

import functools
import itertools
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from scheduling.core import zones as core_zones

#: Ten years; no zone turns its clocks twice within a day of them.
FIRST, LAST = datetime(2021, 1, 1, tzinfo=UTC), datetime(2031, 1, 1, tzinfo=UTC)
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


def names() -> list[str]:
    """Return every zone's name, in order; several may be of one place."""
    return sorted(core_zones.names())


@functools.cache
def turns(name: str) -> tuple[datetime, ...]:
    """Return the first minutes at which a zone's clocks are turned, forward or back."""
    zone = core_zones.zone(name)
    days = [FIRST + each * DAY for each in range((LAST - FIRST).days + 1)]
    found = []
    for before, after in itertools.pairwise(days):
        low, high = before, after
        offset = low.astimezone(zone).utcoffset()
        if high.astimezone(zone).utcoffset() == offset:
            continue
        while high - low > MINUTE:
            middle = low + (high - low) // 2 // MINUTE * MINUTE
            if middle.astimezone(zone).utcoffset() == offset:
                low = middle
            else:
                high = middle
        found.append(high)
    return tuple(found)


def that_turn(chance: random.Random) -> Iterator[str]:
    """Yield the zones that turn their clocks, in an order by chance."""
    shuffled = names()
    chance.shuffle(shuffled)
    return (name for name in shuffled if turns(name))


# FIX
