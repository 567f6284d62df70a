"""The process dies at every call of a step, just before it and just after it; all is healed.

Which calls there are is found by running the step once. After each death either the client comes
back with the same request, or it never does and `reconcile` alone has to heal: within two runs
after the lease ran out.
"""

import json
import time
from collections import Counter
from typing import Any

import pytest

from local.demo_drive import Person
from tests.crash.conftest import Mortals, event

pytestmark = [pytest.mark.crash, pytest.mark.timeout(600)]

#: Longer than any lease (35 s), any held message (60 s) and any settling after them.
LEASE_OVER = 100


def after_all(mortals: Mortals) -> None:
    """Let leases run out and `reconcile` run, twice."""
    for _ in range(2):
        mortals.pass_(LEASE_OVER)
        assert mortals.run("reconcile", {})["exit"] == 0


def settled(mortals: Mortals, guest: Person) -> None:
    """Check what must be so of a guest's bookings and messages, whatever died."""
    items = mortals.items()
    of_guest = [
        item
        for item in items
        if item["sk"]["S"] == "BOOKING" and item["guest"]["M"]["uid"]["S"] == guest.uid
    ]
    standing = {
        item["bookingId"]["S"]
        for item in items
        if item["sk"]["S"] == "BOOKING" and item["state"]["S"] in {"claimed", "confirmed"}
    }
    owners = {
        value["S"]
        for item in items
        if item["sk"]["S"].startswith("HOUR#")
        for name, value in item.items()
        if name.startswith("b") and name[1:].isdigit()
    }
    assert owners <= standing, "a bucket is claimed that no booking owns"
    assert len(of_guest) <= 1, "one request, one booking"
    events = Counter(
        each["extendedProperties"]["private"]["calendarSchedulingBooking"]
        for each in mortals.world.events("alice@example.com")
        if "extendedProperties" in each and each["status"] != "cancelled"
    )
    for item in of_guest:
        booking, state = item["bookingId"]["S"], item["state"]["S"]
        assert state in {"confirmed", "refused", "cancelled"}, "a booking was left open"
        assert events[booking] == (state == "confirmed"), "events at Google"
        invites = [
            message["data"]["customData"]
            for message in told(mortals, guest, "invite", int(item["told"]["N"]))
        ]
        assert len({each["outboxId"] for each in invites}) == len(invites), "told twice"
        assert len(invites) == int(item["told"]["N"]), "invites in the chat"
        if invites:
            last = invites[-1]
            assert (last["status"], last["sequence"]) == (state, int(item["sequence"]["N"]))


def told(mortals: Mortals, guest: Person, kind: str, count: int) -> list[dict[str, Any]]:
    """Give the guest's messages of a type; wait for the stream to bring so many."""
    messages: list[dict[str, Any]] = []
    for _ in range(40):
        messages = guest.messages(f"extension_calendar_{kind}", mortals.host.uid)
        if len(messages) >= count:
            break
        time.sleep(0.1)
    return messages


def share_event(mortals: Mortals, guest: Person) -> dict[str, Any]:
    body = {"receiver": guest.uid, "receiverType": "user", "idempotencyKey": guest.uid}
    return event(mortals.host, "/v1/share", body)


