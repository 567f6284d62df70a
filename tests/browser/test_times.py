"""times.js against Python's zoneinfo: every zone, any instant, days on which clocks are turned."""

import functools
import itertools
import random
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.browser.cards import place
from tests.browser.fake_extension import FakeExtension

pytestmark = pytest.mark.browser
FIRST, LAST = datetime(2024, 1, 1, tzinfo=UTC), datetime(2031, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
WEEKS = [FIRST + timedelta(days=7 * each) for each in range((LAST - FIRST).days // 7)]
#: Each zone is asked for so many instants.
INSTANTS = 12
WINDOWS = 300
#: Finding where a day ends takes Python longer.
SHARE = 0.1
IMPORT = 'const times = await import("/module/times.js");'


#: The browser's rules for zones are as old as it is: this many may have changed since.
RULES_CHANGED = 30


@pytest.fixture
def page(visit: Callable[..., BrowserContext], extension: FakeExtension) -> Page:
    extension.put("GET v1/connection", {"state": "none"})
    page, _ = place(visit(), extension, "calendar-connect")
    return page


def _text(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def _known(page: Page) -> list[str]:
    """Return the zones that both sides know, by the same rules."""
    names = sorted(available_timezones() - {"localtime", "Factory"})
    asked = {name: [*WEEKS, *_around_turns(name)] for name in names}
    offsets: dict[str, list[str] | None] = page.evaluate(
        """(asked) => Object.fromEntries(asked.map(([timeZone, instants]) => {
            try {
                const form = { timeZone, timeZoneName: "longOffset" };
                const format = new Intl.DateTimeFormat("en", form);
                return [timeZone, instants.map((each) => format.format(each).slice(-6))];
            } catch { return [timeZone, null]; }
        }))""",
        [[name, [each.timestamp() * 1000 for each in asked[name]]] for name in names],
    )
    known = [name for name in names if offsets[name] is not None]
    same = [
        name for name in known if offsets[name] == [_offset(name, each) for each in asked[name]]
    ]
    assert len(known) > 400
    assert len(known) - len(same) <= RULES_CHANGED, set(known) - set(same)
    return same


def _offset(name: str, instant: datetime) -> str:
    """Return an offset as Intl's `GMT+01:00` ends."""
    return instant.astimezone(ZoneInfo(name)).isoformat()[-6:]


@functools.cache
def _turns(name: str) -> list[datetime]:
    """Return when a zone's clocks are turned, to the minute."""
    found = []
    for before, after in itertools.pairwise(WEEKS):
        low, high = before, after
        if _offset(name, low) == _offset(name, high):
            continue
        while high - low > MINUTE:
            middle = low + (high - low) // 2 // MINUTE * MINUTE
            same = _offset(name, middle) == _offset(name, low)
            low, high = (middle, high) if same else (low, middle)
        found.append(high)
    return found


def _around_turns(name: str) -> list[datetime]:
    steps = (-timedelta(seconds=1), timedelta(0), MINUTE, timedelta(hours=2))
    return [turn + step for turn in _turns(name) for step in steps]


def _asked(names: list[str]) -> list[tuple[str, datetime]]:
    """Return instants in each zone: any, and those around which its clocks are turned."""
    chance = random.Random(20_261_123)  # noqa: S311 - the same each time
    span = int((LAST - FIRST).total_seconds())
    asked = []
    for name in names:
        asked += [
            (name, FIRST + timedelta(seconds=chance.randrange(span))) for _ in range(INSTANTS)
        ]
        asked += [(name, each) for each in _around_turns(name)]
    return asked


def _next_day(instant: datetime, zone: ZoneInfo) -> datetime:
    """Return the first minute with a later date, minute by minute around where it must be."""
    today = instant.astimezone(zone).date()
    tomorrow = datetime.combine(today + timedelta(days=1), datetime.min.time(), UTC)
    at = max(instant.replace(second=0, microsecond=0), tomorrow - timedelta(hours=15))
    step = timedelta(hours=1)
    while at.astimezone(zone).date() <= today:
        at += step
    at -= step
    while at.astimezone(zone).date() <= today:
        at += MINUTE
    return at


def test_wall_times_are_those_of_zoneinfo(page: Page) -> None:
    asked = _asked(_known(page))
    answers = page.evaluate(
        f"""async (asked) => {{ {IMPORT}
            return asked.map(([zone, at]) => [
                times.wallTime(new Date(at), zone), times.hourOf(new Date(at), zone),
            ]);
        }}""",
        [[name, _text(instant)] for name, instant in asked],
    )
    wrong = []
    for (name, instant), (wall, hour) in zip(asked, answers, strict=True):
        there = instant.astimezone(ZoneInfo(name))
        if (wall, hour) != (there.strftime("%Y%m%dT%H%M%S"), there.hour):
            wrong.append((name, instant, wall))
    assert wrong == []
    assert len(asked) > 8_000


def test_days_begin_where_the_date_changes(page: Page) -> None:
    names = [name for name in _known(page) if "/" in name and not name.startswith("Etc/")]
    chance = random.Random(20_261_124)  # noqa: S311 - the same each time
    asked = [(name, instant) for name, instant in _asked(names) if chance.random() < SHARE]
    answers = page.evaluate(
        f"""async (asked) => {{ {IMPORT}
            return asked.map(([zone, at]) => times.nextDay(new Date(at), zone).toISOString());
        }}""",
        [[name, _text(instant)] for name, instant in asked],
    )
    wrong = [
        (name, instant, answer)
        for (name, instant), answer in zip(asked, answers, strict=True)
        if answer != _text(_next_day(instant, ZoneInfo(name)))
    ]
    assert wrong == []
    assert len(asked) > 1_000


def _windows(names: list[str]) -> list[dict[str, Any]]:
    """Return weeks with free and busy times, in any zone, half of them where clocks are turned."""
    chance = random.Random(20_261_125)  # noqa: S311 - the same each time
    found: list[dict[str, Any]] = []
    while len(found) < WINDOWS:
        name = chance.choice(names)
        turns = _turns(name)
        middle = (
            chance.choice(turns)
            if turns and chance.getrandbits(1)
            else FIRST + timedelta(days=chance.randrange(2_500))
        )
        start = middle - timedelta(minutes=5 * chance.randrange(1, 900))
        end = start + timedelta(days=7)
        cuts = sorted(chance.sample(range(7 * 288), 12))
        busy = [
            [_text(start + 5 * cuts[each] * MINUTE), _text(start + 5 * cuts[each + 1] * MINUTE)]
            for each in range(0, 12, 2)
        ]
        slots = [_text(start + 15 * chance.randrange(7 * 96) * MINUTE) for _ in range(40)]
        window = {"from": _text(start), "to": _text(end), "busy": busy, "slots": slots}
        found.append({"zone": name, **window})
    return found


def test_days_and_hours_hold_each_time_once_and_leave_nothing_out(page: Page) -> None:
    windows = _windows([name for name in _known(page) if "/" in name])
    answers = page.evaluate(
        f"""async (windows) => {{ {IMPORT}
            const texts = (part) => ({{
                ...part, first: part.first.toISOString(), last: part.last.toISOString(),
                free: part.free.map((each) => each.toISOString()),
                busy: part.busy.map((each) => each.map((end) => end.toISOString())),
            }});
            return windows.map((window) => times.days(window, window.zone).map((day) => ({{
                ...texts(day), hours: times.hours(day, window.zone).map(texts),
            }})));
        }}""",
        windows,
    )
    for window, days in zip(windows, answers, strict=True):
        zone = ZoneInfo(window["zone"])
        _joined(days, window)
        dates: list[date] = []
        for day in days:
            first, last = (datetime.fromisoformat(day[each]) for each in ("first", "last"))
            dates.append(first.astimezone(zone).date())
            assert (last - MINUTE).astimezone(zone).date() == dates[-1]
            _joined(
                day["hours"], {"from": day["first"], "to": day["last"], **day, "slots": day["free"]}
            )
            for hour in day["hours"]:
                inside = [hour["first"], *hour["free"]]
                walls = {datetime.fromisoformat(each).astimezone(zone).hour for each in inside}
                assert walls == {hour["hour"]}, (window["zone"], hour)
        assert dates == sorted(set(dates))


def _joined(parts: list[dict[str, Any]], whole: dict[str, Any]) -> None:
    """Parts follow one another, and hold all free and busy time of the whole between them."""
    assert [each["first"] for each in parts[1:]] == [each["last"] for each in parts[:-1]]
    assert (parts[0]["first"], parts[-1]["last"]) == (whole["from"], whole["to"])
    free = [slot for each in parts for slot in each["free"]]
    assert sorted(free) == sorted(whole["slots"])
    assert _minutes([busy for each in parts for busy in each["busy"]]) == _minutes(whole["busy"])


def _minutes(spans: list[list[str]]) -> float:
    ends = [[datetime.fromisoformat(each) for each in span] for span in spans]
    return sum((end - start).total_seconds() for start, end in ends) / 60


def test_times_that_clocks_show_twice_are_told_apart_and_no_others_get_longer(page: Page) -> None:
    chance = random.Random(20_261_126)  # noqa: S311 - the same each time
    turned = [(name, turn) for name in _known(page) for turn in _turns(name)]
    asked = [
        (name, [turn + 5 * each * MINUTE for each in range(-60, 60)])
        for name, turn in chance.sample(turned, WINDOWS)
    ]
    answers = page.evaluate(
        f"""async (asked) => {{ {IMPORT}
            return asked.map(([zone, all]) => all.map((at) =>
                times.timeText(new Date(at), "en-GB", zone)));
        }}""",
        [[name, [_text(each) for each in instants]] for name, instants in asked],
    )
    repeated = 0
    for (name, instants), texts in zip(asked, answers, strict=True):
        there = [each.astimezone(ZoneInfo(name)).replace(tzinfo=None) for each in instants]
        heard = list(zip([each.date() for each in there], texts, strict=True))
        assert len(set(heard)) == len(heard), name
        for wall, text in zip(there, texts, strict=True):
            assert text.startswith(f"{wall:%H:%M}")
            assert (len(text) > len("00:00")) == (there.count(wall) > 1), (name, wall, text)
            repeated += there.count(wall) > 1
    assert repeated > WINDOWS


@pytest.mark.parametrize(
    ("end", "said"),
    [("2026-11-25T17:30:00Z", "17:00–17:30"), ("2026-11-26T00:00:00Z", "17:00–00:00")],
)
def test_a_range_is_two_times_of_day_past_midnight_too(page: Page, end: str, said: str) -> None:
    shown = page.evaluate(
        f"""async (end) => {{ {IMPORT}
            const [from, to] = [new Date("2026-11-25T17:00:00Z"), new Date(end)];
            return times.rangeText(from, to, "en-GB", "Europe/London");
        }}""",
        end,
    )
    assert shown == said
