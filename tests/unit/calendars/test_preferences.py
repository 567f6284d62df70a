"""How a host wants to be booked: kept, offered by, claimed by."""

from datetime import time, timedelta
from typing import Any

import pytest

from scheduling.core import zones as core_zones
from scheduling.core.errors import SlotNotOffered, SlotTaken
from scheduling.core.times import Interval, parse_instant
from scheduling.http import answers
from scheduling.http.bodies import preferences
from scheduling.http.fields import Fields
from scheduling.models import Preferences
from tests import wire
from tests.fakes import START
from tests.world import World

SLOT = START + timedelta(hours=4)
QUARTER = timedelta(minutes=15)
OFFICE = {
    "bufferBeforeMinutes": 5,
    "bufferAfterMinutes": 10,
    "noticeMinutes": 120,
    "hours": {"mon": [["09:00", "12:30"], ["13:30", "24:00"]], "tue": [["00:00", "08:00"]]},
}


def prefer(world: World, **fields: Any) -> None:
    world.preferences.put(world.tenant.app_id, world.alice.uid, preferences(Fields(fields)))


def test_preferences_are_given_back_as_they_were_put(world: World) -> None:
    editor, alice = world.use_cases.preference_editor, (world.alice.app_id, world.alice.uid)
    assert wire.read(answers.preferences(editor.get(*alice))) == {
        "bufferBeforeMinutes": 0,
        "bufferAfterMinutes": 0,
        "noticeMinutes": 0,
        "hours": None,
    }
    changed = editor.replace(*alice, preferences(Fields(OFFICE)))
    assert changed == editor.get(*alice)
    assert wire.read(answers.preferences(changed)) == OFFICE


def test_only_open_hours_are_offered_by_the_hosts_own_clock(world: World) -> None:
    prefer(world, hours={"mon": [["09:00", "12:00"]], "wed": [["22:00", "24:00"]]})
    share = world.share()
    starts = [parse_instant(each) for each in world.view(world.bob, share)["slots"]]
    walls = [each.astimezone(core_zones.zone("Europe/Berlin")) for each in starts]
    assert {(each.isoweekday(), each.hour) for each in walls} <= {
        *((1, hour) for hour in (9, 10, 11)),
        *((3, hour) for hour in (22, 23)),
    }
    assert time(23, 30) in {each.time() for each in walls}
    with pytest.raises(SlotNotOffered):
        world.use_cases.booker.book(world.bob, world.request(share, SLOT), world.deadline())


def test_a_notice_keeps_the_next_hours_free(world: World) -> None:
    prefer(world, noticeMinutes=240)
    share = world.share()
    first = parse_instant(world.view(world.bob, share)["slots"][0])
    assert first == START + timedelta(hours=4)
    with pytest.raises(SlotNotOffered):
        world.use_cases.booker.book(
            world.bob, world.request(share, SLOT - QUARTER), world.deadline()
        )


def test_buffers_are_claimed_with_the_meeting_and_never_told(world: World) -> None:
    prefer(world, bufferBeforeMinutes=15, bufferAfterMinutes=30)
    bobs, carols = world.share(), world.share("carol")
    booking = world.use_cases.booker.book(
        world.bob, world.request(bobs, SLOT), world.deadline()
    ).booking
    week = Interval(START, START + timedelta(days=7))
    ((claimed, _),) = world.bookings.claims(booking.calendar_id, week)
    assert claimed == Interval(SLOT - QUARTER, SLOT + timedelta(minutes=60))
    (event,) = world.calendar.meetings
    assert event.slot == booking.slot
    for start in (SLOT - timedelta(minutes=45), SLOT + timedelta(minutes=60)):
        with pytest.raises(SlotTaken):
            world.use_cases.booker.book(
                world.caller("carol"), world.request(carols, start), world.deadline()
            )
    near = SLOT + timedelta(minutes=75)
    world.use_cases.booker.book(
        world.caller("carol"), world.request(carols, near), world.deadline()
    )


def test_buffers_keep_away_from_what_stands_at_google(world: World) -> None:
    prefer(world, bufferBeforeMinutes=15, bufferAfterMinutes=30)
    world.calendar.manual.append(Interval(SLOT, SLOT + timedelta(hours=1)))
    share = world.share()
    starts = {parse_instant(each) for each in world.view(world.bob, share)["slots"]}
    assert SLOT - timedelta(minutes=60) in starts
    assert SLOT - timedelta(minutes=45) not in starts
    assert SLOT + timedelta(minutes=60) not in starts
    assert SLOT + timedelta(minutes=75) in starts


def test_a_share_keeps_the_preferences_of_its_day(world: World) -> None:
    share = world.share()
    prefer(world, hours={})
    assert world.view(world.bob, share)["slots"]
    stored = world.shares.get(world.tenant.app_id, share)
    assert stored is not None
    assert stored.preferences == Preferences()
    assert world.view(world.bob, world.share())["slots"] == []
