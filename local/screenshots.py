"""Take the pictures of the docs from the real thing: `python -m local.screenshots`.

A local run is started for it. The README's pictures go to `docs/images/`, those of each card and
page in each state to folders below it.
"""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import requests
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize

from local import facts, palette, walk
from local.world import LocalWorld

IMAGES = facts.ROOT / "docs" / "images"
#: A picture that is larger belongs nowhere in a repository.
MOST_BYTES = 80_000
_SIZE: ViewportSize = {"width": 1360, "height": 820}
_TALL_SIZE: ViewportSize = {"width": 1360, "height": 1200}
_PAGE_SIZE: ViewportSize = {"width": 760, "height": 600}
_BOOK_SIZE: ViewportSize = {"width": 1040, "height": 900}
#: The cards' canned week begins here, so that their pictures are the same each time.
_NOW = "2026-11-23T07:00:00Z"
_WEB_VIEW = (
    "Mozilla/5.0 (Linux; Android 10; K; wv) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Version/4.0 Chrome/140.0.0.0 Mobile Safari/537.36"
)
_SECONDS = 10


def _busy_days(world: LocalWorld) -> None:
    """Return alice's calendar something to keep secret."""
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    spans = [
        (day, hour, minutes)
        for day in range(8)
        for hour, minutes in ((0, 480), (10 + day % 3, 90), (15, 45), (17, 420))
    ]
    for day, hour, minutes in spans:
        start = today + timedelta(days=day, hours=hour)
        event = {
            "email": "alice@example.com",
            "summary": "Secret",
            "start": start.isoformat(),
            "end": (start + timedelta(minutes=minutes)).isoformat(),
        }
        requests.post(
            f"{world.google.url}/_control/events",
            json=event,
            timeout=_SECONDS,
        ).raise_for_status()


def _context(browser: Browser, **more: str) -> BrowserContext:
    return browser.new_context(
        locale=more.pop("locale", "en-GB"),
        timezone_id="Europe/London",
        viewport=_SIZE,
        color_scheme="light",
        reduced_motion="reduce",
        **more,  # type: ignore[arg-type]
    )


def _say(demo: Page, uid: str, text: str) -> None:
    own = walk.window(demo, uid)
    own.get_by_role("textbox", name="Message to").fill(text)
    own.get_by_role("button", name="Send").click()
    own.get_by_text(text).wait_for()


