"""One id leads from a request to its invite, through whoever works on it."""

import json
import logging
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from scheduling import observability
from scheduling.core import correlation
from scheduling.core.errors import CalendarUnavailable
from scheduling.http import api
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


def told(world: World, name: str) -> tuple[str, dict[str, str]]:
    """Return whose request the last count of a name was for, and what it was about."""
    return next((carried, ids) for fact, carried, ids in world.metrics.told[::-1] if fact == name)


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
    assert told(world, "SlotBooked") == ("bobs-request", booking.ids)
    world.deliver_all()
    carried, ids = told(world, "MessageSent")
    assert (carried, ids["booking_id"]) == ("bobs-request", booking.booking_id)


def test_one_message_does_not_go_under_the_id_of_the_one_before_it(world: World) -> None:
    booking = booked(world, "bobs-request")
    correlation.carry("the-one-before")
    world.use_cases.delivery.deliver_new(booking.app_id, f"BOOKING#{booking.booking_id}", 0)
    assert told(world, "MessageSent")[0] == "bobs-request"


def test_reconcile_goes_on_under_the_id_of_the_request_that_left_it(world: World) -> None:
    world.calendar.faults["insert_event"] = ["after"]
    world.calendar.faults["get_event"] = [CalendarUnavailable() for _ in range(9)]
    assert booked(world, "bobs-request").state is BookingState.CLAIMED
    world.calendar.faults.clear()
    world.clock.pass_(minutes=3)
    world.reconcile()
    assert told(world, "BookingSettled")[0] == "bobs-request"
    assert correlation.current() == ""


def test_who_changes_a_booking_is_who_is_named_from_then_on(world: World) -> None:
    booking = booked(world, "bobs-request")
    correlation.carry("alices-request")
    world.use_cases.booking_changer.cancel(world.alice, booking.booking_id, world.deadline())
    correlation.carry("")
    world.deliver_all()
    assert told(world, "MessageSent")[0] == "alices-request"


def event(headers: dict[str, str]) -> dict[str, Any]:
    http = {"method": "GET", "path": "/v1/x"}
    return {
        "version": "2.0",
        "routeKey": "GET /v1/x",
        "rawPath": "/v1/x",
        "rawQueryString": "",
        "headers": headers,
        "requestContext": {"requestId": GATEWAYS, "stage": "$default", "http": http},
        "isBase64Encoded": False,
    }


@pytest.mark.parametrize(("sent", "known"), [("client-7", "client-7"), ("no", GATEWAYS)])
def test_every_answer_names_its_request_and_a_broken_one_in_its_body_too(
    sent: str, known: str
) -> None:
    app = api.resolver()

    @app.get("/v1/x")
    def broken() -> Any:
        raise ZeroDivisionError

    answer = api.resolve(app, event({"x-request-id": sent}), CONTEXT)
    assert answer["headers"]["X-Request-Id"] == known
    assert json.loads(answer["body"])["error"]["details"] == {"requestId": known}


def test_a_refusal_names_its_request_in_a_header() -> None:
    app = api.resolver()

    @app.get("/v1/x")
    def refused() -> Any:
        raise CalendarUnavailable

    answer = api.resolve(app, event({"x-request-id": "client-7"}), CONTEXT)
    assert (answer["statusCode"], answer["headers"]["X-Request-Id"]) == (503, "client-7")


def test_each_line_of_the_log_has_the_carried_id_and_no_secret() -> None:
    formatter = observability._RedactingFormatter()
    record = logging.LogRecord("x", logging.INFO, "x", 1, "ya29.secret-of-google", None, None)
    correlation.carry("client-7")
    line = json.loads(formatter.format(record))
    assert (line["message"], line["correlation_id"]) == ("[redacted]", "client-7")
    correlation.carry("")
    assert "correlation_id" not in json.loads(formatter.format(record))
