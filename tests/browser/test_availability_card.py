"""`<calendar-availability>`: what a guest sees, picks and gets."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser.cards import END, NEXT, START, booked, place, share
from tests.browser.fake_extension import FakeExtension
from tests.browser.pages import WORDS

pytestmark = pytest.mark.browser
Visit = Callable[..., BrowserContext]


def test_times_are_the_viewers_and_both_zones_are_named(
    visit: Visit, extension: FakeExtension, complaints: list[str]
) -> None:
    extension.put("GET v1/shares/s1", share())
    _, card = place(visit(), extension, "calendar-availability", shareId="s1")
    expect(card).to_contain_text("Alice is in Europe/Berlin")
    expect(card.get_by_label("Time zone")).to_have_value("America/New_York")
    expect(card.get_by_role("tab", selected=True)).to_have_accessible_name(
        "Tuesday 24 November. Free times: 3"
    )
    expect(card.get_by_role("button", name="09:00", exact=True)).to_be_visible()
    expect(card.get_by_role("button", name="13:00", exact=True)).to_be_visible()
    expect(card.locator(".busy")).to_have_text("10:00–11:30 busy")
    assert complaints == []


def test_another_day_is_chosen_by_the_arrow_keys(visit: Visit, extension: FakeExtension) -> None:
    extension.put("GET v1/shares/s1", share())
    page, card = place(visit(), extension, "calendar-availability", shareId="s1")
    card.get_by_role("tab", selected=True).focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(card.get_by_role("tab", selected=True)).to_have_accessible_name(
        "Wednesday 25 November. Free times: 1"
    )
    expect(card.get_by_role("button", name="04:00")).to_be_visible()


def test_a_time_is_booked_by_keyboard_alone(
    visit: Visit, extension: FakeExtension, complaints: list[str]
) -> None:
    extension.put("GET v1/shares/s1", share())
    extension.put("POST v1/book", booked(extension.address))
    page, card = place(visit(), extension, "calendar-availability", shareId="s1")
    card.get_by_role("button", name="09:00", exact=True).focus()
    page.keyboard.press("Enter")
    heading = card.get_by_role("heading", name="Meet Alice")
    expect(heading).to_be_focused()
    expect(card).to_contain_text("For Alice that is 15:00.")
    page.keyboard.press("Tab")
    page.keyboard.type("Hello")
    page.keyboard.press("Tab")
    page.keyboard.type("About the offer")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(card).to_contain_text("Meeting confirmed")
    expect(card).to_contain_text("09:00–09:30")
    (sent,) = extension.bodies("v1/book")
    key = sent.pop("idempotencyKey")
    assert len(key) == 36
    assert sent == {
        "shareId": "s1",
        "startsAt": "2026-11-24T14:00:00.000Z",
        "durationMinutes": 30,
        "title": "Hello",
        "note": "About the offer",
        "timeZone": "America/New_York",
        "locale": "en-GB",
    }
    assert complaints == []


def test_the_invites_links_lead_to_known_calendars_in_the_viewers_time(
    visit: Visit, extension: FakeExtension
) -> None:
    extension.put("GET v1/shares/s1", share(booking=booked("")["booking"]))
    extension.put("GET v1/bookings/b1", booked(extension.address))
    _, card = place(visit(), extension, "calendar-availability", shareId="s1")
    links = card.get_by_role("link")
    expect(links).to_have_count(5)
    yahoo = card.get_by_role("link", name="Yahoo")
    expect(yahoo).to_have_attribute(
        "href", "https://calendar.yahoo.com/?v=60&ST=20261124T090000&ET=20261124T093000"
    )
    expect(yahoo).to_have_attribute("rel", "noopener noreferrer")
    expect(yahoo).to_have_attribute("target", "_blank")


def test_a_taken_time_gives_alternatives_and_fresh_times(
    visit: Visit, extension: FakeExtension
) -> None:
    extension.put("GET v1/shares/s1", share())
    extension.put("GET v1/shares/s1", share(slots=[NEXT]))
    extension.refuse("POST v1/book", "SLOT_TAKEN", alternatives=[NEXT])
    extension.put("POST v1/book", booked(extension.address))
    _, card = place(visit(), extension, "calendar-availability", shareId="s1")
    card.get_by_role("button", name="09:00", exact=True).click()
    card.get_by_label("Note").fill("Keep this")
    card.get_by_role("button", name="Book").click()
    expect(card.get_by_role("alert")).to_contain_text("just been taken")
    expect(card.get_by_role("button", name="09:00", exact=True)).to_have_count(0)
    card.get_by_role("alert").get_by_role("button", name="09:15").click()
    expect(card.get_by_label("Note")).to_have_value("Keep this")
    card.get_by_role("button", name="Book").click()
    expect(card).to_contain_text("Meeting confirmed")
    first, second = extension.bodies("v1/book")
    assert first["idempotencyKey"] != second["idempotencyKey"]


def test_an_unanswered_booking_is_sent_again_as_the_same_one(
    visit: Visit, extension: FakeExtension
) -> None:
    extension.put("GET v1/shares/s1", share())
    extension.break_off("POST v1/book")
    extension.put("POST v1/book", booked(extension.address))
    _, card = place(visit(), extension, "calendar-availability", shareId="s1")
    card.get_by_role("button", name="09:00", exact=True).click()
    card.get_by_role("button", name="Book").click()
    expect(card.get_by_role("alert")).to_contain_text("There is no connection")
    card.get_by_role("button", name="Try again").click()
    expect(card).to_contain_text("Meeting confirmed")
    first, second = extension.bodies("v1/book")
    assert first == second


def test_an_unknown_outcome_is_waited_for(visit: Visit, extension: FakeExtension) -> None:
    extension.put("GET v1/shares/s1", share())
    claimed = {"booking": booked("", status="claimed")["booking"]}
    extension.put("POST v1/book", claimed, status=202)
    page, card = place(visit(), extension, "calendar-availability", shareId="s1")
    page.clock.install()
    card.get_by_role("button", name="09:00", exact=True).click()
    card.get_by_role("button", name="Book").click()
    expect(card).to_contain_text("Waiting for the calendar")
    extension.put("GET v1/bookings/b1", booked(extension.address))
    extension.put("GET v1/shares/s1", share(booking=booked("")["booking"]))
    page.clock.run_for(6_000)
    expect(card).to_contain_text("Meeting confirmed")


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        ("full", "No time is free any more."),
        ("expired", "These days have passed."),
        ("withdrawn", "These times have been withdrawn."),
        ("closed", "These times are no longer offered."),
    ],
)
def test_a_share_that_cannot_be_booked_says_why(
    visit: Visit, extension: FakeExtension, status: str, sentence: str
) -> None:
    extension.put("GET v1/shares/s1", share(status=status, slots=[]))
    _, card = place(visit(), extension, "calendar-availability", shareId="s1")
    expect(card).to_contain_text(sentence)
    expect(card.get_by_role("button")).to_have_count(0)


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("CALENDAR_UNAVAILABLE", "The calendar does not answer just now"),
        ("NOT_CONNECTED", "The host's calendar cannot be reached. Please ask in the chat."),
        ("RECONNECT_NEEDED", "The host's calendar cannot be reached. Please ask in the chat."),
        ("NOT_ALLOWED", "This is open only to those"),
        ("A_CODE_OF_TOMORROW", "Something went wrong on our side"),
    ],
)
def test_a_refusal_is_told_in_words(
    visit: Visit, extension: FakeExtension, code: str, sentence: str
) -> None:
    extension.refuse("GET v1/shares/s1", code)
    _, card = place(visit(), extension, "calendar-availability", shareId="s1")
    expect(card.get_by_role("alert")).to_contain_text(sentence)


def test_a_host_is_told_that_it_is_their_own_calendar(
    visit: Visit, extension: FakeExtension
) -> None:
    way = f"{extension.address}/connect/t"
    extension.refuse("GET v1/shares/s1", "RECONNECT_NEEDED", connectUrl=way)
    _, card = place(visit(), extension, "calendar-availability", shareId="s1")
    alert = card.get_by_role("alert")
    expect(alert).to_contain_text("The calendar has to be connected again.")
    expect(alert.get_by_role("link", name="Open the page")).to_have_attribute("href", way)


def test_a_meeting_is_shown_although_its_share_is_closed(
    visit: Visit, extension: FakeExtension
) -> None:
    mine = booked("")["booking"]
    extension.put("GET v1/shares/s1", share(status="closed", slots=[], busy=[], booking=mine))
    extension.put("GET v1/bookings/b1", booked(extension.address))
    _, card = place(visit(), extension, "calendar-availability", shareId="s1")
    expect(card).to_contain_text("Meeting confirmed")
    expect(card.get_by_role("link")).to_have_count(5)


@pytest.mark.parametrize(
    ("status", "buttons"), [("full", 1), ("closed", 1), ("expired", 0), ("withdrawn", 0)]
)
def test_a_host_withdraws_what_may_still_be_booked_one_day(
    visit: Visit, extension: FakeExtension, status: str, buttons: int
) -> None:
    extension.put("GET v1/shares/s1", share(role="host", status=status, slots=[]))
    _, card = place(visit(), extension, "calendar-availability", shareId="s1")
    expect(card).to_contain_text(WORDS.translate(f"card.status.{status}", "en"))
    expect(card.get_by_role("button", name="Withdraw")).to_have_count(buttons)


def test_what_people_typed_stays_text(
    visit: Visit, extension: FakeExtension, complaints: list[str]
) -> None:
    nasty = "<img src=x onerror=console.error(1)>"
    extension.put("GET v1/shares/s1", share(title=nasty, host={"uid": "alice", "name": nasty}))
    _, card = place(visit(), extension, "calendar-availability", shareId="s1")
    expect(card.get_by_role("heading", name=nasty)).to_be_visible()
    expect(card.locator("img")).to_have_count(0)
    assert complaints == []


def test_a_length_is_chosen_among_several(visit: Visit, extension: FakeExtension) -> None:
    extension.put("GET v1/shares/s1", share(durations=[30, 60]))
    extension.put("GET v1/shares/s1", share(durations=[30, 60], slots=[START]))
    _, card = place(visit(), extension, "calendar-availability", shareId="s1")
    card.get_by_label("Length").select_option("60")
    expect(card.get_by_role("button", name="09:15")).to_have_count(0)
    assert [each.query for each in extension.asked] == [{}, {"durationMinutes": "60"}]


def test_the_host_sees_what_was_offered_and_withdraws_it(
    visit: Visit, extension: FakeExtension
) -> None:
    extension.put("GET v1/shares/s1", share(role="host"))
    extension.put("POST v1/shares/s1/withdraw", {"shareId": "s1", "status": "withdrawn"})
    _, card = place(visit(), extension, "calendar-availability", shareId="s1")
    expect(card).to_contain_text("shared with bob")
    extension.put("GET v1/shares/s1", share(role="host", status="withdrawn"))
    card.get_by_role("button", name="Withdraw").click()
    expect(card).to_contain_text("Meetings that are already booked stay.")
    card.get_by_role("button", name="Withdraw").click()
    expect(card).to_contain_text("These times have been withdrawn.")


@pytest.mark.parametrize("locale", WORDS.locales())
def test_it_speaks_every_language(
    visit: Visit, extension: FakeExtension, complaints: list[str], locale: str
) -> None:
    extension.put("GET v1/shares/s1", share())
    _, card = place(
        visit("Europe/Berlin"), extension, "calendar-availability", lang=locale, shareId="s1"
    )
    kind = card.locator(".kind")
    expect(kind).to_contain_text("Alice")
    said = kind.inner_text().replace("\u2068", "").replace("\u2069", "")
    assert said == WORDS.translate("card.availability.kind", locale, host="Alice")
    direction = card.evaluate("(card) => getComputedStyle(card.shadowRoot.firstChild).direction")
    assert direction == ("rtl" if locale == "ar" else "ltr")
    assert complaints == []


def test_it_speaks_german(visit: Visit, extension: FakeExtension) -> None:
    extension.put("GET v1/shares/s1", share())
    _, card = place(
        visit("Europe/Berlin"), extension, "calendar-availability", lang="de-AT", shareId="s1"
    )
    expect(card).to_contain_text("Freie Zeiten von Alice")
    expect(card.get_by_label("Zeitzone")).to_have_value("Europe/Berlin")
    assert END not in card.inner_text()
