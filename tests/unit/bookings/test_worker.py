"""One worker carries a booking to its end at Google, in few tries, and never guesses."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

from scheduling.bookings.worker import Ending, Work, Worker, hopeless
from scheduling.core.errors import (
    CalendarUnavailable,
    NotConnected,
    ReconnectNeeded,
    SchedulingError,
    SlotTaken,
)
from scheduling.core.retry import CALL, TRIES
from scheduling.core.times import Interval
from scheduling.models import (
    Booking,
    BookingState,
    CalendarEvent,
    Connection,
    ConnectionState,
    OrphanWatch,
)
from scheduling.ports import Busy, EventChanged, EventExists, GrantEnded, OutcomeUnknown
from scheduling.rules import transitions
from tests.builders import a_booking
from tests.fakes import START, Crash, FakeClock, FakeMetrics
from tests.unit.meetings import (
    LATER,
    SLOT,
    booked,
    cancelled,
    claimed_buckets,
    moved,
    stored,
)
from tests.world import World

EVENT = CalendarEvent("event", "event@google.com", cancelled=False, booking_id="b" * 32)
CLAIMED = a_booking(state=BookingState.CLAIMED, ical_uid="", leased_until=START)
REFUSAL = SlotTaken("The host is busy then.")


@dataclass
class Ledger:
    """The steps that a worker writes; a booking that is not ours any more is refused."""

    steps: list[tuple[Booking, Booking, OrphanWatch | None]] = field(default_factory=list)
    lost: bool = False

    def transition(self, before: Booking, after: Booking, watch: OrphanWatch | None = None) -> None:
        if self.lost:
            raise Busy(before.booking_id)
        self.steps.append((before, after, watch))


@dataclass
class Script:
    """A step whose tries go as they are written down; after that, the booking is confirmed."""

    clock: FakeClock
    failures: Sequence[Exception] = ()
    seconds: float = 0
    #: When each try was begun.
    begun: list[datetime] = field(default_factory=list)
    #: What the step was asked to make of the booking, and why.
    asked: list[tuple[str, SchedulingError]] = field(default_factory=list)

    def attempt(self, work: Work) -> Ending:
        self.begun.append(self.clock.now())
        self.clock.sleep(self.seconds)
        if len(self.begun) <= len(self.failures):
            raise self.failures[len(self.begun) - 1]
        return Ending(transitions.confirmed(work.booking, EVENT, self.clock.now()), "SlotBooked")

    def refused(self, work: Work, error: SchedulingError) -> Ending:
        self.asked.append(("refused", error))
        return Ending(transitions.refused(work.booking, error.code), "BookingRefused", error)

    def given_up(self, booking: Booking, error: SchedulingError) -> Ending:
        self.asked.append(("given up", error))
        watch = transitions.orphan_watch(booking, self.clock.now())
        return Ending(transitions.refused(booking, error.code), "BookingRefused", error, watch)


@dataclass
class Bench:
    """A worker at a scripted step, and what it leaves behind."""

    script: Script
    clock: FakeClock
    host_calendar: Any = None
    ledger: Any = field(default_factory=Ledger)
    metrics: FakeMetrics = field(default_factory=FakeMetrics)

    @property
    def worker(self) -> Worker:
        steps = {BookingState.CLAIMED: self.script}
        return Worker(self.clock, self.ledger, self.host_calendar, steps, self.metrics)

    def carry(
        self, booking: Booking = CLAIMED, seconds: float = 25, connection: Any = None
    ) -> Booking | SchedulingError:
        """Carry a booking to its end, and return that, or why it was refused."""
        deadline = self.clock.now() + timedelta(seconds=seconds)
        try:
            return self.worker.carry(booking, connection, deadline)
        except SchedulingError as refusal:
            return refusal

    @property
    def left(self) -> Booking:
        """The booking as it was written at last."""
        after: Booking = self.ledger.steps[-1][1]
        return after


def bench(*failures: Exception, seconds: float = 0) -> Bench:
    clock = FakeClock()
    return Bench(Script(clock, failures, seconds), clock)


# How often, and how long


#: What lets a worker try again.
PASSING = (CalendarUnavailable(), OutcomeUnknown(), EventExists(), EventChanged())


def test_there_are_three_tries_whatever_mix_of_failures_comes() -> None:
    for mix in itertools.product(PASSING, repeat=TRIES + 1):
        made = bench(*mix)
        made.carry(seconds=600)
        assert len(made.script.begun) == TRIES == 3, mix


@pytest.mark.parametrize("failures", [1, 2])
def test_a_later_try_may_succeed(failures: int) -> None:
    for mix in itertools.product(PASSING, repeat=failures):
        done = bench(*mix).carry()
        assert isinstance(done, Booking)
        assert done.state is BookingState.CONFIRMED


@pytest.mark.parametrize("failure", PASSING)
def test_nothing_is_tried_again_with_less_time_than_a_call_takes(failure: Exception) -> None:
    late = bench(failure)
    late.carry(seconds=CALL.total_seconds() - 0.001)
    assert len(late.script.begun) == 1
    assert late.clock.now() == START, "and nobody waits for nothing"


def test_the_time_that_tries_take_counts() -> None:
    slow = bench(*[CalendarUnavailable()] * 3, seconds=6)
    slow.carry(seconds=6 + 6 + CALL.total_seconds() - 0.001)
    assert len(slow.script.begun) == 2


def test_the_wait_is_googles_where_it_named_one_and_a_moment_where_it_did_not() -> None:
    made = bench(CalendarUnavailable(retry_after=3), CalendarUnavailable())
    made.carry()
    first, second, third = made.script.begun
    assert second - first == timedelta(seconds=3)
    assert timedelta(0) < third - second < timedelta(seconds=1)


def test_a_wait_that_google_named_before_is_not_taken_for_one_of_another_failure() -> None:
    made = bench(CalendarUnavailable(retry_after=3), OutcomeUnknown())
    made.carry()
    first, second, third = made.script.begun
    assert (second - first, third - second < timedelta(seconds=1)) == (timedelta(seconds=3), True)


@pytest.mark.parametrize(("spare", "tries"), [(0, 2), (-0.001, 1)])
def test_a_wait_that_google_named_is_waited_for_if_a_call_fits_behind_it(
    spare: float, tries: int
) -> None:
    made = bench(CalendarUnavailable(retry_after=9))
    refusal = made.carry(seconds=9 + CALL.total_seconds() + spare)
    assert len(made.script.begun) == tries
    if tries == 1:
        assert isinstance(refusal, CalendarUnavailable)
        assert refusal.retry_after_seconds == 9


# What becomes of it


def test_what_was_surely_not_done_is_refused_with_the_last_reason() -> None:
    last = CalendarUnavailable(retry_after=1)
    made = bench(CalendarUnavailable(), CalendarUnavailable(), last)
    assert made.carry() is last
    assert made.script.asked == [("refused", last)]
    assert made.left.state is BookingState.REFUSED


def test_a_refusal_is_not_tried_again() -> None:
    made = bench(REFUSAL)
    assert made.carry() is REFUSAL
    assert len(made.script.begun) == 1
    assert made.script.asked == [("refused", REFUSAL)]


@pytest.mark.parametrize(
    "mix",
    [
        (OutcomeUnknown(), OutcomeUnknown(), OutcomeUnknown()),
        (OutcomeUnknown(), CalendarUnavailable(), CalendarUnavailable()),
        (CalendarUnavailable(), CalendarUnavailable(), OutcomeUnknown()),
        (EventExists(), CalendarUnavailable(), CalendarUnavailable()),
        (EventChanged(), EventChanged(), EventChanged()),
    ],
)
def test_a_booking_of_which_too_little_is_known_is_left_open_and_refused_to_nobody(
    mix: tuple[Exception, ...],
) -> None:
    made = bench(*mix)
    open_one = made.carry()
    assert isinstance(open_one, Booking)
    assert open_one == made.left
    assert made.script.asked == []
    assert (open_one.state, open_one.awaited) == (BookingState.CLAIMED, True)
    assert open_one.due_at == made.clock.now() + transitions.SETTLE_AFTER
    assert made.metrics.counts == {"BookingLeftOpen": 1}


def test_a_refusal_after_a_change_that_nobody_answered_is_the_steps_to_judge() -> None:
    made = bench(OutcomeUnknown(), REFUSAL)
    assert made.carry() is REFUSAL
    assert made.script.asked == [("refused", REFUSAL)]


def test_a_refusal_is_raised_once_it_is_written_and_not_before() -> None:
    made = bench(REFUSAL)
    made.ledger.lost = True
    with pytest.raises(Busy):
        made.carry()
    assert made.metrics.counts == {}


def test_what_was_done_is_counted_with_ids_and_why_it_was_not() -> None:
    done = bench()
    done.carry()
    assert [(name, about) for name, _, about in done.metrics.heard] == [("SlotBooked", CLAIMED.ids)]
    refused = bench(REFUSAL)
    refused.carry()
    assert [(name, about) for name, _, about in refused.metrics.heard] == [
        ("BookingRefused", {"code": "SLOT_TAKEN", **CLAIMED.ids})
    ]


# A grant that has ended


@pytest.fixture
def ended(world: World) -> Bench:
    """Return a worker whose host's consent is over, in a world that notes it."""
    script = Script(world.clock, [GrantEnded()])
    return Bench(script, world.clock, world.use_cases.host_calendar, metrics=world.metrics)


