"""What happens to a card while it stands: focus, waiting, being moved, being used again."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, Route, expect

from tests.browser.cards import START, booked, place, share
from tests.browser.fake_extension import FakeExtension

pytestmark = pytest.mark.browser
Visit = Callable[..., BrowserContext]
NONE = {"state": "none"}
CONNECTED = {"state": "connected", "email": "alice@example.com", "timeZone": "Europe/Berlin"}
BEFORE = "2026-11-23T08:00:00Z"
EARLY = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Early</title>
<link rel="icon" href="data:,"><body><calendar-availability></calendar-availability>
<script type="module">
const card = document.querySelector("calendar-availability");
Object.assign(card, { shareId: "s1", timeZone: "Asia/Tokyo" });
const { CalendarScheduling } = await import("/assets/latest/calendar-scheduling.js");
card.client = new CalendarScheduling({ appId: "local", authToken: "bob_1" });
</script></body></html>"""


def _in_focus(card: Locator) -> str:
    """Return the class of what has the focus within a card."""
    return str(card.evaluate("(card) => card.shadowRoot.activeElement?.className ?? 'nothing'"))


def _paths(extension: FakeExtension, start: str) -> list[str]:
    return [each.path for each in extension.asked if each.path.startswith(start)]


def _pass(page: Page, path: str, milliseconds: int) -> None:
    """Let time pass until the card has asked and was answered."""
    with page.expect_response(f"**/{path}"):
        page.clock.run_for(milliseconds)


# Waiting for a calendar


@pytest.mark.parametrize("tag", ["calendar-connect", "calendar-share"])
def test_a_link_in_place_of_a_blocked_tab_stays_until_the_calendar_is_connected(
    visit: Visit, extension: FakeExtension, tag: str
) -> None:
    extension.put("GET v1/connection", NONE)
    extension.put("GET v1/preview", share())
    extension.put("POST v1/connect", {"connectUrl": f"{extension.address}/?page", "expiresAt": ""})
    page, card = place(visit(), extension, tag, receiver="bob")
    button = card.get_by_role("button", name="Connect Google Calendar")
    expect(button).to_be_visible()
    page.clock.install()
    page.evaluate(
        """() => {
            window.open = () => null;
            window.heard = [];
            addEventListener("calendar-connection", ({ detail }) => heard.push(detail.state));
        }"""
    )
    button.click()
    way = card.get_by_role("link", name="Open the page")
    expect(way).to_be_visible()
    _pass(page, "v1/connection", 3_100)
    _pass(page, "v1/connection", 3_100)
    extension.break_off("GET v1/connection")
    _pass(page, "v1/connection", 3_100)
    expect(way).to_be_visible()
    assert page.evaluate("heard") == []
    extension.put("GET v1/connection", CONNECTED)
    _pass(page, "v1/connection", 3_100)
    expect(card).to_contain_text("Your calendar is connected")
    expect(way).to_have_count(0)
    expect(card.get_by_role("button", name="Share")).to_have_count(int(tag == "calendar-share"))
    assert page.evaluate("heard") == ["connected"]


def test_a_link_that_is_not_given_leaves_the_button(visit: Visit, extension: FakeExtension) -> None:
    extension.put("GET v1/connection", NONE)
    extension.refuse("POST v1/connect", "CHAT_UNAVAILABLE", status=503)
    page, card = place(visit(), extension, "calendar-connect")
    button = card.get_by_role("button", name="Connect Google Calendar")
    button.click()
    expect(card.get_by_role("alert")).to_contain_text("The chat does not answer just now.")
    expect(button).to_be_visible()
    page.evaluate("dispatchEvent(new Event('focus'))")
    expect(card.get_by_role("alert")).to_be_visible()


# Focus


def test_the_zones_are_walked_through_by_the_arrow_keys(
    visit: Visit, extension: FakeExtension
) -> None:
    extension.put("GET v1/shares/s1", share())
    page, card = place(visit(), extension, "calendar-availability", shareId="s1")
    zones = card.get_by_label("Time zone")
    zones.focus()
    order = zones.locator("option").evaluate_all("(all) => all.map((each) => each.value)")
    assert order[:3] == ["America/New_York", "Europe/Berlin", "UTC"]
    for zone in order[1:4]:
        page.keyboard.press("ArrowDown")
        expect(zones).to_have_value(zone)
        expect(zones).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(zones).to_have_value("UTC")
    assert order == zones.locator("option").evaluate_all("(all) => all.map((each) => each.value)")


