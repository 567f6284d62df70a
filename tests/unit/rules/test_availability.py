"""Busy times into slots: on the grid, in open hours, and nothing else that a share would offer."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from scheduling.core import zones as core_zones
from scheduling.core.errors import ShareClosed, SlotNotOffered
from scheduling.core.times import Interval, gaps, parse_instant
from scheduling.models import Availability, Hours, Preferences, Share, ShareState
from scheduling.rules.availability import (
    closed,
    nothing,
    on_grid,
    require_offered,
    shortened,
    slots,
    snapshot,
)
from scheduling.rules.defaults import HORIZON, STEP
from tests.builders import a_share
from tests.fakes import START

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
HALF_AN_HOUR = 30 * MINUTE
BERLIN = ZoneInfo("Europe/Berlin")
ZONE = "Europe/Berlin"


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


def test_slots_are_in_order_from_an_instant_on() -> None:
    made = offered(at(0, 1), at(1.5, 2))
    assert slots(made, HALF_AN_HOUR)[:3] == [
        START + HOUR,
        START + 2 * HOUR,
        START + 2 * HOUR + STEP,
    ]
    assert slots(made, HALF_AN_HOUR, after=START + 2 * HOUR + MINUTE)[:1] == [
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
    require_offered(shared(), a_slot(), now=START, time_zone=ZONE)
    require_offered(shared(notice=4 * HOUR), a_slot(), now=START, time_zone=ZONE)
    require_offered(
        shared(hours={0: ((time(13), time(13, 30)),)}), a_slot(), now=START, time_zone=ZONE
    )


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
        require_offered(shared(**preferences), slot, now=START, time_zone=ZONE)


def test_a_share_that_has_ended_offers_nothing() -> None:
    for share, now in (
        (replace(shared(), state=ShareState.WITHDRAWN), START),
        (replace(shared(), state=ShareState.CLOSED), START),
        (shared(), START + HORIZON),
    ):
        with pytest.raises(ShareClosed):
            require_offered(share, a_slot(), now=now, time_zone=ZONE)


MINUTE = timedelta(minutes=1)

DAY = timedelta(days=1)


def _time(text: str) -> time:
    return time.min if text == "24:00" else time.fromisoformat(text)


def _opened(zone: str, day: str, *ranges: str) -> list[str]:
    """Return when a host is open who has these hours on one date, in UTC: `25 01:30-26 00:00`."""
    on = date.fromisoformat(day)
    hours = {
        on.weekday(): tuple(
            (_time(opens), _time(closes)) for opens, closes in (each.split("-") for each in ranges)
        )
    }
    noon = datetime.combine(on, time(12), UTC)
    window = Interval(noon - 2 * DAY, noon + 2 * DAY)
    found = gaps(closed(window, core_zones.zone(zone), hours), window)
    return [f"{each.start:%d %H:%M}-{each.end:%d %H:%M}" for each in found]


@pytest.mark.parametrize(
    ("zone", "day", "hours", "opened"),
    [
        # Berlin, 2:00 is followed by 3:00, at 1:00 UTC.
        ("Europe/Berlin", "2026-03-29", "02:30-05:00", ["29 01:00-29 03:00"]),
        ("Europe/Berlin", "2026-03-29", "00:00-02:30", ["28 23:00-29 01:00"]),
        ("Europe/Berlin", "2026-03-29", "01:00-04:00", ["29 00:00-29 02:00"]),
        ("Europe/Berlin", "2026-03-29", "02:15-02:45", []),
        ("Europe/Berlin", "2026-03-29", "02:00-03:00", []),
        ("Europe/Berlin", "2026-03-29", "00:00-24:00", ["28 23:00-29 22:00"]),
        ("America/Los_Angeles", "2026-03-08", "02:30-05:00", ["08 10:00-08 12:00"]),
        # Half an hour is left out: 2:00 is followed by 2:30.
        ("Australia/Lord_Howe", "2026-10-04", "02:15-04:00", ["03 15:30-03 17:00"]),
        ("Australia/Lord_Howe", "2026-10-04", "00:00-02:15", ["03 13:30-03 15:30"]),
        # Two hours are left out: 1:00 is followed by 3:00.
        ("Antarctica/Troll", "2026-03-29", "02:30-05:00", ["29 01:00-29 03:00"]),
        # A zone with three quarters of an hour: 2:45 is followed by 3:45.
        ("Pacific/Chatham", "2026-09-27", "03:00-05:00", ["26 14:00-26 15:15"]),
        # The day begins at 1:00.
        ("Asia/Beirut", "2026-03-29", "00:00-02:00", ["28 22:00-28 23:00"]),
        ("Asia/Beirut", "2026-03-29", "00:30-02:00", ["28 22:00-28 23:00"]),
        ("Asia/Beirut", "2026-03-28", "22:00-24:00", ["28 20:00-28 22:00"]),
        ("America/Havana", "2026-03-08", "00:15-00:45", []),
        ("Africa/Cairo", "2026-04-24", "00:30-02:00", ["23 22:00-23 23:00"]),
        ("America/Sao_Paulo", "2018-11-04", "00:30-02:00", ["04 03:00-04 04:00"]),
        # Thursday is followed by Saturday: there was no Friday, 30 December.
        ("Pacific/Apia", "2011-12-30", "00:00-24:00", []),
        ("Pacific/Apia", "2011-12-30", "09:00-17:00", []),
        ("Pacific/Apia", "2011-12-29", "22:00-24:00", ["30 08:00-30 10:00"]),
        ("Pacific/Apia", "2011-12-31", "00:00-02:00", ["30 10:00-30 12:00"]),
    ],
)
def test_hours_that_touch_a_skipped_hour_are_open_on_what_there_is_of_them(
    zone: str, day: str, hours: str, opened: list[str]
) -> None:
    assert _opened(zone, day, hours) == opened


@pytest.mark.parametrize(
    ("zone", "day", "hours", "opened"),
    [
        # Berlin, 3:00 is 2:00 again, at 1:00 UTC.
        ("Europe/Berlin", "2026-10-25", "00:00-02:30", ["24 22:00-25 00:30", "25 01:00-25 01:30"]),
        ("Europe/Berlin", "2026-10-25", "02:30-05:00", ["25 00:30-25 01:00", "25 01:30-25 04:00"]),
        ("Europe/Berlin", "2026-10-25", "02:15-02:45", ["25 00:15-25 00:45", "25 01:15-25 01:45"]),
        ("Europe/Berlin", "2026-10-25", "02:00-03:00", ["25 00:00-25 02:00"]),
        ("Europe/Berlin", "2026-10-25", "01:00-04:00", ["24 23:00-25 03:00"]),
        ("Europe/Berlin", "2026-10-25", "03:00-04:00", ["25 02:00-25 03:00"]),
        ("Europe/Berlin", "2026-10-25", "00:00-24:00", ["24 22:00-25 23:00"]),
        ("America/Los_Angeles", "2026-11-01", "01:00-02:00", ["01 08:00-01 10:00"]),
        # Half an hour comes twice: 2:00 is 1:30 again.
        ("Australia/Lord_Howe", "2026-04-05", "01:30-02:00", ["04 14:30-04 15:30"]),
        (
            "Australia/Lord_Howe",
            "2026-04-05",
            "00:00-01:45",
            ["04 13:00-04 14:45", "04 15:00-04 15:15"],
        ),
        # Two hours come twice: 3:00 is 1:00 again.
        ("Antarctica/Troll", "2026-10-25", "01:00-03:00", ["24 23:00-25 03:00"]),
        # 24:00 is 23:00 again, so the last hour of the day comes twice.
        ("Asia/Beirut", "2026-10-24", "23:00-24:00", ["24 20:00-24 22:00"]),
        ("Asia/Beirut", "2026-10-24", "23:30-24:00", ["24 20:30-24 21:00", "24 21:30-24 22:00"]),
        ("Asia/Beirut", "2026-10-25", "00:00-01:00", ["24 22:00-24 23:00"]),
        ("America/Sao_Paulo", "2018-02-17", "23:00-24:00", ["18 01:00-18 03:00"]),
        ("Africa/Cairo", "2026-10-29", "23:00-24:00", ["29 20:00-29 22:00"]),
        # 1:00 is 0:00 again, so the first hour comes twice.
        ("America/Havana", "2025-11-02", "00:00-01:00", ["02 04:00-02 06:00"]),
        ("America/Havana", "2026-10-31", "23:00-24:00", ["01 03:00-01 04:00"]),
    ],
)
def test_hours_that_touch_a_repeated_hour_are_open_on_both_of_its_passes(
    zone: str, day: str, hours: str, opened: list[str]
) -> None:
    assert _opened(zone, day, hours) == opened


def test_a_break_in_the_repeated_hour_is_kept_twice() -> None:
    assert _opened("Europe/Berlin", "2026-10-25", "01:00-02:15", "02:45-04:00") == [
        *("24 23:00-25 00:15", "25 00:45-25 01:15", "25 01:45-25 03:00"),
    ]


def test_a_break_in_the_skipped_hour_does_not_take_place() -> None:
    assert _opened("Europe/Berlin", "2026-03-29", "01:00-02:15", "02:45-04:00") == [
        "29 00:00-29 02:00"
    ]


def test_hours_that_close_before_they_open_go_over_midnight() -> None:
    assert _opened("Europe/Berlin", "2026-11-24", "22:00-02:00") == ["24 21:00-25 01:00"]
    # The night of Saturday, when 2:00 is followed by 3:00, and that when 3:00 is 2:00 again.
    assert _opened("Europe/Berlin", "2026-03-28", "22:00-02:30") == ["28 21:00-29 01:00"]
    assert _opened("Europe/Berlin", "2026-10-24", "22:00-02:30") == [
        *("24 20:00-25 00:30", "25 01:00-25 01:30"),
    ]


@pytest.mark.parametrize("seconds", [0, 1, 3599, 7200])
def test_a_window_may_begin_anywhere_around_the_turn(seconds: int) -> None:
    start = datetime(2026, 3, 29, 0, 0, tzinfo=UTC) + timedelta(seconds=seconds)
    window = Interval(start, start + timedelta(hours=6))
    hours = {6: ((time(2, 30), time(5)),)}
    opens, closes = (datetime(2026, 3, 29, each, tzinfo=UTC) for each in (1, 3))
    assert gaps(closed(window, core_zones.zone("Europe/Berlin"), hours), window) == [
        Interval(max(opens, start), closes)
    ]


def _walls(zone: str, day: str, step: int, length: int = 30, hours: str = "00:00-05:00") -> str:
    """Return the starts of one date as its clocks show them, each with the hours from UTC."""
    on = date.fromisoformat(day)
    opens, closes = (_time(each) for each in hours.split("-"))
    noon = datetime.combine(on, time(12), UTC)
    offered = snapshot(
        [],
        now=noon - 2 * DAY,
        time_zone=zone,
        durations=[length * MINUTE],
        window=Interval(noon - 2 * DAY, noon + 2 * DAY),
        step=step * MINUTE,
        preferences=Preferences(hours={on.weekday(): ((opens, closes),)}),
    )
    walls = (each.astimezone(core_zones.zone(zone)) for each in slots(offered, length * MINUTE))
    return " ".join(f"{each:%H:%M%z}".removesuffix("00") for each in walls)


def test_the_grid_follows_the_wall_clock_over_a_skipped_hour_and_lengths_are_elapsed() -> None:
    def berlin(step: int, length: int = 30) -> str:
        return _walls("Europe/Berlin", "2026-03-29", step, length)

    assert berlin(60) == "00:00+01 01:00+01 03:00+02 04:00+02"
    assert berlin(90) == "00:00+01 01:30+01 03:00+02 04:30+02"
    assert berlin(45) == "00:00+01 00:45+01 01:30+01 03:00+02 03:45+02 04:30+02"
    # An hour from 1:30 on ends at 3:30; two hours from 3:00 on end when the host closes.
    assert berlin(30, 60) == "00:00+01 00:30+01 01:00+01 01:30+01 03:00+02 03:30+02 04:00+02"
    assert berlin(60, 120) == "00:00+01 01:00+01 03:00+02"


def test_the_grid_shows_both_passes_of_a_repeated_hour_and_lengths_are_elapsed() -> None:
    def berlin(step: int, length: int = 30, hours: str = "00:00-04:00") -> str:
        return _walls("Europe/Berlin", "2026-10-25", step, length, hours)

    assert berlin(60) == "00:00+02 01:00+02 02:00+02 02:00+01 03:00+01"
    assert berlin(90) == "00:00+02 01:30+02 03:00+01"
    assert berlin(60, 120) == "00:00+02 01:00+02 02:00+02 02:00+01"
    # Until 2:30: the first pass leaves half an hour, the second one as much again.
    assert berlin(30, 30, "02:00-02:30") == "02:00+02 02:00+01"
    assert berlin(30, 60, "02:00-02:30") == ""
    assert berlin(30, 90, "01:00-02:30") == "01:00+02"


def test_the_grid_of_a_zone_with_a_part_of_an_hour_lies_on_its_own_full_hours() -> None:
    assert _walls("Australia/Lord_Howe", "2026-10-04", 30, 30, "01:00-03:30") == (
        "01:00+1030 01:30+1030 02:30+11 03:00+11"
    )
    assert _walls("Australia/Lord_Howe", "2026-04-05", 30, 30, "01:00-02:30") == (
        "01:00+11 01:30+11 01:30+1030 02:00+1030"
    )
    assert _walls("Asia/Kathmandu", "2026-10-25", 60, 30, "09:00-11:00") == "09:00+0545 10:00+0545"
    assert _walls("Pacific/Chatham", "2026-04-05", 60, 30, "02:00-05:00") == (
        "02:00+1345 03:00+1345 03:00+1245 04:00+1245"
    )


def test_a_start_between_two_minutes_is_on_no_grid() -> None:
    start = datetime(2026, 3, 29, 1, 0, 30, tzinfo=UTC)
    assert not on_grid(start, 15 * MINUTE, core_zones.zone("Europe/Berlin"))
    assert on_grid(start.replace(second=0), 60 * MINUTE, core_zones.zone("Europe/Berlin"))
