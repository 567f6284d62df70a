"""Attacks by addresses: redirects to elsewhere, and what an address gives away when it is left."""

from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
import requests
from playwright.sync_api import Request, expect

from local import walk
from tests.browser.hostile import HostileSite, Someone

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
SECONDS = 30
PersonalData = Callable[..., Someone]


def test_no_address_of_ours_leads_to_another_site(someone: PersonalData, site: HostileSite) -> None:
    victor = someone("victor")
    evil = urlsplit(site.address).netloc
    for path in (
        f"//{evil}/",
        f"///{evil}//",
        f"/\\{evil}/",
        f"//\\{evil}//",
        f"//%5C{evil}/",
        f"/%2F{evil}//",
        f"//%2F%2F{evil}//",
        f"/%09//{evil}//",
        f"/%0D%0ALocation:%20{site.address}//",
        f"//connect?outcome=//{evil}&returnUrl={site.address}",
        f"//oauth//callback?state={site.address}",
        f"//book/{site.address}",
        f"//@{evil}//",
        f"//{evil}//%2e%2e//",
    ):
        page, _ = victor.visit(victor.world.url + path)
        assert page.url.startswith(f"{victor.world.url}/"), path
        page.close()
    assert site.heard == []


def test_the_page_leads_back_to_no_site_that_is_not_registered(
    someone: PersonalData, site: HostileSite
) -> None:
    mallory = someone("mallory")
    ours, evil = urlsplit(mallory.world.url), urlsplit(site.address).netloc
    for url in (
        site.address,
        f"//{evil}/demo",
        f"\\\\{evil}/demo",
        f"{mallory.world.url}\\@{evil}/demo",
        f"{mallory.world.url}@{evil}/demo",
        f"{mallory.world.url}.{evil}/demo",
        f"http://{ours.hostname}/demo",
        f"{mallory.world.demo_url}/../connect",
        f"{mallory.world.demo_url}/%2e%2E/connect",
        f"{mallory.world.demo_url}/.%2e/..//connect",
        f"\tjavascript:alert(1)//{mallory.world.demo_url}",
        "data:text/html,<script>alert(1)</script>",
        f"blob:{mallory.world.demo_url}",
    ):
        answer = requests.post(
            f"{mallory.world.url}/v1/connect",
            headers=mallory.person.headers,
            json={"returnUrl": url},
            timeout=SECONDS,
        )
        assert answer.status_code == 400, url
        assert answer.json()["error"]["details"]["field"] == "returnUrl"


def test_nothing_that_leaves_a_page_says_where_it_came_from(someone: PersonalData) -> None:
    """Neither the consent, which gets a state, nor the way back to the chat."""
    victor = someone("victor")
    asked: list[Request] = []
    victor.context.on("request", lambda each: asked.append(each))  # noqa: PLW0108 - marked
    link = victor.person.call("POST", "v1/connect", {"returnUrl": victor.world.demo_url})[
        "connectUrl"
    ]
    page = victor.follow(link)
    walk.connect(page, victor.account)
    page.get_by_role("link", name="Back to Local App").click()
    page.wait_for_url(victor.world.demo_url)
    left = [
        each
        for each in asked
        if each.is_navigation_request()
        and each.url.startswith(
            (f"{victor.world.google.url}/o/oauth2/v2/auth?", victor.world.demo_url)
        )
    ]
    assert len(left) == 2
    for each in left:
        assert "referer" not in each.all_headers()
    assert not any(link in each.all_headers().get("referer", "") for each in asked)


def test_an_address_cannot_make_the_connect_page_claim_what_is_not_so(
    someone: PersonalData,
) -> None:
    victor = someone("victor")
    page = victor.follow(victor.connect_link())
    heard = page.get_by_role("status")
    claims = ("connected", "pending", "<b>evil</b>", "constructor")
    for outcome in claims:
        page.goto(f"{victor.world.url}/connect?outcome={outcome}")
        expect(page.get_by_role("heading", name="Connect your calendar")).to_be_visible()
        expect(heard).to_have_count(0)
    page.get_by_role("button", name="Continue with Google").click()
    walk.consent(page, victor.account)
    for outcome in (*claims, "declined", "disconnected"):
        page.goto(f"{victor.world.url}/connect?outcome={outcome}")
        expect(page.get_by_role("heading", name="One last question")).to_be_visible()
        expect(heard).to_have_count(0)
    page.get_by_role("button", name="Yes, connect").click()
    expect(heard).to_contain_text("Your calendar is connected.")
    page.goto(f"{victor.world.url}/connect?outcome=disconnected")
    expect(page.get_by_role("heading", name="Your calendar is connected")).to_be_visible()
    expect(heard).to_have_count(0)
