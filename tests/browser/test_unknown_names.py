"""Zones and languages that one side does not know: another is used and named."""

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from local import walk
from scheduling.core.catalogue import Catalogue
from tests.browser import pages
from tests.browser.cards import booked, place, share, times
from tests.browser.fake_extension import FakeExtension
from tests.browser.test_web_files import CATALOGUES

pytestmark = pytest.mark.browser
Visit = Callable[..., BrowserContext]
BEFORE = "2026-11-23T08:00:00Z"
WIDE = {"width": 1000, "height": 900}
WORDS = Catalogue(pages.WEB / "words")
CONNECTED = {"state": "connected", "email": "alice@example.com"}
#: What browsers report where they know no zone, and what `Intl` refuses.
NO_ZONE = ["'Etc/Unknown'", "undefined", "'Mars/Olympus'", "''", "null"]
#: Zones of a newer database than this browser's, and in forms that it does not read.
UNKNOWN = ["Europe/Newland", "GMT+03:00", "Etc/Unknown", ""]
REPORTS = """(() => {{
    const {{ resolvedOptions }} = Intl.DateTimeFormat.prototype;
    Intl.DateTimeFormat.prototype.resolvedOptions = function () {{
        return {{ ...resolvedOptions.call(this), timeZone: {zone} }};
    }};
}})()"""
SPEAKS = """(() => {{
    const own = {{ language: {language}, languages: {languages} }};
    for (const [name, value] of Object.entries(own)) {{
        Object.defineProperty(Navigator.prototype, name, {{ get: () => value }});
    }}
}})()"""
TEXTS = """(card) => {
    const texts = (node) => node.nodeType === Node.TEXT_NODE
        ? node.data : [...(node.shadowRoot ?? node).childNodes].map(texts).join(" ");
    return texts(card);
}"""
UNSAID = "Times are shown in {zone}: this browser does not say its time zone."


def _without_zone(visit: Visit, reported: str = "undefined", **more: Any) -> BrowserContext:
    """Return a browser that does not say its zone."""
    context = visit(**more)
    context.add_init_script(REPORTS.format(zone=reported))
    context.clock.set_fixed_time(BEFORE)
    return context


def _speaking(
    visit: Visit, language: str = "undefined", languages: str = "undefined", **more: Any
) -> BrowserContext:
    """Return a browser whose languages are these JavaScript values."""
    context = visit(**more)
    context.add_init_script(SPEAKS.format(language=language, languages=languages))
    return context


def _said(card: Locator) -> str:
    """Return the texts of a card and of those within it, without the marks that isolate names."""
    text = card.evaluate(TEXTS).replace("\u2068", "").replace("\u2069", "")
    return " ".join(text.replace("\u202f", " ").split())


def _offer(context: BrowserContext, extension: FakeExtension, lang: str = "en") -> Locator:
    extension.put("GET v1/shares/s1", share())
    _, card = place(context, extension, "calendar-availability", lang=lang, shareId="s1")
    expect(card.locator("button.slot").first).to_be_visible()
    return card


def _book(card: Locator, extension: FakeExtension, answer: dict[str, Any]) -> dict[str, Any]:
    """Book the first time and return what was sent."""
    extension.put("POST v1/book", answer)
    card.locator("button.slot").first.click()
    card.locator("form button").first.click()
    expect(card.locator(".kind.good, .kind.open")).to_be_visible()
    (sent,) = extension.bodies("v1/book")
    return sent


# The browser's own zone


@pytest.mark.parametrize("reported", NO_ZONE)
def test_a_browser_without_a_zone_shows_the_hosts_and_says_so(
    visit: Visit, extension: FakeExtension, complaints: list[str], reported: str
) -> None:
    card = _offer(_without_zone(visit, reported), extension)
    assert UNSAID.format(zone="Europe/Berlin") in _said(card)
    expect(card.get_by_label("Time zone")).to_have_value("Europe/Berlin")
    expect(card.get_by_role("button", name="15:00")).to_be_visible()
    sent = _book(card, extension, booked(extension.address))
    assert "timeZone" not in sent
    assert sent["locale"] == "en-GB"
    assert UNSAID.format(zone="Europe/Berlin") in _said(card)
    assert "15:00–15:30" in _said(card)
    yahoo = card.get_by_role("link", name="Yahoo")
    expect(yahoo).to_have_attribute(
        "href", "https://calendar.yahoo.com/?v=60&ST=20261124T150000&ET=20261124T153000"
    )
    assert complaints == []


