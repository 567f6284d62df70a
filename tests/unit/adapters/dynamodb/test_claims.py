"""Claims: an item for each hour, an attribute for each bucket, an owner for each of them."""

from datetime import UTC, datetime, timedelta

from scheduling.adapters.dynamodb.claims import (
    calendar_pk,
    exchange,
    hour_sk,
    keys,
    owned,
    touched,
)
from scheduling.adapters.dynamodb.table import Write, epoch
from scheduling.core.times import BUCKET, Interval
from scheduling.models import CalendarId
from tests.builders import NOW

CALENDAR = CalendarId("calendar")
TWO = datetime(2026, 11, 24, 14, tzinfo=UTC)


def at(first: int, last: int) -> Interval:
    """Return an interval by minutes from two o'clock on."""
    return Interval(TWO + timedelta(minutes=first), TWO + timedelta(minutes=last))


def names(write: Write) -> set[str]:
    """Return the attributes that a write sets or removes."""
    assert write.update is not None
    return {each.strip("#,") for each in write.update.split() if each.startswith("#")}


def claim(wanted: set[datetime], free: set[datetime] = frozenset(), **more: object) -> list[Write]:  # type: ignore[assignment]
    given: dict[str, object] = {"owner": "b1", "now": NOW, **more}
    return exchange(CALENDAR, claim=wanted, free=free, **given)  # type: ignore[arg-type]


def test_meetings_that_overlap_share_a_bucket_and_those_that_touch_do_not() -> None:
    assert touched([at(0, 30)]) & touched([at(29, 60)])
    assert not touched([at(0, 30)]) & touched([at(30, 60)])
    assert len(touched([at(0, 30), at(60, 90)])) == 12


def test_a_calendar_is_one_partition_over_all_apps_with_an_item_for_each_hour() -> None:
    assert keys(CALENDAR, touched([at(45, 75)])) == [
        (calendar_pk(CALENDAR), "HOUR#2026-11-24T14"),
        (calendar_pk(CALENDAR), "HOUR#2026-11-24T15"),
    ]
    assert hour_sk(TWO + timedelta(minutes=59)) == "HOUR#2026-11-24T14"


def test_a_meeting_over_a_full_hour_is_one_write_for_each() -> None:
    first, second = claim(touched([at(50, 70)]))
    assert (first.key[1], second.key[1]) == ("HOUR#2026-11-24T14", "HOUR#2026-11-24T15")
    assert names(first) >= {"b50", "b55", "ttl"}
    assert names(second) >= {"b00", "b05", "ttl"}
    assert not names(first) & {"b00", "b05"}


def test_a_bucket_is_claimed_where_it_is_free_our_own_or_that_of_a_hold_which_has_ended() -> None:
    (write,) = claim(touched([at(0, 5)]))
    assert write.condition is not None
    for reason in ("attribute_not_exists(#b00)", "#b00 IN (:owner, :instead)", "#h00 <= :now"):
        assert reason in write.condition
    assert dict(write.values or {})["now"] == epoch(NOW)


def test_a_bookings_bucket_ends_by_no_clock_and_a_holds_does() -> None:
    (lasting,) = claim(touched([at(0, 5)]))
    assert lasting.update is not None
    assert "REMOVE #h00" in lasting.update
    until = NOW + timedelta(minutes=5)
    (held,) = claim(touched([at(0, 5)]), until=until)
    assert held.update is not None
    assert "#h00 = :until" in held.update
    assert dict(held.values or {})["until"] == epoch(until)


def test_a_bucket_that_is_kept_is_not_freed() -> None:
    (write,) = claim(touched([at(15, 45)]), touched([at(0, 30)]))
    assert write.update is not None
    removed = write.update.partition("REMOVE")[2]
    assert {name for name in ("#b00", "#b05", "#b10") if name in removed} == {
        "#b00",
        "#b05",
        "#b10",
    }
    assert "#b15" not in removed


def test_nothing_is_written_where_nothing_changes() -> None:
    assert claim(set()) == []


def item(hour: int = 14, **owners: object) -> dict[str, object]:
    return {"pk": calendar_pk(CALENDAR), "sk": f"HOUR#2026-11-24T{hour:02d}", "ttl": 1, **owners}


def test_neighbouring_buckets_of_one_owner_are_one_interval_over_hours_too() -> None:
    items = [item(b50="b1", b55="b1"), item(15, b00="b1", b05="b2")]
    assert owned(items, NOW) == [(at(50, 65), "b1"), (at(65, 70), "b2")]


def test_buckets_of_one_owner_that_lie_apart_are_two_intervals() -> None:
    assert owned([item(b00="b1", b10="b1")], NOW) == [(at(0, 5), "b1"), (at(10, 15), "b1")]


def test_a_hold_owns_nothing_from_its_last_second_on() -> None:
    held = item(b00="hold", h00=epoch(NOW + BUCKET))
    assert owned([held], NOW) == [(at(0, 5), "hold")]
    assert owned([held], NOW + BUCKET) == []
