"""The races of `make race`, smaller, on both engines: no promise breaks while all press at once."""

import asyncio

import pytest

from local.race.__main__ import races
from local.race.row import Answer, Row, promises

pytestmark = [pytest.mark.race, pytest.mark.timeout(300)]

GUESTS = 60


@pytest.mark.parametrize("engine", ["amazon", "ministack"])
def test_no_promise_is_broken_while_everybody_presses_at_once(engine: str) -> None:
    rows = asyncio.run(races(engine, GUESTS, environments=4, rounds=2))
    assert [each for row in rows for each in row.broken] == []
    assert [row.attempts for row in rows[:4]] == [GUESTS] * 4
    assert rows[4].attempts == 2 * GUESTS + rows[4].confirmed, "who has a time cancels it"


def test_a_broken_promise_is_noticed() -> None:
    row = Row("a race", "an engine")
    taken = {
        "data": {"booking": {"startsAt": "2026-11-24T10:00:00Z", "endsAt": "2026-11-24T10:30:00Z"}}
    }
    late = {
        "data": {"booking": {"startsAt": "2026-11-24T10:15:00Z", "endsAt": "2026-11-24T10:45:00Z"}}
    }
    answers: list[Answer] = [(200, taken, 0.1), (200, late, 0.1), (500, {}, 0.1)]
    row.take(answers, 1.0)
    promises(row, answers, [])
    assert row.overlaps == 1
    assert row.broken == [
        "confirmed meetings never overlap",
        "losers are told so",
    ]
