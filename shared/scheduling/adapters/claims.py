"""Claims: one item for each UTC hour that a meeting touches, with one attribute for each bucket.

Any two meetings that overlap share a 5-minute bucket, whatever their start and length; a bucket has
one owner, by a condition; so meetings of one calendar cannot overlap.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from scheduling.adapters.table import Item, Key, Write, epoch, update
from scheduling.models import BookingId, CalendarId
from scheduling.times import BUCKET, Interval, buckets

HOUR = timedelta(hours=1)
_KEPT = timedelta(days=1)
PREFIX = "HOUR#"
_FORM = f"{PREFIX}%Y-%m-%dT%H"


def calendar_pk(calendar_id: str) -> str:
    """Give the partition of a calendar: over all apps and users, on purpose."""
    return f"CAL#{calendar_id}"


def hour_sk(instant: datetime) -> str:
    """Give the sort key of the UTC hour in which an instant lies."""
    return instant.strftime(_FORM)


def hours(slot: Interval) -> dict[datetime, list[str]]:
    """Give the UTC hours that a meeting touches, each with the names of its buckets."""
    touched: dict[datetime, list[str]] = {}
    for bucket in buckets(slot):
        hour = bucket.replace(minute=0)
        touched.setdefault(hour, []).append(f"b{bucket.minute:02d}")
    return touched


def keys(calendar_id: CalendarId, slot: Interval) -> list[Key]:
    """Give the items that a meeting's claim stands in."""
    return [(calendar_pk(calendar_id), hour_sk(hour)) for hour in hours(slot)]


def claim(calendar_id: CalendarId, slot: Interval, owner: BookingId) -> list[Write]:
    """Give the writes that claim a meeting's buckets: each must be absent, or its own."""
    return [
        update(
            (calendar_pk(calendar_id), hour_sk(hour)),
            "SET " + ", ".join(f"#{name} = :owner" for name in names) + ", #ttl = :ttl",
            " AND ".join(f"(attribute_not_exists(#{name}) OR #{name} = :owner)" for name in names),
            owner=owner,
            ttl=epoch(hour + HOUR + _KEPT),
        )
        for hour, names in hours(slot).items()
    ]


def release(calendar_id: CalendarId, slot: Interval, owner: BookingId) -> list[Write]:
    """Give the writes that free a meeting's buckets: each must be its own."""
    return [
        update(
            (calendar_pk(calendar_id), hour_sk(hour)),
            "REMOVE " + ", ".join(f"#{name}" for name in names),
            " AND ".join(f"#{name} = :owner" for name in names),
            owner=owner,
        )
        for hour, names in hours(slot).items()
    ]


def owned(items: Iterable[Item]) -> list[tuple[Interval, BookingId]]:
    """Read who owns what, neighbouring buckets of one owner joined."""
    owners: list[tuple[Interval, BookingId]] = []
    for item in items:
        hour = datetime.strptime(item["sk"], _FORM).replace(tzinfo=UTC)
        for name in sorted(key for key in item if key.startswith("b") and key[1:].isdigit()):
            start = hour + timedelta(minutes=int(name[1:]))
            owner = BookingId(item[name])
            if owners and owners[-1][1] == owner and owners[-1][0].end == start:
                owners[-1] = (Interval(owners[-1][0].start, start + BUCKET), owner)
            else:
                owners.append((Interval(start, start + BUCKET), owner))
    return owners
