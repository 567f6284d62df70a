"""Busy times into slots: on the grid, in open hours, and nothing else that a share would offer."""

from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from scheduling.core.errors import ShareClosed, SlotNotOffered
from scheduling.core.times import Interval, parse_instant
from scheduling.models import Availability, Hours, Preferences, Share, ShareState
from scheduling.rules.availability import (
    HORIZON,
    STEP,
    closed,
    nothing,
    on_grid,
    require_offered,
    shortened,
    slots,
    snapshot,
)
from tests.builders import a_share
from tests.fakes import START

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
HALF_AN_HOUR = 30 * MINUTE
BERLIN = ZoneInfo("Europe/Berlin")


def at(first: float, last: float) -> Interval:
    """Return an interval by hours from the start on."""
    return Interval(START + first * HOUR, START + last * HOUR)


def offered(*busy: Interval, **more: Any) -> Availability:
    given: dict[str, Any] = {"now": START, "time_zone": "Europe/Berlin"}
    given |= {"durations": [HALF_AN_HOUR], **more}
    return snapshot(busy, **given)


def test_open_hours_follow_the_clock_change() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    opens = (time(9), time(17))
    start = datetime(2026, 10, 24, 0, tzinfo=berlin)
    window = Interval(
        parse_instant(start.isoformat()), parse_instant((start + timedelta(days=2)).isoformat())
    )
    shut = closed(window, berlin, {5: (opens,), 6: (opens,)})
    walls = [(each.start.astimezone(berlin), each.end.astimezone(berlin)) for each in shut]
    assert [(a.hour, b.hour) for a, b in walls] == [(0, 9), (17, 9), (17, 0)]
    assert walls[1][1].utcoffset() != walls[0][1].utcoffset()


def test_a_snapshot_begins_with_the_next_whole_bucket_and_reaches_seven_days() -> None:
    made = offered(now=START + MINUTE)
    assert made.window == Interval(START + 5 * MINUTE, START + 5 * MINUTE + HORIZON)
    assert (made.step, made.durations, made.truncated) == (STEP, (HALF_AN_HOUR,), False)
    assert made.generated_at == START + MINUTE
    assert made.busy == ()


def test_a_gap_in_which_no_start_on_the_grid_leaves_room_is_busy() -> None:
    just_too_short = offered(at(1, 2), at(2.4, 3))
    assert just_too_short.busy == (at(1, 3),)
    off_the_grid = offered(Interval(START, START + 5 * MINUTE), at(40 / 60, 3))
    assert off_the_grid.busy == (at(0, 3),), "35 minutes, but no quarter of an hour begins in time"
    assert offered(at(1, 2), at(2.5, 3)).busy == (at(1, 2), at(2.5, 3))


def test_a_gap_is_measured_by_the_shortest_length_that_is_offered() -> None:
    made = offered(at(1, 2), at(2.5, 3), durations=[HOUR, HALF_AN_HOUR])
    assert made.busy == (at(1, 2), at(2.5, 3))
    assert START + 2 * HOUR in slots(made, HALF_AN_HOUR)
    assert START + 2 * HOUR not in slots(made, HOUR)


def test_buffers_and_notice_are_busy_for_whoever_looks() -> None:
    host = Preferences(buffer_before=15 * MINUTE, buffer_after=HALF_AN_HOUR, notice=HOUR)
    made = offered(at(4, 5), preferences=host)
    # Before an event the meeting's buffer after it has to fit, after an event the one before it.
    assert made.busy == (at(0, 1), at(3.5, 5.25))


def test_closed_hours_are_busy() -> None:
    monday: Hours = {0: ((time(9), time(11)),)}
    made = offered(preferences=Preferences(hours=monday))
    starts = [each.astimezone(BERLIN) for each in slots(made, HALF_AN_HOUR)]
    assert {(each.isoweekday(), each.hour) for each in starts} == {(1, 9), (1, 10)}
    assert offered(preferences=Preferences(hours={})).busy == (Interval(START, START + HORIZON),)


def test_a_look_at_an_earlier_window_shows_what_is_left_of_it() -> None:
    window = at(0, 24)
    assert offered(now=START + 3 * HOUR, window=window).window == at(3, 24)
    over = offered(now=START + 24 * HOUR, window=window)
    assert slots(over, HALF_AN_HOUR) == []
    assert over.busy == (over.window,)
    assert window.contains(over.window)


