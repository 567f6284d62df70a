"""What a meeting can be moved to: every start that a move accepts right then, and no other."""

from collections.abc import Callable
from datetime import datetime, time, timedelta

import pytest

from scheduling.bookings.requests import HoldRequest, RescheduleRequest, TimesRequest
from scheduling.core.errors import (
    BookingEnded,
    BookingInProgress,
    CalendarUnavailable,
    InvalidRequest,
    NotAllowed,
    NotConnected,
    NotFound,
    ReconnectNeeded,
    SchedulingError,
    ShareClosed,
)
from scheduling.core.times import Interval
from scheduling.models import Booking, BookingState, Caller, ConnectionState, Preferences
from tests.fakes import START, Crash
from tests.unit.meetings import stored
from tests.world import World

SLOT = START + timedelta(hours=4)
HOUR, QUARTER, BUCKET = timedelta(hours=1), timedelta(minutes=15), timedelta(minutes=5)
WEEK = timedelta(days=7)


def booked(world: World, preferences: Preferences | None = None) -> Booking:
    world.connect()
    if preferences:
        world.use_cases.preference_editor.replace(world.tenant.app_id, world.alice.uid, preferences)
    share = world.share(duration=HOUR)
    return world.use_cases.booker.book(
        world.bob, world.request(share, SLOT), world.deadline()
    ).booking


def times(
    world: World,
    booking: Booking,
    caller: Caller | None = None,
    start: datetime | None = None,
    end: datetime | None = None,
) -> list[datetime]:
    found = world.use_cases.move_times.find(
        caller or world.bob, booking.booking_id, TimesRequest(start, end), world.deadline()
    )
    assert found.time_zone == "Europe/Berlin"
    return list(found.starts)


def moved(world: World, booking: Booking, to: datetime, caller: Caller) -> Booking:
    near = world.clock.now() + timedelta(seconds=4)
    return world.use_cases.booking_changer.reschedule(
        caller, booking.booking_id, RescheduleRequest(to, ""), near
    ).booking


def accepts(world: World, booking: Booking, to: datetime, caller: Caller) -> bool:
    """Whether a move is accepted, up to the change at Google, which then does not come about."""
    world.calendar.faults["reschedule_event"] = [CalendarUnavailable(retry_after=3600)]
    with pytest.raises(SchedulingError):
        moved(world, booking, to, caller)
    return not world.calendar.faults.pop("reschedule_event")


def test_ones_own_meeting_does_not_block_its_own_move(world: World) -> None:
    booking = booked(world)
    around = [SLOT + each * QUARTER for each in range(-3, 4)]
    assert set(around) <= set(times(world, booking))
    view = world.view(world.bob, booking.share_id)
    assert not {f"{each:%Y-%m-%dT%H:%M:%SZ}" for each in around} & set(view["slots"])


def busy_at_google(world: World, _booking: Booking) -> None:
    """A person wrote into the calendar, right beside the meeting and elsewhere."""
    world.calendar.manual += [
        Interval(SLOT - HOUR, SLOT - HOUR + timedelta(minutes=20)),
        Interval(SLOT + HOUR, SLOT + HOUR + timedelta(minutes=7)),
    ]


def claimed_by_another(world: World, _booking: Booking) -> None:
    """Another guest has a meeting; free/busy does not show it yet."""
    share = world.share("carol", duration=HOUR)
    request = world.request(share, SLOT + 2 * HOUR)
    world.use_cases.booker.book(world.caller("carol"), request, world.deadline())
    world.calendar.lagging = True


def held_by_another(world: World, _booking: Booking) -> None:
    """Another guest is about to book."""
    share = world.share("carol", duration=HOUR)
    request = HoldRequest(share, SLOT - 2 * HOUR, None)
    world.use_cases.slot_holder.hold(world.caller("carol"), request, world.deadline())


def held_by_the_guest(world: World, booking: Booking) -> None:
    """The guest holds another time of the same share, an old tab perhaps."""
    request = HoldRequest(booking.share_id, SLOT + 2 * HOUR, None)
    world.use_cases.slot_holder.hold(world.bob, request, world.deadline())


def dragged_at_google(world: World, booking: Booking) -> None:
    """The host has dragged the event an hour on, and something else lies where it was."""
    world.calendar.events[booking.event_id].slot = Interval(SLOT + HOUR, SLOT + 2 * HOUR)
    world.calendar.manual.append(Interval(SLOT + QUARTER, SLOT + 2 * QUARTER))


def little_time_left(world: World, _booking: Booking) -> None:
    """It begins soon, not on the grid's minute."""
    world.clock.pass_(hours=3, minutes=2, seconds=11)


BUFFERS = Preferences(buffer_before=timedelta(minutes=10), buffer_after=timedelta(minutes=25))
HOURS = Preferences(
    buffer_after=QUARTER,
    notice=2 * HOUR,
    hours={day: ((time(9), time(12, 30)), (time(13), time(23))) for day in range(7)},
)


