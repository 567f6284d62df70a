"""Promises of `ports.Bookings`, kept on every engine: holds, which end by the clock."""

from datetime import timedelta

import pytest

from scheduling.core import ids
from scheduling.core.errors import ReconnectNeeded, ShareClosed, SlotTaken
from scheduling.core.times import Interval
from scheduling.models import AppId, ConnectionState, ShareState, Uid
from scheduling.ports import Busy
from tests.contract.scene import LATER, SLOT, Scene

pytestmark = pytest.mark.contract

FIVE = timedelta(minutes=5)


def test_a_guests_own_hold_gives_way_to_the_booking(scene: Scene) -> None:
    wide = Interval(SLOT.start - FIVE, SLOT.end)
    scene.stores.bookings.hold(None, scene.hold(slot=wide), scene.connection)
    booking = scene.claim(scene.request())
    assert scene.owners() == [(SLOT, booking.booking_id)]
    assert scene.stores.bookings.held(AppId("app"), booking.share_id, Uid("bob")) is None


def test_a_hold_owns_its_time_until_it_ends(scene: Scene) -> None:
    hold, bookings = scene.hold(), scene.stores.bookings
    bookings.hold(None, hold, scene.connection)
    assert bookings.held(AppId("app"), hold.share_id, Uid("bob")) == hold
    assert scene.owners() == [(SLOT, ids.hold_id("app", hold.share_id, "bob"))]
    with pytest.raises(SlotTaken):
        scene.claim(scene.request("carol"))
    scene.stores.clock.pass_(minutes=5)
    assert scene.owners() == []
    booking = scene.claim(scene.request("carol"))
    assert scene.owners() == [(SLOT, booking.booking_id)]
    # What once ended by the clock is a booking's now, and ends no more.
    scene.stores.clock.pass_(minutes=60)
    assert scene.owners() == [(SLOT, booking.booking_id)]
    assert bookings.held(AppId("app"), hold.share_id, Uid("bob")) == hold


def test_a_hold_takes_the_place_of_the_guests_earlier_one(scene: Scene) -> None:
    first, second = scene.hold(), scene.hold(slot=LATER)
    bookings, name = scene.stores.bookings, ids.hold_id("app", first.share_id, "bob")
    bookings.hold(None, first, scene.connection)
    with pytest.raises(Busy):
        bookings.hold(None, second, scene.connection)
    bookings.hold(first, second, scene.connection)
    assert scene.owners() == [(LATER, name)]
    with pytest.raises(Busy):
        bookings.hold(first, scene.hold(), scene.connection)
    assert scene.owners() == [(LATER, name)]


def test_a_hold_refuses_what_a_claim_refuses(scene: Scene) -> None:
    bookings = scene.stores.bookings
    bookings.hold(None, scene.hold(), scene.connection)
    with pytest.raises(SlotTaken):
        bookings.hold(None, scene.hold("carol"), scene.connection)
    scene.stores.connections.transition(scene.connection, ConnectionState.RECONNECT)
    with pytest.raises(ReconnectNeeded):
        bookings.hold(None, scene.hold("carol", LATER), scene.connection)
    scene.stores.shares.close(scene.shared, ShareState.CLOSED)
    with pytest.raises(ShareClosed):
        bookings.hold(None, scene.hold("carol", LATER), scene.connection)
    assert bookings.held(AppId("app"), scene.shared.share_id, Uid("carol")) is None
