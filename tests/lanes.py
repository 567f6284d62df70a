"""Which tests run side by side when `make test` has several workers, and which never do.

A lane is run by one worker, in order, so whatever its tests share is started once: a local run, a
deployment, engines. Folders that must not meet share a lane: hundreds of guests who press at once
leave a browser no time, and packaging writes into one folder.
What is not listed here shares nothing; each module of it is a lane, and may run beside any other.
"""

from pathlib import PurePosixPath

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

#: Folder -> lane, the longest lanes first: what begins last should not take long.
LANES = {
    "browser": "browser and races",
    "races": "browser and races",
    "build": "packaged",
    "deploy": "packaged",
    "runtime": "packaged",
    "static": "packaged",
    "faults": "faults",
    "e2e": "local run",
    "local": "local run",
    "security": "local run",
    "crash": "crash",
    "stateful": "stateful",
    "contract": "engines",
}
_ORDER = list(dict.fromkeys(LANES.values()))


def lane_of(nodeid: str) -> str:
    """Return the lane of a test, by its module."""
    module = nodeid.partition("::")[0]
    return LANES.get(PurePosixPath(module).parts[1], module)


def arrange(items: list[pytest.Item]) -> None:
    """Put the lanes in order; within a lane the order stays as it was, shuffled or not."""

    def place(item: pytest.Item) -> int:
        lane = lane_of(item.nodeid)
        return _ORDER.index(lane) if lane in _ORDER else len(_ORDER)

    items.sort(key=place)


# The package says nothing of its types.
class Lanes(LoadScopeScheduling):  # type: ignore[misc]
    """Hands a worker one lane after another, in the order of `arrange`."""

    def __init__(self, config: pytest.Config, log: Producer) -> None:
        super().__init__(config, log)
        config.option.loadscopereorder = False

    def _split_scope(self, nodeid: str) -> str:
        return lane_of(nodeid)
