"""Interval arithmetic holds for any intervals."""

from datetime import datetime, timedelta
from itertools import pairwise
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from scheduling.core.times import (
    BUCKET,
    Interval,
    buckets,
    clip,
    format_instant,
    gaps,
    merge,
    parse_instant,
)
from tests.strategies import instants, intervals, windows


@given(st.lists(intervals(), max_size=20))
def test_merged_intervals_are_sorted_and_apart(busy: list[Interval]) -> None:
    merged = merge(busy)
    assert all(a.end < b.start for a, b in pairwise(merged))


@given(st.lists(intervals(), max_size=20), st.randoms())
def test_merging_does_not_depend_on_order_and_merging_again_changes_nothing(
    busy: list[Interval], random: Random
) -> None:
    shuffled = list(busy)
    random.shuffle(shuffled)
    assert merge(shuffled) == merge(busy) == merge(merge(busy))


@given(st.data(), windows())
def test_free_and_busy_together_cover_the_window_and_nothing_twice(
    data: st.DataObject, window: Interval
) -> None:
    busy = data.draw(st.lists(intervals(within=window), max_size=10))
    covered = sorted([*gaps(busy, window), *merge(clip(busy, window))])
    assert covered[0].start == window.start
    assert covered[-1].end == window.end
    assert all(a.end == b.start for a, b in pairwise(covered))


@given(intervals(), intervals())
def test_overlapping_meetings_share_a_bucket(one: Interval, other: Interval) -> None:
    if one.overlaps(other):
        assert set(buckets(one)) & set(buckets(other))


@given(intervals())
def test_buckets_are_rounded_outwards(interval: Interval) -> None:
    starts = list(buckets(interval))
    assert starts[0] <= interval.start
    assert starts[-1] + BUCKET >= interval.end
    assert all(start.minute % 5 == 0 and start.second == 0 for start in starts)


@given(instants(), st.integers(-14 * 60, 14 * 60))
def test_an_instant_reads_back_whatever_its_offset(instant: datetime, offset: int) -> None:
    sign = "-" if offset < 0 else "+"
    hours, minutes = divmod(abs(offset), 60)
    wall = (instant + timedelta(minutes=offset)).strftime("%Y-%m-%dT%H:%M:%S")
    assert parse_instant(f"{wall}{sign}{hours:02d}:{minutes:02d}") == instant
    assert parse_instant(format_instant(instant)) == instant
