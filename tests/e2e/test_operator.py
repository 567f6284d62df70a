"""The operator's command over the local run: what it registers is served, and then no more."""

import subprocess
import sys

import pytest
import requests

from local import facts, operate
from tests.e2e.conftest import Town

pytestmark = pytest.mark.e2e


def command(town: Town, *arguments: str, stdin: str = "") -> "subprocess.CompletedProcess[str]":
    """Run it as `make admin` does."""
    return subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "local.operate", *arguments],
        env={
            **operate.environment(town.world),
            "PORT": str(town.world.addresses.port),
            "PYTHONPATH": f"{facts.ROOT}:{facts.ROOT / 'shared'}",
        },
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
    )


def test_everything_is_set_up_in_the_local_run(town: Town) -> None:
    done = command(town, "check")
    assert (done.returncode, done.stderr) == (0, "")
    assert all(line.startswith("ok ") for line in done.stdout.splitlines())
    for app_id, name in facts.APP_NAMES.items():
        assert f"{app_id} ({name}): CometChat takes the key" in done.stdout


def test_an_app_is_served_once_it_is_added_and_not_once_it_is_removed(town: Town) -> None:
    def answer() -> str:
        """Say what a function answers that has not met this app yet, or has forgotten it."""
        headers = {"appId": "passing", "authToken": "no-token"}
        url = f"{town.world.url}/v1/connection"
        heard = requests.get(url, headers=headers, timeout=40).json()["error"]["message"]
        return str(heard)

    assert answer() == "This app is not registered here."
    new = ("--region", "us", "--name", "Passing", "--api-key-stdin")
    added = command(town, "add", "--app-id", "passing", *new, stdin="a-key-of-passing")
    assert (added.returncode, added.stdout) == (0, "passing (Passing, us) is registered\n")
    assert "passing\tus\tPassing\n" in command(town, "list").stdout
    assert answer() != "This app is not registered here."
    checked = command(town, "check", "--app-id", "passing")
    assert checked.returncode == 1
    assert "AUTH_ERR_INVALID_APPID" in checked.stdout
    removed = command(town, "remove", "--app-id", "passing")
    assert removed.returncode == 0
    assert "passing" not in command(town, "list").stdout
    said = added.stdout + checked.stdout + removed.stdout + checked.stderr
    assert "a-key-of-passing" not in said
