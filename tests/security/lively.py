"""A world in which there is everything that is ever kept, for the claims about people's data."""

import re
from datetime import timedelta
from typing import Any

from scheduling.bookings.requests import HoldRequest, RescheduleRequest
from scheduling.core.errors import CalendarUnavailable
from scheduling.models import AppId, Booking, BookingState, Preferences, Purpose, ShareId, Uid
from tests.fakes import START
from tests.world import World

SLOT = START + timedelta(hours=4)
APP = AppId("app")


def book(world: World, uid: str, share: ShareId, hours: int, **more: Any) -> Booking:
    request = world.request(share, SLOT + timedelta(hours=hours), **more)
    return world.use_cases.booker.book(world.caller(uid), request, world.deadline()).booking


def browser(world: World, uid: str, account: str) -> None:
    """Let a browser wait for the final confirmation to an account."""
    url = world.use_cases.connector.link(world.caller(uid), "").url
    session = world.use_cases.one_time_links.redeem(Purpose.CONNECT, str(url).rpartition("/")[2])
    consent = world.use_cases.connector.begin(session, choose=True)
    begun = world.sessions.get(session.app_id, session.key)
    assert begun is not None
    state = re.search(r"state=([^&]+)", consent)
    assert state
    world.use_cases.connector.callback(
        begun, {"state": state[1], "code": account}, world.deadline()
    )
    waiting = world.sessions.get(session.app_id, session.key)
    assert waiting is not None
    if account == uid:
        world.use_cases.connector.confirm(
            waiting, world.use_cases.connector.view(waiting).seen, world.deadline()
        )


def lively(world: World) -> dict[str, Booking]:
    """Let three people do everything; give bookings by what became of them."""
    world.chat.groups["team"] = {"alice", "bob", "carol"}
    browser(world, "alice", "alice")
    browser(world, "carol", "carol")
    browser(world, "alice", "another")
    world.preferences.put(APP, Uid("alice"), Preferences(buffer_after=timedelta(minutes=10)))
    first, second = world.share(key="one", title="Of Alice"), world.share("team", "group")
    third = world.share("carol")
    bookings = {
        "confirmed": book(world, "bob", first, 0, key="b-one", note="From Bob"),
        "moved": book(world, "carol", second, 2, key="c-one"),
        "cancelled": book(world, "bob", second, 4),
        "of carol": book(world, "carol", third, 6),
    }
    world.deliver_all()
    move = RescheduleRequest(starts_at=SLOT + timedelta(hours=8), idempotency_key="c-move")
    world.use_cases.booking_changer.reschedule(
        world.caller("carol"), bookings["moved"].booking_id, move, world.deadline()
    )
    world.use_cases.booking_changer.cancel(
        world.bob, bookings["cancelled"].booking_id, world.deadline()
    )
    hold = HoldRequest(second, SLOT + timedelta(hours=10), None)
    world.use_cases.slot_holder.hold(world.bob, hold, world.deadline())
    world.deliver_all()
    return bookings


def late(world: World) -> None:
    """Let an insert be under way whose booking is released: it is watched for."""
    share = world.share("dave")
    world.calendar.faults["insert_event"] = ["late"]
    world.calendar.faults["get_event"] = [CalendarUnavailable(), CalendarUnavailable()]
    booking = book(world, "dave", share, 12)
    assert booking.state is BookingState.CLAIMED
    world.clock.pass_(minutes=2)
    world.calendar.manual.append(booking.slot)
    world.reconcile()
