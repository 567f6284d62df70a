"""People of the local run's chat, new ones for each test."""

import itertools

import requests

from local import demo_drive
from local.demo_drive import Person
from local.world import RunningWorld

_NUMBERS = itertools.count()
_SECONDS = 10


def person(world: RunningWorld, name: str) -> Person:
    """Make a chat user."""
    uid = f"{name.lower()}-of-browsers-{next(_NUMBERS)}"
    answer = requests.post(
        f"{world.cometchat.url}/_control/users",
        json={"app": "local", "uid": uid, "name": name},
        timeout=_SECONDS,
    )
    answer.raise_for_status()
    return Person(world, uid)


def host(world: RunningWorld, name: str = "Ada", account: str = "carol@example.com") -> Person:
    """Make a chat user with a connected calendar."""
    made = person(world, name)
    demo_drive.connect(world, made, account)
    return made
