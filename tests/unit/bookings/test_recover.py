"""What was left open comes to an end: whoever looks, however often, and though Google says no."""

from datetime import timedelta

import pytest

from scheduling.adapters.dynamodb.table import delete
from scheduling.bookings.follow_up import WATCH_ONCE_MORE
from scheduling.bookings.requests import RescheduleRequest
from scheduling.core.errors import BookingEnded, CalendarUnavailable, SlotTaken
from scheduling.core.times import Interval
from scheduling.models import Booking, BookingState, ShareId
from scheduling.ports import OutcomeUnknown
from tests.fakes import START, Crash
from tests.unit.meetings import owned, stored
from tests.world import World

SLOT = START + timedelta(hours=4)
LATER = SLOT + timedelta(hours=2)
HALF_AN_HOUR = timedelta(minutes=30)


def died(world: World) -> ShareId:
    """Let a guest's first worker die after the claim, before the event."""
    share = world.share()
    world.calendar.faults["insert_event"] = [Crash()]
    with pytest.raises(Crash):
        world.use_cases.booker.book(world.bob, world.request(share, SLOT), world.deadline())
    return share


def unknown(world: World) -> Booking:
    """Book with an insert of which nobody knows whether it was done."""
    share = world.share()
    world.calendar.faults["insert_event"] = [OutcomeUnknown()]
    world.calendar.faults["get_event"] = [CalendarUnavailable(), CalendarUnavailable()]
    return world.use_cases.booker.book(
        world.bob, world.request(share, SLOT), world.deadline()
    ).booking


def confirmed(world: World) -> Booking:
    share = world.share()
    booking = world.use_cases.booker.book(
        world.bob, world.request(share, SLOT), world.deadline()
    ).booking
    world.deliver_all()
    return booking


def busy(world: World) -> None:
    """The host writes into the wanted time."""
    world.calendar.manual.append(Interval(SLOT, SLOT + HALF_AN_HOUR))


def test_who_looks_at_an_open_booking_does_not_put_its_end_off(world: World) -> None:
    share = died(world)
    busy(world)
    world.clock.pass_(seconds=36)
    answers = []
    for _ in range(12):
        try:
            world.use_cases.booker.book(world.bob, world.request(share, SLOT), world.deadline())
            answers.append("open")
        except SlotTaken:
            answers.append("taken")
        world.clock.pass_(seconds=6)
    assert set(answers[:9]) == {"open"}
    assert set(answers[-2:]) == {"taken"}
    assert owned(world) == []


def test_a_claim_that_is_kept_is_no_refusal_and_its_end_is_told(world: World) -> None:
    share = died(world)
    busy(world)
    world.clock.pass_(seconds=36)
    outcome = world.use_cases.booker.book(world.bob, world.request(share, SLOT), world.deadline())
    assert not outcome.settled
    world.clock.pass_(seconds=61)
    world.reconcile()
    world.deliver_all()
    (word,) = world.chat.of_type("invite")
    assert word.custom["status"] == "refused"
    other = world.request(share, LATER)
    taken = world.use_cases.booker.book(world.bob, other, world.deadline())
    assert taken.booking.state is BookingState.CONFIRMED


def test_a_closing_connection_ends_in_runs_a_minute_apart(world: World) -> None:
    died(world)
    world.clock.pass_(seconds=5)
    world.use_cases.disconnector.disconnect(world.tenant.app_id, world.alice.uid, world.deadline())
    for _ in range(3):
        world.clock.pass_(seconds=60)
        world.reconcile()
    assert world.connections.get(world.tenant.app_id, world.alice.uid) is None
    assert owned(world) == []
    assert world.calendar.meetings == []


def test_a_booking_ends_though_its_claims_are_gone_by_then(world: World) -> None:
    booking = confirmed(world)
    world.calendar.faults["delete_event"] = [OutcomeUnknown() for _ in range(9)]
    world.use_cases.booking_changer.cancel(world.bob, booking.booking_id, world.deadline())
    world.clock.pass_(hours=30)
    for item in world.items():
        if item["sk"].startswith("HOUR#"):
            world.table.write(delete((item["pk"], item["sk"])))
    world.calendar.faults.clear()
    world.reconcile()
    assert stored(world, booking).state is BookingState.CANCELLED


