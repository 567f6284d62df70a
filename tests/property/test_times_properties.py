"""Interval arithmetic holds for any intervals."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random

import pytest
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


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-24T14:00:00",
        "2026-11-24",
        "2026-W48-2T14:00Z",
        "20261124T140000Z",
        "2026-11-24T14:00:00+2",
        "2026-11-24T25:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59Z",
        "1969-12-31T23:59:59Z",
        "now",
        "",
    ],
)
def test_what_names_no_instant_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"RFC 3339|hour must be|calendar can hold"):
        parse_instant(text)


def test_an_interval_is_aware_and_not_empty() -> None:
    noon = datetime(2026, 11, 24, 12, tzinfo=UTC)
    with pytest.raises(ValueError, match="ends after it starts"):
        Interval(noon, noon)
    with pytest.raises(ValueError, match="aware and UTC"):
        Interval(noon.replace(tzinfo=None), noon)
