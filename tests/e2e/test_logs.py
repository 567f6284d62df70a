"""One id leads from a client's request to its invite, through the functions' logs."""

import json
import time
from typing import Any

import pytest

from tests.e2e.conftest import Town

pytestmark = pytest.mark.e2e


def lines(town: Town, function: str) -> list[dict[str, Any]]:
    """Return what a function has logged as JSON."""
    text = (town.world.folder / f"{function}.log").read_text()
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


def logged(town: Town, function: str, **wanted: str) -> dict[str, Any]:
    """Wait for a line, and give it."""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        for line in lines(town, function):
            if wanted.items() <= line.items():
                return line
        time.sleep(0.2)
    raise AssertionError(f"{function} has logged no {wanted}")


def test_a_clients_id_is_answered_and_stands_in_every_log_on_the_way_to_the_invite(
    town: Town,
) -> None:
    host, guest = town.host(), town.person("guest")
    share_id = town.share(host, guest)["shareId"]
    body = {"shareId": share_id, "startsAt": town.slots(guest, share_id)[-1]}
    request = f"press-of-{guest.uid}"
    answer = town.send("POST", "v1/book", guest, json=body, headers={"X-Request-Id": request})
    assert (answer.status_code, answer.headers["X-Request-Id"]) == (200, request)
    booking_id = answer.json()["data"]["booking"]["bookingId"]

    booked = logged(town, "book_slot", message="SlotBooked", correlation_id=request)
    assert booked["booking_id"] == booking_id
    heard = logged(town, "book_slot", message="answered", correlation_id=request)
    assert heard["uid"] == guest.uid
    assert heard["milliseconds"] >= 0
    sent = logged(town, "send_invite", message="MessageSent", correlation_id=request)
    assert sent["booking_id"] == booking_id


def test_without_one_the_gateways_id_is_answered(town: Town) -> None:
    answer = town.send("GET", "v1/connection")
    assert answer.status_code == 401
    heard = logged(
        town, "connect_calendar", message="answered", correlation_id=answer.headers["X-Request-Id"]
    )
    assert heard["correlation_id"] == heard["api_request_id"]
    refused = logged(
        town, "connect_calendar", message="refused", correlation_id=heard["correlation_id"]
    )
    assert refused["code"] == "UNAUTHENTICATED"


def test_a_page_of_another_site_may_send_an_id_and_read_it(town: Town) -> None:
    asked = {"Origin": "https://chat.example", "Access-Control-Request-Method": "POST"}
    asked |= {"Access-Control-Request-Headers": "x-request-id"}
    answer = town.send("OPTIONS", "v1/book", headers=asked)
    assert "x-request-id" in answer.headers["Access-Control-Allow-Headers"].lower()
    read = town.send("GET", "v1/connection", headers={"Origin": "https://chat.example"})
    assert "x-request-id" in read.headers["Access-Control-Expose-Headers"].lower()
