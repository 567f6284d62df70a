"""What was settled is looked at again: who wrote into its time, which insert came late."""

from datetime import timedelta

from scheduling.bookings.follow_up import WATCH_ONCE_MORE
from scheduling.core.errors import CalendarUnavailable
from scheduling.core.times import Interval
from scheduling.ports import OutcomeUnknown
from tests.fakes import FakeEvent
from tests.unit.meetings import SLOT, busy, left_open
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
    (told,) = world.chat.of_type("notice")
    assert (told.receiver.id, told.custom["reason"]) == ("alice", "clash")
    assert told.custom["bookingId"] == booking.booking_id
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
