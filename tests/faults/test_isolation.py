"""One app's dead key or throttled chat delays no other app's invite."""

import json
from typing import Any

import pytest
import requests

from local import demo_drive
from local.demo_drive import Person
from tests.mortals.scene import Mortals, event
from tests.mortals.steps import LEASE_OVER, after_all, send_invite, settled

pytestmark = [pytest.mark.faults, pytest.mark.timeout(120)]


class Other(Person):
    """A chat user of the other app."""

    def __init__(self, mortals: Mortals, uid: str) -> None:
        user = {"app": "other", "uid": uid, "name": "Other"}
        requests.post(f"{mortals.world.cometchat.url}/_control/users", json=user, timeout=10)
        super().__init__(mortals.world, "alice")
        self.uid = uid
        self.headers = {"appId": "other", "authToken": mortals.world.token("other", uid)}


def other_apps_record(mortals: Mortals) -> dict[str, Any]:
    """Leave an invite of the other app unsent, and return its record of the stream."""
    host, guest = Other(mortals, f"host-of-{mortals.host.uid}"), Other(mortals, "other-guest")
    account = f"{host.uid}@example.com"
    mortals.world.add_account(account)
    demo_drive.connect(mortals.world, host, account)
    share = host.call("POST", "v1/share", {"receiver": guest.uid, "receiverType": "user"})
    (start, *_) = guest.call("GET", f"v1/shares/{share['shareId']}")["slots"]
    request = event(guest, "/v1/book", {"shareId": share["shareId"], "startsAt": start})
    mortals.fail_next_message()
    answer = json.loads(mortals.run("book_slot", request)["result"]["body"])["data"]
    mortals.wait_for_the_stream()
    mortals.pass_(LEASE_OVER)
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
    mortals: Mortals, trouble: dict[str, Any]
) -> None:
    first = other_apps_record(mortals)
    step = send_invite(mortals)
    batch = {"Records": [first, *step.event["Records"]]}
    done = mortals.run("send_invite", batch, {"at": 1, **trouble})
    assert done["calls"][1][0] == "GET messages", "the other app's call is the one in trouble"
    assert done["result"] == {"batchItemFailures": []}
    (invite,) = step.guest.messages("extension_calendar_invite", mortals.host.uid)
    assert invite["data"]["customData"]["status"] == "confirmed"
    owed = [
        item
        for item in mortals.items()
        if item["pk"]["S"] == first["dynamodb"]["Keys"]["pk"]["S"]
        and item["sk"]["S"].startswith("OUTBOX#")
    ]
    assert [item["state"]["S"] for item in owed] == ["owed"]
    mortals.world.clear_faults()
    after_all(mortals, wait=610)
    settled(mortals, step.guest)
    (sent,) = [
        item
        for item in mortals.items()
        if (item["pk"], item["sk"]) == (owed[0]["pk"], owed[0]["sk"])
    ]
    assert sent["state"]["S"] == "sent"
