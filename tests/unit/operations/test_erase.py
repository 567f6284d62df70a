"""A person is erased in order: what is to come ends, words are sent, and then all of it goes."""

import pytest

from scheduling.core.errors import BookingInProgress, CalendarUnavailable, ChatUnavailable
from scheduling.models import BookingState, ShareState, Uid
from tests.unit.meetings import booked, cancelled, claimed_buckets, died, left_open, stored
from tests.world import World

ALICE, BOB = Uid("alice"), Uid("bob")


def erase(world: World, uid: Uid) -> dict[str, int]:
    return world.use_cases.eraser.erase(world.tenant.app_id, uid, world.deadline())


def found(world: World, uid: Uid) -> dict[str, int]:
    return world.use_cases.eraser.found(world.tenant.app_id, uid)


def test_what_is_found_is_what_is_erased_and_then_nothing_is_found(world: World) -> None:
    booked(world)
    counted = found(world, BOB)
    assert counted["booking"] == 1
    erased = erase(world, BOB)
    assert erased["booking"] == 1
    assert found(world, BOB) == erase(world, BOB) == {}


def test_a_meeting_that_is_to_come_is_cancelled_at_google_and_the_other_side_is_told(
    world: World,
) -> None:
    booked(world)
    erase(world, ALICE)
    assert world.calendar.meetings == []
    assert claimed_buckets(world) == 0
    (*_, word) = world.chat.of_type("invite")
    assert (word.receiver.id, word.custom["status"]) == ("bob", "cancelled")


def test_a_meeting_that_is_over_stays_in_its_calendar(world: World) -> None:
    booked(world)
    world.clock.pass_(hours=5)
    erase(world, BOB)
    assert len(world.calendar.meetings) == 1
    assert len(world.chat.of_type("invite")) == 1


def test_a_hosts_shares_are_closed_before_anything_else(world: World) -> None:
    share = world.share()
    booking = booked(world, share)
    world.calendar.faults["delete_event"] = [CalendarUnavailable() for _ in range(3)]
    with pytest.raises(CalendarUnavailable):
        erase(world, ALICE)
    kept = world.shares.get(world.tenant.app_id, share)
    assert kept is not None
    assert kept.state is ShareState.WITHDRAWN
    assert stored(world, booking).state is BookingState.CONFIRMED
    erase(world, ALICE)
    assert world.shares.get(world.tenant.app_id, share) is None


def test_what_a_booking_still_owes_is_sent_before_there_is_nothing_to_tell_of(
    world: World,
) -> None:
    cancelled(world, booked(world))
    erase(world, BOB)
    (*_, word) = world.chat.of_type("invite")
    assert word.custom["status"] == "cancelled"


def test_while_the_chat_is_away_nothing_is_deleted(world: World) -> None:
    cancelled(world, booked(world))
    before = found(world, BOB)
    world.chat.unreachable = True
    with pytest.raises(ChatUnavailable):
        erase(world, BOB)
    assert found(world, BOB) == before


def test_a_booking_that_was_left_is_settled_first(world: World) -> None:
    died(world)
    world.clock.pass_(minutes=2)
    erase(world, BOB)
    assert world.calendar.meetings == []
    assert claimed_buckets(world) == 0


def test_a_booking_that_somebody_works_on_is_waited_for_and_then_left_for_later(
    world: World,
) -> None:
    died(world)
    with pytest.raises(BookingInProgress):
        erase(world, BOB)
    assert found(world, BOB)["booking"] == 1


def test_a_booking_of_which_google_does_not_say_is_left_for_later(world: World) -> None:
    left_open(world)
    world.clock.pass_(minutes=2)
    world.calendar.faults["get_event"] = [CalendarUnavailable() for _ in range(9)]
    with pytest.raises(BookingInProgress) as refusal:
        erase(world, BOB)
    assert refusal.value.retry_after_seconds == 60


def test_a_hosts_connection_goes_with_its_tokens_and_its_grant(world: World) -> None:
    erase(world, ALICE)
    assert world.connections.get(world.tenant.app_id, ALICE) is None
    assert world.oauth.revoked == ["refresh-alice"]
    assert "refresh-alice" not in str(world.items())


def test_a_guests_erasure_leaves_the_host_connected(world: World) -> None:
    booked(world)
    erase(world, BOB)
    assert world.connections.get(world.tenant.app_id, ALICE) is not None
    assert world.oauth.revoked == []


def test_a_meeting_in_a_calendar_that_is_not_connected_is_ended_here_alone(world: World) -> None:
    booked(world)
    connection = world.connections.get(world.tenant.app_id, ALICE)
    assert connection is not None
    world.connections.remove(connection)
    erase(world, BOB)
    assert len(world.calendar.meetings) == 1
    assert claimed_buckets(world) == 0
