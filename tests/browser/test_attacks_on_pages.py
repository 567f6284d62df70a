"""Attacks on what the extension serves: frames, windows, redirects, foreign reads, scripts."""

import json
import re
from collections.abc import Callable

import pytest
import requests
from playwright.sync_api import expect

from local import demo_drive, walk
from tests.browser.hostile import SCRIPT, HostileSite, Someone

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
SECONDS = 30
GONE = "This page cannot be opened any more"
BLOCKED = "chrome-error://chromewebdata/"
ORIGINS = ["address", "neighbour"]
PersonalData = Callable[..., Someone]


@pytest.fixture
def host(someone: PersonalData) -> Someone:
    """Return somebody whose calendar is connected."""
    host = someone("host")
    demo_drive.connect(host.world, host.person, host.account)
    return host


def _every_page(person: Someone, share_id: str) -> list[str]:
    """Return the address of each kind of page, for a browser with sessions for both of them."""
    person.follow(person.connect_link())
    person.follow(person.page_link(share_id))
    paths = (
        "connect",
        "connect?disconnect=1",
        "connect?preferences=1",
        "book",
        "oauth/callback",
        "nowhere",
    )
    return [
        person.connect_link(),
        person.page_link(share_id),
        *(f"{person.world.url}/{path}" for path in paths),
    ]


@pytest.mark.parametrize("origin", ORIGINS)
def test_no_page_is_shown_in_a_frame(
    host: Someone, someone: PersonalData, site: HostileSite, origin: str
) -> None:
    victor = someone("victor")
    addresses = _every_page(victor, host.share(victor))
    frames = "".join(f'<iframe src="{each}"></iframe>' for each in addresses)
    page, _ = victor.visit(getattr(site, origin) + site.page(frames))
    shown = page.frames[1:]
    assert len(shown) == len(addresses)
    for each in shown:
        each.wait_for_url(re.compile("."), wait_until="commit")
        assert each.url == BLOCKED
    # Looked at so, the links are as good as before.
    expect(victor.follow(addresses[0]).get_by_role("main")).to_contain_text(victor.uid)


@pytest.mark.parametrize("origin", ORIGINS)
def test_a_page_is_out_of_reach_of_the_window_that_opened_it(
    host: Someone, someone: PersonalData, site: HostileSite, origin: str
) -> None:
    victor = someone("victor")
    addresses = _every_page(victor, host.share(victor))
    page, _ = victor.visit(getattr(site, origin) + site.page(""))
    for address in addresses:
        with page.expect_popup() as opened:
            page.evaluate("(address) => { window.opened = open(address); }", address)
        opened.value.wait_for_url(f"{host.world.url}/**")
        expect(opened.value.get_by_role("main")).to_be_visible()
        assert opened.value.evaluate("opener") is None
        page.wait_for_function("() => window.opened.closed")  # so it looks to who has no reach
        page.evaluate("(to) => { window.opened.location = to; }", f"{site.address}/phish")
        opened.value.close()
    assert not any(each.path == "/phish" for each in site.heard)


@pytest.mark.parametrize("origin", ORIGINS)
def test_another_sites_page_reads_nothing_and_books_nothing_with_victors_cookies(
    host: Someone, someone: PersonalData, site: HostileSite, origin: str
) -> None:
    victor = someone("victor")
    share_id = host.share(victor)
    victor.follow(victor.connect_link())
    own = victor.follow(victor.page_link(share_id))
    share = f"{host.world.url}/v1/shares/{share_id}"
    body = {"shareId": share_id, "startsAt": victor.live(share_id)["slots"][50]}
    page, _ = victor.visit(getattr(site, origin) + site.page(""))
    heard = page.evaluate(
        """async ([share, book, body]) => {
            const own = { "X-Requested-With": "calendar-scheduling" };
            const asks = [
                [share, {}], [share, { headers: own }], [share, { mode: "no-cors" }],
                [book, { method: "POST", body }], [book, { method: "POST", body, headers: own }],
                [book, { method: "POST", body, mode: "no-cors", headers: own }],
            ];
            const answers = [];
            for (const credentials of ["include", "omit"])
                for (const [address, options] of asks)
                    answers.push(await fetch(address, { credentials, ...options })
                        .then(async (it) => `${it.status} ${await it.text()}`, () => "blocked"));
            return answers;
        }""",
        [share, f"{host.world.url}/v1/book", json.dumps(body)],
    )
    assert {each.partition(" ")[0] for each in heard} == {"blocked", "0", "401"}
    assert not any(share_id in each for each in heard)
    assert "booking" not in victor.live(share_id)
    assert host.world.events(host.account) == []
    # The same from the page itself is answered: the cookie was good.
    mine = """(share) => fetch(share, { headers: { "X-Requested-With": "calendar-scheduling" } })
        .then((it) => it.status)"""
    assert own.evaluate(mine, share) == 200


