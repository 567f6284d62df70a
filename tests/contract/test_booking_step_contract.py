"""Promises of `ports.Bookings`, kept on every engine: the steps that claim nothing more."""

from datetime import timedelta

import pytest

from scheduling.core.times import Interval
from scheduling.models import (
    AppId,
    Booking,
    BookingState,
    CalendarEvent,
    OutboxItem,
    OutboxKind,
    Uid,
)
from scheduling.ports import Busy, WorkItem
from scheduling.rules import transitions
from tests.builders import HALF_HOUR, NOW
from tests.contract.scene import DEADLINE, LATER, SLOT, Scene

pytestmark = pytest.mark.contract

AFTER = DEADLINE + timedelta(minutes=1)
EVENT = CalendarEvent("event", "event@google.com", cancelled=False, booking_id="")


def heard(scene: Scene, booking: Booking, number: int) -> OutboxItem | None:
    """The word of a booking that is owed under a number."""
    owner = f"BOOKING#{booking.booking_id}"
    return scene.stores.outbox.get(AppId("app"), owner, number)


def due(scene: Scene) -> list[WorkItem]:
    """What somebody has to look at within the day, but for the messages of shares."""
    found = scene.stores.work_queue.due(NOW + timedelta(days=1), 10)
    return [
        each
        for each in found
        if not (isinstance(each, OutboxItem) and each.kind is OutboxKind.AVAILABILITY)
    ]


def test_a_confirmed_booking_keeps_its_time_and_its_word_is_owed(scene: Scene) -> None:
    claimed = scene.claim(scene.request())
    confirmed = scene.confirm(claimed)
    assert scene.stored(claimed) == confirmed
    assert scene.owners() == [(SLOT, claimed.booking_id)]
    owed = heard(scene, claimed, 0)
    assert owed is not None
    assert (owed.kind, owed.attempt, owed.due_at) == (OutboxKind.INVITE, 0, NOW)
    assert heard(scene, claimed, 1) is None


def test_a_refused_booking_gives_back_its_time_and_its_guests_place(scene: Scene) -> None:
    claimed = scene.claim(scene.request())
    neighbour = scene.claim(scene.request("carol", slot=Interval(SLOT.end, SLOT.end + HALF_HOUR)))
    refused = transitions.refused(claimed, "SLOT_TAKEN")
    scene.stores.bookings.transition(claimed, refused)
    assert scene.stored(claimed) == refused
    assert [owner for _, owner in scene.owners()] == [neighbour.booking_id]
    assert scene.stores.bookings.of_guest(AppId("app"), claimed.share_id, Uid("bob")) == (None, 0)
    assert heard(scene, claimed, 0) is None
    assert due(scene) == [neighbour]
    taken = scene.claim(scene.request("dave"))
    assert taken.booking_id in [owner for _, owner in scene.owners()]


def test_a_guest_who_waits_is_told_of_the_refusal_in_its_transaction(scene: Scene) -> None:
    claimed = scene.claim(scene.request(awaited=True))
    scene.stores.bookings.transition(claimed, transitions.refused(claimed, "CALENDAR_UNAVAILABLE"))
    assert heard(scene, claimed, 0) is not None


def test_a_move_of_a_worker_who_lost_the_booking_is_refused(scene: Scene) -> None:
    first = scene.claim(scene.request())
    second = transitions.taken(first, AFTER + timedelta(seconds=25))
    scene.stores.bookings.transition(first, second)
    for step in (
        transitions.taken(first, AFTER),
        transitions.renewed(first),
        transitions.confirmed(first, EVENT, NOW),
        transitions.refused(first, "SLOT_TAKEN"),
        transitions.left(first, AFTER),
    ):
        with pytest.raises(Busy):
            scene.stores.bookings.transition(first, step)
    assert scene.stored(first) == second
    assert scene.owners() == [(SLOT, first.booking_id)]
    assert heard(scene, first, 0) is None
    assert due(scene) == [second]


def test_a_worker_who_gave_it_back_has_it_no_more(scene: Scene) -> None:
    mine = scene.claim(scene.request())
    back = transitions.left(mine, NOW + timedelta(seconds=30))
    scene.stores.bookings.transition(mine, back)
    with pytest.raises(Busy):
        scene.stores.bookings.transition(mine, transitions.refused(mine, "SLOT_TAKEN"))
    assert scene.stored(mine) == back
    assert due(scene) == [back]
    scene.stores.bookings.transition(back, transitions.taken(back, DEADLINE))


def test_who_read_before_two_others_came_and_went_in_one_second_takes_nothing(
    scene: Scene,
) -> None:
    """State and lease are what was read then; the attempt alone tells that somebody was there."""
    seen = transitions.left(mine := scene.claim(scene.request()), NOW + timedelta(seconds=30))
    scene.stores.bookings.transition(mine, seen)
    other = transitions.taken(seen, DEADLINE)
    scene.stores.bookings.transition(seen, other)
    gone = transitions.left(other, NOW + timedelta(seconds=30))
    scene.stores.bookings.transition(other, gone)
    with pytest.raises(Busy):
        scene.stores.bookings.transition(seen, transitions.taken(seen, DEADLINE))
    assert scene.stored(mine) == gone