def alices(world: World) -> Connection:
    found = world.connections.get(world.tenant.app_id, world.alice.uid)
    assert found is not None
    return found


def waiting(**changes: Any) -> Booking:
    """A booking for which an earlier worker may have sent something, an hour before it begins."""
    slot = Interval(START + timedelta(hours=1), START + timedelta(hours=1, minutes=30))
    return CLAIMED.with_(**{"slot": slot, "settles_at": START, **changes})


def test_a_grant_that_has_ended_is_asked_once_noted_and_told_to_the_host(
    world: World, ended: Bench
) -> None:
    refusal = ended.carry(waiting(settles_at=None), connection=alices(world))
    assert isinstance(refusal, ReconnectNeeded)
    assert len(ended.script.begun) == 1
    assert [why for why, _ in ended.script.asked] == ["refused"]
    assert alices(world).state is ConnectionState.RECONNECT
    world.deliver_all()
    assert [each.custom["reason"] for each in world.chat.of_type("notice")] == ["reconnect"]
    assert world.metrics.counts["ConnectionEnded"] == 1


def test_what_an_earlier_worker_may_have_sent_is_the_steps_to_judge_while_there_is_hope(
    world: World, ended: Bench
) -> None:
    ended.carry(waiting(), connection=alices(world))
    assert [why for why, _ in ended.script.asked] == ["refused"]


