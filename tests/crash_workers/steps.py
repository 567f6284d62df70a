"""The steps that meet trouble: how each is prepared, and what must be so when all is over."""

import json
import time
from collections import Counter
from collections.abc import Callable
from typing import Any, NamedTuple

from local.demo_drive import Person
from tests.crash_workers.scene import CrashWorkers, event

#: Longer than any lease (35 s), any held message (60 s) and any settling after them.
LEASE_OVER = 100
#: States of an owed message that nobody saw.
_NOT_TOLD = {"undeliverable", "superseded"}


class Step(NamedTuple):
    """A function's event, with the guest for whom it was made."""

    guest: Person
    function: str
    event: dict[str, Any]


def share(crash_workers: CrashWorkers) -> Step:
    """Share with a new guest."""
    guest = crash_workers.guest()
    body = {"receiver": guest.uid, "receiverType": "user", "idempotencyKey": guest.uid}
    return Step(guest, "share_availability", event(crash_workers.host, "/v1/share", body))


def shared(crash_workers: CrashWorkers) -> tuple[Person, str, list[str]]:
    """Return a new guest with whom there is a share, and the starts to choose from."""
    guest = crash_workers.guest()
    made = crash_workers.host.call(
        "POST", "v1/share", {"receiver": guest.uid, "receiverType": "user"}
    )
    slots = guest.call("GET", f"v1/shares/{made['shareId']}")["slots"]
    return guest, made["shareId"], slots


def look(crash_workers: CrashWorkers) -> Step:
    """Look at a share."""
    guest, share_id, _ = shared(crash_workers)
    request = event(guest, f"/v1/shares/{share_id}", None, "GET")
    return Step(guest, "share_availability", request)


def hold(crash_workers: CrashWorkers) -> Step:
    """Hold a slot."""
    guest, share_id, slots = shared(crash_workers)
    body = {"shareId": share_id, "startsAt": crash_workers.free(slots)}
    return Step(guest, "book_slot", event(guest, "/v1/hold", body))


def book(crash_workers: CrashWorkers) -> Step:
    """Book a slot."""
    guest, share_id, slots = shared(crash_workers)
    body = {"shareId": share_id, "startsAt": crash_workers.free(slots)}
    return Step(guest, "book_slot", event(guest, "/v1/book", body))


def booked(crash_workers: CrashWorkers, step: Step) -> dict[str, Any]:
    """Book, and return the booking."""
    answer = crash_workers.run(step.function, step.event)["result"]
    booking: dict[str, Any] = json.loads(answer["body"])["data"]["booking"]
    return booking


def reschedule(crash_workers: CrashWorkers) -> Step:
    """Move a meeting to another free time."""
    guest = (step := book(crash_workers)).guest
    booking = booked(crash_workers, step)
    slots = guest.call("GET", f"v1/shares/{booking['shareId']}")["slots"]
    body = {"startsAt": crash_workers.free(slots)}
    path = f"/v1/bookings/{booking['bookingId']}/reschedule"
    return Step(guest, "book_slot", event(guest, path, body))


def cancel(crash_workers: CrashWorkers) -> Step:
    """Cancel a meeting."""
    guest = (step := book(crash_workers)).guest
    path = f"/v1/bookings/{booked(crash_workers, step)['bookingId']}/cancel"
    return Step(guest, "book_slot", event(guest, path, {}))


def unsent(crash_workers: CrashWorkers, count: int) -> list[Step]:
    """Send invites that the chat did not take at first; records are as the stream gives them."""
    crash_workers.wait_for_the_stream()
    steps = [book(crash_workers) for _ in range(count)]
    crash_workers.world.cometchat.add_fault(
        match="messages.send", kind="status", status=503, times=0
    )
    made: list[Step] = []
    for step in steps:
        pk = f"APP#local#BOOKING#{booked(crash_workers, step)['bookingId']}"
        keys = {"pk": {"S": pk}, "sk": {"S": "OUTBOX#000000"}}
        record = {"dynamodb": {"Keys": keys, "SequenceNumber": "1"}}
        made.append(Step(step.guest, "send_invite", {"Records": [record]}))
    crash_workers.wait_for_the_stream()
    crash_workers.world.clear_faults()
    crash_workers.pass_(LEASE_OVER)
    return made


def send_invite(crash_workers: CrashWorkers) -> Step:
    """Send an invite that the chat did not take at first."""
    return unsent(crash_workers, 1)[0]


def reconcile(crash_workers: CrashWorkers) -> Step:
    """Heal a booking whose worker died after the insert, and a share that was not told yet."""
    step = book(crash_workers)
    dead = crash_workers.run(step.function, step.event, {"at": "POST events", "kind": "die after"})
    assert dead["exit"] == 9
    crash_workers.fail_next_message()
    untold = share(crash_workers)
    assert crash_workers.run(untold.function, untold.event)["result"]["statusCode"] == 503
    time.sleep(0.5)  # the stream finds the message held, and leaves it
    crash_workers.pass_(LEASE_OVER)
    return Step(step.guest, "reconcile", {})