def test_the_zone_that_is_then_chosen_is_used_and_sent(
    visit: Visit, extension: FakeExtension
) -> None:
    card = _offer(_without_zone(visit), extension)
    card.get_by_label("Time zone").select_option("Asia/Tokyo")
    expect(card.get_by_role("button", name="23:00")).to_be_visible()
    assert "does not say" not in _said(card)
    assert _book(card, extension, booked(extension.address))["timeZone"] == "Asia/Tokyo"


def test_a_browser_without_a_zone_shows_an_invite_in_the_meetings(
    visit: Visit, extension: FakeExtension, complaints: list[str]
) -> None:
    extension.put("GET v1/bookings/b1", booked(extension.address))
    extension.put("GET v1/bookings/b1/times", times())
    data = {"bookingId": "b1"}
    context = _without_zone(visit)
    _, card = place(context, extension, "calendar-invite", customData=data, viewer="bob")
    expect(card).to_contain_text("15:00–15:30")
    assert UNSAID.format(zone="Europe/Berlin") in _said(card)
    card.get_by_role("button", name="Choose another time").click()
    expect(card.get_by_role("button", name="15:15")).to_be_visible()
    assert complaints == []


def test_a_host_whose_browser_has_no_zone_shares_by_the_calendars(
    visit: Visit, extension: FakeExtension, complaints: list[str]
) -> None:
    extension.put("GET v1/connection", {**CONNECTED, "timeZone": "Europe/Berlin"})
    extension.put("GET v1/preview", share())
    _, card = place(_without_zone(visit), extension, "calendar-share", receiver="bob")
    expect(card.locator(".preview")).to_contain_text("15:00")
    assert UNSAID.format(zone="Europe/Berlin") in _said(card)
    assert complaints == []


def test_a_limit_ends_at_a_time_whose_zone_is_named(visit: Visit, extension: FakeExtension) -> None:
    limited = {"status": 429, "retryAfterSeconds": 3600}
    extension.refuse("GET v1/shares/s1", "TOO_MANY_REQUESTS", **limited)
    _, card = place(_without_zone(visit), extension, "calendar-availability", shareId="s1")
    expect(card.get_by_role("alert")).to_be_visible()
    assert "You can go on at 09:00 (UTC)." in _said(card)


@pytest.fixture
def lost(browser: Browser) -> Iterator[Page]:
    """Open a page of a browser whose machine names a zone that there is not."""
    lost = browser.browser_type.launch(
        executable_path=walk.CHROMIUM,
        args=["--headless", "--no-sandbox", "--disable-gpu"],
        env={**os.environ, "TZ": "Foo/Bar"},
    )
    yield lost.new_page(locale="en-GB")
    lost.close()


def test_the_booking_page_books_on_a_machine_whose_zone_is_not_known(
    lost: Page, extension: FakeExtension
) -> None:
    errors: list[str] = []
    lost.on("pageerror", lambda error: errors.append(str(error)))
    extension.pages["book"] = pages.book().replace("/assets/1/", "/assets/latest/")
    extension.put("GET v1/shares/s1", share())
    lost.goto(f"{extension.address}/shown/book")
    reported = "() => Intl.DateTimeFormat().resolvedOptions().timeZone"
    assert lost.evaluate(reported) == "Etc/Unknown"
    card = lost.locator("calendar-availability")
    expect(card.get_by_role("button", name="15:00").first).to_be_visible()
    assert UNSAID.format(zone="Europe/Berlin") in _said(card)
    sent = _book(card, extension, booked(extension.address))
    assert "timeZone" not in sent
    assert errors == []


# Zones of others


@pytest.mark.parametrize("zone", UNKNOWN)
@pytest.mark.parametrize("size", [{}, {"viewport": WIDE}], ids=["strip", "week"])
def test_a_host_in_a_zone_that_the_browser_does_not_know_is_booked(
    visit: Visit,
    extension: FakeExtension,
    complaints: list[str],
    zone: str,
    size: dict[str, Any],
) -> None:
    extension.put("GET v1/shares/s1", share(timeZone=zone))
    page, card = place(visit(**size), extension, "calendar-availability", shareId="s1")
    page.evaluate("document.body.style.width = innerWidth > 900 ? '900px' : '360px'")
    expect(card.locator("button.slot", has_text="09:00").first).to_be_visible()
    assert "This browser does not know the time zone of Alice." in _said(card)
    assert ("Alice is in" in _said(card)) == bool(zone)
    offered = card.get_by_label("Time zone").locator("option")
    assert zone not in offered.evaluate_all("(all) => all.map((each) => each.value)")
    sent = _book(card, extension, booked(extension.address))
    assert sent["timeZone"] == "America/New_York"
    assert "09:00–09:30" in _said(card)
    assert complaints == []


