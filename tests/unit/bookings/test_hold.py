"""A hold keeps a time for a guest for a while; it ends by the clock, or becomes a booking."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from scheduling.bookings.hold import HELD
from scheduling.bookings.requests import HoldRequest
from scheduling.core.errors import CalendarUnavailable, NotAllowed, SlotNotOffered, SlotTaken
from scheduling.core.retry import TRIES
from scheduling.core.times import Interval, format_instant
from scheduling.models import BookingState, Hold, ShareId
from tests.fakes import START
from tests.world import World

SLOT = START + timedelta(hours=4)
HALF_AN_HOUR = timedelta(minutes=30)


def held(world: World, share: ShareId, at: datetime = SLOT, uid: str = "bob") -> Hold:
    request = HoldRequest(share_id=share, starts_at=at, duration=None)
    return world.use_cases.slot_holder.hold(world.caller(uid), request, world.deadline())


def seen(world: World, share: ShareId, uid: str) -> list[str]:
    view: dict[str, Any] = world.view(world.caller(uid), share)
    starts: list[str] = view["slots"]
    return starts


def test_a_held_time_is_free_for_its_guest_alone(world: World) -> None:
    bobs, carols = world.share(), world.share("carol")
    hold = held(world, bobs)
    assert hold.expires_at == world.clock.now() + HELD
    assert format_instant(SLOT) in seen(world, bobs, "bob")
    assert format_instant(SLOT) not in seen(world, carols, "carol")
    with pytest.raises(SlotTaken) as refusal:
        world.use_cases.booker.book(
            world.caller("carol"), world.request(carols, SLOT), world.deadline()
        )
    assert SLOT not in refusal.value.details["alternatives"]
    assert "insert_event" not in world.calendar.calls


def test_booking_takes_over_the_guests_own_hold(world: World) -> None:
    share = world.share()
    held(world, share)
    quarter = SLOT + timedelta(minutes=15)
    booking = world.use_cases.booker.book(
        world.bob, world.request(share, quarter), world.deadline()
    ).booking
    owners = world.bookings.claims(booking.calendar_id, Interval(SLOT, SLOT + 4 * HALF_AN_HOUR))
    assert owners == [(booking.slot, booking.booking_id)]
    assert world.bookings.held(world.tenant.app_id, share, world.bob.uid) is None
    world.clock.pass_(minutes=6)
    carols = world.share("carol")
    with pytest.raises(SlotTaken):
        world.use_cases.booker.book(
            world.caller("carol"), world.request(carols, quarter), world.deadline()
        )


def test_a_hold_ends_by_the_clock(world: World) -> None:
    bobs, carols = world.share(), world.share("carol")
    held(world, bobs)
    world.clock.pass_(seconds=HELD.total_seconds())
    booked = world.use_cases.booker.book(
        world.caller("carol"), world.request(carols, SLOT), world.deadline()
    ).booking
    assert booked.state is BookingState.CONFIRMED
    with pytest.raises(SlotTaken):
        world.use_cases.booker.book(world.bob, world.request(bobs, SLOT), world.deadline())


def test_a_guest_holds_one_time_of_a_share(world: World) -> None:
    share, carols = world.share(), world.share("carol")
    held(world, share)
    held(world, share, SLOT + timedelta(minutes=15))
    owners = world.bookings.claims(
        world.connect().calendar_id, Interval(SLOT, SLOT + timedelta(hours=2))
    )
    start = SLOT + timedelta(minutes=15)
    assert [each for each, _ in owners] == [Interval(start, start + HALF_AN_HOUR)]
    held(world, share, SLOT + timedelta(hours=1))
    assert held(world, carols, uid="carol").slot.start == SLOT


def test_a_held_or_booked_time_is_not_held_by_another(world: World) -> None:
    share, carols = world.share(), world.share("carol")
    held(world, share)
    with pytest.raises(SlotTaken) as refusal:
        held(world, carols, SLOT + timedelta(minutes=15), uid="carol")
    assert refusal.value.details["alternatives"]
    world.use_cases.booker.book(world.bob, world.request(share, SLOT), world.deadline())
    world.clock.pass_(minutes=6)
    with pytest.raises(SlotTaken):
        held(world, carols, uid="carol")


def test_what_google_shows_as_busy_or_cannot_say_is_not_held(world: World) -> None:
    share = world.share()
    world.clock.pass_(minutes=1)
    world.calendar.manual.append(Interval(SLOT, SLOT + HALF_AN_HOUR))
    with pytest.raises(SlotTaken):
        held(world, share)
    world.calendar.faults["free_busy"] = [CalendarUnavailable()] * TRIES
    world.clock.pass_(minutes=1)
    with pytest.raises(CalendarUnavailable):
        held(world, share, SLOT + timedelta(hours=1))


def test_only_what_a_share_offers_is_held_and_by_its_guests_alone(world: World) -> None:
    share = world.share()
    with pytest.raises(SlotNotOffered):
        held(world, share, SLOT + timedelta(minutes=7))
    for uid in ("alice", "carol"):
        with pytest.raises(NotAllowed):
            held(world, share, uid=uid)