@pytest.mark.parametrize("why", ["closing", "begun"])
def test_what_may_have_been_sent_is_given_up_where_nobody_need_wait_for_the_grant(
    world: World, ended: Bench, why: str
) -> None:
    connection, booking = alices(world), waiting()
    if why == "closing":
        connection = connection.with_(state=ConnectionState.CLOSING)
    else:
        world.clock.pass_(hours=1)
    ended.carry(booking, connection=connection)
    assert [why for why, _ in ended.script.asked] == ["given up"]
    (step,) = ended.ledger.steps
    assert step[2] is not None, "with a watch over what may still come"


def test_a_change_of_this_worker_that_nobody_answered_is_left_open_while_there_is_hope(
    world: World, ended: Bench
) -> None:
    ended.script.failures = [OutcomeUnknown(), GrantEnded()]
    left = ended.carry(waiting(settles_at=None), connection=alices(world))
    assert isinstance(left, Booking)
    assert (left.state, ended.script.asked) == (BookingState.CLAIMED, [])
    ended.script.begun.clear()
    closing = alices(world).with_(state=ConnectionState.CLOSING)
    ended.carry(waiting(settles_at=None), connection=closing)
    assert [why for why, _ in ended.script.asked] == ["given up"]


def test_what_was_surely_not_sent_is_refused_though_there_is_no_hope(
    world: World, ended: Bench
) -> None:
    closing = alices(world).with_(state=ConnectionState.CLOSING)
    ended.carry(waiting(settles_at=None), connection=closing)
    assert [why for why, _ in ended.script.asked] == ["refused"]


