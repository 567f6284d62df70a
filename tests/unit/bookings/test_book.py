"""One booking at a time: claimed, re-checked, inserted, confirmed, or refused with nothing left."""

from datetime import timedelta

import pytest

from scheduling.core.errors import (
    AlreadyBooked,
    BookingInProgress,
    CalendarUnavailable,
    IdempotencyMismatch,
    NotAllowed,
    NotConnected,
    NotFound,
    ReconnectNeeded,
    ShareClosed,
    SlotNotOffered,
    SlotTaken,
)
from scheduling.core.ids import booking_id, event_id
from scheduling.core.times import Interval, format_instant
from scheduling.models import BookingId, BookingState, CalendarEvent, ConnectionState, ShareId
from scheduling.ports import Busy, OutcomeUnknown
from scheduling.rules import transitions
from tests.fakes import START, Crash, FakeEvent
from tests.world import World

SLOT = START + timedelta(hours=4)


def claimed_buckets(world: World) -> int:
    return sum(
        key.startswith("b") and key[1:].isdigit()
        for item in world.items()
        if item["sk"].startswith("HOUR#")
        for key in item
    )


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


def test_a_host_who_is_busy_at_google_is_not_booked_and_nothing_stays_claimed(
    world: World,
) -> None:
    share = world.share()
    world.calendar.manual.append(Interval(SLOT, SLOT + timedelta(minutes=5)))
    with pytest.raises(SlotTaken):
        world.use_cases.booker.book(world.bob, world.request(share, SLOT), world.deadline())
    assert claimed_buckets(world) == 0
    assert world.calendar.meetings == []
    world.calendar.manual.clear()
    world.use_cases.booker.book(world.bob, world.request(share, SLOT), world.deadline())
    assert len(world.calendar.meetings) == 1


def test_a_calendar_that_cannot_say_is_not_free(world: World) -> None:
    share = world.share()
    world.calendar.faults["free_busy"] = [CalendarUnavailable(retry_after=20)]
    with pytest.raises(CalendarUnavailable) as refusal:
        world.use_cases.booker.book(world.bob, world.request(share, SLOT), world.deadline())
    assert refusal.value.retry_after_seconds == 20
    assert claimed_buckets(world) == 0


def test_an_insert_that_google_surely_refused_releases_the_claim(world: World) -> None:
    share = world.share()
    world.calendar.faults["insert_event"] = [CalendarUnavailable()] * 3
    with pytest.raises(CalendarUnavailable):
        world.use_cases.booker.book(world.bob, world.request(share, SLOT), world.deadline())
    assert claimed_buckets(world) == 0


@pytest.mark.parametrize("method", ["free_busy", "insert_event"])
def test_what_google_could_not_say_is_asked_again_after_the_wait_that_it_named(
    world: World, method: str
) -> None:
    share = world.share()
    began = world.clock.now()
    world.calendar.faults[method] = [CalendarUnavailable(retry_after=3), CalendarUnavailable()]
    outcome = world.use_cases.booker.book(world.bob, world.request(share, SLOT), world.deadline())
    assert outcome.booking.state is BookingState.CONFIRMED
    waited = (world.clock.now() - began).total_seconds()
    assert 3 <= waited < 4


def test_a_late_insert_of_a_released_booking_is_found_and_deleted(world: World) -> None:
    share = world.share()
    world.calendar.faults["insert_event"] = [OutcomeUnknown()]
    world.calendar.faults["get_event"] = [CalendarUnavailable(), CalendarUnavailable()]
    left = world.use_cases.booker.book(
        world.bob, world.request(share, SLOT), world.deadline()
    ).booking
    busy = Interval(SLOT, SLOT + timedelta(minutes=30))
    world.calendar.manual.append(busy)
    world.clock.pass_(seconds=61)
    world.reconcile()
    world.clock.pass_(minutes=5)
    world.calendar.events[left.event_id] = FakeEvent(busy, left.booking_id, "", "")
    world.reconcile()
    assert world.calendar.meetings == []
    world.clock.pass_(minutes=60)
    world.reconcile()
    assert not [item for item in world.items() if item["sk"].startswith("WATCH#")]


