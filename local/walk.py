"""The whole job in a real browser: what a person clicks in the demo and on the pages it opens.

The browser tests and `python -m local.screenshots` walk the same way.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

#: Debian's; Playwright's own downloads are not needed.
CHROMIUM = "/usr/bin/chromium"
_ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_PATIENCE_MS = 30_000
#: What Google asks for our two calendar scopes, in its order.
BOXES = ("calendar.events.owned", "calendar.freebusy")


@contextmanager
def chromium(*more: str) -> Iterator[Browser]:
    """Provide the browser; `more` are switches of Chromium's own."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*_ARGUMENTS, *more])
        try:
            yield browser
        finally:
            browser.close()


def window(demo: Page, uid: str) -> Locator:
    """Return somebody's chat window in the demo."""
    return demo.locator(f'[data-uid="{uid}"]')


def consent(page: Page, account: str, boxes: Iterable[str] = BOXES) -> None:
    """Choose an account at Google, tick boxes, continue."""
    page.get_by_role("button", name=account).click()
    for box in boxes:
        page.locator(f'input[type="checkbox"][value$="{box}"]').check()
    page.get_by_role("button", name="Continue").click()


def open_connect_page(demo: Page, uid: str) -> Page:
    """Open somebody's connect page from the demo, and spend its link."""
    own = window(demo, uid)
    own.get_by_role("button", name="Share free times").click()
    with demo.context.expect_page() as opened:
        own.get_by_role("button", name="Connect Google Calendar").click()
    page = opened.value
    page.get_by_role("button", name="Continue", exact=True).click()
    expect(page.get_by_role("heading", name="Connect your calendar")).to_be_visible()
    return page


def connect(page: Page, account: str) -> None:
    """Connect a calendar on the connect page, to the final confirmation."""
    page.get_by_role("button", name="Continue with Google").click()
    consent(page, account)
    page.get_by_role("button", name="Yes, connect").click()
    expect(page.get_by_role("heading", name="Your calendar is connected")).to_be_visible()


def share(demo: Page, uid: str, title: str) -> None:
    """Share free times once the calendar is connected."""
    own = window(demo, uid)
    expect(own.locator("calendar-connect")).to_contain_text(
        "Your calendar is connected", timeout=_PATIENCE_MS
    )
    card = own.locator("calendar-share")
    card.get_by_label("Title").fill(title)
    card.get_by_role("button", name="Share").click()
    expect(own.locator(".panel")).to_be_hidden(timeout=_PATIENCE_MS)


def pick_day(demo: Page, uid: str) -> Locator:
    """Choose the third day in the newest offer that somebody sees; give its card."""
    card = window(demo, uid).locator("calendar-availability").last
    card.get_by_role("tab").nth(2).click(timeout=_PATIENCE_MS)
    return card


def book(card: Locator, time: str, note: str) -> None:
    """Book a time of the day that the card shows."""
    card.get_by_role("button", name=time, exact=True).click()
    card.get_by_label("Note").fill(note)
    card.get_by_role("button", name="Book").click()
    expect(card).to_contain_text("Meeting confirmed", timeout=_PATIENCE_MS)


def invite(demo: Page, uid: str) -> Locator:
    """Wait for the newest invite in somebody's window, with its links."""
    card = window(demo, uid).locator("calendar-invite").last
    expect(card).to_contain_text("Meeting confirmed", timeout=_PATIENCE_MS)
    return card
