"""A host with a connected calendar and an open share, and what guests make of it."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from scheduling.core import ids
from scheduling.core.times import Interval
from scheduling.models import (
    AppId,
    Availability,
    Booking,
    BookingId,
    BookingState,
    CalendarEvent,
    CalendarId,
    Connection,
    Hold,
    OutboxItem,
    OutboxKind,
    Person,
    Receiver,
    Share,
    ShareId,
    ShareState,
    Uid,
)
from scheduling.ports import Remembered
from scheduling.rules import transitions
from tests.builders import NOW, STARTS_AT, a_booking
from tests.world import World

HALF_HOUR = timedelta(minutes=30)
SLOT = Interval(STARTS_AT, STARTS_AT + HALF_HOUR)
LATER = Interval(STARTS_AT + 2 * HALF_HOUR, STARTS_AT + 3 * HALF_HOUR)
DAY = Interval(STARTS_AT - timedelta(hours=12), STARTS_AT + timedelta(hours=12))
DEADLINE = NOW + timedelta(seconds=25)


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


def owed_for(share: Share) -> OutboxItem:
    """The message that a share owes."""
    return OutboxItem(
        app_id=share.app_id,
        owner=f"SHARE#{share.share_id}",
        number=0,
        kind=OutboxKind.AVAILABILITY,
        outbox_id=ids.derived("outbox", share.share_id),
    )


@dataclass
class Scene:
    """The stores, and what stands in them before a booking."""

    stores: World
    connection: Connection = field(init=False)
    shared: Share = field(init=False)

    def __post_init__(self) -> None:
        self.connection = self.stores.connect()
        self.shared = self.share()

    def share(self, number: int = 0) -> Share:
        """Share the host's times once more."""
        share = a_share(number, calendar_id=self.connection.calendar_id)
        assert self.stores.shares.create(share, owed_for(share), "", "") is None
        return share

    def request(self, guest: str = "bob", **changes: Any) -> Booking:
        """A booking by its first worker, not claimed yet."""
        share: Share = changes.pop("share", self.shared)
        slot: Interval = changes.get("slot", SLOT)
        name = ids.booking_id("app", guest, share.share_id, slot.start.isoformat(), 0)
        until = DEADLINE + transitions.LEASE_MARGIN
        fields = {
            "booking_id": BookingId(name),
            "share_id": share.share_id,
            "calendar_id": self.connection.calendar_id,
            "guest": Person(Uid(guest), guest.capitalize()),
            "state": BookingState.CLAIMED,
            "event_id": ids.event_id(name, 0),
            "leased_until": until,
            "due_at": until,
            "ical_uid": "",
            "last_modified": None,
        }
        return a_booking(**fields | changes)

    def claim(
        self, booking: Booking, key: str = "", fingerprint: str = "as-it-was-asked"
    ) -> Booking:
        """Claim it, as its first step."""
        remembered = Remembered("book", booking.guest.uid, key, fingerprint) if key else None
        self.stores.bookings.claim(None, booking, self.connection, remembered)
        return booking

    def confirm(self, booking: Booking) -> Booking:
        """Take it from claimed to confirmed."""
        event = CalendarEvent(booking.event_id, f"{booking.event_id}@google.com", False, "")
        confirmed = transitions.confirmed(booking, event, NOW)
        self.stores.bookings.transition(booking, confirmed)
        return confirmed

    def hold(self, guest: str = "bob", slot: Interval = SLOT, **changes: Any) -> Hold:
        """A hold, not kept yet."""
        hold = Hold(
            app_id=AppId("app"),
            share_id=self.shared.share_id,
            calendar_id=self.connection.calendar_id,
            guest=Uid(guest),
            slot=slot,
            claimed=slot,
            expires_at=NOW + timedelta(minutes=5),
        )
        return replace(hold, **changes)

    def stored(self, booking: Booking) -> Booking | None:
        """Read it again."""
        return self.stores.bookings.get(booking.app_id, booking.booking_id)

    def owners(self) -> list[tuple[Interval, str]]:
        """Who owns what of the day."""
        return self.stores.bookings.claims(self.connection.calendar_id, DAY)
