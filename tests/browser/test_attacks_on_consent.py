"""Attacks on the way to Google and back: other people's links, callbacks, codes and forms."""

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import requests
from playwright.sync_api import BrowserContext, Page, expect

from local import walk
from tests.browser.hostile import HostileSite, Someone

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
SECONDS = 30
NONE = {"state": "none"}
GONE = "This page cannot be opened any more"
PersonalData = Callable[..., Someone]


def _connected(person: Someone) -> Page:
    """Connect somebody's own calendar, and leave the page open."""
    page = person.follow(person.connect_link())
    walk.connect(page, person.account)
    return page


def _granted(person: Someone) -> bool:
    """Ask Google whether the extension may do anything with an account; it may not afterwards."""
    answer = requests.post(
        f"{person.world.google.url}/_control/revoke",
        json={"email": person.account},
        timeout=SECONDS,
    )
    return bool(answer.json()["revoked"])


def _callbacks(context: BrowserContext) -> list[str]:
    """Note each callback that a browser is led to."""
    found: list[str] = []
    context.on("request", lambda it: found.append(it.url) if "/oauth/callback" in it.url else None)
    return found


def _code_of(person: Someone, elsewhere: BrowserContext) -> str:
    """Get a code of somebody's own consent: it stays unspent in a browser without their session."""
    page = elsewhere.new_page()
    page.goto(person.begin().url)
    walk.consent(page, person.account)
    page.wait_for_url("**/oauth/callback?*")
    return parse_qs(urlsplit(page.url).query)["code"][0]


