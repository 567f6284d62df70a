"""What every test stands on: an environment of its own, and a world where one is asked for."""

import itertools
import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings
from xdist.remote import Producer

from scheduling.core import correlation
from tests import lanes, temporary
from tests.crash_workers.scene import CrashWorkers, crash_world
from tests.world import World, empty_world, moto_client

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

settings.register_profile("house", deadline=None, max_examples=60)
settings.load_profile("house")


def pytest_configure(config: pytest.Config) -> None:
    """Begin the run in a temporary folder of its own."""
    temporary.begin(config)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> Iterator[None]:
    """Hold the run to leaving nothing, once all else has ended."""
    yield
    temporary.end(session)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Arrange the tests for several workers, if there are several."""
    if hasattr(config, "workerinput"):
        lanes.arrange(items)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> lanes.Lanes:
    """Return each worker whole lanes."""
    return lanes.Lanes(config, log)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print by which seeds tests chose what they looked at, so that a run can be repeated."""
    reports = itertools.chain.from_iterable(terminalreporter.stats.values())
    kept = [pair for report in reports for pair in getattr(report, "user_properties", ())]
    for name, value in sorted({(name, value) for name, value in kept if name.endswith("SEED")}):
        terminalreporter.write_line(f"{name}={value}")


@pytest.fixture(autouse=True)
def _environment() -> Iterator[None]:
    """Return dummies for AWS, carry nobody's id, and restore the environment afterwards."""
    correlation.carry("")
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


@pytest.fixture(scope="session")
def _moto() -> Iterator["DynamoDBClient"]:
    """Return one client of moto for the whole run: making one costs more than most tests."""
    with moto_client() as client:
        yield client


@pytest.fixture
def world(_moto: "DynamoDBClient") -> World:
    """Return the product in one process, with alice's calendar connected."""
    made = empty_world(_moto)
    made.connect()
    return made


@pytest.fixture(scope="session")
def _crash_workers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CrashWorkers]:
    with crash_world(tmp_path_factory.mktemp("crash_workers")) as made:
        yield made


@pytest.fixture
def crash_workers(_crash_workers: CrashWorkers) -> CrashWorkers:
    """Return the whole product running, with steps that may die, and a host of its own."""
    _crash_workers.begin()
    return _crash_workers
