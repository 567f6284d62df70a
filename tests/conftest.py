"""What every test stands on: an environment of its own, and a world where one is asked for."""

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests.world import World, moto_world

settings.register_profile("house", deadline=None, max_examples=60)
settings.load_profile("house")


@pytest.fixture(autouse=True)
def _environment() -> Iterator[None]:
    """Give dummies for AWS, and restore the environment afterwards."""
    before = dict(os.environ)
    os.environ.update(
        AWS_ACCESS_KEY_ID="test",
        AWS_SECRET_ACCESS_KEY="test",
        AWS_DEFAULT_REGION="eu-west-1",
        AWS_REGION="eu-west-1",
        POWERTOOLS_SERVICE_NAME="test",
        POWERTOOLS_METRICS_NAMESPACE="test",
    )
    yield
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture
def world() -> Iterator[World]:
    """Give the product in one process, with alice's calendar connected."""
    with moto_world() as made:
        made.connect()
        yield made
