"""What a step makes of a booking: state, lease, what is owed, and what it keeps."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from scheduling.core import correlation, ids
from scheduling.core.times import Interval
from scheduling.models import (
    TRANSITIONS,
    UNDER_WORK,
    Booking,
    BookingState,
    CalendarEvent,
    OutboxKind,
    Uid,
)
from scheduling.rules import transitions
from scheduling.rules.notifications import invite_owed
from scheduling.rules.transitions import CLASH_AFTER, LEASE_MARGIN, SETTLE_AFTER
from tests.builders import NOW, a_booking

DEADLINE = NOW + timedelta(seconds=25)
LEASED = DEADLINE + LEASE_MARGIN
ELSEWHERE = Interval(NOW + timedelta(days=2), NOW + timedelta(days=2, minutes=30))
EVENT = CalendarEvent("event", "event@google.com", cancelled=False, booking_id="b")
CLAIMED = a_booking(state=BookingState.CLAIMED, ical_uid="", last_modified=None)
CONFIRMED = a_booking()
RESCHEDULING = transitions.rescheduling(CONFIRMED, ELSEWHERE, DEADLINE, (Uid("bob"), "a-key"))
CANCELLING = transitions.cancelling(CONFIRMED, DEADLINE)

#: Each step that ends some work: from where, how, and where to.
ENDINGS: list[tuple[Booking, Callable[[Booking, datetime], Booking], BookingState]] = [
    (CLAIMED, lambda b, now: transitions.confirmed(b, EVENT, now), BookingState.CONFIRMED),
    (CLAIMED, lambda b, _: transitions.refused(b, "SLOT_TAKEN"), BookingState.REFUSED),
    (RESCHEDULING, transitions.rescheduled, BookingState.CONFIRMED),
    (RESCHEDULING, transitions.unchanged, BookingState.CONFIRMED),
    (RESCHEDULING, transitions.cancelled, BookingState.CANCELLED),
    (CANCELLING, transitions.cancelled, BookingState.CANCELLED),
    (CANCELLING, transitions.unchanged, BookingState.CONFIRMED),
]


@pytest.mark.parametrize(("before", "end", "state"), ENDINGS)
def test_what_has_ended_is_not_under_work_and_waits_for_nothing(
    before: Booking, end: Callable[[Booking, datetime], Booking], state: BookingState
) -> None:
    after = end(before.with_(awaited=True, settles_at=NOW), NOW)
    assert after.state is state
    assert before.state in TRANSITIONS[state]
    assert (after.settles_at, after.awaited, after.target, after.asked) == (None, False, None, None)
    active = state is BookingState.CONFIRMED
    assert after.due_at == (NOW + CLASH_AFTER if active else None)
    assert after.attempt == before.attempt, "whose step it is"


def test_a_worker_has_a_booking_a_little_longer_than_its_own_time() -> None:
    for taken in (RESCHEDULING, CANCELLING):
        assert taken.state in UNDER_WORK
        assert taken.attempt == CONFIRMED.attempt + 1
        assert taken.leased_until == taken.due_at == taken.promised_by == LEASED
    assert RESCHEDULING.target == ELSEWHERE
    assert RESCHEDULING.asked == (Uid("bob"), "a-key")
    assert RESCHEDULING.slot == CONFIRMED.slot, "it takes place as it was, until Google has moved"


def test_the_next_worker_keeps_the_promise_of_the_first_and_waits_for_what_was_sent() -> None:
    promised = NOW - timedelta(minutes=3)
    left = CLAIMED.with_(leased_until=NOW, promised_by=promised)
    taken = transitions.taken(left, DEADLINE)
    assert (taken.attempt, taken.leased_until, taken.promised_by) == (2, LEASED, promised)
    assert taken.settles_at == NOW + SETTLE_AFTER
    later = NOW + timedelta(hours=1)
    assert transitions.taken(left.with_(settles_at=later), DEADLINE).settles_at == later
    before = NOW - timedelta(hours=1)
    assert transitions.taken(left.with_(settles_at=before), DEADLINE).settles_at == (
        NOW + SETTLE_AFTER
    )


def test_a_booking_that_is_left_is_due_when_it_settles_and_its_lease_is_over() -> None:
    settles_at = NOW + timedelta(minutes=2)
    left = transitions.left(CLAIMED, settles_at)
    assert (left.state, left.due_at) == (BookingState.CLAIMED, settles_at)
    assert left.leased_until == settles_at - SETTLE_AFTER
    assert transitions.taken(left, DEADLINE).settles_at == settles_at, "a look puts nothing off"


@pytest.mark.parametrize("before", [CLAIMED, RESCHEDULING, CANCELLING])
def test_what_is_unknown_stays_as_it_is_and_word_is_awaited(before: Booking) -> None:
    unknown = transitions.unknown(before, NOW)
    assert (unknown.state, unknown.target) == (before.state, before.target)
    assert unknown.awaited is True
    assert unknown.settles_at == unknown.due_at == NOW + SETTLE_AFTER
    assert unknown.leased_until == NOW
    assert unknown.outbox_count == before.outbox_count


def test_a_confirmed_booking_is_known_by_its_events_uid_and_its_invite_is_owed() -> None:
    after = transitions.confirmed(CLAIMED, EVENT, NOW)
    assert (after.ical_uid, after.last_modified, after.sequence) == ("event@google.com", NOW, 0)
    assert after.outbox_count == CLAIMED.outbox_count + 1


def test_a_moved_meeting_lies_where_it_was_to_go_and_is_newer_for_every_calendar() -> None:
    after = transitions.rescheduled(RESCHEDULING, NOW)
    assert (after.slot, after.sequence, after.last_modified) == (ELSEWHERE, 1, NOW)
    assert after.outbox_count == RESCHEDULING.outbox_count + 1


def test_a_cancelled_meeting_is_newer_too_and_its_time_stands_as_it_was() -> None:
    after = transitions.cancelled(CANCELLING, NOW)
    assert (after.slot, after.sequence, after.last_modified) == (CONFIRMED.slot, 1, NOW)
    assert after.outbox_count == CANCELLING.outbox_count + 1


@pytest.mark.parametrize("before", [RESCHEDULING, CANCELLING])
def test_a_meeting_that_stays_is_no_newer_than_it_was(before: Booking) -> None:
    after = transitions.unchanged(before, NOW + timedelta(minutes=1))
    assert (after.slot, after.sequence) == (before.slot, before.sequence)
    assert after.last_modified == before.last_modified


@pytest.mark.parametrize("awaited", [True, False])
def test_only_who_was_told_to_wait_hears_that_nothing_came_of_it(*, awaited: bool) -> None:
    owed = int(awaited)
    waiting = CLAIMED.with_(awaited=awaited)
    assert transitions.refused(waiting, "SLOT_TAKEN").outbox_count == owed
    assert transitions.refused(waiting, "SLOT_TAKEN").refusal == "SLOT_TAKEN"
    assert transitions.unchanged(RESCHEDULING.with_(awaited=awaited), NOW).outbox_count == owed


def test_after_a_tombstone_the_next_event_has_another_id() -> None:
    renewed = transitions.renewed(CLAIMED)
    assert renewed.revision == CLAIMED.revision + 1
    assert renewed.event_id == ids.event_id(CLAIMED.booking_id, renewed.revision)
    assert renewed.state is BookingState.CLAIMED


def test_nobody_has_to_look_at_a_booking_that_was_looked_at() -> None:
    assert transitions.checked(CONFIRMED.with_(due_at=NOW)) == CONFIRMED.with_(due_at=None)


def test_a_step_owes_a_message_under_the_bookings_next_number() -> None:
    before = CLAIMED.with_(outbox_count=2)
    owed = invite_owed(before, transitions.confirmed(before, EVENT, NOW))
    assert owed is not None
    assert (owed.owner, owed.number) == (f"BOOKING#{before.booking_id}", 2)
    assert (owed.app_id, owed.kind) == (before.app_id, OutboxKind.INVITE)
    again = invite_owed(before, transitions.confirmed(before, EVENT, NOW))
    assert again is not None
    assert again.outbox_id == owed.outbox_id, "a repeat owes the same message"
    other = before.with_(outbox_count=3)
    next_one = invite_owed(other, transitions.confirmed(other, EVENT, NOW))
    assert next_one is not None
    assert next_one.outbox_id != owed.outbox_id


def test_a_step_that_nobody_has_to_hear_of_owes_nothing() -> None:
    for before, after in (
        (CONFIRMED, RESCHEDULING),
        (CLAIMED, transitions.unknown(CLAIMED, NOW)),
        (CONFIRMED, transitions.checked(CONFIRMED)),
    ):
        assert invite_owed(before, after) is None


def test_a_booking_goes_by_the_request_that_works_on_it_and_by_the_last_one_where_none_does() -> (
    None
):
    booking = CONFIRMED.with_(correlation_id="the-first")
    assert transitions.cancelling(booking, DEADLINE).correlation_id == "the-first"
    correlation.carry("another-one")
    assert transitions.cancelling(booking, DEADLINE).correlation_id == "another-one"
    taken = transitions.taken(booking, DEADLINE)
    owed = invite_owed(taken, transitions.cancelled(taken, NOW))
    assert owed is not None
    assert owed.correlation_id == "another-one"


def test_a_released_booking_leaves_a_watch_over_the_event_that_may_still_come() -> None:
    watch = transitions.orphan_watch(CLAIMED.with_(revision=2, event_id="e2"), NOW)
    assert (watch.event_id, watch.revision) == ("e2", 2)
    assert (watch.calendar_id, watch.host) == (CLAIMED.calendar_id, CLAIMED.host.uid)
    assert watch.since == watch.due_at == NOW