def _notices(person: Someone) -> list[dict[str, Any]]:
    """Wait for the notices that the chat brings somebody."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        if found := person.person.messages("extension_calendar_notice", "app_system"):
            return found
        time.sleep(0.2)
    return []


def test_a_forwarded_connect_link_names_both_sides_and_connects_nothing_before_the_yes(
    someone: PersonalData,
) -> None:
    mallory, victor = someone("mallory"), someone("victor")
    link = mallory.connect_link()
    page = victor.follow(link)
    main = page.get_by_role("main")
    expect(main).to_contain_text(f"for the chat user Mallory ({mallory.uid}) of Local App")
    page.get_by_role("button", name="Continue with Google").click()
    walk.consent(page, victor.account)
    expect(main).to_contain_text(
        f"{victor.account} will be connected to the chat user Mallory ({mallory.uid}) of Local App"
    )
    expect(main).to_contain_text("Is that not you? Then somebody sent you their link")
    assert (mallory.connection(), victor.connection()) == (NONE, NONE)
    expect(mallory.follow(link).get_by_role("heading", name=GONE)).to_be_visible()
    expect(mallory.visit(f"{mallory.world.url}/connect")[0].get_by_text(GONE)).to_be_visible()

    page.get_by_role("button", name="No, do not connect").click()
    expect(page.get_by_role("status")).to_contain_text("Nothing was changed.")
    assert (mallory.connection(), victor.connection()) == (NONE, NONE)
    assert not _granted(victor)


def test_a_connect_link_that_its_person_has_used_is_worth_nothing_to_a_thief(
    someone: PersonalData,
) -> None:
    mallory, victor = someone("mallory"), someone("victor")
    link = victor.connect_link()
    victor.follow(link)
    expect(mallory.follow(link).get_by_role("heading", name=GONE)).to_be_visible()
    assert mallory.context.cookies() == []


def test_a_stolen_connect_link_works_once_and_its_person_hears_of_what_came_of_it(
    someone: PersonalData,
) -> None:
    mallory, victor = someone("mallory"), someone("victor")
    link = victor.connect_link()
    walk.connect(mallory.follow(link), mallory.account)
    expect(victor.follow(link).get_by_role("heading", name=GONE)).to_be_visible()
    (heard,) = _notices(victor)
    assert heard["data"]["customData"]["reason"] == "connected"
    page = victor.follow(victor.connect_link())
    expect(page.get_by_role("main")).to_contain_text(mallory.account)
    page.get_by_role("link", name="Disconnect").click()
    page.get_by_role("button", name="Yes, disconnect").click()
    expect(page.get_by_role("status")).to_contain_text("Your calendar is disconnected.")
    assert victor.connection() == NONE
    assert not _granted(mallory)


def test_a_replayed_callback_changes_nothing(someone: PersonalData, site: HostileSite) -> None:
    mallory, victor = someone("mallory"), someone("victor")
    callbacks = _callbacks(victor.context)
    _connected(victor)
    before = victor.connection()
    (callback,) = callbacks
    lured = site.page(f"<script>location = {callback!r}</script>")
    page = victor.lure(site.address + lured, "**/connect?outcome=*")
    expect(page.get_by_role("status")).to_contain_text("That took too long, or was opened twice.")
    _, answer = mallory.visit(callback)
    assert answer.status == 403
    page = mallory.begin()
    page.goto(callback)
    expect(page.get_by_role("status")).to_contain_text("Nothing was changed.")
    assert (victor.connection(), mallory.connection()) == (before, NONE)


def test_a_state_from_another_browser_connects_nobody(someone: PersonalData) -> None:
    mallory, victor = someone("mallory"), someone("victor")
    for prepare in (lambda: None, victor.begin):
        hers = mallory.begin()
        prepare()
        page, _ = victor.visit(hers.url)
        walk.consent(page, victor.account)
        expect(page.get_by_role("main")).to_contain_text(
            "This page cannot be opened" if prepare != victor.begin else "Nothing was changed."
        )
        hers.goto(f"{mallory.world.url}/connect")
        expect(hers.get_by_role("heading", name="Connect your calendar")).to_be_visible()
        assert (mallory.connection(), victor.connection()) == (NONE, NONE)


def test_a_code_of_mallorys_does_not_fit_into_victors_session(
    someone: PersonalData, site: HostileSite, visit: Callable[..., BrowserContext]
) -> None:
    mallory, victor = someone("mallory"), someone("victor")
    code = _code_of(mallory, visit())
    # The worst case: she even knows his state.
    state = parse_qs(urlsplit(victor.begin().url).query)["state"][0]
    callback = f"{victor.world.url}/oauth/callback?{urlencode({'code': code, 'state': state})}"
    lured = site.page(f"<script>location = {callback!r}</script>")
    page = victor.lure(site.address + lured, "**/connect?outcome=*")
    expect(page.get_by_role("status")).to_contain_text("Nothing was changed.")
    expect(page.get_by_role("heading", name="Connect your calendar")).to_be_visible()
    expect(page.get_by_role("main")).not_to_contain_text(mallory.account)
    assert (mallory.connection(), victor.connection()) == (NONE, NONE)


@pytest.mark.parametrize("origin", ["address", "neighbour"])
def test_no_form_of_another_sites_page_is_taken(
    someone: PersonalData, site: HostileSite, origin: str
) -> None:
    """From another site the cookie does not come along; from another port it does, to no avail."""
    mallory, victor = someone("mallory"), someone("victor")
    page = _connected(victor)
    before = victor.connection()
    page.get_by_role("button", name="Use another Google account").click()
    walk.consent(page, "bob@example.com")
    pending = page.get_by_role("heading", name="One last question")
    expect(pending).to_be_visible()
    hers = mallory.follow(mallory.connect_link())
    csrf = hers.locator("input[name=csrf]").first.get_attribute("value")
    assert csrf is not None
    for deed in ("google", "confirm", "decline", "disconnect"):
        action = f"{victor.world.url}/connect/{deed}"
        posted = site.posting(action, csrf=csrf, sure="yes", account="choose")
        forged = victor.lure(getattr(site, origin) + posted, action)
        expect(forged.get_by_role("heading", name=GONE)).to_be_visible()
    assert victor.connection() == before
    page.reload()
    expect(pending).to_be_visible()
    page.get_by_role("button", name="Yes, connect").click()
    expect(page.get_by_role("status")).to_contain_text("Your calendar is connected.")
    assert victor.connection()["email"] == "bob@example.com"
    victor.person.call("POST", "v1/disconnect", {})


@pytest.mark.parametrize("origin", ["address", "neighbour"])
def test_a_page_of_another_site_cannot_open_mallorys_link_in_victors_browser(
    someone: PersonalData, site: HostileSite, origin: str
) -> None:
    mallory, victor = someone("mallory"), someone("victor")
    own = victor.follow(victor.connect_link())
    cookies = victor.context.cookies()
    link = mallory.connect_link()
    forged = victor.lure(getattr(site, origin) + site.posting(link), link)
    expect(forged.get_by_role("heading", name=GONE)).to_be_visible()
    assert victor.context.cookies() == cookies
    own.reload()
    expect(own.get_by_role("main")).to_contain_text(f"Victor ({victor.uid})")
    assert mallory.follow(link).url == f"{mallory.world.url}/connect"