def test_who_writes_into_the_calendar_in_the_same_second_is_told_to_the_host_once(
    world: World,
) -> None:
    share = world.share()
    booking = world.use_cases.booker.book(
        world.bob, world.request(share, SLOT), world.deadline()
    ).booking
    world.calendar.manual.append(Interval(SLOT, SLOT + timedelta(minutes=10)))
    world.clock.pass_(seconds=61)
    for _ in range(2):
        world.reconcile()
        world.deliver_all()
    (told,) = world.chat.of_type("notice")
    assert (told.receiver.id, told.custom["reason"]) == ("alice", "clash")
    assert told.custom["bookingId"] == booking.booking_id
    assert world.calendar.calls.count("others") == 1


def test_disconnecting_settles_what_is_being_worked_on_before_the_tokens_go(world: World) -> None:
    share = world.share()
    world.calendar.faults["insert_event"] = [OutcomeUnknown()]
    world.calendar.faults["get_event"] = [CalendarUnavailable(), CalendarUnavailable()]
    left = world.use_cases.booker.book(
        world.bob, world.request(share, SLOT), world.deadline()
    ).booking
    world.calendar.events[left.event_id] = FakeEvent(left.slot, left.booking_id, "", "")
    world.use_cases.disconnector.disconnect(world.tenant.app_id, world.alice.uid, world.deadline())
    world.deliver_all()
    settled = world.bookings.get(world.tenant.app_id, left.booking_id)
    assert settled is not None
    assert settled.state is BookingState.CONFIRMED
    assert world.connections.get(world.tenant.app_id, world.alice.uid) is None


def test_a_connection_whose_bookings_take_longer_is_ended_by_reconcile(world: World) -> None:
    share = world.share()
    world.calendar.faults["insert_event"] = [Crash()]
    with pytest.raises(Crash):
        world.use_cases.booker.book(world.bob, world.request(share, SLOT), world.deadline())
    world.use_cases.disconnector.disconnect(world.tenant.app_id, world.alice.uid, world.deadline())
    assert world.connection(world.alice) == {"state": "none"}
    assert world.connections.get(world.tenant.app_id, world.alice.uid) is not None
    world.clock.pass_(minutes=2)
    world.reconcile()
    world.clock.pass_(minutes=2)
    world.reconcile()
    assert world.connections.get(world.tenant.app_id, world.alice.uid) is None
    assert claimed_buckets(world) == 0
    assert world.calendar.meetings == []


def test_an_insert_without_an_answer_is_found_by_its_id(world: World) -> None:
    share = world.share()
    world.calendar.faults["insert_event"] = ["after"]
    outcome = world.use_cases.booker.book(world.bob, world.request(share, SLOT), world.deadline())
    assert outcome.booking.state is BookingState.CONFIRMED
    assert len(world.calendar.events) == 1


def test_an_insert_whose_outcome_stays_unknown_keeps_its_claim_until_reconcile_settles_it(
    world: World,
) -> None:
    share = world.share()
    world.calendar.faults["insert_event"] = ["after"]
    world.calendar.faults["get_event"] = [CalendarUnavailable(), CalendarUnavailable()]
    outcome = world.use_cases.booker.book(world.bob, world.request(share, SLOT), world.deadline())
    assert not outcome.settled
    assert outcome.invite is None
    assert claimed_buckets(world) == 6
    world.clock.pass_(seconds=61)
    world.reconcile()
    world.deliver_all()
    assert len(world.calendar.meetings) == 1
    assert len(world.chat.of_type("invite")) == 1


def test_a_guest_who_was_told_to_wait_is_told_when_it_comes_to_nothing(world: World) -> None:
    share = world.share()
    world.calendar.faults["insert_event"] = [OutcomeUnknown()]
    world.calendar.faults["get_event"] = [CalendarUnavailable(), CalendarUnavailable()]
    world.use_cases.booker.book(world.bob, world.request(share, SLOT), world.deadline())
    world.calendar.manual.append(Interval(SLOT, SLOT + timedelta(minutes=30)))
    world.clock.pass_(seconds=61)
    world.reconcile()
    world.deliver_all()
    (word,) = world.chat.of_type("invite")
    assert word.custom["status"] == "refused"
    assert claimed_buckets(world) == 0


