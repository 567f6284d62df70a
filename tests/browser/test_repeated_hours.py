"""Where a clock shows a time twice: each label says which of the two it means."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.browser.cards import booked, place, share
from tests.browser.fake_extension import FakeExtension

pytestmark = pytest.mark.browser
Visit = Callable[..., BrowserContext]
WIDE = {"width": 1000, "height": 900}
#: Of each zone: its day, free starts in UTC, and how they read.
LOS_ANGELES = (
    "2026-11-01",
    ["07:30", "08:00", "08:30", "09:00", "09:30", "10:00"],
    ["12:30 AM", "1:00 AM (GMT-7)", "1:30 AM (GMT-7)", "1:00 AM (GMT-8)", "1:30 AM (GMT-8)"],
    "2:00 AM",
)
BERLIN = (
    "2026-10-25",
    ["00:00", "00:30", "01:00", "01:30", "02:00"],
    ["2:00 AM (GMT+2)", "2:30 AM (GMT+2)", "2:00 AM (GMT+1)", "2:30 AM (GMT+1)"],
    "3:00 AM",
)
#: Only half an hour comes twice.
LORD_HOWE = (
    "2026-04-04",
    ["14:00", "14:30", "14:45", "15:00", "15:15", "15:30"],
    [
        *("1:00 AM", "1:30 AM (GMT+11)", "1:45 AM (GMT+11)"),
        *("1:30 AM (GMT+10:30)", "1:45 AM (GMT+10:30)"),
    ],
    "2:00 AM",
)
ZONES = {
    "America/Los_Angeles": LOS_ANGELES,
    "Europe/Berlin": BERLIN,
    "Australia/Lord_Howe": LORD_HOWE,
}


def _place(
    visit: Visit,
    extension: FakeExtension,
    zone: str,
    *,
    lang: str = "en",
    locale: str = "en-US",
    to: str = "",
) -> tuple[Page, Locator]:
    """Open a share of the day on which a zone's clock is turned back."""
    day, starts, *_ = ZONES[zone]
    offered = share(
        timeZone=zone,
        slots=[f"{day}T{each}:00Z" for each in starts],
        busy=[],
        **{"from": f"{day}T00:00:00Z", "to": to or f"{day}T20:00:00Z"},
    )
    extension.put("GET v1/shares/s1", offered)
    return place(
        visit(zone, locale=locale), extension, "calendar-availability", lang=lang, shareId="s1"
    )


def _shown(buttons: Locator) -> list[str]:
    return [re.sub(r"\s+", " ", each).strip() for each in buttons.all_text_contents()]


@pytest.mark.parametrize("zone", ZONES)
def test_two_buttons_of_one_wall_time_say_their_offsets(
    visit: Visit, extension: FakeExtension, zone: str, complaints: list[str]
) -> None:
    _, card = _place(visit, extension, zone)
    *_, often, once = ZONES[zone]
    times = card.locator("button.slot time")
    expect(times).to_have_count(len(ZONES[zone][1]))
    assert _shown(times) == [*often, once]
    assert complaints == []


@pytest.mark.parametrize("zone", ZONES)
def test_the_week_tells_them_apart_as_well(
    visit: Visit, extension: FakeExtension, zone: str
) -> None:
    page, card = _place(visit, extension, zone)
    page.set_viewport_size({"width": 1000, "height": 900})
    card.evaluate("(card) => { card.style.maxWidth = 'none'; }")
    expect(card.get_by_role("grid")).to_be_visible()
    *_, often, once = ZONES[zone]
    assert _shown(card.locator("button.slot time")) == [*often, once]


@pytest.mark.parametrize(("width", "columns"), [(320, "narrow"), (1000, "wide")])
def test_labels_with_an_offset_stay_inside_their_buttons(
    visit: Visit, extension: FakeExtension, width: int, columns: str
) -> None:
    page, card = _place(visit, extension, "Australia/Lord_Howe", to="2026-04-08T14:00:00Z")
    page.set_viewport_size({"width": width, "height": 900})
    card.evaluate("(card) => { card.style.maxWidth = 'none'; }")
    expect(card.get_by_role("grid")).to_have_count(1 if columns == "wide" else 0)
    over = card.locator("button.slot").evaluate_all(
        "(all) => all.filter((it) => it.scrollWidth > it.clientWidth).map((it) => it.textContent)"
    )
    assert over == []
    assert card.evaluate("(card) => card.scrollWidth <= card.clientWidth")