@pytest.mark.parametrize("zone", UNKNOWN)
def test_cards_of_ones_own_calendar_show_it_in_a_zone_that_the_browser_does_not_know(
    visit: Visit, extension: FakeExtension, complaints: list[str], zone: str
) -> None:
    extension.put("GET v1/connection", {**CONNECTED, "timeZone": zone})
    extension.put("GET v1/preview", share(timeZone=zone))
    _, card = place(visit(), extension, "calendar-share", receiver="bob")
    expect(card.locator(".preview")).to_contain_text("09:00")
    assert "Your calendar is connected" in _said(card)
    assert f"alice@example.com {zone}".strip() in _said(card)
    assert complaints == []


def test_a_connection_without_a_zone_is_shown(
    visit: Visit, extension: FakeExtension, complaints: list[str]
) -> None:
    extension.put("GET v1/connection", CONNECTED)
    _, card = place(visit(), extension, "calendar-connect")
    expect(card).to_contain_text("alice@example.com")
    assert complaints == []


@pytest.mark.parametrize("zone", UNKNOWN)
def test_an_invite_in_a_zone_that_the_browser_does_not_know_is_in_the_viewers(
    visit: Visit, extension: FakeExtension, complaints: list[str], zone: str
) -> None:
    found = booked(extension.address)
    found["booking"]["timeZone"] = zone
    extension.put("GET v1/bookings/b1", found)
    extension.put("GET v1/bookings/b1/times", times(timeZone=zone))
    context = visit()
    context.clock.set_fixed_time(BEFORE)
    data = {"bookingId": "b1"}
    _, card = place(context, extension, "calendar-invite", customData=data, viewer="bob")
    expect(card).to_contain_text("09:00–09:30")
    card.get_by_role("button", name="Choose another time").click()
    expect(card.get_by_role("button", name="09:15")).to_be_visible()
    assert complaints == []


def test_where_nobody_names_a_known_zone_it_is_utc(
    visit: Visit, extension: FakeExtension, complaints: list[str]
) -> None:
    extension.put("GET v1/shares/s1", share(timeZone="Europe/Newland"))
    _, card = place(_without_zone(visit), extension, "calendar-availability", shareId="s1")
    expect(card.get_by_role("button", name="14:00")).to_be_visible()
    assert UNSAID.format(zone="UTC") in _said(card)
    expect(card.get_by_label("Time zone")).to_have_value("UTC")
    assert complaints == []


@pytest.mark.parametrize("zone", [each for each in UNKNOWN if each])
def test_a_zone_that_the_app_sets_and_the_browser_does_not_know_is_said(
    visit: Visit, extension: FakeExtension, complaints: list[str], zone: str
) -> None:
    extension.put("GET v1/shares/s1", share())
    page, card = place(
        visit(), extension, "calendar-availability", shareId="s1", timeZone="Asia/Tokyo"
    )
    expect(card.get_by_role("button", name="23:00")).to_be_visible()
    page.evaluate(
        "(zone) => void (document.querySelector('calendar-availability').timeZone = zone)", zone
    )
    expect(card.get_by_role("button", name="09:00")).to_be_visible()
    why = f"this browser does not know the time zone {zone}."
    assert f"Times are shown in America/New York: {why}" in _said(card)
    sent = _book(card, extension, booked(extension.address))
    assert sent["timeZone"] == "America/New_York"
    assert complaints == []


# The zone of the invite


@pytest.mark.parametrize("locale", sorted(CATALOGUES))
def test_the_zone_that_the_extension_used_instead_is_said(
    visit: Visit, extension: FakeExtension, complaints: list[str], locale: str
) -> None:
    card = _offer(visit(), extension, lang=locale)
    answer = {**booked(extension.address), "replaced": {"timeZone": "Europe/Berlin"}}
    assert _book(card, extension, answer)["timeZone"] == "America/New_York"
    assert WORDS.translate("card.zone.replaced", locale, zone="Europe/Berlin") in _said(card)
    assert complaints == []


def test_a_replaced_language_alone_is_not_about_zones(
    visit: Visit, extension: FakeExtension
) -> None:
    card = _offer(visit(), extension)
    _book(card, extension, {**booked(extension.address), "replaced": {"locale": "en"}})
    assert "invite" not in _said(card)