def test_a_length_is_chosen_without_losing_the_place(
    visit: Visit, extension: FakeExtension
) -> None:
    extension.put("GET v1/shares/s1", share(durations=[30, 60]))
    extension.put("GET v1/shares/s1", share(durations=[30, 60], slots=[START]))
    page, card = place(visit(), extension, "calendar-availability", shareId="s1")
    length = card.get_by_label("Length")
    length.focus()
    page.keyboard.press("ArrowDown")
    expect(card.get_by_role("button", name="09:15")).to_have_count(0)
    expect(length).to_be_focused()


def test_a_view_without_a_heading_has_the_focus_itself(
    visit: Visit, extension: FakeExtension
) -> None:
    extension.put("GET v1/shares/s1", share())
    page, card = place(visit(), extension, "calendar-availability", shareId="s1")
    card.get_by_role("button", name="Refresh").focus()
    extension.refuse("GET v1/shares/s1", "CALENDAR_UNAVAILABLE", status=503)
    page.keyboard.press("Enter")
    expect(card.get_by_role("alert")).to_contain_text("does not answer just now")
    assert _in_focus(card) == "shown"
    page.keyboard.press("Tab")
    expect(card.get_by_role("button", name="Try again")).to_be_focused()


def test_a_calendar_that_is_connected_is_told_to_those_who_do_not_see_it(
    visit: Visit, extension: FakeExtension
) -> None:
    extension.put("GET v1/connection", NONE)
    page, card = place(visit(), extension, "calendar-connect")
    card.get_by_role("button", name="Connect Google Calendar").focus()
    extension.put("GET v1/connection", CONNECTED)
    page.evaluate("dispatchEvent(new Event('focus'))")
    expect(card.locator(".unseen[role=status]")).to_have_text("Your calendar is connected")
    assert _in_focus(card) == "shown"


# Moving about the page


def _waiting(visit: Visit, extension: FakeExtension) -> tuple[Page, Locator]:
    """Show a meeting of which nobody knows yet whether it is cancelled."""
    extension.put("GET v1/bookings/b1", booked(extension.address, status="cancelling"))
    context = visit()
    context.clock.set_fixed_time(BEFORE)
    data = {"bookingId": "b1"}
    page, card = place(context, extension, "calendar-invite", customData=data, viewer="bob")
    expect(card).to_contain_text("Cancelling the meeting")
    page.clock.install(time=BEFORE)
    page.evaluate("card = document.querySelector('calendar-invite'); void card.remove()")
    page.evaluate("document.body.append(card)")
    return page, card


def test_a_card_that_is_moved_goes_on_waiting(visit: Visit, extension: FakeExtension) -> None:
    page, card = _waiting(visit, extension)
    _pass(page, "v1/bookings/b1", 5_100)
    extension.put("GET v1/bookings/b1", booked(extension.address, status="cancelled"))
    page.evaluate("document.body.prepend(card)")
    _pass(page, "v1/bookings/b1", 5_100)
    expect(card).to_contain_text("Meeting cancelled")


def test_a_card_that_was_taken_out_asks_no_more_even_if_an_answer_comes_late(
    visit: Visit, extension: FakeExtension
) -> None:
    page, _ = _waiting(visit, extension)
    held: list[Route] = []
    page.route("**/v1/bookings/b1", lambda route: held.append(route))  # noqa: PLW0108 - marked
    with page.expect_request("**/v1/bookings/b1"):
        page.clock.run_for(5_100)
    page.evaluate("card.remove()")
    with page.expect_response("**/v1/bookings/b1"):
        held[0].continue_()
    page.unroute("**/v1/bookings/b1")
    before = len(extension.asked)
    page.clock.run_for(20_000)
    assert len(extension.asked) == before
    page.evaluate("document.body.append(card)")
    _pass(page, "v1/bookings/b1", 5_100)