def test_the_next_generation_of_the_event_is_kept(scene: Scene) -> None:
    first = scene.claim(scene.request())
    renewed = transitions.renewed(first)
    scene.stores.bookings.transition(first, renewed)
    found = scene.stored(first)
    assert found == renewed
    assert found.event_id != first.event_id


def test_a_moved_booking_gives_its_old_time_back(scene: Scene) -> None:
    booking = scene.confirm(scene.claim(scene.request()))
    rescheduling = transitions.rescheduling(booking, LATER, DEADLINE)
    scene.stores.bookings.claim(booking, rescheduling, scene.connection)
    assert [slot for slot, _ in scene.owners()] == [SLOT, LATER]
    moved = transitions.rescheduled(rescheduling, NOW)
    scene.stores.bookings.transition(rescheduling, moved)
    found = scene.stored(booking)
    assert found == moved
    assert (found.slot, found.sequence, found.target) == (LATER, 1, None)
    assert scene.owners() == [(LATER, booking.booking_id)]
    assert heard(scene, booking, 1) is not None


def test_a_booking_that_stays_gives_back_the_time_that_it_was_to_move_to(scene: Scene) -> None:
    booking = scene.confirm(scene.claim(scene.request()))
    rescheduling = transitions.rescheduling(booking, LATER, DEADLINE)
    scene.stores.bookings.claim(booking, rescheduling, scene.connection)
    scene.stores.bookings.transition(rescheduling, transitions.unchanged(rescheduling, NOW))
    assert scene.owners() == [(SLOT, booking.booking_id)]
    assert heard(scene, booking, 1) is None


def test_a_cancelled_booking_counts_as_ended_for_its_guest(scene: Scene) -> None:
    booking = scene.confirm(scene.claim(scene.request()))
    cancelling = transitions.cancelling(booking, DEADLINE)
    scene.stores.bookings.transition(booking, cancelling)
    assert scene.owners() == [(SLOT, booking.booking_id)]
    cancelled = transitions.cancelled(cancelling, NOW)
    scene.stores.bookings.transition(cancelling, cancelled)
    assert scene.stored(booking) == cancelled
    assert scene.owners() == []
    assert scene.stores.bookings.of_guest(AppId("app"), booking.share_id, Uid("bob")) == (None, 1)
    assert heard(scene, booking, 1) is not None


def test_nobody_looks_at_a_booking_that_was_looked_at(scene: Scene) -> None:
    booking = scene.confirm(scene.claim(scene.request()))
    assert booking in due(scene)
    scene.stores.bookings.transition(booking, transitions.checked(booking))
    assert [each for each in due(scene) if isinstance(each, Booking)] == []
    assert scene.owners() == [(SLOT, booking.booking_id)]


def test_a_watch_is_kept_in_the_transaction_of_the_refusal(scene: Scene) -> None:
    claimed = scene.claim(scene.request())
    watch = transitions.orphan_watch(claimed, NOW)
    lost = transitions.taken(claimed, AFTER)
    with pytest.raises(Busy):
        scene.stores.bookings.transition(lost, transitions.refused(lost, "SLOT_TAKEN"), watch)
    assert due(scene) == [claimed]
    scene.stores.bookings.transition(claimed, transitions.refused(claimed, "SLOT_TAKEN"), watch)
    assert due(scene) == [watch]


def test_a_watch_looks_again_when_it_is_told_to_and_then_never(scene: Scene) -> None:
    watch = transitions.orphan_watch(scene.request(), NOW)
    again = NOW + timedelta(minutes=5)
    scene.stores.bookings.postpone_watch(watch, again)
    assert due(scene) == [watch.with_(due_at=again)]
    assert watch not in scene.stores.work_queue.due(again - timedelta(seconds=1), 10)
    scene.stores.bookings.postpone_watch(watch, None)
    assert due(scene) == []


def test_only_legal_steps_are_written(scene: Scene) -> None:
    claimed = scene.claim(scene.request())
    for state in (BookingState.RESCHEDULING, BookingState.CANCELLING, BookingState.CANCELLED):
        with pytest.raises(ValueError, match="does not go from claimed"):
            scene.stores.bookings.transition(claimed, claimed.with_(state=state))
    assert scene.stored(claimed) == claimed


def test_under_work_are_the_bookings_of_the_connection_that_somebody_works_on(
    scene: Scene,
) -> None:
    worked_on = scene.claim(scene.request())
    scene.confirm(scene.claim(scene.request("carol", slot=LATER)))
    ended = scene.claim(scene.request("dave", slot=Interval(LATER.end, LATER.end + HALF_HOUR)))
    scene.stores.bookings.transition(ended, transitions.refused(ended, "SLOT_TAKEN"))
    assert scene.stores.bookings.under_work(scene.connection) == [worked_on]
    elsewhere = scene.connection.with_(app_id=AppId("other"))
    assert scene.stores.bookings.under_work(elsewhere) == []
    by_another = scene.connection.with_(uid=Uid("erin"))
    assert scene.stores.bookings.under_work(by_another) == []
