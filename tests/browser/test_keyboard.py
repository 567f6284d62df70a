"""The whole job by keyboard alone: connect, share, book, move, cancel, by two people."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from local import walk
from local.world import LocalWorld

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
MOST_STOPS = 120


class Keys:
    """Somebody without a mouse: Tab goes on until what is wanted has the focus."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def to(self, wanted: Locator) -> None:
        """Walk to an element by Tab, as far as the page reaches."""
        expect(wanted).to_be_visible(timeout=30_000)
        for _ in range(MOST_STOPS):
            if wanted.evaluate("(it) => it.getRootNode().activeElement === it"):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"Tab does not lead to {wanted}.")

    def press(self, wanted: Locator, key: str = "Enter") -> None:
        """Walk there and press a key."""
        self.to(wanted)
        self.page.keyboard.press(key)

    def type(self, wanted: Locator, text: str) -> None:
        """Walk there and type."""
        self.to(wanted)
        self.page.keyboard.type(text)


def _button(card: Locator | Page, name: str, *, exact: bool = False) -> Locator:
    return card.get_by_role("button", name=name, exact=exact)


def _connect(keys: Keys, account: str) -> None:
    page = keys.page
    keys.press(_button(page, "Continue", exact=True))
    keys.press(_button(page, "Continue with Google"))
    # Google's own page is not ours to test.
    walk.consent(page, account)
    keys.press(_button(page, "Yes, connect"))
    expect(page.get_by_role("heading", name="Your calendar is connected")).to_be_visible()


def test_the_whole_job_needs_no_mouse(
    visit: Callable[..., BrowserContext], local_world: LocalWorld, complaints: list[str]
) -> None:
    context = visit("Europe/London", viewport={"width": 1500, "height": 1000})
    demo = context.new_page()
    demo.goto(local_world.demo_url)
    keys = Keys(demo)
    alice, bob = walk.window(demo, "alice"), walk.window(demo, "bob")

    # Bob offers, so that nothing here meets what other tests do with alice's calendar.
    keys.press(_button(bob, "Share free times"))
    with context.expect_page() as opened:
        keys.press(_button(bob, "Connect Google Calendar"))
    _connect(Keys(opened.value), "carol@example.com")
    opened.value.close()
    share = bob.locator("calendar-share")
    keys.type(share.get_by_label("Title"), "By keys")
    expect(share.get_by_label("What will be seen")).to_contain_text("By keys")
    keys.press(_button(share, "Share"))
    expect(_button(bob, "Share free times")).to_be_focused()

    card = alice.locator("calendar-availability").last
    keys.press(card.get_by_role("tab", selected=True), "ArrowRight")
    demo.keyboard.press("ArrowRight")
    demo.keyboard.press("Enter")
    keys.to(card.locator(".times button[tabindex='0']").nth(1))
    demo.keyboard.press("ArrowRight")
    demo.keyboard.press("Enter")
    expect(card.get_by_role("heading", name="Meet Bob")).to_be_focused()
    keys.type(card.get_by_label("Note"), "No mouse here")
    keys.press(_button(card, "Book"))
    expect(card.get_by_role("heading", name="By keys")).to_be_focused(timeout=30_000)

    expect(alice.locator("calendar-invite").last).to_contain_text("By keys", timeout=30_000)
    invite = walk.invite(demo, "alice")
    keys.press(_button(invite, "Choose another time"))
    keys.press(_button(invite, "Show the whole week"))
    grid = invite.get_by_role("grid")
    keys.to(grid.locator("button[tabindex='0']"))
    for key in ("ArrowRight", "ArrowDown", "ArrowDown", "Enter"):
        demo.keyboard.press(key)
    keys.press(_button(invite, "Move the meeting"))
    moved = alice.locator("calendar-invite").last
    expect(moved).to_contain_text("Meeting moved", timeout=30_000)
    keys.press(_button(moved, "Cancel meeting"))
    keys.press(_button(moved, "Yes, cancel it"))
    expect(alice.locator("calendar-invite").last).to_contain_text(
        "Meeting cancelled", timeout=30_000
    )
    expect(bob.locator("calendar-invite, .notice").last).to_be_visible()
    assert complaints == []
