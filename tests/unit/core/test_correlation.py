"""One id leads from a request to its invite, through whoever works on it."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from scheduling.core import correlation
from scheduling.core.errors import CalendarUnavailable
from scheduling.models import Booking, BookingState
from tests.fakes import START
from tests.world import World

SLOT = START + timedelta(hours=4)
GATEWAYS = "JKJaXmPLvHcESHA="
CONTEXT: Any = SimpleNamespace(
    get_remaining_time_in_millis=lambda: 20_000,
    function_name="test",
    memory_limit_in_mb=1024,
    invoked_function_arn="arn:aws:lambda:eu-west-1:000000000000:function:test",
    aws_request_id="invocation",
)


def booked(world: World, request: str) -> Booking:
    share = world.share()
    world.deliver_all()
    correlation.carry(request)
    outcome = world.use_cases.booker.book(world.bob, world.request(share, SLOT), world.deadline())
    correlation.carry("")
    return outcome.booking


def heard(world: World, name: str) -> tuple[str, dict[str, str]]:
    """Return whose request the last count of a name was for, and what it was about."""
    return next((carried, ids) for fact, carried, ids in world.metrics.heard[::-1] if fact == name)


@pytest.mark.parametrize(
    ("sent", "known"),
    [
        ("0b6c4b7e-7d0e-4b5e-8f69-2f1f3f4a6a01", True),
        ("client-7", True),
        ("short", False),
        ("x" * 65, False),
        ("line\nfeed-1", False),
        ("bob_1234567890abcdef0123456789abcdef", False),  # an auth token, put there by mistake
        ("eyJhbGciOi.eyJzdWIiOi", False),
        ("", False),
    ],
)
def test_a_client_names_its_request_by_an_id_and_by_nothing_else(sent: str, known: bool) -> None:  # noqa: FBT001
    assert correlation.of({"x-request-id": sent}, GATEWAYS) == (sent if known else GATEWAYS)
    assert correlation.of({}, GATEWAYS) == GATEWAYS


def test_an_invite_is_sent_under_the_id_of_the_request_that_booked(world: World) -> None:
    booking = booked(world, "bobs-request")
    assert heard(world, "SlotBooked") == ("bobs-request", booking.ids)
    world.deliver_all()
    carried, ids = heard(world, "MessageSent")
    assert (carried, ids["booking_id"]) == ("bobs-request", booking.booking_id)


def test_one_message_does_not_go_under_the_id_of_the_one_before_it(world: World) -> None:
    booking = booked(world, "bobs-request")
    correlation.carry("the-one-before")
    world.use_cases.delivery.deliver_new(booking.app_id, f"BOOKING#{booking.booking_id}", 0)
    assert heard(world, "MessageSent")[0] == "bobs-request"


def test_reconcile_goes_on_under_the_id_of_the_request_that_left_it(world: World) -> None:
    world.calendar.faults["insert_event"] = ["after"]
    world.calendar.faults["get_event"] = [CalendarUnavailable() for _ in range(9)]
    assert booked(world, "bobs-request").state is BookingState.CLAIMED
    world.calendar.faults.clear()
    world.clock.pass_(minutes=3)
    world.reconcile()
    assert heard(world, "BookingSettled")[0] == "bobs-request"
    assert correlation.current() == ""


def test_who_changes_a_booking_is_who_is_named_from_then_on(world: World) -> None:
    booking = booked(world, "bobs-request")
    correlation.carry("alices-request")
    world.use_cases.booking_changer.cancel(world.alice, booking.booking_id, world.deadline())
    correlation.carry("")
    world.deliver_all()
    assert heard(world, "MessageSent")[0] == "alices-request"
