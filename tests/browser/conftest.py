"""A browser: Debian's Chromium, driven by Playwright, in New York and in British English."""

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect

from local import walk
from local.world import LocalWorld
from tests.browser.fake_extension import FakeExtension
from tests.browser.hostile import HostileSite, Someone
from tests.emulators.serving import served

#: How long anything on a page may take to appear.
PATIENCE_MS = 15_000
_NUMBERS = itertools.count()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """For one module: Playwright keeps an event loop running, which others' tests need to start."""
    expect.set_options(timeout=PATIENCE_MS)
    with walk.chromium() as browser:
        yield browser


@pytest.fixture
def complaints() -> list[str]:
    """What pages wrote to the console as errors, and what their scripts threw."""
    return []


@pytest.fixture
def visit(browser: Browser, complaints: list[str]) -> Iterator[Callable[..., BrowserContext]]:
    """Return browsers of people: each call is another person's."""
    contexts: list[BrowserContext] = []

    def hear(said: ConsoleMessage) -> None:
        if said.type == "error":
            complaints.append(f"{said.text} ({said.location.get('url')})")

    def listen(page: Page) -> None:
        page.on("console", hear)
        page.on("pageerror", lambda error: complaints.append(str(error)))

    def visit(
        time_zone: str = "America/New_York", locale: str = "en-GB", **more: Any
    ) -> BrowserContext:
        context = browser.new_context(timezone_id=time_zone, locale=locale, **more)
        context.set_default_timeout(PATIENCE_MS)
        context.on("page", listen)
        contexts.append(context)
        return context

    yield visit
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def _fake_extension() -> Iterator[FakeExtension]:
    fake = FakeExtension()
    with served(fake.app):
        yield fake


@pytest.fixture
def extension(_fake_extension: FakeExtension) -> FakeExtension:
    _fake_extension.clear()
    return _fake_extension


@pytest.fixture(scope="session")
def local_world() -> Iterator[LocalWorld]:
    """The whole local run; each test uses people of its own."""
    with LocalWorld() as world:
        yield world


@pytest.fixture
def someone(
    local_world: LocalWorld, visit: Callable[..., BrowserContext]
) -> Callable[..., Someone]:
    """Make chat users with a browser and a Google account of their own."""

    def someone(name: str, shown: str = "", **browser: Any) -> Someone:
        uid = f"{name}-{next(_NUMBERS)}"
        return Someone.new(local_world, visit(**browser), uid, shown or name.capitalize())

    return someone


@pytest.fixture(scope="session")
def _hostile_site() -> Iterator[HostileSite]:
    site = HostileSite()
    with served(site.app):
        yield site


@pytest.fixture
def site(_hostile_site: HostileSite) -> HostileSite:
    """Return Mallory's site, to which nobody has come yet."""
    _hostile_site.heard.clear()
    return _hostile_site