def test_no_answer_lets_another_site_send_cookies(host: Someone, site: HostileSite) -> None:
    for method in ("GET", "OPTIONS"):
        headers = {
            "Origin": site.address,
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "x-requested-with",
        }
        for path in ("v1/connection", "v1/shares", "connect", "book", "oauth/callback"):
            answer = requests.request(
                method, f"{host.world.url}/{path}", headers=headers, timeout=SECONDS
            )
            assert "access-control-allow-credentials" not in answer.headers
            allowed = answer.headers.get("access-control-allow-headers", "").lower()
            assert "x-requested-with" not in allowed


def test_a_booking_link_that_was_passed_on_works_once_and_for_its_share_alone(
    host: Someone, someone: PersonalData
) -> None:
    victor, mallory = someone("victor"), someone("mallory")
    share_id, other = host.share(victor, title="Intro call"), host.share(victor)
    link = victor.page_link(share_id)
    page = mallory.follow(link)
    expect(page.locator("calendar-availability")).to_contain_text("Intro call")
    expect(victor.follow(link).get_by_role("heading", name=GONE)).to_be_visible()
    call = """([method, path]) => fetch(path, {
        method, headers: { "X-Requested-With": "calendar-scheduling" },
    }).then((it) => it.status)"""
    for method, path, status in (
        ("GET", f"/v1/shares/{share_id}", 200),
        ("GET", f"/v1/shares/{other}", 403),
        ("GET", "/v1/shares", 401),
        ("GET", "/v1/connection", 401),
        ("POST", "/v1/connect", 401),
        ("POST", f"/v1/shares/{other}/page", 401),
    ):
        assert page.evaluate(call, [method, path]) == status, path
    assert mallory.connection() == {"state": "none"}


def test_scripts_in_names_titles_and_notes_stay_texts_everywhere(
    someone: PersonalData, complaints: list[str]
) -> None:
    named, turning = SCRIPT[:90], "\u202e\n"  # what turns a sentence round is taken out
    host, guest = someone("host", named + turning), someone("guest", turning + named)
    page = host.follow(host.connect_link())
    expect(page.get_by_role("main")).to_contain_text(f"{named} ({host.uid})")
    walk.connect(page, host.account)
    share_id = host.share(guest, title=SCRIPT)
    booking = guest.follow(guest.page_link(share_id))
    card = booking.locator("calendar-availability")
    expect(card.get_by_role("heading", name=SCRIPT)).to_be_visible()
    expect(card).to_contain_text(f"Free times of {named}")
    card.get_by_role("grid").locator("button.slot").nth(40).click()
    card.get_by_label("Note").fill(SCRIPT)
    card.get_by_role("button", name="Book").click()
    expect(card).to_contain_text("Meeting confirmed")
    expect(card.get_by_role("heading", name=SCRIPT)).to_be_visible()
    for shown in (page, booking):
        assert shown.locator("img[src=x]").count() == 0
        assert turning[0] not in str(shown.locator("body").text_content())
        assert turning[0] not in card.evaluate("(card) => card.shadowRoot.textContent")
    (event,) = host.world.events(host.account)
    assert SCRIPT in event["summary"]  # a text at Google
    assert "<img" not in event["description"]  # HTML at Google
    assert "&lt;img" in event["description"]
    found = guest.person.call("GET", f"v1/bookings/{guest.live(share_id)['booking']['bookingId']}")
    file = requests.get(found["invite"]["links"]["ics"], timeout=SECONDS)
    assert file.headers["content-type"].startswith("text/calendar")
    assert file.headers["x-content-type-options"] == "nosniff"
    assert complaints == []
