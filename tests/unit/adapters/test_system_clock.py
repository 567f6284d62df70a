"""The machine's clock, which a test may move from outside."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from scheduling.adapters.system_clock import SystemClock

CLOSE = timedelta(seconds=5)


def test_now_is_the_machines_aware_and_utc() -> None:
    now = SystemClock().now()
    assert now.tzinfo is UTC
    assert abs(now - datetime.now(UTC)) < CLOSE


def test_a_clock_that_is_moved_while_it_runs_shows_it_at_once(tmp_path: Path) -> None:
    offset = tmp_path / "offset"
    clock = SystemClock(str(offset))
    assert abs(clock.now() - datetime.now(UTC)) < CLOSE, "there is no file yet"
    offset.write_text("3600")
    assert abs(clock.now() - datetime.now(UTC) - timedelta(hours=1)) < CLOSE
    offset.write_text("-60.5\n")
    assert abs(clock.now() - datetime.now(UTC) + timedelta(seconds=60.5)) < CLOSE


def test_who_sleeps_wakes_later() -> None:
    clock = SystemClock()
    before = clock.now()
    clock.sleep(0.01)
    assert clock.now() - before >= timedelta(seconds=0.01)
