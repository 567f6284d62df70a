"""An environment of a function's, from which nothing was built before."""

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from scheduling import wiring
from scheduling.wiring import operations
from tests.unit.wiring.surroundings import environment, put_secrets

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

CACHED = (
    wiring.ports,
    wiring.use_cases,
    operations.tenant_administration,
    operations.diagnostics,
)


@pytest.fixture
def deployed(_moto: "DynamoDBClient") -> Iterator[None]:
    """Provide everything that any function is given; nothing is built yet, and nothing is kept."""
    put_secrets()
    os.environ.update(environment())
    for each in CACHED:
        each.cache_clear()
    yield
    for each in CACHED:
        each.cache_clear()
