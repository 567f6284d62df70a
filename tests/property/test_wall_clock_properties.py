"""Where clocks are turned: the rules against a walk through the minutes, in zones by chance.

Each run takes other zones. It prints the seed that chose them: `ZONES_SEED=7 pytest ...` takes them
again. `make soak` takes every zone, and every turn of ten years.
"""

import itertools
import os
import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from scheduling.core import zones as core_zones
from scheduling.core.catalogue import Catalogue
from scheduling.core.errors import SlotNotOffered
from scheduling.core.times import Interval
from scheduling.rules.availability import closed, require_offered, slots, snapshot
from tests.builders import a_week_share
from tests.property.minutes import Scene, minutes, scene
from tests.zones import MINUTE, names, that_turn, turns

SEED = os.environ.get("ZONES_SEED") or str(random.randrange(1_000_000))  # noqa: S311
ZONES, TURNS, SCENES = 30, 2, 2
#: Of every turn, in the long run.
SOAKED_SCENES = 4
HOUR = 60 * MINUTE
WORDS = Catalogue(Path(__file__).parents[2] / "web" / "words")


@pytest.fixture
def chance(record_property: Callable[[str, object], None]) -> random.Random:
    """Return what chooses, by a seed that the run prints at its end."""
    record_property("ZONES_SEED", SEED)
    return random.Random(SEED)  # noqa: S311 - chosen, not kept secret


def _fast(seen: Scene) -> list[datetime]:
    length = seen.length * MINUTE
    offered = snapshot(
        seen.busy,
        now=seen.now,
        time_zone=seen.zone,
        durations=[length],
        window=seen.window,
        step=seen.step * MINUTE,
        preferences=seen.preferences,
    )
    return slots(offered, length)


def _taken_in(seen: Scene) -> list[datetime]:
    """Return the starts at which a share of the scene takes a booking, free or not."""
    length = seen.length * MINUTE
    offered = replace(
        a_week_share().availability,
        window=seen.window,
        time_zone=seen.zone,
        step=seen.step * MINUTE,
        durations=(length,),
    )
    share = a_week_share(availability=offered, preferences=seen.preferences)
    found = []
    for start in minutes(seen.window):
        if start.minute % 5 == 0:
            try:
                slot = Interval(start, start + length)
                require_offered(share, slot, now=seen.now, time_zone=offered.time_zone)
            except SlotNotOffered:
                continue
            found.append(start)
    return found


def _check(seen: Scene) -> None:
    shut = closed(seen.window, core_zones.zone(seen.zone), seen.preferences.hours)
    opened = [at for at in seen.clock if not any(each.start <= at < each.end for each in shut)]
    assert opened == sorted(seen.opened), seen
    assert _fast(seen) == seen.offered(), seen
    soonest = seen.now + seen.preferences.notice
    wanted = [start for start in seen.grid if start >= soonest and seen.inside(start)]
    assert _taken_in(seen) == wanted, seen


def test_what_is_offered_where_clocks_are_turned_is_what_a_walk_through_the_minutes_finds(
    chance: random.Random,
) -> None:
    offered = 0
    for name in itertools.islice(that_turn(chance), ZONES):
        for turn in chance.sample(turns(name), min(TURNS, len(turns(name)))):
            for _ in range(SCENES):
                seen = scene(chance, name, turn)
                _check(seen)
                offered += len(seen.offered())
    assert offered > ZONES


def _check_words(name: str, turn: datetime) -> None:
    """Moments around a turn are told apart, by offsets where the clock alone does not."""
    moments = list(minutes(Interval(turn - 5 * HOUR, turn + 5 * HOUR)))[::5]
    reads = [each.astimezone(core_zones.zone(name)).replace(tzinfo=None) for each in moments]
    heard = [WORDS.span(each, each, "en", name) for each in moments]
    assert len(set(heard)) == len(heard), (name, turn)
    often = Counter(reads)
    for reading, said in zip(reads, heard, strict=True):
        assert said.count("(UTC") == (2 if often[reading] > 1 else 0), (name, said)


def test_a_time_is_told_with_its_offset_where_clocks_show_it_twice_and_nowhere_else(
    chance: random.Random,
) -> None:
    for name in itertools.islice(that_turn(chance), ZONES):
        for turn in chance.sample(turns(name), min(TURNS, len(turns(name)))):
            _check_words(name, turn)


@pytest.mark.soak
@pytest.mark.timeout(3 * HOUR.total_seconds())
def test_every_turn_of_every_zone_is_as_a_walk_through_its_minutes_finds_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    begun, walked, turning = time.monotonic(), 0, [name for name in names() if turns(name)]
    for count, name in enumerate(turning, 1):
        for turn in turns(name):
            chance = random.Random(f"{name} {turn}")  # noqa: S311 - the same each time
            for _ in range(SOAKED_SCENES):
                _check(scene(chance, name, turn))
            _check_words(name, turn)
            walked += 1
        with capsys.disabled():
            took = timedelta(seconds=int(time.monotonic() - begun))
            print(f"{took} {count}/{len(turning)} zones, {walked} turns: {name}")  # noqa: T201
    assert walked > 4_000
