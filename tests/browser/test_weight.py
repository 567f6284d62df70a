"""Light: what the module weighs, what a page costs over the wire, and that nobody else is asked."""

import gzip
import re
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
import requests
from playwright.sync_api import BrowserContext, Page, Route, expect

from local.world import LocalWorld
from scheduling.http.assets import MODULE
from scheduling.http.browser_module import joined
from tests.browser import pages
from tests.browser.cards import place, share
from tests.browser.fake_extension import FakeExtension
from tests.browser.test_web_files import WEB

KILOBYTE = 1024
MODULE_MAX, PAGE_MAX = 25 * KILOBYTE, 50 * KILOBYTE
SECONDS = 30
Visit = Callable[..., BrowserContext]


def test_the_module_is_small() -> None:
    weight = len(gzip.compress(joined(WEB / "module" / MODULE).encode()))
    assert 10 * KILOBYTE < weight <= MODULE_MAX


def test_the_module_needs_no_other_file_of_script() -> None:
    source = re.sub(r"/\*.*?\*/", "", joined(WEB / "module" / MODULE), flags=re.DOTALL)
    assert not re.search(r"\bimport\b(?!\.meta)|\bfrom \"|https?://(?!<)", source)


class Wire:
    """Counts what a page costs, headers included, and whom it asks."""

    def __init__(self, page: Page) -> None:
        self.bytes = 0
        self.hosts: set[str] = set()
        session = page.context.new_cdp_session(page)
        session.send("Network.enable")
        session.on("Network.loadingFinished", self._count)
        session.on("Network.requestWillBeSent", self._note)

    def _count(self, event: dict[str, float]) -> None:
        self.bytes += int(event["encodedDataLength"])

    def _note(self, event: dict[str, dict[str, str]]) -> None:
        address = urlsplit(event["request"]["url"])
        if address.scheme != "data":
            self.hosts.add(address.netloc)


def _link(world: LocalWorld, uid: str) -> str:
    answer = requests.post(
        f"{world.url}/v1/connect",
        headers={"appId": "local", "authToken": world.token("local", uid)},
        json={},
        timeout=SECONDS,
    )
    return str(answer.json()["data"]["connectUrl"])


@pytest.mark.browser
@pytest.mark.timeout(300)
def test_the_connect_page_is_light_and_asks_nobody_else(
    visit: Visit, local_world: LocalWorld
) -> None:
    page = visit().new_page()
    wire = Wire(page)
    page.goto(_link(local_world, "carol"))
    page.get_by_role("button", name="Continue", exact=True).click()
    expect(page.get_by_role("button", name="Continue with Google")).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert 0 < wire.bytes <= PAGE_MAX
    assert wire.hosts == {urlsplit(local_world.url).netloc}


@pytest.mark.browser
@pytest.mark.timeout(300)
@pytest.mark.parametrize("locale", ["en-GB", "hi-IN"])
def test_the_booking_page_is_light_and_asks_nobody_else(
    visit: Visit,
    local_world: LocalWorld,
    locale: str,
) -> None:
    page = visit(locale=locale).new_page()
    wire = Wire(page)
    # Its files are the extension's own; what a session would show is answered here.
    html = requests.get(f"{local_world.url}/book", timeout=SECONDS).text
    version = re.search(r"/assets/([0-9a-f]+)/", html)
    assert version is not None
    book = _book(version[1], locale[:2])
    page.route("**/book", lambda route: route.fulfill(body=book, content_type="text/html"))
    page.route("**/v1/shares/s1*", lambda route: route.fulfill(json={"data": share()}))
    page.goto(f"{local_world.url}/book")
    expect(page.get_by_role("grid")).to_be_visible()
    page.wait_for_load_state("networkidle")
    whole = wire.bytes + len(gzip.compress(book.encode()))
    assert wire.bytes > 10 * KILOBYTE
    assert whole <= PAGE_MAX
    assert wire.hosts == {urlsplit(local_world.url).netloc}


def _book(version: str, lang: str) -> str:
    return pages.book(lang).replace("/assets/1/", f"/assets/{version}/")


@pytest.mark.browser
def test_a_slow_answer_is_waited_for_with_a_word(visit: Visit, extension: FakeExtension) -> None:
    extension.put("GET v1/shares/s1", share())
    context = visit()
    held: list[Route] = []
    context.route("**/v1/shares/s1", lambda route: held.append(route))  # noqa: PLW0108 - marked
    _, card = place(context, extension, "calendar-availability", shareId="s1")
    expect(card.get_by_role("status").first).to_have_text("Loading …")
    assert len(held) == 1
    held[0].continue_()
    expect(card.get_by_role("button", name="09:00", exact=True)).to_be_visible()
