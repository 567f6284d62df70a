"""The whole local run comes up, keeps its facts, and goes."""

import time

import pytest
import requests

from local.world import LocalWorld

pytestmark = pytest.mark.e2e


def test_local_run_comes_up_with_its_facts_and_ends() -> None:
    with LocalWorld(
        schedule_seconds=1, environ={"GOOGLE_TOKEN_URL": "https://token.example/"}
    ) as world:
        assert world.is_up()
        assert world.token("local", "alice")
        assert world.token("other", "alice")
        assert requests.get(world.demo_url, timeout=10).ok
        assert requests.get(f"{world.url}/v1/connection", timeout=10).status_code == 401
        configuration = requests.get(
            f"{world.url}/2015-03-31/functions/book_slot/configuration", timeout=10
        ).json()
        variables = configuration["Environment"]["Variables"]
        assert variables["GOOGLE_TOKEN_URL"] == "https://token.example/"
        assert variables["GOOGLE_AUTH_URL"].startswith(world.google.url)
        world.cometchat.add_fault(match="users.me", kind="status", status=503)
        assert len(world.cometchat.waiting_faults()) == 1
        world.clear_faults()
        assert world.cometchat.waiting_faults() == []
        log = world.folder / "reconcile.log"  # nobody but the schedule has called it yet
        end = time.monotonic() + 20
        while time.monotonic() < end and not log.exists():
            time.sleep(0.1)
        assert "ColdStart" in log.read_text()
        assert isinstance(world.invoke("reconcile", {}), dict)
    assert not world.is_up()