class Pages:
    """Pictures of the extension's own pages, as somebody meets them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def take(self, page: Page, name: str) -> None:
        """Take what the page shows."""
        page.mouse.move(0, 0)
        page.screenshot(path=self.folder / f"{name}.png", full_page=True)

    def walk(self, world: LocalWorld, browser: Browser) -> None:
        """Connect a calendar with all that can come between, and disconnect it again."""
        link = _link(world, "carol")
        inside = _context(browser, user_agent=_WEB_VIEW).new_page()
        inside.set_viewport_size({"width": 390, "height": 640})
        inside.goto(link)
        self.take(inside, "link-inside-an-app")
        page = _context(browser).new_page()
        page.set_viewport_size(_PAGE_SIZE)
        page.goto(link)
        self.take(page, "link")
        page.get_by_role("button", name="Continue", exact=True).click()
        self.take(page, "connect")
        page.get_by_role("button", name="Continue with Google").click()
        walk.consent(page, "carol@example.com", walk.BOXES[:1])
        page.get_by_text("A box was not ticked").wait_for()
        self.take(page, "connect-partial")
        page.get_by_role("button", name="Continue with Google").click()
        walk.consent(page, "carol@example.com")
        page.get_by_role("button", name="Yes, connect").wait_for()
        self.take(page, "connect-pending")
        page.get_by_role("button", name="Yes, connect").click()
        page.get_by_role("heading", name="Your calendar is connected").wait_for()
        self.take(page, "connect-connected")
        self._prefer(page)
        page.get_by_role("link", name="Disconnect").click()
        self.take(page, "disconnect")
        page.get_by_role("button", name="Yes, disconnect").click()
        page.get_by_role("status").wait_for()
        self.take(page, "disconnected")
        page.goto(link)
        page.get_by_role("button", name="Continue", exact=True).click()
        self.take(page, "link-spent")
        arabic = _context(browser, locale="ar").new_page()
        arabic.set_viewport_size(_PAGE_SIZE)
        arabic.goto(_link(world, "carol"))
        arabic.locator("form button").click()
        self.take(arabic, "connect-arabic")

    def _prefer(self, page: Page) -> None:
        """Say when people may book, wrongly and then well."""
        page.get_by_role("link", name="When people may book").click()
        page.get_by_label("Within these hours").check()
        self.take(page, "preferences")
        page.get_by_label("Tue, until").fill("08:00")
        page.get_by_role("button", name="Save").click()
        page.get_by_role("alert").wait_for()
        page.set_viewport_size({"width": 390, "height": 640})
        self.take(page, "preferences-again")
        page.set_viewport_size(_PAGE_SIZE)
        page.get_by_label("Tue, until").fill("17:00")
        page.get_by_role("button", name="Save").click()
        page.get_by_role("status").wait_for()
        self.take(page, "preferred")

    def book(self, world: LocalWorld, browser: Browser, share_id: str) -> None:
        """Take the booking page of a share."""
        page = _context(browser).new_page()
        page.set_viewport_size(_BOOK_SIZE)
        page.goto(_post(world, "bob", f"v1/shares/{share_id}/page")["pageUrl"])
        page.get_by_role("button", name="Continue", exact=True).click()
        page.get_by_role("grid").wait_for()
        self.take(page, "book")


def _post(world: LocalWorld, uid: str, path: str) -> dict[str, str]:
    headers = {"appId": "local", "authToken": world.token("local", uid)}
    answer = requests.post(f"{world.url}/{path}", headers=headers, json={}, timeout=_SECONDS)
    answer.raise_for_status()
    found: dict[str, str] = answer.json()["data"]
    return found


def _link(world: LocalWorld, uid: str) -> str:
    return _post(world, uid, "v1/connect")["connectUrl"]


def take_cards(browser: Browser, demo_url: str, folder: Path) -> None:
    """Take each card in each state, some of them in the dark and in Arabic as well."""
    for query, prefix in (
        ("", ""),
        ("theme=dark&only=availability-week", "dark-"),
        ("theme=dark&only=invite-con", "dark-"),
        ("lang=ar&only=availability-choose", "arabic-"),
        ("lang=ar&only=invite-con", "arabic-"),
        ("lang=es&only=availability-con", "spanish-"),
    ):
        context = _context(browser)
        context.clock.set_fixed_time(_NOW)
        page = context.new_page()
        page.goto(f"{demo_url}/states.html?{query}")
        page.wait_for_selector("[data-ready]", state="attached")
        for section in page.locator("[data-state]").all():
            name = section.get_attribute("data-state")
            section.locator("> :last-child").screenshot(path=folder / f"{prefix}{name}.png")
        context.close()


def take_readme(world: LocalWorld, browser: Browser, pages: Pages) -> None:
    """Walk through the demo, and take pictures on the way."""
    demo = _context(browser).new_page()
    demo.goto(world.demo_url)
    demo.get_by_label("Time zone of Bob").select_option("America/New_York")
    _say(demo, "bob", "Shall we talk about it this week?")
    _say(demo, "alice", "Gladly! Here is when I am free.")
    page = walk.open_connect_page(demo, "alice")
    page.get_by_role("button", name="Continue with Google").click()
    walk.consent(page, "alice@example.com")
    page.get_by_role("button", name="Yes, connect").wait_for()
    page.set_viewport_size(_PAGE_SIZE)
    page.screenshot(path=IMAGES / "connect.png")
    page.get_by_role("button", name="Yes, connect").click()
    page.get_by_role("heading", name="Your calendar is connected").wait_for()
    page.close()
    walk.share(demo, "alice", "Intro call")
    walk.window(demo, "alice").get_by_text("Open for booking.").wait_for()
    card = walk.pick_day(demo, "bob")
    demo.set_viewport_size(_TALL_SIZE)  # the whole card, with nothing of the chat over it
    card.screenshot(path=IMAGES / "card.png")
    demo.set_viewport_size(_SIZE)
    pages.book(world, browser, card.get_attribute("share-id") or "")
    time = card.locator(".times .slot:visible").nth(2).inner_text()
    walk.book(card, time, "I would like to see the new plans.")
    invite = walk.invite(demo, "bob")
    walk.invite(demo, "alice")
    demo.mouse.move(0, 0)
    demo.locator(".wire .message summary").first.click()
    demo.screenshot(path=IMAGES / "demo.png")
    invite.screenshot(path=IMAGES / "invite.png")


def take() -> None:
    """Take them all."""
    cards, pages = IMAGES / "cards", IMAGES / "pages"
    for folder in (cards, pages):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    with LocalWorld() as world, walk.chromium() as browser:
        _busy_days(world)
        taken = Pages(pages)
        taken.walk(world, browser)
        take_readme(world, browser, taken)
        take_cards(browser, world.demo_url, cards)
    pictures = sorted(IMAGES.rglob("*.png"))
    for picture in pictures:
        palette.shrink(picture)
    large = [path.name for path in pictures if path.stat().st_size > MOST_BYTES]
    if large:
        raise SystemExit(f"Too large: {', '.join(large)}.")
    print(f"{len(pictures)} pictures are in {IMAGES.relative_to(facts.ROOT)}/.")


if __name__ == "__main__":
    take()