@pytest.mark.parametrize("stranger", ["", "somebody else's"])
def test_a_tombstone_or_stranger_under_our_id_is_left_behind_by_the_next_generation(
    world: World, stranger: str
) -> None:
    share = world.share()
    booking = booking_id(world.tenant.app_id, "bob", share, format_instant(SLOT), 0)
    taken = event_id(booking, 0)
    past = Interval(START - timedelta(hours=1), START)
    world.calendar.events[taken] = FakeEvent(past, stranger or booking, "", "", not stranger)
    outcome = world.use_cases.booker.book(world.bob, world.request(share, SLOT), world.deadline())
    assert outcome.booking.state is BookingState.CONFIRMED
    assert outcome.booking.event_id == event_id(booking, 1)
    assert world.calendar.events[event_id(booking, 1)].booking_id == booking


def test_a_crash_after_the_claim_is_finished_by_reconcile(world: World) -> None:
    share = world.share()
    world.calendar.faults["insert_event"] = [Crash()]
    with pytest.raises(Crash):
        world.use_cases.booker.book(world.bob, world.request(share, SLOT), world.deadline())
    assert claimed_buckets(world) == 6
    assert "BookingSettled" not in world.reconcile()
    world.clock.pass_(seconds=40)
    assert world.reconcile()["BookingSettled"] == 1
    world.deliver_all()
    assert len(world.calendar.meetings) == 1
    assert len(world.chat.of_type("invite")) == 1


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


def test_a_slow_worker_whose_booking_was_taken_over_changes_nothing(world: World) -> None:
    share = world.share()
    world.calendar.faults["insert_event"] = [Crash()]
    with pytest.raises(Crash):
        world.use_cases.booker.book(world.bob, world.request(share, SLOT), world.deadline())
    slow, _ = world.bookings.of_guest(world.tenant.app_id, share, world.bob.uid)
    assert slow is not None
    world.clock.pass_(minutes=2)
    world.reconcile()
    with pytest.raises(Busy):
        world.bookings.transition(slow, transitions.refused(slow, "SLOT_TAKEN"))
    assert claimed_buckets(world) == 6


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


def test_a_dead_grant_refuses_releases_and_tells_the_host_once(world: World) -> None:
    share = world.share()
    world.calendar.revoked = True
    for _ in range(2):
        with pytest.raises(ReconnectNeeded):
            world.use_cases.booker.book(world.bob, world.request(share, SLOT), world.deadline())
    world.deliver_all()
    connection = world.connections.get(world.tenant.app_id, world.alice.uid)
    assert connection is not None
    assert connection.state is ConnectionState.RECONNECT
    assert claimed_buckets(world) == 0
    (notice,) = world.chat.of_type("notice")
    assert (notice.receiver.id, notice.custom["reason"]) == ("alice", "reconnect")


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


def test_a_worker_whose_booking_another_has_taken_makes_no_move(world: World) -> None:
    share = world.share()
    world.calendar.faults["insert_event"] = [Crash()]
    with pytest.raises(Crash):
        world.use_cases.booker.book(world.bob, world.request(share, SLOT), world.deadline())
    slow, _ = world.bookings.of_guest(world.tenant.app_id, share, world.bob.uid)
    assert slow is not None
    world.clock.pass_(minutes=2)
    now = world.clock.now()
    taken = transitions.taken(slow, world.deadline())
    world.bookings.transition(slow, taken)
    event = CalendarEvent(slow.event_id, "x", cancelled=False, booking_id=slow.booking_id)
    for after in (
        taken,
        transitions.renewed(slow),
        transitions.unknown(slow, now),
        transitions.refused(slow, "SLOT_TAKEN"),
        transitions.confirmed(slow, event, now),
    ):
        with pytest.raises(Busy):
            world.bookings.transition(slow, after)
    assert world.bookings.get(world.tenant.app_id, slow.booking_id) == taken
    assert claimed_buckets(world) == 6


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
