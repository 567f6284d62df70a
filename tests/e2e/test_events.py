"""Every function answers its event, run alone as `make invoke` runs it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from local import facts
from tests.e2e.conftest import Town

pytestmark = pytest.mark.e2e

EVENTS = sorted(path.stem for path in (facts.ROOT / "local/events").glob("*.json"))
#: What each answers on a world in which alice has shared her free times with bob.
STATUS = {
    "book_slot": 200,
    "connect_calendar": 200,
    "oauth_callback": 403,  # no browser's cookie comes with it
    "serve_invite": 410,  # its link is none of this run's
    "serve_page": 403,  # no browser's cookie comes with it
    "share_availability": 200,
}


@pytest.mark.parametrize("name", EVENTS)
def test_a_function_answers_its_event(town: Town, name: str) -> None:
    alice = town.connected("alice")
    alice.call("POST", "v1/share", {"receiver": "bob", "receiverType": "user"})
    done = subprocess.run(  # noqa: S603 - our own arguments
        [sys.executable, "-m", "local.invoke", "--port", str(town.world.addresses.port), name],
        cwd=Path(facts.ROOT),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    if name in STATUS:
        assert answer["statusCode"] == STATUS[name]
    elif name == "send_invite":
        assert answer == {"batchItemFailures": []}
    else:
        assert set(answer) <= {"BookingLookedAfter", "MessageSentLate", "LeftForNextRun"}
