"""A host with a connected calendar and an open share, and what guests make of it."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from scheduling.core import ids
from scheduling.core.times import Interval
from scheduling.models import (
    AppId,
    Booking,
    BookingId,
    BookingState,
    CalendarEvent,
    Connection,
    Hold,
    OutboxItem,
    OutboxKind,
    Person,
    Share,
    Uid,
)
from scheduling.ports import Remembered
from scheduling.rules import transitions
from tests.builders import DAY, HALF_HOUR, NOW, STARTS_AT, a_booking, a_share
from tests.world import World

SLOT = Interval(STARTS_AT, STARTS_AT + HALF_HOUR)
LATER = Interval(STARTS_AT + 2 * HALF_HOUR, STARTS_AT + 3 * HALF_HOUR)
DEADLINE = NOW + timedelta(seconds=25)


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
