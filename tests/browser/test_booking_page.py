"""The booking page: the same card, for a guest whose chat does not show it."""

from collections.abc import Callable
from typing import Any

import pytest
import requests
from playwright.sync_api import BrowserContext, expect

from local import walk
from local.world import LocalWorld

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
SECONDS = 30
Visit = Callable[..., BrowserContext]


def _call(world: LocalWorld, uid: str, path: str, **body: Any) -> Any:
    answer = requests.post(
        f"{world.url}/{path}",
        headers={"appId": "local", "authToken": world.token("local", uid)},
        json=body,
        timeout=SECONDS,
    )
    return answer.json()["data"]


def test_a_guest_books_by_a_link_in_a_browser_without_a_token(
    visit: Visit, local_world: LocalWorld, complaints: list[str]
) -> None:
    host = visit().new_page()
    host.goto(_call(local_world, "dave", "v1/connect")["connectUrl"])
    host.get_by_role("button", name="Continue", exact=True).click()
    walk.connect(host, "bob@example.com")
    share = _call(local_world, "dave", "v1/share", receiver="carol", receiverType="user")

    page = visit("Asia/Tokyo").new_page()
    page.goto(_call(local_world, "carol", f"v1/shares/{share['shareId']}/page")["pageUrl"])
    page.get_by_role("button", name="Continue", exact=True).click()
    page.wait_for_url(f"{local_world.url}/book")
    card = page.locator("calendar-availability")
    expect(card).to_contain_text("Free times of Dave")
    card.get_by_role("grid").get_by_role("button", name="10:00 ").nth(1).click()
    card.get_by_label("Note").fill("From far away")
    card.get_by_role("button", name="Book").click()
    expect(card).to_contain_text("Meeting confirmed")
    expect(card).to_contain_text("Asia/Tokyo")
    expect(card.get_by_role("link")).to_have_count(5)
    assert complaints == []


def test_without_a_link_the_page_leads_back_to_the_chat(
    visit: Visit, local_world: LocalWorld
) -> None:
    page = visit().new_page()
    answer = page.goto(f"{local_world.url}/book")
    assert answer is not None
    assert answer.status in {401, 403, 410}
    expect(page.get_by_role("main")).to_contain_text("Go back to the chat")
