"""A booking as an item of the table, the hold before it, and the watches that it leaves behind."""

from datetime import datetime, timedelta
from typing import Any

from scheduling.adapters.dynamodb.share_store import interval, person, person_item
from scheduling.adapters.dynamodb.table import Item, Key, app_pk, due_shard, epoch, instant
from scheduling.core.times import Interval
from scheduling.models import (
    AppId,
    Booking,
    BookingId,
    BookingState,
    CalendarId,
    Hold,
    OrphanWatch,
    ShareId,
    Uid,
)

#: How long a booking is kept after its end: as long as its .ics file is served.
KEPT = timedelta(days=31)


def booking_key(app_id: str, booking_id: str) -> Key:
    """Return where a booking stands."""
    return app_pk(app_id, "BOOKING", booking_id), "BOOKING"


def booking_item(booking: Booking) -> dict[str, Any]:
    """Return the item of a booking; what it has not is left out."""
    pk, _ = booking_key(booking.app_id, booking.booking_id)
    due = booking.due_at is not None
    item = {
        "appId": booking.app_id,
        "bookingId": booking.booking_id,
        "shareId": booking.share_id,
        "calendarId": booking.calendar_id,
        "host": person_item(booking.host),
        "guest": person_item(booking.guest),
        "slot": _pair(booking.slot),
        "title": booking.title,
        "note": booking.note,
        "timeZone": booking.time_zone,
        "locale": booking.locale,
        "state": booking.state.value,
        "attempt": booking.attempt,
        "leasedUntil": epoch(booking.leased_until),
        "revision": booking.revision,
        "eventId": booking.event_id,
        "createdAt": epoch(booking.created_at),
        "bufferSeconds": [_seconds(booking.buffer_before), _seconds(booking.buffer_after)],
        "settlesAt": _epoch(booking.settles_at),
        "target": _pair(booking.target) if booking.target else None,
        "asked": list(booking.asked) if booking.asked else None,
        "icalUid": booking.ical_uid or None,
        "sequence": booking.sequence,
        "lastModified": _epoch(booking.last_modified),
        "refusal": booking.refusal or None,
        "awaited": booking.awaited,
        "outboxCount": booking.outbox_count,
        "promisedBy": _epoch(booking.promised_by),
        "correlationId": booking.correlation_id or None,
        "dueShard": due_shard(pk) if due else None,
        "dueAt": _epoch(booking.due_at),
        "ttl": epoch(booking.slot.end + KEPT),
    }
    return {name: value for name, value in item.items() if value is not None}


def booking_from(item: Item) -> Booking:
    """Read a booking."""
    return Booking(
        app_id=AppId(item["appId"]),
        booking_id=BookingId(item["bookingId"]),
        share_id=ShareId(item["shareId"]),
        calendar_id=CalendarId(item["calendarId"]),
        host=person(item["host"]),
        guest=person(item["guest"]),
        slot=interval(item["slot"]),
        title=item["title"],
        note=item["note"],
        time_zone=item["timeZone"],
        locale=item["locale"],
        state=BookingState(item["state"]),
        attempt=item["attempt"],
        leased_until=instant(item["leasedUntil"]),
        revision=item["revision"],
        event_id=item["eventId"],
        created_at=instant(item["createdAt"]),
        buffer_before=timedelta(seconds=item["bufferSeconds"][0]),
        buffer_after=timedelta(seconds=item["bufferSeconds"][1]),
        due_at=_instant(item, "dueAt"),
        target=interval(item["target"]) if "target" in item else None,
        asked=(Uid(item["asked"][0]), item["asked"][1]) if "asked" in item else None,
        settles_at=_instant(item, "settlesAt"),
        ical_uid=item.get("icalUid", ""),
        sequence=item["sequence"],
        last_modified=_instant(item, "lastModified"),
        refusal=item.get("refusal", ""),
        awaited=item["awaited"],
        outbox_count=item["outboxCount"],
        promised_by=_instant(item, "promisedBy"),
        correlation_id=item.get("correlationId", ""),
    )


def _seconds(length: timedelta) -> int:
    return int(length.total_seconds())


def _epoch(moment: datetime | None) -> int | None:
    return epoch(moment) if moment else None


def _instant(item: Item, name: str) -> datetime | None:
    return instant(item[name]) if name in item else None


def _pair(slot: Interval) -> list[int]:
    return [epoch(slot.start), epoch(slot.end)]


def hold_key(app_id: str, share_id: str, guest: str) -> Key:
    """Return where a guest's hold of a share stands."""
    return app_pk(app_id, "SHARE", share_id), f"HOLD#{guest}"


def hold_item(hold: Hold) -> dict[str, Any]:
    """Return the item of a hold."""
    return {
        "appId": hold.app_id,
        "shareId": hold.share_id,
        "calendarId": hold.calendar_id,
        "guest": hold.guest,
        "slot": _pair(hold.slot),
        "claimed": _pair(hold.claimed),
        "expiresAt": epoch(hold.expires_at),
        "ttl": epoch(hold.expires_at),
    }


def hold_from(item: Item) -> Hold:
    """Read a hold."""
    return Hold(
        app_id=AppId(item["appId"]),
        share_id=ShareId(item["shareId"]),
        calendar_id=CalendarId(item["calendarId"]),
        guest=Uid(item["guest"]),
        slot=interval(item["slot"]),
        claimed=interval(item["claimed"]),
        expires_at=instant(item["expiresAt"]),
    )


WATCH = "WATCH#"


def watch_key(watch: OrphanWatch) -> Key:
    """Return where a watch stands: with its booking, one for each generation of its event."""
    return app_pk(watch.app_id, "BOOKING", watch.booking_id), f"{WATCH}{watch.revision:04d}"


def watch_item(watch: OrphanWatch) -> dict[str, Any]:
    """Return the item of a watch."""
    pk, _ = watch_key(watch)
    return {
        "appId": watch.app_id,
        "bookingId": watch.booking_id,
        "host": watch.host,
        "calendarId": watch.calendar_id,
        "eventId": watch.event_id,
        "revision": watch.revision,
        "since": epoch(watch.since),
        "correlationId": watch.correlation_id or None,
        "dueShard": due_shard(pk),
        "dueAt": epoch(watch.due_at),
        "ttl": epoch(watch.since + KEPT),
    }


def watch_from(item: Item) -> OrphanWatch:
    """Read a watch."""
    return OrphanWatch(
        app_id=AppId(item["appId"]),
        booking_id=BookingId(item["bookingId"]),
        host=Uid(item["host"]),
        calendar_id=CalendarId(item["calendarId"]),
        event_id=item["eventId"],
        revision=item["revision"],
        since=instant(item["since"]),
        due_at=instant(item["dueAt"]),
        correlation_id=item.get("correlationId", ""),
    )