STEPS: dict[str, Callable[[CrashWorkers], Step]] = {
    each.__name__: each
    for each in (share, look, hold, book, reschedule, cancel, send_invite, reconcile)
}


def many(crash_workers: CrashWorkers, name: str, count: int) -> list[Step]:
    """Prepare a step for so many guests; what `reconcile` does is prepared one by one."""
    if name == "send_invite":
        return unsent(crash_workers, count)
    return [STEPS[name](crash_workers) for _ in range(count)]


def after_all(crash_workers: CrashWorkers, wait: int = LEASE_OVER) -> None:
    """Let leases run out and `reconcile` run, twice, so many seconds after each other."""
    for seconds in (LEASE_OVER, wait):
        crash_workers.wait_for_the_stream()
        crash_workers.pass_(seconds)
        done = crash_workers.run("reconcile", {})
        assert done["exit"] == 0
        assert "broken" not in done["result"], done


def settled(crash_workers: CrashWorkers, guest: Person) -> None:
    """Check what must be so of a guest's bookings, shares and messages, whatever happened."""
    items = crash_workers.items()
    owned_by_what_stands(items)
    told_once(items, crash_workers, guest)
    of_guest = [
        item
        for item in items
        if item["sk"]["S"] == "BOOKING" and item["guest"]["M"]["uid"]["S"] == guest.uid
    ]
    assert len(of_guest) <= 1, "one request, one booking"
    events = Counter(
        each["extendedProperties"]["private"]["calendarSchedulingBooking"]
        for each in crash_workers.world.events(crash_workers.account)
        if "extendedProperties" in each and each["status"] != "cancelled"
    )
    for item in of_guest:
        booking, state = item["bookingId"]["S"], item["state"]["S"]
        assert state in {"confirmed", "refused", "cancelled"}, "a booking was left open"
        assert events[booking] == (state == "confirmed"), "events at Google"


def owned_by_what_stands(items: list[dict[str, Any]]) -> None:
    """Check that no bucket is claimed that no booking owns, and nobody's hold."""
    standing = {
        item["bookingId"]["S"]
        for item in items
        if item["sk"]["S"] == "BOOKING" and item["state"]["S"] not in {"refused", "cancelled"}
    }
    owners = {
        value["S"]
        for item in items
        if item["sk"]["S"].startswith("HOUR#")
        for name, value in item.items()
        if name.startswith("b") and name[1:].isdigit() and f"h{name[1:]}" not in item
    }
    assert owners <= standing, "a bucket is claimed that no booking owns"


def told_once(items: list[dict[str, Any]], crash_workers: CrashWorkers, guest: Person) -> None:
    """Check that what was owed to a guest was told once, or that the host knows that it was not."""
    owned_by_guest = {
        item["pk"]["S"]: item
        for item in items
        if (item["sk"]["S"] == "BOOKING" and item["guest"]["M"]["uid"]["S"] == guest.uid)
        or (item["sk"]["S"] == "SHARE" and item["receiver"]["S"] == guest.uid)
    }
    owed = [
        item
        for item in items
        if item["sk"]["S"].startswith("OUTBOX#") and item["pk"]["S"] in owned_by_guest
    ]
    heard: list[dict[str, Any]] = []
    for _ in range(40):
        heard = [
            message["data"]["customData"]
            for kind in ("invite", "availability")
            for message in guest.messages(f"extension_calendar_{kind}", crash_workers.host.uid)
        ]
        if len(heard) >= sum(item["state"]["S"] not in _NOT_TOLD for item in owed):
            break
        time.sleep(0.1)  # the stream is on its way
    times = Counter(each["outboxId"] for each in heard)
    noticed = {
        item["bookingId"]["S"] for item in items if item.get("kind", {}).get("S") == "notice"
    }
    for item in owed:
        state = item["state"]["S"]
        assert times.pop(item["outboxId"]["S"], 0) == (state not in _NOT_TOLD), ("told once", item)
        if state == "undeliverable" and item["kind"]["S"] == "invite":
            assert owned_by_guest[item["pk"]["S"]]["bookingId"]["S"] in noticed, "the host is told"
    assert not times, "told what was never owed"
    for item in owned_by_guest.values():
        invites = [
            each for each in heard if each.get("bookingId") == item.get("bookingId", {}).get("S")
        ]
        if item["sk"]["S"] == "BOOKING" and invites:
            last = max(invites, key=lambda each: int(each["sequence"]))
            assert (last["status"], str(last["sequence"])) == (
                item["state"]["S"],
                item["sequence"]["N"],
            )
