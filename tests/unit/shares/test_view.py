"""A share as it is now: what is free, what was booked, and when it is over."""

from datetime import time, timedelta

import pytest

from scheduling.core.errors import (
    CalendarUnavailable,
    InvalidRequest,
    NotAllowed,
    NotFound,
    ShareClosed,
    SlotNotOffered,
)
from scheduling.core.times import Interval, format_instant, parse_instant
from scheduling.messages import payloads
from scheduling.models import BookingState, ConnectionState, Preferences, Receiver, ShareId
from scheduling.ports import GrantEnded
from scheduling.rules.defaults import HORIZON
from scheduling.shares.share import ShareRequest
from tests.fakes import START
from tests.world import World

HOUR = timedelta(hours=1)


def test_the_live_view_follows_the_calendar(world: World) -> None:
    share = world.share()
    before = world.view(world.bob, share)
    world.calendar.manual.append(Interval(START, START + HORIZON))
    after = world.view(world.bob, share)
    assert (before["status"], after["status"]) == ("open", "full")
    assert before["slots"][0] == format_instant(START + timedelta(minutes=15))
    assert after["slots"] == []


def test_the_live_view_shows_the_callers_own_booking(world: World) -> None:
    share = world.share()
    slot = START + 4 * HOUR
    booking = world.use_cases.booker.book(
        world.bob, world.request(share, slot), world.deadline()
    ).booking
    view = world.view(world.bob, share)
    assert view["booking"]["bookingId"] == booking.booking_id
    assert format_instant(slot) not in view["slots"]
    assert "booking" not in world.view(world.alice, share)


def ended(world: World, how: str) -> None:
    connection = world.connections.get(world.tenant.app_id, world.alice.uid)
    assert connection is not None
    if how == "disconnected":
        world.use_cases.disconnector.disconnect(
            world.tenant.app_id, world.alice.uid, world.deadline()
        )
    elif how == "the grant is known to be dead":
        world.connections.transition(connection, ConnectionState.RECONNECT)
    elif how == "the grant dies now":
        world.calendar.revoked = True
    else:
        world.connect("alice", "work")


@pytest.mark.parametrize(
    "how",
    [
        "disconnected",
        "the grant is known to be dead",
        "the grant dies now",
        "another calendar",
    ],
)
def test_who_cannot_be_booked_any_more_takes_no_meeting_out_of_sight(
    world: World, how: str
) -> None:
    share = world.share()
    slot = START + 4 * HOUR
    booking = world.use_cases.booker.book(
        world.bob, world.request(share, slot), world.deadline()
    ).booking
    ended(world, how)
    view = world.view(world.bob, share)
    assert (view["status"], view["slots"]) == ("closed", [])
    assert view["booking"] == payloads.booking(booking)
    assert world.view(world.alice, share)["status"] == "closed"
    assert not [each for each in world.items() if each["sk"].startswith("USED#connect")]
    world.use_cases.share_views.withdraw(world.alice, share, world.deadline())
    assert world.view(world.alice, share)["status"] == "withdrawn"


def test_a_share_that_was_closed_opens_again_with_its_calendar(world: World) -> None:
    share = world.share()
    ended(world, "the grant is known to be dead")
    assert world.view(world.bob, share)["status"] == "closed"
    world.connect()
    assert world.view(world.bob, share)["status"] == "open"


@pytest.mark.parametrize("how", ["withdrawn", "expired", "closed"])
def test_what_has_ended_tells_nobodys_busy_times(world: World, how: str) -> None:
    world.calendar.manual.append(Interval(START + HOUR, START + 2 * HOUR))
    share = world.share()
    if how == "withdrawn":
        world.use_cases.share_views.withdraw(world.alice, share, world.deadline())
    elif how == "expired":
        world.clock.pass_(days=7, minutes=5)
    else:
        ended(world, "disconnected")
    view = world.view(world.bob, share)
    assert view["status"] == how
    assert view["busy"] == [[view["from"], view["to"]]], "nothing is offered, and no more is told"


def test_a_share_ends_with_its_last_day(world: World) -> None:
    share = world.share()
    world.clock.pass_(days=7, minutes=5)
    assert world.view(world.bob, share)["status"] == "expired"
    with pytest.raises(ShareClosed):
        world.use_cases.share_views.page_link(world.bob, share, world.deadline())


def test_only_host_and_addressed_guests_see_a_share_and_only_the_host_withdraws_it(
    world: World,
) -> None:
    share = world.share()
    assert world.view(world.alice, share)["role"] == "host"
    for uid in ("carol", "dave"):
        with pytest.raises(NotAllowed):
            world.view(world.caller(uid), share)
    with pytest.raises(NotAllowed):
        world.use_cases.share_views.withdraw(world.bob, share, world.deadline())
    with pytest.raises(NotFound):
        world.view(world.bob, ShareId("0" * 32))
    world.use_cases.share_views.withdraw(world.alice, share, world.deadline())
    world.use_cases.share_views.withdraw(world.alice, share, world.deadline())
    assert world.view(world.bob, share)["status"] == "withdrawn"


def test_a_length_that_was_not_offered_is_not_shown(world: World) -> None:
    share = world.share()
    with pytest.raises(InvalidRequest):
        world.view(world.bob, share, timedelta(minutes=45))


def test_a_hosts_shares_come_newest_first_page_by_page(world: World) -> None:
    made = []
    for _ in range(23):
        made.append(world.share())
        world.clock.pass_(minutes=1)
    first = world.listed(world.alice, None)
    second = world.listed(world.alice, first["nextCursor"])
    listed = [item["shareId"] for item in first["items"] + second["items"]]
    assert listed == made[::-1]
    assert "nextCursor" not in second
    assert world.listed(world.bob, None)["items"] == []
    for cursor in ("CONNECTION", "SHARE#", "SHARE#" + "é" * 600):
        with pytest.raises(InvalidRequest):
            world.listed(world.alice, cursor)


# The zone of the calendar as it is now

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