@pytest.mark.parametrize("what", ["book", "move", "cancel"])
def test_a_dead_grant_keeps_nobody_waiting_beyond_the_time_itself(world: World, what: str) -> None:
    booking = unknown(world) if what == "book" else confirmed(world)
    if what == "move":
        world.calendar.faults["reschedule_event"] = [OutcomeUnknown() for _ in range(9)]
        request = RescheduleRequest(starts_at=LATER, idempotency_key="")
        world.use_cases.booking_changer.reschedule(
            world.bob, booking.booking_id, request, world.deadline()
        )
    if what == "cancel":
        world.calendar.faults["delete_event"] = [OutcomeUnknown() for _ in range(9)]
        world.use_cases.booking_changer.cancel(world.bob, booking.booking_id, world.deadline())
    open_state = stored(world, booking).state
    world.calendar.revoked = True
    world.clock.pass_(hours=3)
    world.reconcile()
    assert stored(world, booking).state is open_state
    world.clock.pass_(hours=1)
    world.reconcile()
    world.deliver_all()
    ends = {"book": "refused", "move": "confirmed", "cancel": "cancelled"}
    assert stored(world, booking).state == ends[what]
    assert world.chat.of_type("invite")[-1].custom["status"] == ends[what]


def test_a_watch_ends_though_the_calendar_never_answers(world: World) -> None:
    unknown(world)
    busy(world)
    world.clock.pass_(seconds=61)
    world.reconcile()
    world.calendar.faults["get_event"] = [CalendarUnavailable() for _ in range(99)]
    for _ in range(3):
        world.clock.pass_(seconds=WATCH_ONCE_MORE.total_seconds())
        world.reconcile()
    assert not [item for item in world.items() if item["sk"].startswith("WATCH#")]
    assert world.metrics.counts["WatchGivenUp"] == 1


# What an idempotency key stands for


def moved(world: World, booking: Booking, to: object, key: str) -> Booking:
    request = RescheduleRequest(starts_at=to, idempotency_key=key)  # type: ignore[arg-type]
    outcome = world.use_cases.booking_changer.reschedule(
        world.bob, booking.booking_id, request, world.deadline()
    )
    return outcome.booking


def test_the_key_of_a_refused_move_is_not_another_moves_success(world: World) -> None:
    booking = confirmed(world)
    world.calendar.manual.append(Interval(LATER, LATER + HALF_AN_HOUR))
    with pytest.raises(SlotTaken):
        moved(world, booking, LATER, "k1")
    after = moved(world, booking, LATER + timedelta(hours=1), "k2")
    with pytest.raises(SlotTaken):
        moved(world, booking, LATER, "k1")
    world.calendar.manual.clear()
    assert moved(world, booking, LATER, "k1").slot.start == LATER
    assert moved(world, booking, LATER + timedelta(hours=1), "k2").slot.start == LATER
    assert after.sequence == 1


def test_the_key_of_a_move_that_the_host_ended_brings_the_same_refusal_again(world: World) -> None:
    booking = confirmed(world)
    (event,) = world.calendar.meetings
    event.cancelled = True
    for _ in range(2):
        with pytest.raises(BookingEnded):
            moved(world, booking, LATER, "k1")


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


# An event without our mark


def test_an_event_that_lost_our_mark_is_moved_and_not_taken_for_deleted(world: World) -> None:
    booking = confirmed(world)
    (event,) = world.calendar.meetings
    event.booking_id = ""
    after = moved(world, booking, LATER, "")
    assert (after.state, after.slot.start) == (BookingState.CONFIRMED, LATER)
    assert event.slot.start == LATER


# Words that are overtaken


def test_a_word_that_a_later_one_tells_too_is_not_sent(world: World) -> None:
    share = world.share()
    booking = world.use_cases.booker.book(
        world.bob, world.request(share, SLOT), world.deadline()
    ).booking
    moved(world, booking, LATER, "")
    world.deliver_all()
    (word,) = world.chat.of_type("invite")
    assert (word.custom["sequence"], word.custom["status"]) == (1, "confirmed")
    assert world.metrics.counts["MessageSuperseded"] == 1


def test_a_refusal_that_waited_says_nothing_of_the_time_that_is_claimed_anew(world: World) -> None:
    booking = unknown(world)
    busy(world)
    world.clock.pass_(seconds=61)
    world.reconcile()
    assert stored(world, booking).state is BookingState.REFUSED
    world.calendar.manual.clear()
    world.calendar.faults["insert_event"] = [Crash()]
    request = world.request(booking.share_id, SLOT)
    with pytest.raises(Crash):
        world.use_cases.booker.book(world.bob, request, world.deadline())
    world.deliver_all()
    assert world.chat.of_type("invite") == []
    world.clock.pass_(minutes=2)
    world.reconcile()
    world.deliver_all()
    (word,) = world.chat.of_type("invite")
    assert word.custom["status"] == "confirmed"
