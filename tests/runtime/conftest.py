"""The whole local run with its functions packaged, once for all tests that ask for it."""

from collections.abc import Iterator

import pytest

from local.world import LocalWorld
from tests.e2e.conftest import Town


@pytest.fixture(scope="session")
def _packaged_world() -> Iterator[LocalWorld]:
    with LocalWorld(schedule_seconds=3600, environ={"RUNTIME": "lambda"}) as world:
        yield world


@pytest.fixture
def town(_packaged_world: LocalWorld) -> Iterator[Town]:
    """Return the town, with no fault left behind."""
    yield Town(_packaged_world)
    _packaged_world.clear_faults()
