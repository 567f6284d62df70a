"""Claims: one item for each UTC hour that a meeting touches, with one attribute for each bucket.

Any two meetings that overlap share a 5-minute bucket, whatever their start and length; a bucket has
one owner, by a condition; so meetings of one calendar cannot overlap.

`b05` names the owner of the bucket that begins at five past: a booking, or a guest's hold. Beside
it `h05` says until when a hold has it, in seconds; a booking's bucket has none, and ends by a step
of its booking only.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from scheduling.adapters.dynamodb.table import Item, Key, Write, epoch, update
from scheduling.core.times import BUCKET, Interval, buckets
from scheduling.models import CalendarId

HOUR = timedelta(hours=1)
_KEPT = timedelta(days=1)
PREFIX = "HOUR#"
_FORM = f"{PREFIX}%Y-%m-%dT%H"
_OFFSETS = tuple(timedelta(minutes=each) for each in range(0, 60, 5))


def calendar_pk(calendar_id: str) -> str:
    """Return the partition of a calendar: over all apps and users, on purpose."""
    return f"CAL#{calendar_id}"


def hour_sk(instant: datetime) -> str:
    """Return the sort key of the UTC hour in which an instant lies."""
    return instant.strftime(_FORM)


def touched(intervals: Iterable[Interval]) -> set[datetime]:
    """Return the starts of the buckets that intervals touch."""
    return {bucket for each in intervals for bucket in buckets(each)}


def keys(calendar_id: CalendarId, wanted: Iterable[datetime]) -> list[Key]:
    """Return the items in which buckets stand."""
    return [(calendar_pk(calendar_id), sk) for sk in sorted({hour_sk(each) for each in wanted})]


def exchange(
    calendar_id: CalendarId,
    *,
    claim: set[datetime],
    free: set[datetime],
    owner: str,
    instead_of: str = "",
    now: datetime,
    until: datetime | None = None,
) -> list[Write]:
    """Return the writes that claim some buckets and free others, one for each hour.

    Args:
        calendar_id: whose.
        claim: each must be absent, the owner's own, that of a hold which has ended, or
            `instead_of`'s.
        free: what is not claimed any more; each must be the owner's, or `instead_of`'s, or gone:
            claims are kept for a day only after their hour.
        owner: who claims.
        instead_of: a hold that gives way to its guest's booking.
        now: when a hold has ended.
        until: when this claim ends by the clock; None for a booking's.
    """
    writes = []
    for hour in sorted({bucket.replace(minute=0) for bucket in claim | free}):
        of_hour = {hour + offset for offset in _OFFSETS}
        claimed = [f"{bucket.minute:02d}" for bucket in sorted(claim & of_hour)]
        freed = [f"{bucket.minute:02d}" for bucket in sorted((free - claim) & of_hour)]
        lasting = claimed if until is None else []
        sets = [f"#b{name} = :owner" for name in claimed]
        sets += [f"#h{name} = :until" for name in claimed if until is not None]
        removed = [f"#b{name}" for name in freed] + [f"#h{name}" for name in [*freed, *lasting]]
        ours = [
            f"(attribute_not_exists(#b{name}) OR #b{name} IN (:owner, :instead))" for name in freed
        ]
        free_to_take = [
            f"(attribute_not_exists(#b{name}) OR #b{name} IN (:owner, :instead)"
            f" OR #h{name} <= :now)"
            for name in claimed
        ]
        writes.append(
            update(
                (calendar_pk(calendar_id), hour_sk(hour)),
                f"SET {', '.join([*sets, '#ttl = :ttl'])}"
                + (f" REMOVE {', '.join(removed)}" if removed else ""),
                " AND ".join(ours + free_to_take),
                owner=owner,
                instead=instead_of or owner,
                now=epoch(now),
                until=epoch(until) if until else None,
                ttl=epoch(hour + HOUR + _KEPT),
            )
        )
    return writes


def owned(items: Iterable[Item], now: datetime) -> list[tuple[Interval, str]]:
    """Read who owns what as of now, neighbouring buckets of one owner joined."""
    owners: list[tuple[Interval, str]] = []
    for item in items:
        hour = datetime.strptime(item["sk"], _FORM).replace(tzinfo=UTC)
        for name in sorted(key for key in item if key.startswith("b") and key[1:].isdigit()):
            if item.get(f"h{name[1:]}", epoch(now) + 1) <= epoch(now):
                continue
            start = hour + timedelta(minutes=int(name[1:]))
            owner = str(item[name])
            if owners and owners[-1][1] == owner and owners[-1][0].end == start:
                owners[-1] = (Interval(owners[-1][0].start, start + BUCKET), owner)
            else:
                owners.append((Interval(start, start + BUCKET), owner))
    return owners
