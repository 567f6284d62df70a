"""A host's calendar: connected or not, busy or free, and never guessed."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from scheduling.access.limits import MOST, Limited, Limits
from scheduling.bookings.requests import HoldRequest, RescheduleRequest
from scheduling.calendars.host_calendar import (
    ALTERNATIVES,
    FRESH,
    FRESH_LIST_WAIT,
    HostCalendar,
    left_of,
)
from scheduling.core.errors import (
    CalendarUnavailable,
    NotConnected,
    ReconnectNeeded,
    SchedulingError,
)
from scheduling.core.retry import TRIES
from scheduling.core.times import Interval
from scheduling.models import Booking, Connection, ConnectionState, Share, ShareId
from scheduling.ports import GrantEnded, NoCalendar
from scheduling.rules.defaults import HORIZON
from tests.fakes import START
from tests.unit.meetings import HALF_AN_HOUR, SLOT, booked
from tests.world import World

TIME = Interval(SLOT, SLOT + HALF_AN_HOUR)
WEEK = Interval(START, START + HORIZON)
HOUR = timedelta(hours=1)


def calendar(world: World) -> HostCalendar:
    return world.use_cases.host_calendar


def alices(world: World) -> Connection:
    found = world.connections.get(world.tenant.app_id, world.alice.uid)
    assert found is not None
    return found


def shared(world: World) -> Share:
    found = world.shares.get(world.tenant.app_id, world.share())
    assert found is not None
    world.calendar.calls.clear()
    world.busy_times.put(found.calendar_id, WEEK, [])
    return found


# Connected or not


def test_a_calendar_that_is_connected_is_returned_to_host_and_guest(world: World) -> None:
    share = shared(world)
    assert calendar(world).connected(world.alice) == alices(world)
    assert calendar(world).connected(world.bob, share) == alices(world)


@pytest.mark.parametrize(
    ("how", "refusal"),
    [
        ("never", NotConnected),
        ("closing", NotConnected),
        ("ended", ReconnectNeeded),
        ("another", NotConnected),
    ],
)
def test_a_host_is_led_on_and_a_guest_is_not(
    world: World, how: str, refusal: type[SchedulingError]
) -> None:
    share: Share | Booking = shared(world)
    if how == "never":
        world.connections.remove(alices(world))
    elif how == "closing":
        world.connections.transition(alices(world), ConnectionState.CLOSING)
    elif how == "ended":
        world.connections.transition(alices(world), ConnectionState.RECONNECT)
    else:
        world.connect(account="another")
    with pytest.raises(refusal) as to_host:
        calendar(world).connected(world.alice, share)
    with pytest.raises(refusal) as to_guest:
        calendar(world).connected(world.bob, share)
    with pytest.raises(refusal) as unasked:
        calendar(world).connected(world.alice, share, leading_on=False)
    assert to_host.value.details["connect_url"].startswith("https://scheduling.test/connect/")
    assert to_guest.value.details == unasked.value.details == {}


def test_whoever_looks_through_a_booking_page_is_led_to_no_connect_page(world: World) -> None:
    share = shared(world)
    world.connections.remove(alices(world))
    with pytest.raises(NotConnected) as refusal:
        calendar(world).connected(replace(world.alice, only_share=share.share_id), share)
    assert refusal.value.details == {}


def test_a_host_who_has_had_links_enough_is_refused_without_one(world: World) -> None:
    world.connections.remove(alices(world))
    limits = Limits(world.clock, world.usage, world.metrics, factor=1)
    strict = replace(calendar(world), limits=lambda: limits)
    for _ in range(MOST[Limited.CONNECT_LINK]):
        limits.count(world.alice, Limited.CONNECT_LINK)
    with pytest.raises(NotConnected) as refusal:
        strict.connected(world.alice)
    assert refusal.value.details == {}


# Busy or free


def test_what_google_says_counts_and_so_do_our_own_claims_beside_it(world: World) -> None:
    booked(world)
    world.calendar.lagging = True
    world.calendar.manual.append(Interval(TIME.end, TIME.end + HOUR))
    assert calendar(world).busy(world.alice, alices(world), WEEK, world.deadline()) == [
        Interval(TIME.start, TIME.end + HOUR)
    ]


def test_a_question_about_one_slot_reaches_over_all_days_that_can_be_booked(world: World) -> None:
    """So that whoever loses a race is offered other times, and need not ask Google."""
    far = Interval(START + HORIZON, START + HORIZON + HOUR)
    world.calendar.manual += [TIME, far]
    assert calendar(world).busy_during(alices(world), TIME) == [TIME]
    known = world.busy_times.get(alices(world).calendar_id, world.clock.now())
    assert known == (WEEK, [TIME])
    assert calendar(world).busy_during(alices(world), far) == [far]


def test_an_answer_of_the_last_seconds_serves_what_ends_by_the_clock(world: World) -> None:
    world.busy_times.put(alices(world).calendar_id, WEEK, [TIME])
    recent = calendar(world).recently_busy
    assert recent(alices(world), TIME, world.deadline()) == [TIME]
    assert world.calendar.calls == []
    beyond = Interval(WEEK.end - HOUR, WEEK.end + HOUR)
    assert recent(alices(world), beyond, world.deadline()) == []
    assert world.calendar.calls == ["free_busy"], "what it does not cover is asked for"


def test_an_answer_that_is_too_old_is_asked_for_again(world: World) -> None:
    world.busy_times.put(alices(world).calendar_id, WEEK, [TIME])
    world.clock.pass_(seconds=FRESH.total_seconds() + 1)
    assert calendar(world).recently_busy(alices(world), TIME, world.deadline()) == []


def test_a_calendar_that_cannot_say_is_counted_and_nothing_is_kept_of_it(world: World) -> None:
    world.calendar.faults["free_busy"] = [CalendarUnavailable() for _ in range(3)]
    with pytest.raises(CalendarUnavailable):
        calendar(world).ask(alices(world), WEEK, world.deadline())
    assert world.metrics.counts["CalendarUnavailable"] == 1
    assert world.busy_times.get(alices(world).calendar_id, START) is None


def test_a_grant_that_has_ended_is_noted_and_told_to_the_host_once(world: World) -> None:
    world.calendar.revoked = True
    connection = alices(world)
    for _ in range(2):
        with pytest.raises(ReconnectNeeded):
            calendar(world).ask(connection, WEEK, world.deadline())
        world.deliver_all()
    assert alices(world).state is ConnectionState.RECONNECT
    assert world.metrics.counts["ConnectionEnded"] == 1
    assert [each.custom["reason"] for each in world.chat.of_type("notice")] == ["reconnect"]


def test_a_host_whose_grant_ends_while_asking_is_led_on(world: World) -> None:
    connection = alices(world)
    world.calendar.revoked = True
    with pytest.raises(ReconnectNeeded) as to_guest:
        calendar(world).asked_by(world.bob, connection, WEEK, world.deadline())
    with pytest.raises(ReconnectNeeded) as to_host:
        calendar(world).asked_by(world.alice, connection, WEEK, world.deadline())
    assert to_guest.value.details == {}
    assert "connect_url" in to_host.value.details


# Other times


def test_losers_of_a_race_are_offered_the_next_free_times_and_cost_google_nothing(
    world: World,
) -> None:
    share = shared(world)
    booked(world)
    world.calendar.calls.clear()
    refusal = calendar(world).taken(share, alices(world), TIME, world.bob.uid, world.deadline())
    offered = refusal.details["alternatives"]
    assert len(offered) == ALTERNATIVES
    assert offered == sorted(offered)
    assert not any(Interval(each, each + HALF_AN_HOUR).overlaps(TIME) for each in offered)
    assert world.calendar.calls == []


def test_beyond_what_a_fresh_list_covers_nothing_is_offered(world: World) -> None:
    share = shared(world)
    known = Interval(START, START + HOUR)
    world.busy_times.put(share.calendar_id, known, [])
    refusal = calendar(world).taken(share, alices(world), TIME, world.bob.uid, world.deadline())
    assert refusal.details["alternatives"] == [
        START + quarter * timedelta(minutes=15) for quarter in (1, 2)
    ]


def test_a_loser_waits_a_moment_for_the_winners_list_and_then_asks(world: World) -> None:
    share = shared(world)
    world.clock.pass_(minutes=1)
    begun = world.clock.now()
    calendar(world).taken(share, alices(world), TIME, world.bob.uid, world.deadline())
    assert world.clock.now() - begun == FRESH_LIST_WAIT
    assert world.calendar.calls == ["free_busy"]


def test_where_nobody_can_say_what_is_free_nothing_is_offered(world: World) -> None:
    share = shared(world)
    world.clock.pass_(minutes=1)
    world.calendar.faults["free_busy"] = [CalendarUnavailable() for _ in range(3)]
    refusal = calendar(world).taken(share, alices(world), TIME, world.bob.uid, world.deadline())
    assert refusal.details == {"alternatives": []}


def test_what_one_holds_is_free_for_oneself_alone(world: World) -> None:
    share = shared(world)
    request = HoldRequest(share_id=share.share_id, starts_at=SLOT, duration=None)
    world.use_cases.slot_holder.hold(world.bob, request, world.deadline())
    for asker, free in ((world.bob, True), (world.caller("carol"), False)):
        offered = calendar(world).offered(share, alices(world), [], asker.uid)
        assert (TIME in offered.busy) is not free


def test_what_is_left_of_a_window() -> None:
    assert left_of(WEEK, START - HOUR) == WEEK
    assert left_of(WEEK, START + HOUR) == Interval(START + HOUR, WEEK.end)
    assert left_of(WEEK, WEEK.end) is None


LATER = START + timedelta(hours=25)

Asked = Callable[[World, ShareId], object]


def held(world: World, share: ShareId) -> object:
    world.clock.pass_(minutes=1)  # the busy list of the sharing is no fresh one any more
    request = HoldRequest(share, LATER, None)
    return world.use_cases.slot_holder.hold(world.bob, request, world.deadline())


ASKED: dict[str, Asked] = {
    "share": lambda world, _: world.share("carol"),
    "preview": lambda world, _: world.preview(world.alice),
    "look": lambda world, share: world.view(world.bob, share)["slots"],
    "hold": held,
    "book": lambda world, share: world.use_cases.booker.book(
        world.bob, world.request(share, LATER), world.deadline()
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
    heard = [each.custom["reason"] for each in world.chat.of_type("notice")]
    assert heard == ["reconnect"]


def test_a_look_at_the_share_of_a_connection_that_ended_says_that_it_is_closed(
    world: World,
) -> None:
    share = world.share()
    world.calendar.faults["free_busy"] = [NoCalendar()]
    assert world.view(world.bob, share)["status"] == "closed"
    assert world.connection(world.alice)["state"] == "reconnect"


def test_our_own_event_is_asked_for_again_when_a_meeting_is_moved(world: World) -> None:
    share = world.share()
    booked = world.use_cases.booker.book(world.bob, world.request(share, LATER), world.deadline())
    world.calendar.faults["get_event"] = [CalendarUnavailable(), CalendarUnavailable()]
    later = LATER + timedelta(hours=2)
    request = RescheduleRequest(starts_at=later, idempotency_key="")
    moved = world.use_cases.booking_changer.reschedule(
        world.bob, booked.booking.booking_id, request, world.deadline()
    )
    assert moved.booking.slot.start == later
