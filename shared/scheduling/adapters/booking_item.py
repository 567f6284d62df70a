"""A booking as an item of the table, and the watches that it leaves behind."""

from datetime import timedelta
from typing import Any

from scheduling.adapters.share_store import interval, person
from scheduling.adapters.table import Item, Key, app_pk, due_shard, epoch, instant
from scheduling.models import (
    AppId,
    Booking,
    BookingId,
    BookingState,
    CalendarId,
    ShareId,
    Uid,
    Watch,
)

#: How long a booking is kept after its end: as long as its .ics file is served.
KEPT = timedelta(days=31)


def booking_key(app_id: str, booking_id: str) -> Key:
    """Give where a booking stands."""
    return app_pk(app_id, "BOOKING", booking_id), "BOOKING"


def booking_item(booking: Booking) -> dict[str, Any]:
    """Give the item of a booking that is being claimed, due when its lease ends."""
    pk, _ = booking_key(booking.app_id, booking.booking_id)
    return {
        "appId": booking.app_id,
        "bookingId": booking.booking_id,
        "shareId": booking.share_id,
        "calendarId": booking.calendar_id,
        "host": booking.host.as_json(),
        "guest": booking.guest.as_json(),
        "slot": [epoch(booking.slot.start), epoch(booking.slot.end)],
        "title": booking.title,
        "note": booking.note,
        "timeZone": booking.time_zone,
        "locale": booking.locale,
        "state": booking.state.value,
        "attempt": booking.attempt,
        "leasedUntil": epoch(booking.leased_until),
        "generation": booking.generation,
        "eventId": booking.event_id,
        "createdAt": epoch(booking.created_at),
        "sequence": booking.sequence,
        "awaited": booking.awaited,
        "told": booking.told,
        "dueShard": due_shard(pk),
        "dueAt": epoch(booking.leased_until),
        "ttl": epoch(booking.slot.end + KEPT),
    }


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
        generation=item["generation"],
        event_id=item["eventId"],
        created_at=instant(item["createdAt"]),
        settles_at=instant(item["settlesAt"]) if "settlesAt" in item else None,
        ical_uid=item.get("icalUid", ""),
        sequence=item["sequence"],
        confirmed_at=instant(item["confirmedAt"]) if "confirmedAt" in item else None,
        refusal=item.get("refusal", ""),
        awaited=item["awaited"],
        told=item["told"],
    )


WATCH = "WATCH#"


def watch_key(watch: Watch) -> Key:
    """Give where a watch stands: with its booking, one for each generation of its event."""
    return app_pk(watch.app_id, "BOOKING", watch.booking_id), f"{WATCH}{watch.generation:04d}"


def watch_item(watch: Watch) -> dict[str, Any]:
    """Give the item of a watch."""
    pk, _ = watch_key(watch)
    return {
        "appId": watch.app_id,
        "bookingId": watch.booking_id,
        "host": watch.host,
        "calendarId": watch.calendar_id,
        "eventId": watch.event_id,
        "generation": watch.generation,
        "since": epoch(watch.since),
        "dueShard": due_shard(pk),
        "dueAt": epoch(watch.due_at),
        "ttl": epoch(watch.since + KEPT),
    }


def watch_from(item: Item) -> Watch:
    """Read a watch."""
    return Watch(
        app_id=AppId(item["appId"]),
        booking_id=BookingId(item["bookingId"]),
        host=Uid(item["host"]),
        calendar_id=CalendarId(item["calendarId"]),
        event_id=item["eventId"],
        generation=item["generation"],
        since=instant(item["since"]),
        due_at=instant(item["dueAt"]),
    )
