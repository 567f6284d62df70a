"""The week view: wide cards and the dialog of narrow ones; times where clocks are turned."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.browser.cards import NEXT, START, booked, place, share
from tests.browser.fake_extension import FakeExtension

pytestmark = pytest.mark.browser
Visit = Callable[..., BrowserContext]
WIDE = {"width": 1000, "height": 900}


def _wide(
    visit: Visit, extension: FakeExtension, zone: str = "America/New_York"
) -> tuple[Page, Locator]:
    page, card = place(visit(zone), extension, "calendar-availability", shareId="s1")
    page.set_viewport_size({"width": 1000, "height": 900})
    card.evaluate("(card) => { card.style.maxWidth = 'none'; }")
    expect(card.get_by_role("grid")).to_be_visible()
    return page, card


def _focused(page: Page) -> str:
    found: str = page.evaluate(
        "() => document.activeElement.shadowRoot.activeElement.querySelector('time').dateTime"
    )
    return found.replace(".000Z", "Z")


def test_a_wide_card_shows_the_week_by_days_and_hours(
    visit: Visit, extension: FakeExtension, complaints: list[str]
) -> None:
    extension.put("GET v1/shares/s1", share())
    _, card = _wide(visit, extension)
    heads = card.get_by_role("columnheader")
    expect(heads).to_have_count(8)
    expect(heads.nth(1)).to_have_accessible_name("Tuesday 24 November. Free times: 3")
    expect(card.get_by_role("rowheader")).to_have_text(["04:00", "09:00", "13:00"])
    expect(card.get_by_role("button", name="09:15 Tuesday 24 November")).to_be_visible()
    assert complaints == []


def test_busy_times_are_shown_as_busy_in_each_hour_they_fill(
    visit: Visit, extension: FakeExtension
) -> None:
    slots = ["2026-11-25T14:00:00Z", "2026-11-25T15:00:00Z", "2026-11-25T16:00:00Z"]
    extension.put("GET v1/shares/s1", share(slots=slots))
    _, card = _wide(visit, extension)
    tuesday = card.locator("tbody tr td:nth-child(3)")
    expect(tuesday).to_have_text(["", "Busy10:00–11:00 busy", "11:00–11:30 busy"])


def test_arrow_keys_move_among_free_times_and_tab_stops_once(
    visit: Visit, extension: FakeExtension
) -> None:
    extension.put("GET v1/shares/s1", share())
    page, card = _wide(visit, extension)
    expect(card.locator("button.slot[tabindex='0']")).to_have_count(1)
    card.get_by_role("button", name="09:00 Tuesday").focus()
    transitions = [
        ("ArrowDown", NEXT),
        ("End", "2026-11-24T18:00:00Z"),
        ("ArrowDown", "2026-11-24T18:00:00Z"),
        ("ArrowRight", "2026-11-25T09:00:00Z"),
        ("ArrowRight", "2026-11-25T09:00:00Z"),
        ("ArrowLeft", START),
        ("ArrowUp", START),
    ]
    for key, expected in transitions:
        page.keyboard.press(key)
        assert _focused(page) == expected, key
    expect(card.locator("button.slot[tabindex='0']")).to_have_accessible_name(
        "09:00 Tuesday 24 November"
    )


def test_from_right_to_left_the_arrows_follow_the_eye(
    visit: Visit, extension: FakeExtension
) -> None:
    extension.put("GET v1/shares/s1", share())
    page, card = place(visit(), extension, "calendar-availability", lang="ar", shareId="s1")
    page.set_viewport_size({"width": 1000, "height": 900})
    card.evaluate("(card) => { card.style.maxWidth = 'none'; }")
    expect(card.get_by_role("grid")).to_be_visible()
    card.locator(f"button.slot:has(time[datetime^='{START[:16]}'])").focus()
    page.keyboard.press("ArrowLeft")
    assert _focused(page) == "2026-11-25T09:00:00Z"
    boxes = [card.get_by_role("columnheader").nth(index).bounding_box() for index in (0, 7)]
    assert boxes[0] is not None
    assert boxes[1] is not None
    assert boxes[0]["x"] > boxes[1]["x"]


def test_a_time_is_picked_by_touch(visit: Visit, extension: FakeExtension) -> None:
    extension.put("GET v1/shares/s1", share())
    context = visit(has_touch=True, viewport={"width": 1000, "height": 900})
    _, card = place(context, extension, "calendar-availability", shareId="s1")
    card.evaluate("(card) => { card.style.maxWidth = 'none'; }")
    expect(card.get_by_role("grid")).to_be_visible()
    card.get_by_role("button", name="13:00 Tuesday").tap()
    expect(card.get_by_role("heading", name="Meet Alice")).to_be_visible()
    expect(card).to_contain_text("13:00–13:30")


def test_a_narrow_card_opens_the_week_over_the_chat(
    visit: Visit, extension: FakeExtension, complaints: list[str]
) -> None:
    extension.put("GET v1/shares/s1", share())
    extension.put("POST v1/book", booked(extension.address))
    page, card = place(visit(), extension, "calendar-availability", shareId="s1")
    card.get_by_role("button", name="Show the whole week").click()
    dialog = card.get_by_role("dialog", name="Free times by day and hour")
    expect(dialog.get_by_role("grid")).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(card.get_by_role("button", name="Show the whole week")).to_be_focused()
    page.keyboard.press("Enter")
    dialog.get_by_role("button", name="13:00 Tuesday").click()
    expect(dialog).to_be_hidden()
    expect(card.get_by_role("heading", name="Meet Alice")).to_be_visible()
    assert complaints == []


@pytest.mark.parametrize(
    ("zone", "starts", "rows"),
    [
        # 2 o'clock is left out, 2 o'clock comes twice, half an hour is left out.
        ("Europe/Berlin", ["2026-03-29T00:30", "2026-03-29T01:00"], ["01:00", "03:00"]),
        ("Europe/Berlin", ["2026-10-25T00:00", "2026-10-25T01:00"], ["02:00"]),
        ("Australia/Lord_Howe", ["2026-10-03T15:00", "2026-10-03T15:30"], ["01:00", "02:00"]),
    ],
)
def test_days_on_which_clocks_are_turned_show_each_time_once(
    visit: Visit, extension: FakeExtension, zone: str, starts: list[str], rows: list[str]
) -> None:
    day = starts[0][:10]
    window = {"from": f"{day}T00:00:00Z", "to": f"{day}T23:00:00Z", "busy": []}
    extension.put("GET v1/shares/s1", share(slots=[f"{each}:00Z" for each in starts], **window))
    _, card = _wide(visit, extension, zone)
    expect(card.get_by_role("rowheader")).to_have_text(rows)
    shown = card.locator("button.slot time").evaluate_all("(all) => all.map((it) => it.dateTime)")
    assert shown == [f"{each}:00.000Z" for each in starts]


def test_another_zone_is_chosen_and_kept(visit: Visit, extension: FakeExtension) -> None:
    extension.put("GET v1/shares/s1", share())
    extension.put("POST v1/book", booked(extension.address))
    _, card = place(visit(), extension, "calendar-availability", shareId="s1")
    card.get_by_label("Time zone").select_option("Asia/Kathmandu")
    expect(card).to_have_attribute("time-zone", "Asia/Kathmandu")
    card.get_by_role("button", name="19:45", exact=True).click()
    card.get_by_role("button", name="Book").click()
    expect(card).to_contain_text("19:45–20:15")
    (sent,) = extension.bodies("v1/book")
    assert (sent["startsAt"], sent["timeZone"]) == ("2026-11-24T14:00:00.000Z", "Asia/Kathmandu")


def test_a_day_without_a_free_time_says_so(visit: Visit, extension: FakeExtension) -> None:
    extension.put("GET v1/shares/s1", share())
    _, card = place(visit(), extension, "calendar-availability", shareId="s1")
    card.get_by_role("tab", name="Friday 27 November").click()
    expect(card.get_by_role("tabpanel")).to_contain_text("Nothing is free on this day.")


def test_a_time_under_the_mouse_is_lit_in_the_week_and_quiet_in_the_strip(
    visit: Visit, extension: FakeExtension
) -> None:
    extension.put("GET v1/shares/s1", share())
    page, card = place(visit(), extension, "calendar-availability", shareId="s1")

    def lit() -> str:
        """Put the mouse on a free time; give the name of its color."""
        time = card.get_by_role("button", name="09:00").first
        time.hover()
        return str(
            time.evaluate(
                """(button) => {
                    const probe = document.createElement("i");
                    button.parentNode.append(probe);
                    const colorOf = (value) => {
                        probe.style.background = value;
                        return getComputedStyle(probe).backgroundColor;
                    };
                    const mine = getComputedStyle(button).backgroundColor;
                    const names = ["--field", "--accent"];
                    const found = names.find((name) => colorOf(`var(${name})`) === mine);
                    probe.remove();
                    return found ?? mine;
                }"""
            )
        )

    assert lit() == "--field"
    page.set_viewport_size({"width": 1000, "height": 900})
    card.evaluate("(card) => { card.style.maxWidth = 'none'; }")
    expect(card.get_by_role("grid")).to_be_visible()
    assert lit() == "--accent"
