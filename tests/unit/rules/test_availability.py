"""Busy times into slots: on the grid, in open hours, and nothing else that a share would offer."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from scheduling.core.times import Interval, parse_instant
from scheduling.rules.availability import closed


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
