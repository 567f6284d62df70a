"""What is offered is free, on the grid, inside the window; and a snapshot hides nothing busy."""

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from scheduling.core import zones as core_zones
from scheduling.core.times import Interval, ceil_to, clip, merge
from scheduling.models import Availability
from scheduling.rules.availability import nearest, on_grid, shortened, slots, snapshot
from scheduling.rules.defaults import HORIZON
from tests.builders import NOW
from tests.strategies import ZONES, durations, instants, intervals

_STEPS = tuple(timedelta(minutes=each) for each in (5, 10, 15, 30, 60))


@st.composite
def _offers(draw: st.DrawFn) -> tuple[Availability, list[Interval], timedelta, datetime]:
    now = draw(instants())
    start = ceil_to(now, timedelta(minutes=5))
    window = Interval(start, start + HORIZON)
    busy = draw(st.lists(intervals(within=window), max_size=12))
    duration = draw(durations())
    offered = snapshot(
        busy,
        now=now,
        time_zone=draw(st.sampled_from(ZONES)),
        durations=[duration],
        step=draw(st.sampled_from(_STEPS)),
    )
    return offered, busy, duration, now


@given(_offers())
def test_slots_are_free_on_the_grid_and_inside_the_window(
    drawn: tuple[Availability, list[Interval], timedelta, datetime],
) -> None:
    offered, busy, duration, _ = drawn
    zone = core_zones.zone(offered.time_zone)
    for start in slots(offered, duration):
        slot = Interval(start, start + duration)
        assert offered.window.contains(slot)
        assert not any(slot.overlaps(each) for each in busy)
        wall = start.astimezone(zone)
        minutes = wall.hour * 60 + wall.minute
        assert minutes % (offered.step.total_seconds() // 60) == 0


@given(_offers())
def test_every_free_start_on_the_grid_is_offered(
    drawn: tuple[Availability, list[Interval], timedelta, datetime],
) -> None:
    offered, busy, duration, now = drawn
    found = set(slots(offered, duration))
    zone = core_zones.zone(offered.time_zone)
    start = offered.window.start
    while start + duration <= offered.window.end:
        slot = Interval(start, start + duration)
        free = not any(slot.overlaps(each) for each in busy)
        if free and start > now and on_grid(start, offered.step, zone):
            assert start in found
        start += timedelta(minutes=5)


@given(_offers())
def test_busy_times_are_all_covered_and_covering_changes_no_slot(
    drawn: tuple[Availability, list[Interval], timedelta, datetime],
) -> None:
    offered, busy, duration, now = drawn
    for each in clip(busy, offered.window):
        assert any(covering.contains(each) for covering in offered.busy)
    again = snapshot(
        offered.busy,
        now=now,
        time_zone=offered.time_zone,
        durations=[duration],
        step=offered.step,
    )
    assert again.busy == offered.busy
    assert slots(again, duration) == slots(offered, duration)


@given(_offers(), st.data())
def test_one_more_busy_time_never_adds_a_slot(
    drawn: tuple[Availability, list[Interval], timedelta, datetime], data: st.DataObject
) -> None:
    offered, busy, duration, now = drawn
    more = data.draw(intervals(within=offered.window))
    less = snapshot(
        [*busy, more],
        now=now,
        time_zone=offered.time_zone,
        durations=[duration],
        step=offered.step,
    )
    assert set(slots(less, duration)) <= set(slots(offered, duration))


@given(_offers(), st.integers(1, 7 * 24 - 1))
def test_a_shorter_window_drops_no_busy_time_inside_it(
    drawn: tuple[Availability, list[Interval], timedelta, datetime], hours: int
) -> None:
    offered, _, _, _ = drawn
    end = offered.window.start + timedelta(hours=hours)
    cut = shortened(offered, end)
    assert cut.truncated
    assert cut.window.end == end
    assert list(cut.busy) == merge(clip(offered.busy, cut.window))


@given(_offers())
def test_a_snapshot_of_a_window_that_has_passed_offers_nothing(
    drawn: tuple[Availability, list[Interval], timedelta, datetime],
) -> None:
    offered, busy, duration, _ = drawn
    late = snapshot(
        busy,
        now=offered.window.end,
        time_zone=offered.time_zone,
        durations=[duration],
        window=offered.window,
    )
    assert slots(late, duration) == []


@given(st.lists(st.integers(0, 10_000), unique=True).map(sorted), st.integers(0, 10_000), st.data())
def test_no_start_that_is_left_out_is_nearer_than_one_that_is_proposed(
    minutes: list[int], wanted: int, data: st.DataObject
) -> None:
    limit = data.draw(st.integers(1, 8))
    at = [NOW + timedelta(minutes=each) for each in minutes]
    middle = NOW + timedelta(minutes=wanted)
    proposed = nearest(at, middle, limit)
    assert proposed == sorted(set(proposed))
    assert len(proposed) == min(limit, len(at))
    farthest = max((abs(each - middle) for each in proposed), default=timedelta(0))
    assert all(abs(each - middle) >= farthest for each in at if each not in proposed)
