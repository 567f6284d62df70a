"""The connect page in a real browser, with every way that a consent can end."""

from collections.abc import Callable, Iterator

import pytest
import requests
from playwright.sync_api import BrowserContext, Page, expect

from local import walk
from local.world import LocalWorld

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
SECONDS = 30
LINUX = "Mozilla/5.0 (Linux; Android 10; K"
APPLE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X)"
    " AppleWebKit/605.1.15 (KHTML, like Gecko)"
)
CHROME = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36"
WEB_VIEWS = {
    f"{LINUX}; wv) {CHROME}": "android",
    f"{APPLE} Mobile/15E148": "apple",
    f"{LINUX}) {CHROME} [FB_IAB/FB4A;FBAV/500.0.0;]": "facebook",
}
BROWSERS = {
    f"{APPLE} Version/18.5 Mobile/15E148 Safari/604.1": "safari",
    f"{LINUX}) {CHROME}": "chrome",
    "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0": "firefox",
}


class Carol:
    """A chat user whose connect page is open in a browser of her own."""

    def __init__(self, world: LocalWorld, context: BrowserContext) -> None:
        self.world = world
        self.headers = {"appId": "local", "authToken": world.token("local", "carol")}
        self.context = context

    def call(self, method: str, path: str) -> dict[str, str]:
        answer = requests.request(
            method,
            f"{self.world.url}/{path}",
            headers=self.headers,
            json={"returnUrl": self.world.demo_url} if method == "POST" else None,
            timeout=SECONDS,
        )
        found: dict[str, str] = answer.json()["data"]
        return found

    def open(self) -> Page:
        """Open the page by a fresh link."""
        page = self.context.new_page()
        page.goto(self.call("POST", "v1/connect")["connectUrl"])
        page.get_by_role("button", name="Continue", exact=True).click()
        page.wait_for_url(f"{self.world.url}/connect")
        return page

    def connection(self) -> dict[str, str]:
        return self.call("GET", "v1/connection")


@pytest.fixture
def carol(local_world: LocalWorld, visit: Callable[..., BrowserContext]) -> Iterator[Carol]:
    carol = Carol(local_world, visit())
    yield carol
    carol.call("POST", "v1/disconnect")


def test_a_full_consent_connects_after_the_last_yes(carol: Carol, complaints: list[str]) -> None:
    page = carol.open()
    page.get_by_role("button", name="Continue with Google").click()
    walk.consent(page, "carol@example.com")
    expect(page.get_by_role("main")).to_contain_text(
        "carol@example.com will be connected to the chat user Carol (carol) of Local App"
    )
    assert carol.connection() == {"state": "none"}
    page.get_by_role("button", name="Yes, connect").click()
    expect(page.get_by_role("status")).to_contain_text("Your calendar is connected.")
    expect(page.get_by_role("link", name="Back to Local App")).to_have_attribute(
        "href", carol.world.demo_url
    )
    assert carol.connection()["email"] == "carol@example.com"
    assert complaints == []


def test_the_last_no_connects_nothing(carol: Carol) -> None:
    page = carol.open()
    page.get_by_role("button", name="Continue with Google").click()
    walk.consent(page, "carol@example.com")
    page.get_by_role("button", name="No, do not connect").click()
    expect(page.get_by_role("status")).to_contain_text("Nothing was changed.")
    assert carol.connection() == {"state": "none"}


@pytest.mark.parametrize("ticked", [walk.BOXES[:1], walk.BOXES[1:]], ids=["events", "freebusy"])
def test_a_partial_consent_says_which_way_on(carol: Carol, ticked: tuple[str, ...]) -> None:
    page = carol.open()
    page.get_by_role("button", name="Continue with Google").click()
    walk.consent(page, "carol@example.com", ticked)
    expect(page.get_by_role("status")).to_contain_text("A box was not ticked at Google.")
    assert carol.connection() == {"state": "none"}
    page.get_by_role("button", name="Continue with Google").click()
    walk.consent(page, "carol@example.com")
    page.get_by_role("button", name="Yes, connect").click()
    expect(page.get_by_role("status")).to_contain_text("Your calendar is connected.")


