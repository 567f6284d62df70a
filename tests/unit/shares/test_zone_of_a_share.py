"""Shares follow the clock of the calendar's zone as it is now, not as it was when connecting."""

from datetime import time, timedelta

import pytest

from scheduling.core.errors import CalendarUnavailable, SlotNotOffered
from scheduling.core.times import Interval, format_instant, parse_instant
from scheduling.models import BookingState, Preferences, Receiver
from scheduling.ports import GrantEnded
from scheduling.shares.share import ShareRequest
from tests.fakes import START
from tests.world import World

#: Tuesday, 09:00 in Berlin and in New York.
IN_BERLIN, IN_NEW_YORK = "2026-11-24T08:00:00Z", "2026-11-24T14:00:00Z"
NINE_TO_TEN = Preferences(hours={day: ((time(9), time(10)),) for day in range(7)})


@pytest.fixture
def moved(world: World) -> World:
    """A host with open hours from 9 to 10, whose calendar is set to another zone at Google."""
    world.preferences.put(world.tenant.app_id, world.alice.uid, NINE_TO_TEN)
    return world


def test_a_calendar_that_moves_to_another_zone_is_shared_and_looked_at_there(moved: World) -> None:
    share = moved.share()
    assert IN_BERLIN in moved.view(moved.bob, share)["slots"]
    moved.calendar.zone = "America/New_York"
    moved.clock.pass_(minutes=61)
    seen = moved.view(moved.bob, share)
    assert seen["timeZone"] == "America/New_York"
    assert IN_NEW_YORK in seen["slots"]
    assert IN_BERLIN not in seen["slots"]
    assert moved.preview(moved.alice)["timeZone"] == "America/New_York"
    assert moved.connection(moved.alice)["timeZone"] == "America/New_York"


def test_what_is_shown_in_the_new_zone_can_be_booked_and_nothing_else(moved: World) -> None:
    share = moved.share()
    moved.calendar.zone = "America/New_York"
    moved.clock.pass_(minutes=61)
    booker, deadline = moved.use_cases.booker, moved.deadline()
    with pytest.raises(SlotNotOffered):
        booker.book(moved.bob, moved.request(share, parse_instant(IN_BERLIN)), deadline)
    outcome = booker.book(moved.bob, moved.request(share, parse_instant(IN_NEW_YORK)), deadline)
    assert outcome.booking.state is BookingState.CONFIRMED
    assert outcome.booking.time_zone == "America/New_York"


def test_google_is_asked_for_the_zone_once_an_hour_at_most(world: World) -> None:
    share = world.share()
    for _ in range(5):
        world.view(world.bob, share)
        world.preview(world.alice)
    assert world.calendar.calls.count("time_zone") == 0
    for hours in (1, 2):
        world.clock.pass_(minutes=60)
        for _ in range(5):
            world.view(world.bob, share)
            world.preview(world.alice)
        assert world.calendar.calls.count("time_zone") == hours


@pytest.mark.parametrize("fault", [CalendarUnavailable(), GrantEnded()])
def test_where_google_cannot_say_the_last_zone_holds(world: World, fault: Exception) -> None:
    share = world.share()
    world.clock.pass_(minutes=61)
    world.calendar.faults["time_zone"] = [fault for _ in range(9)]
    assert world.view(world.bob, share)["timeZone"] == "Europe/Berlin"


def test_the_answer_to_the_host_is_what_was_sent(world: World) -> None:
    world.calendar.manual += [
        Interval(start, start + timedelta(minutes=10))
        for start in (START + timedelta(minutes=50 * each) for each in range(1, 200))
    ]
    request = ShareRequest(Receiver("bob", "user"), timedelta(minutes=30), "x" * 200, "", "")
    sent = world.use_cases.sharer.share(world.alice, request, world.deadline())
    (message,) = world.chat.of_type("availability")
    answered = sent.availability
    assert answered.truncated is message.custom["truncated"] is True
    assert format_instant(answered.window.end) == message.custom["to"]
    shown = world.preview(world.alice)
    assert shown["truncated"] is True
    assert shown["to"] <= format_instant(sent.share.availability.window.end)