def test_the_zone_used_instead_is_said_once_the_calendar_has_confirmed(
    visit: Visit, extension: FakeExtension
) -> None:
    context = visit()
    context.clock.install(time=BEFORE)
    card = _offer(context, extension)
    claimed = booked(extension.address, status="claimed")
    extension.put("GET v1/bookings/b1", booked(extension.address))
    _book(card, extension, {**claimed, "replaced": {"timeZone": "Europe/Berlin"}})
    card.page.clock.run_for(5_100)
    expect(card).to_contain_text("Meeting confirmed")
    assert "The invite's times are in Europe/Berlin." in _said(card)


# Languages


@pytest.mark.parametrize(
    ("lang", "word", "sent"),
    [
        ("en-US-u-mu-celsius", "Free times of", "en-US"),
        ("de_DE@collation=phonebook", "Freie Zeiten von", "de-DE"),
        ("de_DE.UTF-8", "Freie Zeiten von", "de-DE"),
        ("DE", "Freie Zeiten von", "de"),
        ("x-klingon", "Disponibilités de", "fr-FR"),
        ("", "Disponibilités de", "fr-FR"),
        ("pt-BR", "Disponibilités de", "fr-FR"),
        ("und", "Disponibilités de", "fr-FR"),
    ],
)
def test_a_language_that_intl_refuses_or_that_has_no_words_is_the_browsers(
    visit: Visit,
    extension: FakeExtension,
    complaints: list[str],
    *,
    lang: str,
    word: str,
    sent: str,
) -> None:
    card = _offer(visit(locale="fr-FR"), extension, lang=lang)
    assert word in _said(card)
    assert _book(card, extension, booked(extension.address))["locale"] == sent
    assert complaints == []


@pytest.mark.parametrize(
    ("language", "languages", "word"),
    [
        ("undefined", "undefined", "Free times of"),
        ("undefined", "[]", "Free times of"),
        ("''", "['', 'x-klingon']", "Free times of"),
        ("'x-klingon'", "['x-klingon', 'de-AT']", "Freie Zeiten von"),
        ("'pt-BR'", "['pt-BR', 'hi-IN', 'en']", "के खाली समय"),
        ("'en-US@posix'", "undefined", "Free times of"),
    ],
)
def test_a_browser_whose_languages_intl_refuses_speaks_the_next_or_english(
    visit: Visit,
    extension: FakeExtension,
    complaints: list[str],
    *,
    language: str,
    languages: str,
    word: str,
) -> None:
    card = _offer(_speaking(visit, language, languages), extension, lang="")
    assert word in _said(card)
    _book(card, extension, booked(extension.address))
    assert complaints == []


def test_a_browser_without_a_language_sends_none(visit: Visit, extension: FakeExtension) -> None:
    card = _offer(_speaking(visit), extension, lang="x-klingon")
    assert "locale" not in _book(card, extension, booked(extension.address))


# Clocks


@pytest.mark.parametrize(
    ("lang", "locale", "time", "day"),
    [
        ("en", "de-DE", "15:00", "Tuesday"),
        ("en-US", "de-DE", "15:00", "Tuesday"),
        ("en", "en-US", "3:00 PM", "Tuesday"),
        ("en-GB", "en-US", "3:00 pm", "Tuesday"),
        ("de", "en-US", "3:00 PM", "Dienstag"),
        ("de", "de-DE", "15:00", "Dienstag"),
        ("hi", "fr-FR", "15:00", "मंगलवार"),
    ],
)
@pytest.mark.parametrize("size", [{}, {"viewport": WIDE}], ids=["strip", "week"])
def test_words_are_of_the_pages_language_and_the_clock_is_the_browsers(
    visit: Visit,
    extension: FakeExtension,
    *,
    lang: str,
    locale: str,
    time: str,
    day: str,
    size: dict[str, Any],
) -> None:
    card = _offer(visit("Europe/Berlin", locale=locale, **size), extension, lang=lang)
    first = card.locator("button.slot time").first
    assert " ".join((first.text_content() or "").replace("\u202f", " ").split()).lstrip("0") == time
    card.locator("button.slot").first.click()
    assert day in _said(card)
    begins = _said(card.locator(".when strong")).split("–")[0].strip()
    assert begins in {time, time.removesuffix(" PM").removesuffix(" pm")}


def test_a_browser_without_a_language_has_a_clock(
    visit: Visit, extension: FakeExtension, complaints: list[str]
) -> None:
    card = _offer(_speaking(visit, locale="de-DE"), extension, lang="en")
    assert "09:00" in _said(card)
    assert complaints == []
