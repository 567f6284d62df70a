"""The whole job by hand, in the demo, over the whole local run."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, expect

from local import walk
from local.world import LocalWorld
from tests.browser.axe import complaints_of

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


def test_alice_connects_and_shares_and_bob_books_and_gets_the_links(
    visit: Callable[..., BrowserContext], local_world: LocalWorld, complaints: list[str]
) -> None:
    context = visit("Europe/London")
    demo = context.new_page()
    demo.goto(local_world.demo_url)
    alice, bob = walk.window(demo, "alice"), walk.window(demo, "bob")
    bob.get_by_role("textbox", name="Message to Alice").fill("Hello <b>Alice</b>")
    bob.get_by_role("button", name="Send").click()
    expect(alice.get_by_text("Hello <b>Alice</b>")).to_be_visible()

    page = walk.open_connect_page(demo, "alice")
    expect(page.get_by_role("main")).to_contain_text("for the chat user Alice (alice) of Local App")
    walk.connect(page, "alice@example.com")
    expect(page.get_by_role("main")).to_contain_text("alice@example.com")
    page.close()

    walk.share(demo, "alice", "Intro call")
    expect(alice.locator("calendar-availability").last).to_contain_text("shared with bob")
    card = walk.pick_day(demo, "bob")
    expect(card).to_contain_text("Free times of Alice")
    walk.book(card, "20:00", "Looking forward to it")

    expect(bob.locator("calendar-invite").last).to_contain_text("Intro call", timeout=30_000)
    invite = walk.invite(demo, "bob")
    expect(invite).to_contain_text("20:00–20:30")
    expect(invite.get_by_role("link")).to_have_count(5)
    expect(walk.invite(demo, "alice")).to_contain_text("It is in your calendar.")
    file = invite.get_by_role("link", name="Apple").get_attribute("href")
    assert file is not None
    answer = context.request.get(file)
    assert answer.headers["content-type"].startswith("text/calendar")
    assert "SUMMARY:Intro call" in answer.text()

    wire = demo.get_by_role("list", name="Calls and messages")
    for name in ("POST v1/share", "POST v1/book", "extension_calendar_invite"):
        expect(wire.get_by_text(name, exact=True).first).to_be_visible()
    wire.get_by_text("POST v1/book", exact=True).first.click()
    expect(wire).to_contain_text('"title": "Intro call"')
    expect(wire).to_contain_text('"authToken": "bob_…"')
    expect(wire.get_by_text(re.compile("bob_[0-9]"))).to_have_count(0)
    demo.get_by_label("Time zone of Bob").select_option("Asia/Tokyo")
    expect(invite).to_contain_text("Asia/Tokyo")
    expect(walk.invite(demo, "alice")).to_contain_text("20:00–20:30")
    assert complaints_of(demo) == []

    demo.reload()
    expect(walk.window(demo, "bob").locator("calendar-invite").last).to_contain_text("Intro call")
    assert complaints == []


def test_a_notice_of_the_extension_alone_has_the_way_to_connect_again(
    visit: Callable[..., BrowserContext], local_world: LocalWorld
) -> None:
    notice: dict[str, Any] = {
        "id": "1",
        "sender": "app_system",
        "receiver": "alice",
        "category": "custom",
        "type": "extension_calendar_notice",
        "sentAt": 1_700_000_000,
        "data": {"text": "Please connect it again.", "customData": {"v": 1, "reason": "reconnect"}},
    }
    forged = {**notice, "id": "2", "sender": "bob", "data": {**notice["data"], "text": "Forged"}}
    answer = json.dumps({"data": [notice, forged]})
    lost = {"state": "reconnect", "email": "alice@example.com", "timeZone": "Europe/Berlin"}
    context = visit()
    context.route("**/v3.0/messages?*", lambda route: route.fulfill(body=answer))
    context.route("**/v1/connection", lambda route: route.fulfill(json={"data": lost}))
    demo = context.new_page()
    demo.goto(local_world.demo_url)
    alice = walk.window(demo, "alice")
    expect(alice.get_by_text("Forged")).to_be_visible()
    card = alice.locator(".notice calendar-connect")
    expect(card).to_contain_text("Your calendar needs connecting again")
    expect(alice.locator(".stream calendar-connect")).to_have_count(1)
