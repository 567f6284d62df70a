"""Meetings as tests make and change them, and what stands of them in the table."""

from datetime import datetime, timedelta

import pytest

from scheduling.bookings.requests import RescheduleRequest
from scheduling.core.errors import CalendarUnavailable
from scheduling.core.times import Interval
from scheduling.models import Booking, BookingState, Caller, ShareId
from scheduling.ports import OutcomeUnknown
from tests.fakes import START, Crash
from tests.world import World

SLOT = START + timedelta(hours=4)
LATER = SLOT + timedelta(hours=2)
HALF_AN_HOUR = timedelta(minutes=30)


def stored(world: World, booking: Booking) -> Booking:
    """Return a booking as it stands."""
    found = world.bookings.get(booking.app_id, booking.booking_id)
    assert found is not None
    return found


def owned(world: World) -> list[Interval]:
    """Return what bookings own of the host's calendar in this week."""
    week = Interval(START, START + timedelta(days=7))
    return [each for each, _ in world.bookings.claims(world.connect().calendar_id, week)]


def claimed_buckets(world: World) -> int:
    """Count the buckets of five minutes that are claimed of any calendar."""
    return sum(
        key.startswith("b") and key[1:].isdigit()
        for item in world.items()
        if item["sk"].startswith("HOUR#")
        for key in item
    )


def booked(world: World, share: ShareId | None = None) -> Booking:
    """Book for bob, and deliver the invite."""
    request = world.request(share or world.share(), SLOT)
    booking = world.use_cases.booker.book(world.bob, request, world.deadline()).booking
    assert booking.state is BookingState.CONFIRMED
    world.deliver_all()
    return booking


def moved(
    world: World,
    booking: Booking,
    to: datetime = LATER,
    key: str = "",
    caller: Caller | None = None,
) -> Booking:
    """Move a meeting, as bob unless another is named."""
    request = RescheduleRequest(starts_at=to, idempotency_key=key)
    return world.use_cases.booking_changer.reschedule(
        caller or world.bob, booking.booking_id, request, world.deadline()
    ).booking


def cancelled(world: World, booking: Booking) -> Booking:
    """Cancel a meeting, as bob."""
    return world.use_cases.booking_changer.cancel(
        world.bob, booking.booking_id, world.deadline()
    ).booking


def died(world: World) -> ShareId:
    """Let a guest's first worker die after the claim, before the event."""
    share = world.share()
    world.calendar.faults["insert_event"] = [Crash()]
    with pytest.raises(Crash):
        world.use_cases.booker.book(world.bob, world.request(share, SLOT), world.deadline())
    return share


def left_open(world: World, guest: str = "bob", at: datetime = SLOT) -> Booking:
    """Book with an insert of which nobody knows whether it was done."""
    share = world.share(guest)
    world.calendar.faults["insert_event"] = [OutcomeUnknown()]
    world.calendar.faults["get_event"] = [CalendarUnavailable(), CalendarUnavailable()]
    booking = world.use_cases.booker.book(
        world.caller(guest), world.request(share, at), world.deadline()
    ).booking
    assert booking.state is BookingState.CLAIMED
    return booking


def busy(world: World, start: datetime = SLOT) -> None:
    """Let the host write into a time."""
    world.calendar.manual.append(Interval(start, start + HALF_AN_HOUR))
