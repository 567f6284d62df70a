"""Every command of docs/deploy.md, copied as it stands and run in its order, does what it says."""

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from local import demo_drive, facts
from local.deploy import tour
from tests.deploy.newcomer import EmptyWorld, Newcomer, commands, guided_answers

pytestmark = [pytest.mark.build, pytest.mark.timeout(900)]


@pytest.fixture
def newcomer(tmp_path: Path) -> Iterator[Newcomer]:
    with EmptyWorld() as world:
        made = Newcomer(world, tmp_path)
        made.clone()
        yield made


def stdin_of(command: str) -> str:
    """Type what a command asks for."""
    if "--guided" in command:
        return guided_answers()
    if "--google-client-secret-stdin" in command:
        return facts.GOOGLE_CLIENT_SECRET
    if "--api-key-stdin" in command:
        return facts.API_KEYS["local"]
    return "y\ny\n"


def until_open(world: EmptyWorld) -> None:
    """Wait for our own gateway, which stands for the API of the stack."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            requests.get(f"{world.url}/v1/connection", timeout=40)
        except requests.ConnectionError:
            time.sleep(0.2)
        else:
            return
    pytest.fail(world.output())


def test_every_command_of_the_page_does_what_it_says(newcomer: Newcomer) -> None:
    world, stack = newcomer.world, newcomer.stack
    hashes: list[dict[str, str]] = []
    checks, table = 0, ""
    for command in commands(world.demo_url):
        if command == "git pull":
            page = newcomer.folder / "origin/functions/serve_page/app.py"
            page.write_text(f"{page.read_text()}\nRELEASE = 2\n")
            newcomer.publish("Second")
        if command == "sam delete --config-env prod":
            table = stack.outputs()["TableName"]
        said = newcomer.run(command, stdin_of(command))
        if command.startswith("sam deploy") and command.endswith("prod"):
            until_open(world)
            hashes.append(tour.code_hashes(stack))
        if "list stack-outputs" in command:
            assert {"ApiBase", "GoogleRedirectUri"} <= set(re.findall(r"\b[A-Z]\w+", said))
            assert "/oauth/callback" in said
        if command.endswith("admin check"):
            assert re.findall(r"^(ok|WRONG) ", said, re.MULTILINE) == ["ok"] * 5
            demo_drive.drive(world)
            checks += 1
    first, updated, back = hashes
    changed = {name for name in first if first[name] != updated[name]}
    assert (checks, changed) == (2, {"ServePageFunction"})
    assert back == first
    assert tour.count_items(stack, table) > 0, "what people booked outlives the stack"
    everything = "".join(newcomer.said)
    assert facts.GOOGLE_CLIENT_SECRET not in everything
    assert facts.API_KEYS["local"] not in everything
