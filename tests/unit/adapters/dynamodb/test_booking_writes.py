"""The writes of a booking's step, and what it means when one of them does not hold."""

from dataclasses import replace
from typing import Any

import pytest

from scheduling.adapters.dynamodb.booking_writes import (
    forget_key,
    of_guest,
    refusal,
    remember_key,
    rests_on,
    step,
)
from scheduling.core.errors import (
    AlreadyBooked,
    IdempotencyMismatch,
    NotConnected,
    ReconnectNeeded,
    ShareClosed,
)
from scheduling.core.times import Interval
from scheduling.models import TRANSITIONS, UNDER_WORK, Booking, BookingState, CalendarId, Uid
from scheduling.ports import Busy, Remembered
from tests.builders import HALF_HOUR, NOW, STARTS_AT, a_booking
from tests.world import World

LATER = Interval(STARTS_AT + HALF_HOUR, STARTS_AT + 2 * HALF_HOUR)


def state(name: BookingState, **changes: Any) -> Booking:
    return a_booking(state=name, **changes)


@pytest.mark.parametrize("before", sorted(BookingState))
@pytest.mark.parametrize("after", sorted(BookingState))
def test_a_step_that_the_states_do_not_know_is_not_written(
    before: BookingState, after: BookingState
) -> None:
    stays = before is after and (before in UNDER_WORK or before is BookingState.CONFIRMED)
    if stays or before in TRANSITIONS[after]:
        assert step(state(before), state(after, attempt=2)).kind == "Update"
    else:
        with pytest.raises(ValueError, match="does not go from"):
            step(state(before), state(after, attempt=2))


def test_a_new_booking_is_written_where_none_is() -> None:
    write = step(None, state(BookingState.CLAIMED))
    assert (write.kind, write.condition) == ("Put", "attribute_not_exists(pk)")
    with pytest.raises(ValueError, match="does not go from"):
        step(None, state(BookingState.CONFIRMED))


def test_a_step_is_written_if_the_booking_is_as_it_was_read() -> None:
    before = state(BookingState.CLAIMED)
    write = step(before, state(BookingState.REFUSED, refusal="SLOT_TAKEN"))
    assert write.condition is not None
    for name in ("#state = :wasState", "#attempt = :wasAttempt", "#leasedUntil = :wasLeasedUntil"):
        assert name in write.condition
    assert dict(write.values or {})["wasState"] == "claimed"


def test_a_step_changes_what_differs_and_removes_what_is_gone() -> None:
    before = state(BookingState.RESCHEDULING, target=LATER)
    write = step(before, state(BookingState.CONFIRMED, slot=LATER))
    assert write.update is not None
    assert "#slot = :slot" in write.update
    assert "REMOVE #target" in write.update
    assert "#title" not in write.update


@pytest.mark.parametrize(
    ("now", "expression"),
    [
        (BookingState.CLAIMED, "SET #bookingId"),
        (BookingState.CONFIRMED, "SET #bookingId"),
        (BookingState.REFUSED, "REMOVE #bookingId"),
        (BookingState.CANCELLED, "ADD #ended"),
    ],
)
def test_a_guest_has_one_open_booking_of_a_share_and_the_cancelled_ones_are_counted(
    now: BookingState, expression: str
) -> None:
    write = of_guest(state(now))
    assert expression in str(write.update)
    assert ("ADD" in str(write.update)) is (now is BookingState.CANCELLED)


def test_a_claim_rests_on_its_open_share_and_on_the_connection_that_was_read(
    world: World,
) -> None:
    connection, booking = world.connect(), a_booking()
    checks = rests_on(booking.app_id, booking.share_id, connection, CalendarId("this one"))
    assert {write.kind for write in checks.values()} == {"ConditionCheck"}
    assert dict(checks["share"].values or {}) == {"open": "open"}
    values = dict(checks["connection"].values or {})
    assert values == {"connected": "connected", "calendar": "this one"}


def test_a_key_whose_booking_never_came_to_be_stands_for_another_if_that_holds_still() -> None:
    booking = state(BookingState.CLAIMED)
    asked = Remembered("book", Uid("bob"), "key", "fingerprint")
    assert set(remember_key(booking, asked, NOW)) == {"key"}
    itself = replace(asked, instead_of=booking.booking_id)
    assert set(remember_key(booking, itself, NOW)) == {"key"}
    made = remember_key(booking, replace(asked, instead_of="c" * 32), NOW)
    assert set(made) == {"key", "former"}
    assert made["former"].condition == "attribute_not_exists(#icalUid)"


def test_the_key_of_a_move_that_was_not_made_is_forgotten() -> None:
    asked = (Uid("bob"), "reschedule#k")
    rescheduling = state(BookingState.RESCHEDULING, target=LATER, asked=asked)
    stays = state(BookingState.CONFIRMED)
    (write,) = forget_key(rescheduling, stays)
    assert write.kind == "Delete"
    assert "reschedule#k" in write.key[1]
    assert forget_key(rescheduling, stays.with_(slot=LATER)) == [], "it was made"
    assert forget_key(rescheduling, rescheduling.with_(attempt=2)) == [], "it is being made"
    assert forget_key(rescheduling.with_(asked=None), stays) == []


@pytest.mark.parametrize(
    ("active", "kind"),
    [
        ({"booking": {}}, Busy),
        ({"hold": {}}, Busy),
        ({"former": {}}, Busy),
        ({"key": {}}, IdempotencyMismatch),
        ({"guest": {"bookingId": "b"}}, AlreadyBooked),
        ({"share": {}}, ShareClosed),
        ({"connection": {"state": "reconnect"}}, ReconnectNeeded),
        ({"connection": {"state": "closing"}}, NotConnected),
        ({"connection": {}}, NotConnected),
        ({}, Busy),
        ({"booking": {}, "share": {}}, Busy),
        ({"key": {}, "guest": {}}, IdempotencyMismatch),
        ({"guest": {"bookingId": "b"}, "share": {}}, AlreadyBooked),
    ],
)
def test_of_the_conditions_that_did_not_hold_the_first_says_why(
    active: dict[str, Any], kind: type[Exception]
) -> None:
    held = dict.fromkeys(("booking", "hold", "former", "key", "guest", "share", "connection"))
    assert type(refusal({**held, **active})) is kind


def test_a_guest_is_told_which_booking_stands_in_the_way_by_the_name_that_clients_read() -> None:
    """`http` spells details as clients do: what is named here is spelt as everywhere inside."""
    heard = refusal({"guest": {"bookingId": "b"}})
    assert isinstance(heard, AlreadyBooked)
    assert heard.details == {"booking_id": "b"}
