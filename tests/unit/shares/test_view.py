"""A share as it is now: what is free, what was booked, and when it is over."""

from datetime import timedelta

import pytest

from scheduling.core.errors import InvalidRequest, NotAllowed, NotFound, ShareClosed
from scheduling.core.times import Interval, format_instant
from scheduling.messages import payloads
from scheduling.models import ConnectionState, ShareId
from scheduling.rules.availability import HORIZON
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
    world.use_cases.share_views.withdraw(world.alice, share)
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
        world.use_cases.share_views.withdraw(world.alice, share)
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
        world.use_cases.share_views.page_link(world.bob, share)


def test_only_host_and_addressed_guests_see_a_share_and_only_the_host_withdraws_it(
    world: World,
) -> None:
    share = world.share()
    assert world.view(world.alice, share)["role"] == "host"
    for uid in ("carol", "dave"):
        with pytest.raises(NotAllowed):
            world.view(world.caller(uid), share)
    with pytest.raises(NotAllowed):
        world.use_cases.share_views.withdraw(world.bob, share)
    with pytest.raises(NotFound):
        world.view(world.bob, ShareId("0" * 32))
    world.use_cases.share_views.withdraw(world.alice, share)
    world.use_cases.share_views.withdraw(world.alice, share)
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
