"""One insert: the time is asked for, the event inserted, the booking confirmed or refused."""

from datetime import timedelta
from typing import Any

import pytest

from scheduling.bookings.worker import Ending, Work
from scheduling.core.errors import CalendarUnavailable, NotConnected, SlotTaken
from scheduling.core.ids import booking_id, event_id
from scheduling.core.times import Interval, format_instant
from scheduling.models import BookingState, ConnectionState
from scheduling.ports import OutcomeUnknown
from scheduling.rules.transitions import SETTLE_AFTER
from tests.fakes import START, FakeEvent
from tests.unit.meetings import SLOT, claimed_buckets, left_open, stored
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


# One try, by itself


def claimed(world: World, **changes: Any) -> Work:
    """A claimed booking whose worker is about to insert."""
    booking = stored(world, left_open(world)).with_(settles_at=None, awaited=False)
    world.calendar.faults.clear()
    world.calendar.calls.clear()
    booking = booking.with_(**changes)
    return Work(booking, world.connect(), world.deadline())


def attempt(world: World, work: Work) -> Ending:
    return world.use_cases.inserter.attempt(work)


def test_the_time_is_asked_for_and_then_the_event_is_inserted(world: World) -> None:
    ending = attempt(world, claimed(world))
    assert world.calendar.calls == ["free_busy", "insert_event"]
    assert (ending.booking.state, ending.metric) == (BookingState.CONFIRMED, "SlotBooked")


def test_the_hosts_event_says_who_comes_and_what_that_person_wrote(world: World) -> None:
    attempt(world, claimed(world, note="About us\nand them", locale="de"))
    (event,) = world.calendar.meetings
    assert event.summary == world.catalogue.translate(
        "event.summary", "de", title="Intro call", guest="Bob"
    )
    assert "bob" in event.description
    assert event.description.endswith("About us\nand them")


@pytest.mark.parametrize("side", ["before", "after"])
def test_buffers_are_asked_for_with_the_meeting(world: World, side: str) -> None:
    quarter = timedelta(minutes=15)
    work = claimed(world, buffer_before=quarter, buffer_after=quarter)
    slot = work.booking.slot
    start = slot.start - quarter if side == "before" else slot.end
    world.calendar.manual.append(Interval(start, start + quarter))
    with pytest.raises(SlotTaken):
        attempt(world, work)


def test_buffers_are_no_part_of_the_event(world: World) -> None:
    work = claimed(world, buffer_before=timedelta(minutes=15), buffer_after=timedelta(minutes=15))
    attempt(world, work)
    (event,) = world.calendar.meetings
    assert event.slot == work.booking.slot


def test_a_time_that_has_come_is_not_booked_any_more(world: World) -> None:
    work = claimed(world)
    world.clock.instant = work.booking.slot.start
    with pytest.raises(SlotTaken):
        attempt(world, work)
    assert world.calendar.meetings == []


@pytest.mark.parametrize("state", [ConnectionState.CLOSING, ConnectionState.RECONNECT])
def test_nothing_new_is_written_through_a_connection_that_ends(
    world: World, state: ConnectionState
) -> None:
    work = claimed(world)
    work.connection = work.connection.with_(state=state)
    with pytest.raises(NotConnected):
        attempt(world, work)
    assert world.calendar.calls == []


def test_where_an_event_may_be_there_it_is_looked_for_first(world: World) -> None:
    work = claimed(world, settles_at=world.clock.now())
    inserted = FakeEvent(work.booking.slot, work.booking.booking_id, "", "")
    world.calendar.events[work.booking.event_id] = inserted
    ending = attempt(world, work)
    assert world.calendar.calls == ["get_event"]
    assert ending.booking.ical_uid == f"{work.booking.event_id}@google.com"


def test_an_insert_of_this_worker_that_nobody_answered_is_sent_again_without_a_question(
    world: World,
) -> None:
    """Its own event may be what makes the time busy."""
    work = claimed(world)
    work.unsure = True
    world.calendar.manual.append(work.booking.slot)
    assert attempt(world, work).booking.state is BookingState.CONFIRMED
    assert world.calendar.calls == ["get_event", "insert_event"]


def test_until_google_has_answered_what_an_earlier_worker_sent_nothing_is_refused(
    world: World,
) -> None:
    work = claimed(world, settles_at=world.clock.now())
    world.calendar.faults["get_event"] = [CalendarUnavailable()]
    with pytest.raises(CalendarUnavailable):
        attempt(world, work)
    assert work.unsure


def test_once_google_has_answered_what_is_known_is_enough_to_refuse(world: World) -> None:
    work = claimed(world, settles_at=world.clock.now())
    world.calendar.manual.append(work.booking.slot)
    with pytest.raises(SlotTaken):
        attempt(world, work)
    assert not work.unsure


def refused(world: World, work: Work) -> Ending:
    return world.use_cases.inserter.refused(work, SlotTaken("The host is busy then."))


def test_a_claim_for_which_nothing_was_sent_is_released_at_once(world: World) -> None:
    ending = refused(world, claimed(world))
    assert (ending.booking.state, ending.booking.refusal) == (BookingState.REFUSED, "SLOT_TAKEN")
    assert (ending.metric, ending.watch) == ("BookingRefused", None)
    assert isinstance(ending.error, SlotTaken)


def test_a_claim_for_which_an_insert_may_still_land_is_kept_until_it_settles(world: World) -> None:
    settles_at = world.clock.now() + SETTLE_AFTER
    work = claimed(world, settles_at=settles_at)
    kept = refused(world, work)
    assert (kept.booking.state, kept.booking.due_at) == (BookingState.CLAIMED, settles_at)
    assert (kept.error, kept.booking.awaited) == (None, True)
    world.clock.instant = settles_at
    ending = refused(world, work)
    assert ending.booking.state is BookingState.REFUSED
    assert ending.watch is not None
    assert ending.watch.event_id == work.booking.event_id


def test_a_claim_of_which_too_little_is_known_is_left_open(world: World) -> None:
    work = claimed(world)
    work.unsure = True
    ending = refused(world, work)
    assert (ending.booking.state, ending.metric) == (BookingState.CLAIMED, "BookingLeftOpen")
    assert ending.error is None
