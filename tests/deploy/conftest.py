"""The product deployed to MiniStack, with every permission enforced, once for the tests."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from local.deploy.tour import DeployedWorld
from tests.e2e.conftest import Town


@dataclass
class DeployedTown(Town):
    """A town around a deployment."""

    world: DeployedWorld


@pytest.fixture(scope="session")
def _deployed() -> Iterator[DeployedWorld]:
    with DeployedWorld() as world:
        yield world


@pytest.fixture
def town(_deployed: DeployedWorld) -> DeployedTown:
    return DeployedTown(_deployed)
