"""One insert: the time is asked for, the event inserted, the booking confirmed or refused."""

from datetime import timedelta

import pytest

from scheduling.core.errors import CalendarUnavailable, SlotTaken
from scheduling.core.ids import booking_id, event_id
from scheduling.core.times import Interval, format_instant
from scheduling.models import BookingState
from scheduling.ports import OutcomeUnknown
from tests.fakes import START, FakeEvent
from tests.unit.meetings import SLOT, claimed_buckets
from tests.world import World


def test_a_host_who_is_busy_at_google_is_not_booked_and_nothing_stays_claimed(world: World) -> None:
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
