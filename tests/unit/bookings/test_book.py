"""One booking at a time: claimed, re-checked, inserted, confirmed, or refused with nothing left."""

from datetime import timedelta

import pytest

from scheduling.core.errors import (
    AlreadyBooked,
    BookingInProgress,
    IdempotencyMismatch,
    NotAllowed,
    NotConnected,
    NotFound,
    ShareClosed,
    SlotNotOffered,
    SlotTaken,
)
from scheduling.core.times import Interval, format_instant
from scheduling.models import BookingId, BookingState, ShareId
from tests.fakes import START, Crash
from tests.unit.meetings import LATER, SLOT, busy, claimed_buckets
from tests.world import World


def test_a_free_slot_is_confirmed_with_one_event_and_one_invite(world: World) -> None:
    share = world.share()
    outcome = world.use_cases.booker.book(
        world.bob, world.request(share, SLOT, note="About <b>us</b>"), world.deadline()
    )
    world.deliver_all()
    (event,) = world.calendar.meetings
    (invite,) = world.chat.of_type("invite")
    assert outcome.booking.state is BookingState.CONFIRMED
    assert event.slot == Interval(SLOT, SLOT + timedelta(minutes=30))
    assert event.booking_id == outcome.booking.booking_id
    assert "Bob" in event.summary
    assert "About <b>us</b>" in event.description
    assert (invite.sender, invite.receiver.id) == ("alice", "bob")
    assert invite.custom["startsAt"] == format_instant(SLOT)
    assert outcome.invite is not None
    assert claimed_buckets(world) == 6


def test_a_repeat_without_a_key_is_the_same_booking(world: World) -> None:
    share = world.share()
    first = world.use_cases.booker.book(world.bob, world.request(share, SLOT), world.deadline())
    again = world.use_cases.booker.book(world.bob, world.request(share, SLOT), world.deadline())
    assert again.booking == first.booking
    assert world.calendar.calls.count("insert_event") == 1


def test_a_repeat_with_a_key_gets_the_first_success_even_when_the_share_is_closed(
    world: World,
) -> None:
    share = world.share()
    request = world.request(share, SLOT, key="k1")
    first = world.use_cases.booker.book(world.bob, request, world.deadline())
    world.use_cases.share_views.withdraw(world.alice, share, world.deadline())
    assert (
        world.use_cases.booker.book(world.bob, request, world.deadline()).booking == first.booking
    )


def test_a_key_that_comes_with_another_request_is_refused(world: World) -> None:
    share = world.share()
    world.use_cases.booker.book(world.bob, world.request(share, SLOT, key="k1"), world.deadline())
    other = world.request(share, SLOT + timedelta(hours=1), key="k1")
    with pytest.raises(IdempotencyMismatch):
        world.use_cases.booker.book(world.bob, other, world.deadline())