def test_a_refused_consent_says_so(carol: Carol) -> None:
    page = carol.open()
    page.get_by_role("button", name="Continue with Google").click()
    page.get_by_role("button", name="carol@example.com").click()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("status")).to_contain_text("You said no at Google.")
    expect(page.get_by_role("button", name="Continue with Google")).to_be_visible()


def test_a_calendar_is_switched_and_disconnected(carol: Carol, complaints: list[str]) -> None:
    page = carol.open()
    walk.connect(page, "carol@example.com")
    page.get_by_role("button", name="Use another Google account").click()
    walk.consent(page, "bob@example.com")
    page.get_by_role("button", name="Yes, connect").click()
    expect(page.get_by_role("status")).to_contain_text("Your calendar is connected.")
    assert carol.connection()["email"] == "bob@example.com"
    page.get_by_role("link", name="Disconnect").click()
    page.get_by_role("link", name="Keep it connected").click()
    page.get_by_role("link", name="Disconnect").click()
    page.get_by_role("button", name="Yes, disconnect").click()
    expect(page.get_by_role("status")).to_contain_text("Your calendar is disconnected.")
    assert carol.connection() == {"state": "none"}
    assert complaints == []


def test_a_link_works_once(carol: Carol) -> None:
    link = carol.call("POST", "v1/connect")["connectUrl"]
    page = carol.context.new_page()
    page.goto(link)
    page.reload()
    page.get_by_role("button", name="Continue", exact=True).click()
    expect(page.get_by_role("heading", name="Connect your calendar")).to_be_visible()
    page.goto(link)
    page.get_by_role("button", name="Continue", exact=True).click()
    expect(page.get_by_role("heading", name="cannot be opened any more")).to_be_visible()


def test_without_javascript_the_page_connects_and_disconnects(
    local_world: LocalWorld, visit: Callable[..., BrowserContext]
) -> None:
    carol = Carol(local_world, visit(java_script_enabled=False))
    page = carol.open()
    walk.connect(page, "carol@example.com")
    assert carol.connection()["email"] == "carol@example.com"
    page.get_by_role("link", name="Disconnect").click()
    page.get_by_role("button", name="Yes, disconnect").click()
    expect(page.get_by_role("status")).to_contain_text("Your calendar is disconnected.")
    assert carol.connection() == {"state": "none"}


@pytest.mark.parametrize("agent", WEB_VIEWS, ids=WEB_VIEWS.get)
def test_inside_another_app_the_page_says_to_open_a_browser_and_spends_nothing(
    local_world: LocalWorld, visit: Callable[..., BrowserContext], agent: str
) -> None:
    carol = Carol(local_world, visit(user_agent=agent, permissions=["clipboard-write"]))
    link = carol.call("POST", "v1/connect")["connectUrl"]
    page = carol.context.new_page()
    page.goto(link)
    expect(
        page.get_by_role("heading", name="Please open this page in your browser")
    ).to_be_visible()
    page.get_by_role("button", name="Copy the address").click()
    expect(page.get_by_role("status")).to_have_text("Copied.")
    browser = visit().new_page()
    browser.goto(link)
    browser.get_by_role("button", name="Continue", exact=True).click()
    expect(browser.get_by_role("heading", name="Connect your calendar")).to_be_visible()


@pytest.mark.parametrize("agent", BROWSERS, ids=BROWSERS.get)
def test_a_browser_of_its_own_is_not_sent_away(
    local_world: LocalWorld, visit: Callable[..., BrowserContext], agent: str
) -> None:
    page = Carol(local_world, visit(user_agent=agent)).open()
    expect(page.get_by_role("button", name="Continue with Google")).to_be_visible()
    expect(page.get_by_role("main")).not_to_contain_text("inside another app")


def test_a_page_speaks_the_browsers_language(
    local_world: LocalWorld, visit: Callable[..., BrowserContext]
) -> None:
    carol = Carol(local_world, visit(locale="ar-EG"))
    page = carol.context.new_page()
    page.goto(carol.call("POST", "v1/connect")["connectUrl"])
    expect(page.get_by_role("heading", name="تقويمك في الدردشة")).to_be_visible()
    assert page.locator("html").get_attribute("dir") == "rtl"
