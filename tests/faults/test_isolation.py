"""One app's dead key or throttled chat delays no other app's invite."""

import json
from typing import Any

import pytest
import requests

from local import demo_drive
from local.demo_drive import Person
from tests.crash_workers.scene import CrashWorkers, event
from tests.crash_workers.steps import LEASE_OVER, after_all, send_invite, settled

pytestmark = [pytest.mark.faults, pytest.mark.timeout(120)]


class Other(Person):
    """A chat user of the other app."""

    def __init__(self, crash_workers: CrashWorkers, uid: str) -> None:
        user = {"app": "other", "uid": uid, "name": "Other"}
        requests.post(f"{crash_workers.world.cometchat.url}/_control/users", json=user, timeout=10)
        super().__init__(crash_workers.world, "alice")
        self.uid = uid
        self.headers = {"appId": "other", "authToken": crash_workers.world.token("other", uid)}


def other_apps_record(crash_workers: CrashWorkers) -> dict[str, Any]:
    """Leave an invite of the other app unsent, and return its record of the stream."""
    host, guest = (
        Other(crash_workers, f"host-of-{crash_workers.host.uid}"),
        Other(crash_workers, "other-guest"),
    )
    account = f"{host.uid}@example.com"
    crash_workers.world.add_account(account)
    demo_drive.connect(crash_workers.world, host, account)
    share = host.call("POST", "v1/share", {"receiver": guest.uid, "receiverType": "user"})
    (start, *_) = guest.call("GET", f"v1/shares/{share['shareId']}")["slots"]
    request = event(guest, "/v1/book", {"shareId": share["shareId"], "startsAt": start})
    crash_workers.fail_next_message()
    answer = json.loads(crash_workers.run("book_slot", request)["result"]["body"])["data"]
    crash_workers.wait_for_the_stream()
    crash_workers.pass_(LEASE_OVER)
    keys = {
        "pk": {"S": f"APP#other#BOOKING#{answer['booking']['bookingId']}"},
        "sk": {"S": "OUTBOX#000000"},
    }
    return {"dynamodb": {"Keys": keys, "SequenceNumber": "0"}}


@pytest.mark.parametrize(
    "trouble",
    [
        {"kind": "status", "status": 401},
        {"kind": "status", "status": 429, "headers": {"Retry-After": "600"}},
        {"kind": "delay", "seconds": 1},
    ],
    ids=["dead key", "throttled", "dawdling"],
)
def test_one_apps_trouble_delays_no_other_apps_invite(
    crash_workers: CrashWorkers, trouble: dict[str, Any]
) -> None:
    first = other_apps_record(crash_workers)
    step = send_invite(crash_workers)
    batch = {"Records": [first, *step.event["Records"]]}
    done = crash_workers.run("send_invite", batch, {"at": 1, **trouble})
    assert done["calls"][1][0] == "GET messages", "the other app's call is the one in trouble"
    assert done["result"] == {"batchItemFailures": []}
    (invite,) = step.guest.messages("extension_calendar_invite", crash_workers.host.uid)
    assert invite["data"]["customData"]["status"] == "confirmed"
    owed = [
        item
        for item in crash_workers.items()
        if item["pk"]["S"] == first["dynamodb"]["Keys"]["pk"]["S"]
        and item["sk"]["S"].startswith("OUTBOX#")
    ]
    assert [item["state"]["S"] for item in owed] == ["owed"]
    crash_workers.world.clear_faults()
    after_all(crash_workers, wait=610)
    settled(crash_workers, step.guest)
    (sent,) = [
        item
        for item in crash_workers.items()
        if (item["pk"], item["sk"]) == (owed[0]["pk"], owed[0]["sk"])
    ]
    assert sent["state"]["S"] == "sent"
