"""Functions that start from one snapshot have nothing in common that each must have of its own."""

import json
import subprocess
import sys

import pytest

from local import facts, invoke
from local.execution import FromSource
from tests.crash_workers.scene import event
from tests.e2e.conftest import Town

pytestmark = pytest.mark.e2e


def test_two_restored_from_one_have_ids_and_connections_of_their_own(town: Town) -> None:
    host, guest = town.host(), town.person("guest")
    function, given = invoke.fetch("share_availability", town.world)
    body = {"receiver": guest.uid, "receiverType": "user"}
    done = subprocess.run(
        [sys.executable, "-m", "tests.e2e.restored"],
        cwd=facts.ROOT,
        env={**given, **FromSource().launch(function, given).variables},
        input=json.dumps(event(host, "/v1/share", body)) + "\n",
        stdout=subprocess.PIPE,
        text=True,
        timeout=100,
        check=True,
    )
    warm, *restored = [json.loads(line) for line in done.stdout.splitlines()]
    assert warm["shared"] > 0, "a warm function goes on with the connections that it has"
    assert warm["kept"] > 0
    assert len(restored) == 2
    for each in restored:
        assert each["status"] == 200
        assert (each["sockets"] > 0, each["shared"]) == (True, 0)
        assert each["kept"] == 0
    unique = [value for each in (warm, *restored) for value in each["unique"]]
    assert len(unique) == len(set(unique)) == 9