@pytest.mark.parametrize(
    ("situation", "preferences", "uid"),
    [
        (busy_at_google, BUFFERS, "alice"),
        (claimed_by_another, BUFFERS, "bob"),
        (held_by_another, HOURS, "bob"),
        (held_by_the_guest, Preferences(), "bob"),
        (held_by_the_guest, BUFFERS, "alice"),
        (dragged_at_google, BUFFERS, "bob"),
        (little_time_left, HOURS, "bob"),
    ],
)
def test_every_start_that_is_listed_is_accepted_and_every_one_that_is_accepted_is_listed(
    world: World,
    situation: Callable[[World, Booking], None],
    preferences: Preferences,
    uid: str,
) -> None:
    booking, caller = booked(world, preferences), world.caller(uid)
    situation(world, booking)
    start, end = SLOT - 2 * HOUR, SLOT + 3 * HOUR
    listed = set(times(world, booking, caller, start, end))
    candidates = [start + number * BUCKET for number in range(int((end - start) / BUCKET))]
    candidates.remove(SLOT)
    # Off the grid one start in an hour is enough.
    tried = [each for each in candidates if each.minute % 15 == 0 or each.minute == 5]
    assert listed.intersection(tried)
    assert listed <= {*candidates, SLOT}
    assert [each for each in tried if accepts(world, booking, each, caller)] == [
        each for each in tried if each in listed
    ]


def test_the_next_seven_days_are_looked_at_unless_others_are_asked_for(world: World) -> None:
    booking = booked(world)
    whole = times(world, booking)
    assert min(whole) > world.clock.now()
    assert max(whole) < world.clock.now() + WEEK
    noon = SLOT + timedelta(days=2)
    assert times(world, booking, start=noon, end=noon + HOUR) == [
        noon + each * QUARTER for each in range(4)
    ]
    assert times(world, booking, start=noon) == [each for each in whole if each >= noon]
    assert times(world, booking, end=noon) == [each for each in whole if each < noon]
    assert times(world, booking, start=START - WEEK, end=START) == []
    assert times(world, booking, start=START + 3 * WEEK) == []


@pytest.mark.parametrize(
    ("start", "end", "field"),
    [
        (SLOT, SLOT, "to"),
        (SLOT, SLOT - HOUR, "to"),
        (None, START - HOUR, "to"),
        (SLOT, SLOT + WEEK + timedelta(seconds=1), "to"),
        (None, START + WEEK + HOUR, "to"),
    ],
)
def test_a_range_is_of_seven_days_at_most_and_ends_after_it_begins(
    world: World, start: datetime | None, end: datetime | None, field: str
) -> None:
    booking = booked(world)
    with pytest.raises(InvalidRequest) as refusal:
        times(world, booking, start=start, end=end)
    assert refusal.value.field == field


def test_only_host_and_guest_are_told(world: World) -> None:
    booking = booked(world)
    with pytest.raises(NotFound):
        times(world, booking, world.caller("carol"))


def test_a_guest_out_of_touch_with_the_host_is_told_nothing(world: World) -> None:
    booking = booked(world)
    world.chat.blocks.add(("alice", "bob"))
    with pytest.raises(NotAllowed):
        times(world, booking)
    assert times(world, booking, world.alice)


def cancel(world: World, booking: Booking) -> None:
    world.use_cases.booking_changer.cancel(world.bob, booking.booking_id, world.deadline())


def begin(world: World, _booking: Booking) -> None:
    world.clock.pass_(hours=4)


def withdraw(world: World, booking: Booking) -> None:
    world.use_cases.share_views.withdraw(world.alice, booking.share_id, world.deadline())


def disconnect(world: World, _booking: Booking) -> None:
    world.use_cases.disconnector.disconnect(world.tenant.app_id, world.alice.uid, world.deadline())


def revoke(world: World, _booking: Booking) -> None:
    world.calendar.revoked = True


def lose(world: World, _booking: Booking) -> None:
    world.connections.transition(world.connect(), ConnectionState.RECONNECT)


def fail(world: World, _booking: Booking) -> None:
    world.calendar.faults["free_busy"] = [CalendarUnavailable()] * 9


def hide(world: World, booking: Booking) -> None:
    del world.calendar.events[booking.event_id]


def delete(world: World, booking: Booking) -> None:
    world.calendar.events[booking.event_id].cancelled = True


def leave_cancelling(world: World, booking: Booking) -> None:
    world.calendar.faults["delete_event"] = [Crash()]
    with pytest.raises(Crash):
        cancel(world, booking)


@pytest.mark.parametrize(
    ("happens", "error"),
    [
        (cancel, BookingEnded),
        (begin, BookingEnded),
        (delete, BookingEnded),
        (withdraw, ShareClosed),
        (disconnect, NotConnected),
        (lose, ReconnectNeeded),
        (revoke, ReconnectNeeded),
        (fail, CalendarUnavailable),
        (hide, CalendarUnavailable),
        (leave_cancelling, BookingInProgress),
    ],
)
def test_what_refuses_every_move_refuses_the_look_in_the_same_words(
    world: World, happens: Callable[[World, Booking], None], error: type[SchedulingError]
) -> None:
    booking = booked(world)
    happens(world, booking)
    with pytest.raises(error):
        times(world, booking)
    if happens in {fail, lose, revoke}:
        happens(world, booking)
    with pytest.raises(error):
        moved(world, booking, SLOT + QUARTER, world.bob)


def test_a_host_who_has_to_connect_is_led_on(world: World) -> None:
    booking = booked(world)
    world.calendar.revoked = True
    with pytest.raises(ReconnectNeeded) as refusal:
        times(world, booking, world.alice)
    assert refusal.value.details["connect_url"]


def test_a_look_changes_nothing(world: World) -> None:
    booking = booked(world)
    before = stored(world, booking)
    times(world, booking)
    assert stored(world, booking) == before
    assert before.state is BookingState.CONFIRMED