def test_the_picked_time_is_confirmed_with_its_offset(
    visit: Visit, extension: FakeExtension
) -> None:
    _, card = _place(visit, extension, "Europe/Berlin")
    card.get_by_role("button", name=re.compile(r"2:30\sAM \(GMT\+2\)")).click()
    expect(card.locator(".when strong")).to_have_text(
        re.compile(r"^2:30\sAM \(GMT\+2\)–2:00\sAM \(GMT\+1\)$")
    )
    card.get_by_role("button", name="Back").click()
    card.get_by_role("button", name=re.compile(r"2:30\sAM \(GMT\+1\)")).click()
    expect(card.locator(".when strong")).to_have_text(re.compile(r"^2:30\sAM \(GMT\+1\)–3:00\sAM$"))


def test_a_host_elsewhere_whose_clock_shows_the_time_twice_is_named_with_the_offset(
    visit: Visit, extension: FakeExtension
) -> None:
    start = "2026-10-25T01:30:00Z"
    window = {"from": "2026-10-25T00:00:00Z", "to": "2026-10-25T20:00:00Z"}
    extension.put("GET v1/shares/s1", share(slots=[start], busy=[], **window))
    _, card = place(visit("Asia/Kolkata"), extension, "calendar-availability", shareId="s1")
    card.get_by_role("button", name="07:00", exact=True).click()
    expect(card).to_contain_text("For Alice that is 02:30 (GMT+1).")


def test_busy_times_and_alternatives_say_it_too(visit: Visit, extension: FakeExtension) -> None:
    first, second = "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"
    window = {"from": "2026-10-25T00:00:00Z", "to": "2026-10-25T20:00:00Z"}
    busy = [["2026-10-25T01:00:00Z", "2026-10-25T01:30:00Z"]]
    extension.put("GET v1/shares/s1", share(slots=[first, second], busy=busy, **window))
    extension.refuse("POST v1/book", "SLOT_TAKEN", alternatives=[second])
    _, card = place(visit("Europe/Berlin"), extension, "calendar-availability", shareId="s1")
    expect(card).to_contain_text("02:00 (GMT+1)–02:30 (GMT+1) busy")
    card.get_by_role("button", name="02:30 (GMT+2)").click()
    card.get_by_role("button", name="Book").click()
    alternative = card.get_by_role("alert").get_by_role("button")
    expect(alternative).to_have_text("Sun 25, 02:30 (GMT+1)")


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("de", "02:30 (GMT+2)"),
        ("es", "2:30 (GMT+2)"),
        ("fr", "02:30 (UTC+2)"),
        ("hi", "2:30 am (GMT+2)"),
        ("ar", "2:30 ص (غرينتش+2)"),
    ],
)
def test_each_language_has_its_own_words_for_an_offset(
    visit: Visit, extension: FakeExtension, lang: str, said: str
) -> None:
    _, card = _place(visit, extension, "Europe/Berlin", lang=lang, locale=lang)
    times = card.locator("button.slot time")
    expect(times).to_have_count(5)
    assert _shown(times)[1] == said


@pytest.mark.parametrize(
    ("start", "end", "wall"),
    [
        # The clock is turned back in between: the end reads 1:15, before the start.
        ("2026-11-01T08:45:00Z", "2026-11-01T09:15:00Z", ("014500", "021500")),
        ("2026-11-01T09:15:00Z", "2026-11-01T09:45:00Z", ("011500", "014500")),
    ],
)
def test_yahoo_gets_an_end_after_the_start_where_clocks_are_turned_back(
    visit: Visit, extension: FakeExtension, start: str, end: str, wall: tuple[str, str]
) -> None:
    meeting = booked(extension.address)
    meeting["booking"].update(startsAt=start, endsAt=end)
    extension.put("GET v1/shares/s1", share(booking=meeting["booking"]))
    extension.put("GET v1/bookings/b1", meeting)
    context = visit("America/Los_Angeles")
    _, card = place(context, extension, "calendar-availability", shareId="s1")
    expect(card.get_by_role("link", name="Yahoo")).to_have_attribute(
        "href", f"https://calendar.yahoo.com/?v=60&ST=20261101T{wall[0]}&ET=20261101T{wall[1]}"
    )
