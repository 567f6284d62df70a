"""Google is asked again while the request has time; what no try cures ends the connection once."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from scheduling.bookings.requests import HoldRequest, RescheduleRequest
from scheduling.core.errors import CalendarUnavailable, ReconnectNeeded
from scheduling.core.retry import TRIES
from scheduling.models import ShareId
from scheduling.ports import GrantEnded, NoCalendar
from tests.fakes import START
from tests.world import World

SLOT = START + timedelta(hours=25)

Asked = Callable[[World, ShareId], object]


def held(world: World, share: ShareId) -> object:
    world.clock.pass_(minutes=1)  # the busy list of the sharing is no fresh one any more
    request = HoldRequest(share, SLOT, None)
    return world.use_cases.slot_holder.hold(world.bob, request, world.deadline())


ASKED: dict[str, Asked] = {
    "share": lambda world, _: world.share("carol"),
    "preview": lambda world, _: world.preview(world.alice),
    "look": lambda world, share: world.view(world.bob, share)["slots"],
    "hold": held,
    "book": lambda world, share: world.use_cases.booker.book(
        world.bob, world.request(share, SLOT), world.deadline()
    ),
}


@pytest.mark.parametrize("name", ASKED)
@pytest.mark.parametrize("troubles", range(1, TRIES))
def test_a_calendar_that_does_not_answer_at_once_is_asked_again(
    world: World, name: str, troubles: int
) -> None:
    share = world.share()
    world.calendar.faults["free_busy"] = [CalendarUnavailable() for _ in range(troubles)]
    assert ASKED[name](world, share)
    assert world.calendar.faults["free_busy"] == []
    assert world.metrics.counts["CalendarUnavailable"] == 0 or name == "book"


@pytest.mark.parametrize("name", ASKED)
def test_it_is_asked_so_often_and_no_more(world: World, name: str) -> None:
    share = world.share()
    world.calendar.faults["free_busy"] = [CalendarUnavailable() for _ in range(TRIES + 1)]
    with pytest.raises(CalendarUnavailable):
        ASKED[name](world, share)
    assert len(world.calendar.faults["free_busy"]) == 1


@pytest.mark.parametrize("name", ASKED)
def test_the_wait_that_google_asks_for_is_kept(world: World, name: str) -> None:
    share = world.share()
    world.calendar.faults["free_busy"] = [CalendarUnavailable(retry_after=7)]
    begun = world.clock.now()
    ASKED[name](world, share)
    assert world.clock.now() - begun >= timedelta(seconds=7)


@pytest.mark.parametrize("name", [name for name in ASKED if name != "look"])
@pytest.mark.parametrize("why", [GrantEnded(), NoCalendar()], ids=["grant", "calendar"])
def test_what_no_other_try_cures_is_final_and_the_host_is_notified_once(
    world: World, name: str, why: Exception
) -> None:
    share = world.share()
    world.calendar.faults["free_busy"] = [why]
    with pytest.raises(ReconnectNeeded):
        ASKED[name](world, share)
    assert world.calendar.faults["free_busy"] == []
    assert world.connection(world.alice)["state"] == "reconnect"
    with pytest.raises(ReconnectNeeded):
        ASKED[name](world, share)
    world.deliver_all()
    told = [each.custom["reason"] for each in world.chat.of_type("notice")]
    assert told == ["reconnect"]


def test_a_look_at_the_share_of_a_connection_that_ended_says_that_it_is_closed(
    world: World,
) -> None:
    share = world.share()
    world.calendar.faults["free_busy"] = [NoCalendar()]
    assert world.view(world.bob, share)["status"] == "closed"
    assert world.connection(world.alice)["state"] == "reconnect"


def test_our_own_event_is_asked_for_again_when_a_meeting_is_moved(world: World) -> None:
    share = world.share()
    booked = world.use_cases.booker.book(world.bob, world.request(share, SLOT), world.deadline())
    world.calendar.faults["get_event"] = [CalendarUnavailable(), CalendarUnavailable()]
    later = SLOT + timedelta(hours=2)
    request = RescheduleRequest(starts_at=later, idempotency_key="")
    moved = world.use_cases.booking_changer.reschedule(
        world.bob, booked.booking.booking_id, request, world.deadline()
    )
    assert moved.booking.slot.start == later
