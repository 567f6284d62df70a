"""Open hours and the grid of starts where clocks are turned: the wall clock decides, not a sum."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from scheduling.core import zones as core_zones
from scheduling.core.times import Interval, gaps
from scheduling.models import Preferences
from scheduling.rules.availability import closed, on_grid, slots, snapshot

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
