"""`<calendar-invite>`, `<calendar-share>`, `<calendar-connect>`, and the client behind them all."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.browser.cards import booked, place, share
from tests.browser.fake_extension import FakeExtension

pytestmark = pytest.mark.browser
Visit = Callable[..., BrowserContext]
CONNECTED = {"state": "connected", "email": "alice@example.com", "timeZone": "Europe/Berlin"}


def _ask(page: Page, call: str) -> Any:
    """Call the client, and return its answer or what of the error an app can see."""
    return page.evaluate(
        f"""() => client.{call}.catch((error) => ({{
            code: error.code, message: error.message, details: error.details,
            isError: error instanceof Error,
        }}))"""
    )


def test_an_invite_shows_what_the_extension_confirms(
    visit: Visit, extension: FakeExtension, complaints: list[str]
) -> None:
    extension.put("GET v1/bookings/b1", booked(extension.address))
    forged = {"bookingId": "b1", "title": "Forged", "startsAt": "2030-01-01T00:00:00Z"}
    _, card = place(visit(), extension, "calendar-invite", customData=forged, viewer="bob")
    expect(card).to_contain_text("Intro call")
    expect(card).to_contain_text("Tuesday 24 November")
    expect(card.get_by_role("link")).to_have_count(5)
    expect(card).not_to_contain_text("Forged")
    assert complaints == []


def test_a_host_needs_no_links(visit: Visit, extension: FakeExtension) -> None:
    extension.put("GET v1/bookings/b1", booked(extension.address))
    _, card = place(
        visit(), extension, "calendar-invite", customData={"bookingId": "b1"}, viewer="alice"
    )
    expect(card).to_contain_text("It is in your calendar.")
    expect(card.get_by_role("link")).to_have_count(0)


def test_an_unknown_invite_shows_nothing_of_the_message(
    visit: Visit, extension: FakeExtension
) -> None:
    forged = {"bookingId": "b9", "title": "Forged", "links": {"google": "https://evil.example/"}}
    _, card = place(visit(), extension, "calendar-invite", customData=forged)
    expect(card).to_contain_text("not known to the calendar service")
    expect(card.get_by_role("link")).to_have_count(0)
    expect(card).not_to_contain_text("Forged")


@pytest.mark.parametrize(
    ("link", "address"),
    [
        ("google", "https://calendar.google.com.evil.example/"),
        ("google", "http://calendar.google.com/calendar/render"),
        ("google", "https://someone@calendar.google.com/"),
        ("google", "https://calendar.google.com:8443/"),
        ("google", "javascript:alert(1)"),
        ("google", "//calendar.google.com/"),
        ("google", ""),
        ("ics", "https://calendar.google.com/calendar/ical/invite.ics"),
        ("ics", "https://evil.example/v1/invites/t.ics"),
        ("ics", "blob:{own}/0"),
        ("ics", "webcal:{own}/v1/invites/t.ics"),
    ],
)
def test_other_addresses_are_not_opened(
    visit: Visit, extension: FakeExtension, link: str, address: str
) -> None:
    address = address.replace("{own}", extension.address)
    extension.put("GET v1/bookings/b1", booked(extension.address, **{link: address}))
    _, card = place(visit(), extension, "calendar-invite", customData={"bookingId": "b1"})
    expect(card.get_by_role("link", name="Outlook.com")).to_be_visible()
    expect(card.get_by_role("link")).to_have_count(4)


def test_one_invite_a_booking_is_shown(visit: Visit, extension: FakeExtension) -> None:
    page, _ = place(visit(), extension, "calendar-invite")
    shown = page.evaluate(
        """() => {
            const type = "extension_calendar_invite";
            const invite = (id, bookingId, sequence) => (
                { id, type, data: { customData: { bookingId, sequence } } }
            );
            const text = { id: "4", type: "text", data: { text: "Hi" } };
            return scheduling.latestInvites([
                invite("1", "b1", 0), invite("2", "b1", 1), invite("3", "b1", 0), text,
                invite("5", "b2", 0), invite("6", "b2", 0),
            ]).map((each) => each.id);
        }"""
    )
    assert shown == ["2", "4", "6"]


def _ready_to_share(extension: FakeExtension) -> None:
    """A host is connected, has free times, and the chat takes them."""
    extension.put("GET v1/connection", CONNECTED)
    extension.put("GET v1/preview", share())
    extension.put("POST v1/share", {"shareId": "s1", "messageId": "7", "availability": {}})


def test_times_are_shared_with_whom_one_writes(
    visit: Visit, extension: FakeExtension, complaints: list[str]
) -> None:
    _ready_to_share(extension)
    _, card = place(visit(), extension, "calendar-share", receiver="bob")
    card.get_by_label("Title").fill("Intro call")
    card.get_by_label("Length").select_option("45")
    card.get_by_role("button", name="Share").click()
    expect(card.locator(".status").first).to_have_text("Shared with bob.")
    (sent,) = extension.bodies("v1/share")
    del sent["idempotencyKey"]
    assert sent == {
        "receiver": "bob",
        "receiverType": "user",
        "durationMinutes": 45,
        "title": "Intro call",
        "locale": "en-GB",
    }
    assert complaints == []


def test_what_will_be_seen_is_shown_before_it_is_sent(
    visit: Visit, extension: FakeExtension, complaints: list[str]
) -> None:
    extension.put("GET v1/connection", CONNECTED)
    extension.put("GET v1/preview", share())
    extension.put("GET v1/preview", share(slots=[]))
    _, card = place(visit(), extension, "calendar-share", receiver="bob")
    preview = card.get_by_label("What will be seen")
    expect(preview).to_contain_text("Meeting with Alice")
    expect(preview.locator(".slot").first).to_have_text("09:00")
    expect(preview.locator("button.slot")).to_have_count(0)
    card.get_by_label("Title").fill("Intro call")
    expect(preview.get_by_role("heading", name="Intro call")).to_be_visible()
    card.get_by_label("Length").select_option("90")
    expect(preview).to_contain_text("No time is free any more.")
    asked = [each.query for each in extension.asked if each.path == "v1/preview"]
    assert asked == [{"durationMinutes": "30"}, {"durationMinutes": "90"}]
    assert extension.bodies("v1/share") == []
    assert complaints == []


def test_sharing_connects_first_and_goes_on_when_that_is_done(
    visit: Visit, extension: FakeExtension, complaints: list[str]
) -> None:
    extension.put("GET v1/connection", {"state": "none"})
    extension.put("GET v1/preview", share())
    extension.put("POST v1/connect", {"connectUrl": f"{extension.address}/?page", "expiresAt": ""})
    page, card = place(visit(), extension, "calendar-share", receiver="bob")
    expect(card.get_by_role("button", name="Share")).to_have_count(0)
    with page.expect_popup():
        card.get_by_role("button", name="Connect Google Calendar").click()
    extension.put("GET v1/connection", CONNECTED)
    expect(card.get_by_role("button", name="Share")).to_be_visible()
    expect(card).to_contain_text("alice@example.com")
    assert complaints == []


def test_a_calendar_that_went_away_meanwhile_is_connected_again(
    visit: Visit, extension: FakeExtension
) -> None:
    address = f"{extension.address}/connect/t"
    extension.put("GET v1/connection", CONNECTED)
    extension.put("GET v1/preview", share())
    extension.refuse("POST v1/share", "NOT_CONNECTED", connectUrl=address)
    _, card = place(visit(), extension, "calendar-share", receiver="bob")
    expect(card.get_by_label("What will be seen")).to_contain_text("Free times of Alice")
    extension.put("GET v1/connection", {"state": "none"})
    card.get_by_role("button", name="Share").click()
    expect(card.get_by_role("alert")).to_contain_text("There is no calendar connected.")
    expect(card.get_by_role("link", name="Open the page")).to_have_attribute("href", address)
    expect(card.get_by_role("button", name="Connect Google Calendar")).to_be_visible()


def test_a_press_is_not_lost_when_the_preview_comes_while_it_lasts(
    visit: Visit, extension: FakeExtension
) -> None:
    _ready_to_share(extension)
    context = visit()
    held: list[Route] = []
    context.route("**/v1/preview*", lambda route: held.append(route))  # noqa: PLW0108 - marked
    page, card = place(context, extension, "calendar-share", receiver="bob")
    card.get_by_role("button", name="Share").hover()
    page.mouse.down()
    held[0].continue_()
    expect(card.get_by_label("What will be seen")).to_contain_text("Free times of Alice")
    page.mouse.up()
    expect(card.locator(".status").first).to_have_text("Shared with bob.")


def test_what_became_of_sharing_stands_above_the_form_and_names_the_receiver(
    visit: Visit, extension: FakeExtension
) -> None:
    _ready_to_share(extension)
    context = visit()
    held: list[Route] = []
    context.route("**/v1/share", lambda route: held.append(route))  # noqa: PLW0108 - marked
    _, card = place(context, extension, "calendar-share", receiver="u-17", receiverName="Bob")
    button = card.get_by_role("button", name="Share")
    expect(card.get_by_label("What will be seen")).to_contain_text("Free times of Alice")
    button.click()
    heard = card.locator(".shown > .status + form")
    expect(heard).to_have_count(1)
    expect(card.locator(".status").first).to_have_text("Sharing …")
    held[0].continue_()
    expect(card.locator(".status").first).to_have_text("Shared with Bob.")
    expect(heard).to_have_count(1)
    expect(button).to_be_focused()


def test_where_nothing_is_free_the_card_says_so_and_sends_only_if_one_insists(
    visit: Visit, extension: FakeExtension
) -> None:
    extension.put("GET v1/connection", CONNECTED)
    extension.put("GET v1/preview", share(slots=[]))
    extension.put("POST v1/share", {"shareId": "s1", "messageId": "7", "availability": {}})
    page, card = place(visit(), extension, "calendar-share", receiver="bob")
    expect(card.locator("form")).to_contain_text("no time of this length is free")
    expect(card.locator("button.main")).to_have_count(0)
    card.get_by_label("Title").focus()
    page.keyboard.press("Enter")
    card.get_by_role("button", name="Share anyway").click()
    expect(card.locator(".status").first).to_have_text("Shared with bob.")
    assert len(extension.bodies("v1/share")) == 1


def test_a_chat_that_lets_nobody_write_is_told_as_such(
    visit: Visit, extension: FakeExtension
) -> None:
    extension.put("GET v1/connection", CONNECTED)
    extension.put("GET v1/preview", share())
    extension.refuse("POST v1/share", "NOT_ALLOWED", status=403)
    _, card = place(visit(), extension, "calendar-share", receiver="bob")
    card.get_by_role("button", name="Share").click()
    expect(card.get_by_role("alert")).to_have_text(
        "The chat does not let you write here, so nothing was shared."
    )


def test_a_limit_says_when_it_goes_on_in_the_viewers_time(
    visit: Visit, extension: FakeExtension
) -> None:
    extension.put("GET v1/connection", CONNECTED)
    extension.put("GET v1/preview", share())
    extension.refuse("POST v1/share", "TOO_MANY_REQUESTS", status=429, retryAfterSeconds=1499)
    context = visit()
    context.clock.set_fixed_time("2026-11-23T14:35:00Z")
    _, card = place(context, extension, "calendar-share", receiver="bob")
    card.get_by_role("button", name="Share").click()
    alert = card.get_by_role("alert")
    expect(alert).to_have_text("That was too much at once. You can go on at 10:00.")
    expect(alert.get_by_role("button")).to_have_count(0)


@pytest.mark.parametrize("address", ["https://evil.example/connect", "https://calendar.yahoo.com/"])
def test_a_way_to_somewhere_else_is_not_shown(
    visit: Visit, extension: FakeExtension, address: str
) -> None:
    extension.put("GET v1/connection", CONNECTED)
    extension.put("GET v1/preview", share())
    extension.refuse("POST v1/share", "NOT_CONNECTED", connectUrl=address)
    _, card = place(visit(), extension, "calendar-share", receiver="bob")
    card.get_by_role("button", name="Share").click()
    expect(card.get_by_role("alert")).to_contain_text("There is no calendar connected.")
    expect(card.get_by_role("link")).to_have_count(0)


def test_the_connection_is_noticed_when_the_page_is_done(
    visit: Visit, extension: FakeExtension, complaints: list[str]
) -> None:
    extension.put("GET v1/connection", {"state": "none"})
    extension.put("POST v1/connect", {"connectUrl": f"{extension.address}/?page", "expiresAt": ""})
    page, card = place(visit(), extension, "calendar-connect")
    with page.expect_popup() as opened:
        card.get_by_role("button", name="Connect Google Calendar").click()
    opened.value.wait_for_url("**/?page")
    assert opened.value.evaluate("window.opener") is None
    extension.put("GET v1/connection", CONNECTED)
    expect(card).to_contain_text("Your calendar is connected")
    expect(card).to_contain_text("alice@example.com")
    expect(card.get_by_role("button", name="Manage")).to_be_visible()
    assert complaints == []


def test_a_lost_calendar_asks_to_be_connected_again(visit: Visit, extension: FakeExtension) -> None:
    extension.put("GET v1/connection", {**CONNECTED, "state": "reconnect"})
    _, card = place(visit(), extension, "calendar-connect")
    expect(card).to_contain_text("Your calendar needs connecting again")
    expect(card.get_by_role("button", name="Connect again")).to_be_visible()


def test_the_client_speaks_as_call_extension_does(visit: Visit, extension: FakeExtension) -> None:
    extension.put("GET v1/connection", CONNECTED)
    extension.break_off("GET v1/shares")
    page, _ = place(visit(), extension, "calendar-connect")
    assert _ask(page, "connection()") == CONNECTED
    headers = extension.asked[-1].headers
    assert (headers["appid"], headers["authtoken"]) == ("local", "bob_1")
    assert headers["accept"] == headers["content-type"] == "application/json"
    assert "x-requested-with" not in headers
    refused = _ask(page, "booking('b/1')")
    assert (refused["code"], refused["isError"]) == ("NOT_FOUND", True)
    assert _ask(page, "shares()")["code"] == "FAILED_TO_FETCH"
    assert _ask(page, "shares('a b&c')")["code"] == "FAILED_TO_FETCH"
    assert extension.asked[-1].query == {"cursor": "a b&c"}


def test_a_key_is_kept_until_the_outcome_is_known(visit: Visit, extension: FakeExtension) -> None:
    extension.put("GET v1/connection", CONNECTED)
    extension.break_off("POST v1/book")
    extension.refuse("POST v1/book", "BOOKING_IN_PROGRESS", retryAfterSeconds=5)
    extension.put("POST v1/book", {})
    page, _ = place(visit(), extension, "calendar-connect")
    for _ in range(4):
        _ask(page, "book({ shareId: 's1' })")
    _ask(page, "book({ shareId: 's2' })")
    first, second, third, fourth, other = [
        each["idempotencyKey"] for each in extension.bodies("v1/book")
    ]
    assert first == second == third
    assert len({third, fourth, other}) == 3


def test_the_booking_page_calls_by_its_cookie(visit: Visit, extension: FakeExtension) -> None:
    extension.put("GET v1/connection", {"state": "none"})
    context = visit()
    context.add_cookies([{"name": "page", "value": "1", "url": extension.address}])
    page, _ = place(context, extension, "calendar-invite")
    page.evaluate("() => new scheduling.CalendarScheduling().connection()")

    def last() -> dict[str, str]:
        """Return the headers of the last such call: the card beside it has calls of its own."""
        return [each.headers for each in extension.asked if each.path == "v1/connection"][-1]

    headers = last()
    assert headers["x-requested-with"] == "calendar-scheduling"
    assert headers["cookie"] == "page=1"
    assert not {"appid", "authtoken"} & set(headers)
    page.evaluate("() => client.connection()")
    assert "cookie" not in last()


def test_words_that_did_not_come_are_asked_for_again(
    visit: Visit, extension: FakeExtension
) -> None:
    extension.put("GET v1/connection", CONNECTED)
    context = visit()
    failing = [True]

    def answer(route: Route) -> None:
        if failing and failing.pop():
            route.fulfill(status=500, json={"message": "Internal Server Error"})
        else:
            route.continue_()

    context.route("**/words-en.json", answer)
    _, card = place(context, extension, "calendar-connect")
    expect(card).to_contain_text("Your calendar is connected", timeout=10_000)


def test_words_may_come_from_elsewhere(visit: Visit, extension: FakeExtension) -> None:
    extension.put("GET v1/connection", CONNECTED)
    context = visit()
    words = {"card.connect.connected": "Everything is fine"}
    context.route("**/elsewhere/en.json", lambda route: route.fulfill(json=words))
    page = context.new_page()
    page.goto(extension.address)
    page.wait_for_function("window.client")
    page.evaluate(
        """() => {
            scheduling.setWordsUrl((locale) => `/elsewhere/${locale}.json`);
            const card = document.createElement("calendar-connect");
            document.body.append(Object.assign(card, { client }));
        }"""
    )
    expect(page.locator("calendar-connect")).to_contain_text("Everything is fine")