def test_the_grid_is_that_of_the_hosts_wall_clock() -> None:
    kathmandu = ZoneInfo("Asia/Kathmandu")  # 5:45 ahead of UTC
    assert on_grid(START, HOUR, BERLIN)
    assert not on_grid(START, HOUR, kathmandu)
    assert on_grid(START + 15 * MINUTE, HOUR, kathmandu)
    assert not on_grid(START + timedelta(seconds=1), STEP, BERLIN)


def test_slots_are_in_order_from_an_instant_on_and_no_more_than_are_wanted() -> None:
    made = offered(at(0, 1), at(1.5, 2))
    assert slots(made, HALF_AN_HOUR, limit=3) == [
        START + HOUR,
        START + 2 * HOUR,
        START + 2 * HOUR + STEP,
    ]
    assert slots(made, HALF_AN_HOUR, after=START + 2 * HOUR + MINUTE, limit=1) == [
        START + 2 * HOUR + STEP
    ]
    assert slots(made, HALF_AN_HOUR, after=made.window.end) == []


def test_a_message_without_room_offers_less_far_ahead_and_says_so() -> None:
    made = shortened(offered(at(1, 2), at(5, 7)), START + 6 * HOUR)
    assert made.window == at(0, 6)
    assert made.busy == (at(1, 2), at(5, 6))
    assert made.truncated


def test_what_has_ended_tells_of_one_busy_window() -> None:
    made = nothing(offered(at(1, 2), at(5, 7)))
    assert made.busy == (made.window,)


def test_without_open_hours_nothing_is_closed_and_with_none_everything_is() -> None:
    assert closed(at(0, 24), BERLIN, None) == []
    assert closed(at(0, 24), BERLIN, {}) == [at(0, 24)]


def test_hours_to_midnight_and_on_from_it_leave_no_gap() -> None:
    all_day = ((time.min, time.min),)
    assert closed(at(0, 48), BERLIN, dict.fromkeys(range(7), all_day)) == []


def test_an_hour_that_the_clocks_leave_out_is_not_open() -> None:
    window = Interval(
        parse_instant("2026-03-29T00:00:00+01:00"), parse_instant("2026-03-29T12:00:00+02:00")
    )
    assert closed(window, BERLIN, {6: ((time(2), time(3)),)}) == [window]


def a_slot(start: datetime = START + 4 * HOUR, length: timedelta = HALF_AN_HOUR) -> Interval:
    return Interval(start, start + length)


def shared(**preferences: Any) -> Share:
    return a_share(availability=offered(), preferences=Preferences(**preferences))


def test_a_slot_of_an_open_share_is_offered() -> None:
    require_offered(shared(), a_slot(), now=START)
    require_offered(shared(notice=4 * HOUR), a_slot(), now=START)
    require_offered(shared(hours={0: ((time(13), time(13, 30)),)}), a_slot(), now=START)


@pytest.mark.parametrize(
    ("slot", "preferences"),
    [
        (a_slot(length=HOUR), {}),
        (a_slot(START + 4 * HOUR + 5 * MINUTE), {}),
        (a_slot(START), {}),
        (a_slot(START - HOUR), {}),
        (a_slot(START + HORIZON - 15 * MINUTE), {}),
        (a_slot(), {"notice": 4 * HOUR + 5 * MINUTE}),
        (a_slot(), {"hours": {0: ((time(13), time(13, 25)),)}}),
        (a_slot(), {"hours": {}}),
    ],
)
def test_what_a_share_does_not_offer_is_refused(slot: Interval, preferences: Any) -> None:
    with pytest.raises(SlotNotOffered):
        require_offered(shared(**preferences), slot, now=START)


def test_a_share_that_has_ended_offers_nothing() -> None:
    for share, now in (
        (replace(shared(), state=ShareState.WITHDRAWN), START),
        (replace(shared(), state=ShareState.CLOSED), START),
        (shared(), START + HORIZON),
    ):
        with pytest.raises(ShareClosed):
            require_offered(share, a_slot(), now=now)