def test_a_connection_is_waited_for_after_the_card_was_moved(
    visit: Visit, extension: FakeExtension
) -> None:
    extension.put("GET v1/connection", NONE)
    extension.put("POST v1/connect", {"connectUrl": f"{extension.address}/?page", "expiresAt": ""})
    page, card = place(visit(), extension, "calendar-connect")
    expect(card.get_by_role("button")).to_be_visible()
    page.clock.install()
    with page.expect_popup() as opened:
        card.get_by_role("button", name="Connect Google Calendar").click()
    opened.value.wait_for_url("**/?page")
    page.evaluate("document.body.prepend(document.querySelector('calendar-connect'))")
    _pass(page, "v1/connection", 3_100)
    page.evaluate("document.querySelector('calendar-connect').remove()")
    before = len(extension.asked)
    page.clock.run_for(20_000)
    assert len(extension.asked) == before


# Being used again


def _set(page: Page, tag: str, **given: Any) -> None:
    script = "([tag, given]) => void Object.assign(document.querySelector(tag), given)"
    page.evaluate(script, [tag, given])


def test_a_card_that_is_given_another_message_shows_that(
    visit: Visit, extension: FakeExtension
) -> None:
    extension.put("GET v1/bookings/b1", booked(extension.address))
    other = booked(extension.address)
    other["booking"] |= {"bookingId": "b2", "title": "Second call"}
    extension.put("GET v1/bookings/b2", other)
    data = {"bookingId": "b1", "sequence": 0}
    page, card = place(visit(), extension, "calendar-invite", customData=data, viewer="bob")
    expect(card).to_contain_text("Intro call")
    _set(page, "calendar-invite", customData=dict(data), viewer="bob")
    _set(page, "calendar-invite", customData={"bookingId": "b2", "sequence": 0})
    expect(card).to_contain_text("Second call")
    expect(card).not_to_contain_text("It is in your calendar.")
    _set(page, "calendar-invite", viewer="alice")
    expect(card).to_contain_text("It is in your calendar.")
    assert _paths(extension, "v1/bookings") == [
        f"v1/bookings/{each}" for each in ("b1", "b2", "b2")
    ]


def test_an_answer_about_the_share_before_is_not_shown(
    visit: Visit, extension: FakeExtension
) -> None:
    extension.put("GET v1/shares/s1", share())
    extension.put("GET v1/shares/s2", share(shareId="s2", title="Second call"))
    context = visit()
    held: list[Route] = []
    context.route("**/v1/shares/s1", lambda route: held.append(route))  # noqa: PLW0108 - marked
    page, card = place(context, extension, "calendar-availability")
    with page.expect_request("**/v1/shares/s1"):
        _set(page, "calendar-availability", shareId="s1")
    _set(page, "calendar-availability", shareId="s2")
    expect(card).to_contain_text("Second call")
    with page.expect_response("**/v1/shares/s1"):
        held[0].continue_()
    page.wait_for_load_state("networkidle")
    expect(card.get_by_role("heading", name="Second call")).to_be_visible()
    expect(card.locator(".status")).to_be_hidden()


def test_what_was_set_before_the_module_came_is_taken_up(
    visit: Visit, extension: FakeExtension, complaints: list[str]
) -> None:
    extension.put("GET v1/shares/s1", share())
    extension.pages["early"] = EARLY
    page = visit().new_page()
    page.goto(f"{extension.address}/shown/early")
    card = page.locator("calendar-availability")
    expect(card.get_by_label("Time zone")).to_have_value("Asia/Tokyo")
    expect(card).to_have_attribute("share-id", "s1")
    assert complaints == []


def test_a_long_history_asks_only_for_what_is_in_view(
    visit: Visit, extension: FakeExtension
) -> None:
    page, card = place(visit(), extension, "calendar-connect")
    expect(card.get_by_role("alert")).to_be_visible()
    page.evaluate(
        """() => {
            const cards = Array.from({ length: 30 }, (_, index) => Object.assign(
                document.createElement("calendar-availability"), { client, shareId: `s${index}` },
            ));
            document.body.append(...cards);
        }"""
    )
    expect(page.locator("calendar-availability").first.get_by_role("alert")).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert 0 < len(_paths(extension, "v1/shares")) < 10
