"""What was settled is looked at again: who wrote into its time, which insert came late."""

from datetime import timedelta

import pytest

from scheduling.bookings.follow_up import WATCH_EACH_RUN, WATCH_ONCE_MORE
from scheduling.core.errors import CalendarUnavailable
from scheduling.core.times import Interval
from scheduling.models import Booking, ConnectionState, OrphanWatch
from scheduling.ports import OutcomeUnknown
from scheduling.rules.transitions import orphan_watch
from tests.fakes import FakeEvent
from tests.unit.meetings import HALF_AN_HOUR, SLOT, booked, busy, left_open, stored
from tests.world import World


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
    (heard,) = world.chat.of_type("notice")
    assert (heard.receiver.id, heard.custom["reason"]) == ("alice", "clash")
    assert heard.custom["bookingId"] == booking.booking_id
    assert world.calendar.calls.count("others") == 1


def test_a_watch_ends_though_the_calendar_never_answers(world: World) -> None:
    left_open(world)
    busy(world)
    world.clock.pass_(seconds=61)
    world.reconcile()
    world.calendar.faults["get_event"] = [CalendarUnavailable() for _ in range(99)]
    for _ in range(3):
        world.clock.pass_(seconds=WATCH_ONCE_MORE.total_seconds())
        world.reconcile()
    assert not [item for item in world.items() if item["sk"].startswith("WATCH#")]
    assert world.metrics.counts["WatchGivenUp"] == 1


# A confirmed meeting


def check(world: World) -> Booking:
    """Look at bob's meeting, and return it as it stands then."""
    booking = booked(world)
    world.calendar.calls.clear()
    world.use_cases.follow_up.check_conflicts(stored(world, booking))
    return stored(world, booking)


def test_a_meeting_whose_time_is_its_own_is_looked_at_once(world: World) -> None:
    assert check(world).due_at is None
    assert world.calendar.calls == ["others"]
    world.deliver_all()
    assert world.chat.of_type("notice") == []


def test_what_google_cannot_say_stays_due(world: World) -> None:
    booking = booked(world)
    world.calendar.faults["others"] = [CalendarUnavailable()]
    with pytest.raises(CalendarUnavailable):
        world.use_cases.follow_up.check_conflicts(stored(world, booking))
    assert stored(world, booking).due_at is not None


@pytest.mark.parametrize("why", ["another calendar", "no calendar", "over"])
def test_a_meeting_that_nobody_can_or_need_look_at_is_not_asked_for(world: World, why: str) -> None:
    booking = booked(world)
    if why == "another calendar":
        world.connect(account="another")
    elif why == "no calendar":
        world.connections.remove(world.connect())
    else:
        world.clock.instant = booking.slot.end
    world.calendar.calls.clear()
    world.use_cases.follow_up.check_conflicts(stored(world, booking))
    assert world.calendar.calls == []
    assert stored(world, booking).due_at is None


def test_a_grant_that_has_ended_is_found_out_here_too(world: World) -> None:
    booking = booked(world)
    world.calendar.revoked = True
    world.use_cases.follow_up.check_conflicts(stored(world, booking))
    connection = world.connections.get(booking.app_id, booking.host.uid)
    assert connection is not None
    assert connection.state is ConnectionState.RECONNECT
    assert stored(world, booking).due_at is None


# An event that may still come


def watched(world: World) -> OrphanWatch:
    """Return the watch that a refused booking has left."""
    left_open(world)
    busy(world)
    world.clock.pass_(seconds=61)
    world.reconcile()
    world.calendar.calls.clear()
    (watch,) = watches(world)
    return watch


def watches(world: World) -> list[OrphanWatch]:
    far = world.clock.now() + timedelta(days=7)
    return [each for each in world.work_queue.due(far, 100) if isinstance(each, OrphanWatch)]


@pytest.mark.parametrize(
    ("later", "due"),
    [
        (timedelta(0), timedelta(seconds=1)),
        (WATCH_EACH_RUN, WATCH_ONCE_MORE),
        (WATCH_ONCE_MORE, None),
    ],
)
def test_an_event_is_watched_for_at_each_run_and_once_more_at_the_end(
    world: World, later: timedelta, due: timedelta | None
) -> None:
    watch = watched(world)
    world.clock.instant = watch.since + later
    world.use_cases.follow_up.delete_orphan(watch)
    left = [each.due_at - watch.since for each in watches(world)]
    assert left == ([] if due is None else [due])


def test_a_late_event_is_deleted_and_counted_and_a_deleted_one_is_left_alone(world: World) -> None:
    watch = watched(world)
    slot = Interval(SLOT, SLOT + HALF_AN_HOUR)
    world.calendar.events[watch.event_id] = FakeEvent(slot, watch.booking_id, "", "")
    for _ in range(2):
        world.use_cases.follow_up.delete_orphan(watch)
        assert world.calendar.meetings == []
    assert world.calendar.calls == ["get_event", "delete_event", "get_event"]
    assert world.metrics.counts["LateEventDeleted"] == 1


@pytest.mark.parametrize("fault", [CalendarUnavailable(), OutcomeUnknown()])
def test_an_event_of_which_google_cannot_say_is_watched_for_longer(
    world: World, fault: Exception
) -> None:
    watch = watched(world)
    slot = Interval(SLOT, SLOT + HALF_AN_HOUR)
    world.calendar.events[watch.event_id] = FakeEvent(slot, watch.booking_id, "", "")
    world.calendar.faults["delete_event"] = [fault]
    world.clock.instant = watch.since + WATCH_ONCE_MORE
    with pytest.raises(CalendarUnavailable):
        world.use_cases.follow_up.delete_orphan(watch)
    assert len(watches(world)) == 1
    world.use_cases.follow_up.delete_orphan(watch)
    assert (watches(world), world.calendar.meetings) == ([], [])


def test_an_event_in_a_calendar_of_which_nobody_is_connected_is_not_asked_for(world: World) -> None:
    watch = watched(world)
    world.connect(account="another")
    world.use_cases.follow_up.delete_orphan(watch)
    assert world.calendar.calls == []


def test_a_watch_is_over_the_very_event_that_was_asked_for(world: World) -> None:
    watch = watched(world)
    booking = world.bookings.get(watch.app_id, watch.booking_id)
    assert booking is not None
    assert orphan_watch(booking, watch.since).event_id == watch.event_id
