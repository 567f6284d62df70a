"""Instants and intervals: aware, UTC, half-open."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from scheduling.core.times import (
    BUCKET,
    Interval,
    buckets,
    ceil_to,
    clip,
    floor_to,
    format_instant,
    gaps,
    merge,
    parse_instant,
)

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def at(first: int, last: int) -> Interval:
    """Return an interval by minutes from noon on."""
    return Interval(NOON + timedelta(minutes=first), NOON + timedelta(minutes=last))


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


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-11-24T12:00:00Z", NOON),
        ("2026-11-24t12:00z", NOON),
        ("2026-11-24 13:00+01:00", NOON),
        ("2026-11-24T12:00:00.25Z", NOON.replace(microsecond=250_000)),
    ],
)
def test_an_instant_is_read_with_an_offset_or_z(text: str, instant: datetime) -> None:
    read = parse_instant(text)
    assert read == instant
    assert read.tzinfo is UTC


def test_an_instant_is_written_in_utc_in_whole_seconds() -> None:
    elsewhere = datetime(2026, 11, 24, 17, 45, 0, 999, timezone(timedelta(hours=5, minutes=45)))
    assert format_instant(elsewhere) == "2026-11-24T12:00:00Z"


def test_what_touches_does_not_overlap_and_what_lies_inside_is_contained() -> None:
    assert not at(0, 30).overlaps(at(30, 60))
    assert at(0, 31).overlaps(at(30, 60))
    assert at(0, 30).contains(at(0, 30))
    assert not at(0, 30).contains(at(0, 31))
    assert at(0, 30).length == timedelta(minutes=30)
    assert at(0, 30).widened(timedelta(minutes=5), timedelta(minutes=10)) == at(-5, 40)


def test_joined_cut_and_left_over() -> None:
    busy = [at(40, 50), at(0, 10), at(10, 20), at(-30, 5)]
    assert merge(busy) == [at(-30, 20), at(40, 50)]
    assert clip(merge(busy), at(0, 45)) == [at(0, 20), at(40, 45)]
    assert gaps(busy, at(0, 60)) == [at(20, 40), at(50, 60)]
    assert gaps([], at(0, 60)) == [at(0, 60)]
    assert gaps([at(-10, 70)], at(0, 60)) == []


def test_rounding_goes_to_whole_steps_and_leaves_what_lies_on_one() -> None:
    odd = NOON + timedelta(minutes=7)
    assert (floor_to(odd, BUCKET), ceil_to(odd, BUCKET)) == (at(5, 10).start, at(5, 10).end)
    assert floor_to(NOON, BUCKET) == ceil_to(NOON, BUCKET) == NOON
    assert ceil_to(odd, BUCKET).tzinfo is UTC


def test_a_meeting_touches_each_bucket_that_it_begins_in_or_reaches_into() -> None:
    assert list(buckets(at(7, 16))) == [NOON + timedelta(minutes=each) for each in (5, 10, 15)]
    assert len(list(buckets(at(0, 30)))) == 6
