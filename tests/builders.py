"""Things of the product, with everything that a test does not care about filled in."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from scheduling.core import ids
from scheduling.core.times import Interval
from scheduling.models import (
    AppId,
    Availability,
    Booking,
    BookingId,
    BookingState,
    CalendarId,
    OutboxItem,
    OutboxKind,
    Person,
    Receiver,
    Share,
    ShareId,
    ShareState,
    Uid,
)

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
STARTS_AT = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)
HALF_HOUR = timedelta(minutes=30)
DAY = Interval(STARTS_AT - timedelta(hours=12), STARTS_AT + timedelta(hours=12))


def a_booking(**changes: Any) -> Booking:
    """A confirmed booking of bob with alice, tomorrow at two."""
    booking = Booking(
        app_id=AppId("app"),
        booking_id=BookingId("b" * 32),
        share_id=ShareId("s" * 32),
        calendar_id=CalendarId("calendar"),
        host=Person(Uid("alice"), "Alice"),
        guest=Person(Uid("bob"), "Bob"),
        slot=Interval(STARTS_AT, STARTS_AT + timedelta(minutes=30)),
        title="Intro call",
        note="",
        time_zone="Europe/Madrid",
        locale="en",
        state=BookingState.CONFIRMED,
        attempt=1,
        leased_until=NOW,
        revision=0,
        event_id="event",
        created_at=NOW,
        ical_uid="event@google.com",
        last_modified=NOW,
    )
    return booking.with_(**changes)


def a_share(number: int = 0, **changes: Any) -> Share:
    """A share of alice's for bob, open, each a second after the one before."""
    share = Share(
        app_id=AppId("app"),
        share_id=ShareId(ids.derived("share", str(number))),
        host=Person(Uid("alice"), "Alice"),
        receiver=Receiver("bob", "user"),
        calendar_id=CalendarId("calendar-of-alice"),
        title="Intro call",
        locale="en",
        availability=Availability(
            window=DAY,
            busy=(Interval(DAY.start, STARTS_AT - HALF_HOUR),),
            time_zone="Europe/Berlin",
            step=timedelta(minutes=15),
            durations=(HALF_HOUR,),
            generated_at=NOW,
        ),
        state=ShareState.OPEN,
        created_at=NOW + timedelta(seconds=number),
    )
    return replace(share, **changes)


def a_week_share(**changes: Any) -> Share:
    """An open share of alice with bob: half an hour in the next 7 days, by Madrid's clock."""
    share = Share(
        app_id=AppId("app"),
        share_id=ShareId("s" * 32),
        host=Person(Uid("alice"), "Alice"),
        receiver=Receiver("bob", "user"),
        calendar_id=CalendarId("calendar"),
        title="Intro call",
        locale="en",
        availability=Availability(
            window=Interval(NOW, NOW + timedelta(days=7)),
            busy=(),
            time_zone="Europe/Madrid",
            step=timedelta(minutes=15),
            durations=(timedelta(minutes=30),),
            generated_at=NOW,
        ),
        state=ShareState.OPEN,
        created_at=NOW,
    )
    return replace(share, **changes)


def a_message(booking: Booking) -> OutboxItem:
    """An invite that is owed for a booking."""
    return OutboxItem(
        app_id=booking.app_id,
        owner=f"BOOKING#{booking.booking_id}",
        number=booking.outbox_count,
        kind=OutboxKind.INVITE,
        outbox_id=f"outbox-{booking.booking_id}-{booking.outbox_count}",
    )