def test_nobody_waits_for_a_grant_beyond_the_earliest_time_that_it_is_about(world: World) -> None:
    connection, now = alices(world), world.clock.now()
    soon = Interval(now + timedelta(minutes=1), now + timedelta(minutes=31))
    rescheduling = waiting(target=soon)
    assert not hopeless(rescheduling, connection, now)
    assert hopeless(rescheduling, connection, soon.start)
    assert not hopeless(waiting(), connection, soon.start)
    assert hopeless(waiting(), connection.with_(state=ConnectionState.CLOSING), now)


# Whose it is


def test_a_booking_is_taken_when_the_last_workers_time_is_over() -> None:
    made = bench()
    with pytest.raises(Busy):
        made.worker.take(CLAIMED.with_(leased_until=START + timedelta(seconds=1)), START)
    assert made.ledger.steps == []
    taken = made.worker.take(CLAIMED, START + timedelta(seconds=25))
    assert (taken.attempt, made.left) == (CLAIMED.attempt + 1, taken)


def test_what_nobody_can_do_any_more_is_given_up_without_a_try() -> None:
    made, why = bench(), NotConnected("No calendar is connected.")
    made.worker.give_up(CLAIMED, why)
    assert (made.script.begun, made.script.asked) == ([], [("given up", why)])
    assert made.left.state is BookingState.REFUSED
    assert made.metrics.counts == {"BookingRefused": 1}


# At Google


CHANGES = {"insert_event": "SlotBooked", "reschedule_event": "BookingMoved"}
CHANGES |= {"delete_event": "BookingCancelled"}


@pytest.mark.parametrize("change", CHANGES)
def test_no_change_is_sent_to_google_more_than_three_times_for_one_request(
    world: World, change: str
) -> None:
    """Whatever fails beside it: what is asked first, and what is asked in between."""
    kinds: list[BaseException | str] = [CalendarUnavailable(), OutcomeUnknown(), ""]
    booking = booked(world) if change != "insert_event" else None
    share, sent = world.share("carol"), set()
    for mix in itertools.product(kinds, repeat=2):
        world.calendar.calls.clear()
        again: list[BaseException | str] = [OutcomeUnknown() for _ in range(9)]
        world.calendar.faults = {change: [*again], "get_event": [*mix, *mix], "free_busy": [*mix]}
        request = world.request(share, SLOT + timedelta(hours=4))
        try:
            if change == "insert_event":
                world.use_cases.booker.book(world.caller("carol"), request, world.deadline())
            elif booking and change == "reschedule_event":
                moved(world, booking)
            elif booking:
                cancelled(world, booking)
        except SchedulingError:
            pass
        calls = world.calendar.calls
        sent.add(calls.count(change))
        assert calls.count("get_event") <= TRIES, (mix, calls)
        assert calls.count("free_busy") <= TRIES, (mix, calls)
        world.clock.pass_(minutes=2)
    assert max(sent) == TRIES


@pytest.mark.parametrize("change", CHANGES)
def test_each_change_is_counted_once_when_it_is_done(world: World, change: str) -> None:
    booking = booked(world)
    if change == "reschedule_event":
        moved(world, booking, LATER)
    elif change == "delete_event":
        cancelled(world, booking)
    heard = [about for name, _, about in world.metrics.heard if name == CHANGES[change]]
    assert heard == [booking.ids]


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


def test_a_dead_grant_moves_nothing_and_cancels_nothing(world: World) -> None:
    booking = booked(world)
    world.calendar.revoked = True
    with pytest.raises(ReconnectNeeded):
        moved(world, booking)
    with pytest.raises(ReconnectNeeded):
        cancelled(world, booking)
    assert stored(world, booking).state is BookingState.CONFIRMED
    assert stored(world, booking).slot == booking.slot