def book_event(mortals: Mortals, guest: Person) -> dict[str, Any]:
    shared = mortals.host.call("POST", "v1/share", {"receiver": guest.uid, "receiverType": "user"})
    slots = guest.call("GET", f"v1/shares/{shared['shareId']}")["slots"]
    body = {"shareId": shared["shareId"], "startsAt": slots[len(slots) // 2]}
    return event(guest, "/v1/book", body)


def found(mortals: Mortals, function: str, order: dict[str, Any]) -> list[tuple[int, str]]:
    """Run a step that lives, and give each place to die at; the tokens were refreshed before."""
    done = mortals.run(function, order)
    assert done["exit"] == 0
    assert len(done["calls"]) > 3, done
    return [(n, when) for n, _ in enumerate(done["calls"]) for when in ("before", "after")]


@pytest.mark.parametrize("client_returns", [True, False])
def test_a_booking_survives_death_at_every_call(mortals: Mortals, *, client_returns: bool) -> None:
    mortals.run("book_slot", book_event(mortals, mortals.guest()))
    points = found(mortals, "book_slot", book_event(mortals, mortals.guest()))
    died = 0
    for point in points:
        guest = mortals.guest()
        order = book_event(mortals, guest)
        died += mortals.run("book_slot", order, point)["exit"] == 9
        if client_returns:
            mortals.pass_(LEASE_OVER)
            answer = mortals.run("book_slot", order)["result"]
            assert answer["statusCode"] == 200, (point, answer)
        else:
            after_all(mortals)
        settled(mortals, guest)
    assert died == len(points)


@pytest.mark.parametrize("client_returns", [True, False])
def test_a_share_survives_death_at_every_call(mortals: Mortals, *, client_returns: bool) -> None:
    mortals.run("share_availability", share_event(mortals, mortals.guest()))
    points = found(mortals, "share_availability", share_event(mortals, mortals.guest()))
    died = 0
    for point in points:
        guest = mortals.guest()
        order = share_event(mortals, guest)
        died += mortals.run("share_availability", order, point)["exit"] == 9
        if client_returns:
            mortals.pass_(LEASE_OVER)
            answer = mortals.run("share_availability", order)["result"]
            assert answer["statusCode"] == 200, (point, answer)
        else:
            after_all(mortals)
        shares = [
            item
            for item in mortals.items()
            if item["sk"]["S"] == "SHARE" and item["receiver"]["S"] == guest.uid
        ]
        messages = told(mortals, guest, "availability", 0)
        assert len(shares) == len(messages) <= 1, point
        assert not client_returns or len(messages) == 1, point
    assert died == len(points)


def booked(mortals: Mortals, guest: Person) -> dict[str, Any]:
    answer = mortals.run("book_slot", book_event(mortals, guest))["result"]
    booking: dict[str, Any] = json.loads(answer["body"])["data"]["booking"]
    return booking


def change_event(mortals: Mortals, guest: Person, change: str) -> dict[str, Any]:
    """Book a meeting, and give the request that moves or cancels it."""
    booking = booked(mortals, guest)
    slots = guest.call("GET", f"v1/shares/{booking['shareId']}")["slots"]
    body = {"startsAt": slots[len(slots) // 2]} if change == "reschedule" else {}
    return event(guest, f"/v1/bookings/{booking['bookingId']}/{change}", body)


@pytest.mark.parametrize("client_returns", [True, False])
@pytest.mark.parametrize("change", ["reschedule", "cancel"])
def test_a_change_survives_death_at_every_call(
    mortals: Mortals, change: str, *, client_returns: bool
) -> None:
    points = found(mortals, "book_slot", change_event(mortals, mortals.guest(), change))
    died = 0
    for point in points:
        guest = mortals.guest()
        order = change_event(mortals, guest, change)
        died += mortals.run("book_slot", order, point)["exit"] == 9
        if client_returns:
            mortals.pass_(LEASE_OVER)
            answer = mortals.run("book_slot", order)["result"]
            assert answer["statusCode"] == 200, (point, answer)
        else:
            after_all(mortals)
        settled(mortals, guest)
    assert died == len(points)


def test_send_invite_survives_its_own_death_at_every_call(mortals: Mortals) -> None:
    def left_unsent() -> tuple[Person, dict[str, Any]]:
        """Leave an invite that the chat did not take at first, and give the stream's record."""
        guest = mortals.guest()
        order = book_event(mortals, guest)
        mortals.world.cometchat.add_fault(match="messages.send", kind="status", status=503)
        booking = json.loads(mortals.run("book_slot", order)["result"]["body"])["data"]["booking"]
        while mortals.world.cometchat.waiting_faults():
            time.sleep(0.05)
        mortals.pass_(LEASE_OVER)
        keys = {
            "pk": {"S": f"APP#local#BOOKING#{booking['bookingId']}"},
            "sk": {"S": "OUTBOX#000000"},
        }
        return guest, {"Records": [{"dynamodb": {"Keys": keys, "SequenceNumber": "1"}}]}

    guest, order = left_unsent()
    points = found(mortals, "send_invite", order)
    settled(mortals, guest)
    died = 0
    for point in points:
        guest, order = left_unsent()
        died += mortals.run("send_invite", order, point)["exit"] == 9
        after_all(mortals)
        settled(mortals, guest)
    assert died == len(points)


def test_reconcile_survives_its_own_death_at_every_call(mortals: Mortals) -> None:
    def left_behind() -> Person:
        """Leave a booking whose worker died after the insert, and a share not told yet."""
        guest = mortals.guest()
        order = book_event(mortals, guest)
        assert mortals.run("book_slot", order, ("POST events", "after"))["exit"] == 9
        mortals.world.cometchat.add_fault(match="messages.send", kind="status", status=503)
        share = share_event(mortals, mortals.guest())
        assert mortals.run("share_availability", share)["result"]["statusCode"] == 503
        time.sleep(0.5)  # the stream finds the message held, and leaves it
        mortals.pass_(LEASE_OVER)
        return guest

    after_all(mortals)
    guest = left_behind()
    points = found(mortals, "reconcile", {})
    settled(mortals, guest)
    died = 0
    for point in points:
        guest = left_behind()
        died += mortals.run("reconcile", {}, point)["exit"] == 9
        after_all(mortals)
        settled(mortals, guest)
    assert died == len(points)
