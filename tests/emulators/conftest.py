"""The Google emulator on loopback, put back to its start for each test."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import web

from local.google.accounts import Client
from local.google.server import create_app
from tests.emulators.google_user import REDIRECT_URI, Google
from tests.emulators.serving import served

OTHER_CLIENT = Client("other-client", "other-secret", frozenset({REDIRECT_URI}))


@dataclass
class MovableClock:
    """The machine's clock, which a test can push forward."""

    ahead: timedelta = timedelta(0)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@pytest.fixture(scope="session")
def google_clock() -> MovableClock:
    return MovableClock()


@pytest.fixture(scope="session")
def google_address(google_clock: MovableClock) -> Iterator[str]:
    def make_app(address: str) -> web.Application:
        return create_app(address, [REDIRECT_URI], other_clients=[OTHER_CLIENT], now=google_clock)

    with served(make_app) as address:
        yield address


@pytest.fixture
def google(google_address: str, google_clock: MovableClock) -> Iterator[Google]:
    google_clock.ahead = timedelta(0)
    google = Google(google_address)
    google.control("POST", "reset")
    yield google
    google.session.close()