def test_a_taken_slot_is_refused_with_the_nearest_free_starts_and_google_is_not_asked(
    world: World,
) -> None:
    share, carols = world.share(), world.share("carol")
    world.use_cases.booker.book(world.bob, world.request(share, SLOT), world.deadline())
    world.busy_times.put(
        world.connections.get(world.tenant.app_id, world.alice.uid).calendar_id,  # type: ignore[union-attr]
        Interval(START, START + timedelta(days=8)),
        [],
    )
    asked = len(world.calendar.calls)
    overlapping = SLOT + timedelta(minutes=15)
    with pytest.raises(SlotTaken) as refusal:
        world.use_cases.booker.book(
            world.caller("carol"), world.request(carols, overlapping), world.deadline()
        )
    alternatives = refusal.value.details["alternatives"]
    assert len(world.calendar.calls) == asked
    minutes = [int((each - overlapping).total_seconds() // 60) for each in alternatives]
    assert minutes == [-60, -45, 15, 30, 45]
    assert world.bookings.of_guest(world.tenant.app_id, carols, world.caller("carol").uid) == (
        None,
        0,
    )


def test_another_request_waits_for_the_worker_and_then_says_so(world: World) -> None:
    share = world.share()
    world.calendar.faults["insert_event"] = [Crash()]
    with pytest.raises(Crash):
        world.use_cases.booker.book(world.bob, world.request(share, SLOT), world.deadline())
    with pytest.raises(BookingInProgress) as refusal:
        world.use_cases.booker.book(
            world.bob, world.request(share, SLOT), world.clock.now() + timedelta(seconds=5)
        )
    assert refusal.value.retry_after_seconds == 5


def test_a_second_slot_of_the_same_share_is_refused_with_the_first_ones_id(world: World) -> None:
    share = world.share()
    first = world.use_cases.booker.book(world.bob, world.request(share, SLOT), world.deadline())
    with pytest.raises(AlreadyBooked) as refusal:
        world.use_cases.booker.book(
            world.bob, world.request(share, SLOT + timedelta(hours=2)), world.deadline()
        )
    assert refusal.value.details == {"booking_id": first.booking.booking_id}


@pytest.mark.parametrize(
    ("late", "length"),
    [
        (timedelta(minutes=7), None),
        (timedelta(days=8), None),
        (timedelta(days=-1), None),
        (timedelta(0), timedelta(minutes=45)),
        (timedelta(days=7, hours=-4, minutes=-15), None),
    ],
)
def test_what_a_share_does_not_offer_cannot_be_booked(
    world: World, late: timedelta, length: timedelta | None
) -> None:
    share = world.share()
    with pytest.raises(SlotNotOffered):
        world.use_cases.booker.book(
            world.bob, world.request(share, SLOT + late, duration=length), world.deadline()
        )


def test_only_addressed_guests_book(world: World) -> None:
    share = world.share()
    for uid in ("alice", "carol"):
        with pytest.raises(NotAllowed):
            world.use_cases.booker.book(
                world.caller(uid), world.request(share, SLOT), world.deadline()
            )
    with pytest.raises(NotFound):
        world.use_cases.booker.book(
            world.bob, world.request(ShareId("0" * 32), SLOT), world.deadline()
        )


def test_each_member_of_a_group_books_once(world: World) -> None:
    world.chat.groups["team"] = {"alice", "bob", "carol"}
    share = world.share("team", "group")
    world.use_cases.booker.book(world.bob, world.request(share, SLOT), world.deadline())
    world.use_cases.booker.book(
        world.caller("carol"), world.request(share, SLOT + timedelta(hours=1)), world.deadline()
    )
    with pytest.raises(NotAllowed):
        world.use_cases.booker.book(
            world.caller("dave"), world.request(share, SLOT), world.deadline()
        )
    world.deliver_all()
    assert {invite.receiver.id for invite in world.chat.of_type("invite")} == {"bob", "carol"}


def test_a_closed_share_is_not_booked(world: World) -> None:
    share = world.share()
    world.use_cases.share_views.withdraw(world.alice, share, world.deadline())
    with pytest.raises(ShareClosed):
        world.use_cases.booker.book(world.bob, world.request(share, SLOT), world.deadline())


def test_a_host_who_disconnected_is_not_booked(world: World) -> None:
    share = world.share()
    world.use_cases.disconnector.disconnect(world.tenant.app_id, world.alice.uid, world.deadline())
    with pytest.raises(NotConnected) as refusal:
        world.use_cases.booker.book(world.bob, world.request(share, SLOT), world.deadline())
    assert "connect_url" not in refusal.value.details


def test_a_host_who_switched_calendars_is_not_booked_on_the_old_share(world: World) -> None:
    share = world.share()
    world.connect(account="another")
    with pytest.raises(NotConnected):
        world.use_cases.booker.book(world.bob, world.request(share, SLOT), world.deadline())


def test_one_google_account_under_two_users_is_not_booked_twice(world: World) -> None:
    shares = world.share(), world.share("carol")
    world.use_cases.booker.book(world.bob, world.request(shares[0], SLOT), world.deadline())
    world.connect("dave", "alice")
    world.calendar.lagging = True
    with pytest.raises(SlotTaken):
        world.use_cases.booker.book(
            world.caller("carol"), world.request(shares[1], SLOT), world.deadline()
        )


def test_only_host_and_guest_see_a_booking(world: World) -> None:
    share = world.share()
    booking = world.use_cases.booker.book(
        world.bob, world.request(share, SLOT), world.deadline()
    ).booking
    for uid in ("alice", "bob"):
        assert world.use_cases.booker.show(world.caller(uid), booking.booking_id).booking == booking
    with pytest.raises(NotFound) as of_others:
        world.use_cases.booker.show(world.caller("carol"), booking.booking_id)
    with pytest.raises(NotFound) as of_nobody:
        world.use_cases.booker.show(world.bob, BookingId("0" * 32))
    assert of_others.value.message == of_nobody.value.message, "or it told who has booked what"


def test_a_claim_is_decided_by_its_transaction_not_by_the_look_before_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    share, carols = world.share(), world.share("carol")
    first = world.use_cases.booker.book(
        world.bob, world.request(share, SLOT), world.deadline()
    ).booking
    monkeypatch.setattr(type(world.bookings), "_refuse_if_taken", lambda *_: None)
    late = SLOT + timedelta(minutes=15)
    near = world.clock.now() + timedelta(seconds=3)
    with pytest.raises(BookingInProgress):
        world.use_cases.booker.book(world.caller("carol"), world.request(carols, late), near)
    owners = {
        value
        for item in world.items()
        if item["sk"].startswith("HOUR#")
        for key, value in item.items()
        if key.startswith("b") and key[1:].isdigit()
    }
    assert owners == {first.booking_id}


def test_the_key_of_a_refused_booking_books_what_it_asked_for(world: World) -> None:
    share = world.share()
    first = world.request(share, SLOT, key="k1")
    busy(world)
    with pytest.raises(SlotTaken):
        world.use_cases.booker.book(world.bob, first, world.deadline())
    other = world.use_cases.booker.book(
        world.bob, world.request(share, LATER, key="k2"), world.deadline()
    )
    world.use_cases.booking_changer.cancel(world.bob, other.booking.booking_id, world.deadline())
    world.calendar.manual.clear()
    outcome = world.use_cases.booker.book(world.bob, first, world.deadline())
    assert (outcome.booking.state, outcome.booking.slot.start) == (BookingState.CONFIRMED, SLOT)
    again = world.use_cases.booker.book(world.bob, first, world.deadline())
    assert again.booking.booking_id == outcome.booking.booking_id
    assert len(world.calendar.meetings) == 1
