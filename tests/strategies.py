"""Hypothesis strategies, in one named place."""

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from scheduling.core.times import Interval

_START = datetime(2026, 1, 1, tzinfo=UTC)
_MINUTES = 2 * 365 * 24 * 60

#: Zones whose clocks change at odd hours, by odd amounts, or not at all.
ZONES = (
    "Africa/Casablanca",
    "America/New_York",
    "America/St_Johns",
    "Asia/Kathmandu",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "Europe/Berlin",
    "Pacific/Chatham",
    "UTC",
)


def instants(step_minutes: int = 1) -> st.SearchStrategy[datetime]:
    """Whole minutes over two years, on a grid."""
    return st.integers(0, _MINUTES // step_minutes).map(
        lambda count: _START + timedelta(minutes=count * step_minutes)
    )


def durations() -> st.SearchStrategy[timedelta]:
    """Lengths that may be booked: 5 minutes to 8 hours, in steps of 5."""
    return st.integers(1, 96).map(lambda count: timedelta(minutes=5 * count))


@st.composite
def intervals(draw: st.DrawFn, within: Interval | None = None) -> Interval:
    """Intervals of 1 minute to 2 days, anywhere or around a window."""
    if within:
        minutes = int(within.length.total_seconds() // 60)
        start = within.start + timedelta(minutes=draw(st.integers(-600, minutes)))
    else:
        start = draw(instants())
    return Interval(start, start + timedelta(minutes=draw(st.integers(1, 2880))))


@st.composite
def windows(draw: st.DrawFn) -> Interval:
    """Windows of one to seven days."""
    start = draw(instants(5))
    return Interval(start, start + timedelta(hours=draw(st.integers(24, 168))))
