"""Take the README's pictures from the real thing: `python -m local.screenshots`.

A local run is started for it; the pictures go to `docs/images/`.
"""

from datetime import UTC, datetime, timedelta

import requests
from playwright.sync_api import Page, ViewportSize

from local import facts, walk
from local.world import LocalWorld

IMAGES = facts.ROOT / "docs" / "images"
_SIZE: ViewportSize = {"width": 1180, "height": 860}
_PAGE_SIZE: ViewportSize = {"width": 760, "height": 570}
_SECONDS = 10


def _busy_days(world: LocalWorld) -> None:
    """Give alice's calendar something to keep secret."""
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    for day in range(1, 7):
        for hour, minutes in ((8, 60), (10 + day % 3, 90), (15, 45)):
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


def _say(demo: Page, uid: str, text: str) -> None:
    own = walk.window(demo, uid)
    own.get_by_role("textbox", name="Message to").fill(text)
    own.get_by_role("button", name="Send").click()
    own.get_by_text(text).wait_for()


def take() -> None:
    """Walk through the demo, and take pictures on the way."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with LocalWorld() as world, walk.chromium() as browser:
        _busy_days(world)
        context = browser.new_context(
            locale="en-GB",
            timezone_id="Europe/London",
            viewport=_SIZE,
            color_scheme="light",
            reduced_motion="reduce",
        )
        demo = context.new_page()
        demo.goto(world.demo_url)
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
        demo.screenshot(path=IMAGES / "demo.png")
        card.screenshot(path=IMAGES / "card.png")
        walk.book(card, "14:00", "I would like to see the new plans.")
        invite = walk.invite(demo, "bob")
        demo.mouse.move(0, 0)
        invite.screenshot(path=IMAGES / "invite.png")
    print(f"Pictures are in {IMAGES.relative_to(facts.ROOT)}/.")


if __name__ == "__main__":
    take()
