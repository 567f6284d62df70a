"""People of the local run's chat, new ones for each test."""

import itertools
import time
from collections.abc import Callable

import requests

from local import demo_drive
from local.demo_drive import Person
from local.world import RunningWorld

_NUMBERS = itertools.count()
_SECONDS = 10
_GLANCE_SECONDS = 0.2


def person(world: RunningWorld, name: str, *groups: str) -> Person:
    """Make a chat user, who joins groups."""
    uid = f"{name.lower()}-of-browsers-{next(_NUMBERS)}"
    answer = requests.post(
        f"{world.cometchat.url}/_control/users",
        json={"app": "local", "uid": uid, "name": name, "groups": groups},
        timeout=_SECONDS,
    )
    answer.raise_for_status()
    return Person(world, uid)


def host_who_lost(world: RunningWorld, name: str) -> Person:
    """Make a host who took our access back at Google, and wait until the chat tells them.

    Raises:
        TimeoutError: it did not.
    """
    made = person(world, name)
    account = f"{made.uid}@example.com"
    world.add_account(account)
    demo_drive.connect(world, made, account)
    revoke = f"{world.google.url}/_control/revoke"
    requests.post(revoke, json={"email": account}, timeout=_SECONDS).raise_for_status()
    requests.get(f"{world.url}/v1/preview", headers=made.headers, timeout=_SECONDS)

    def heard() -> bool:
        notices = made.messages("extension_calendar_notice", "app_system")
        return any(each["data"]["customData"]["reason"] == "reconnect" for each in notices)

    wait_for(heard)
    return made


def wait_for(what: Callable[[], bool]) -> None:
    """Wait until something is so.

    Raises:
        TimeoutError: it does not become so.
    """
    end = time.monotonic() + _SECONDS * 3
    while not what():
        if time.monotonic() > end:
            raise TimeoutError
        time.sleep(_GLANCE_SECONDS)


def host(world: RunningWorld, name: str = "Ada", account: str = "carol@example.com") -> Person:
    """Make a chat user with a connected calendar."""
    made = person(world, name)
    demo_drive.connect(world, made, account)
    return made
