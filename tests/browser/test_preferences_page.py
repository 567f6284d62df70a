"""When people may book, said on the page in a real browser: kept, shown, offered by."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from local import demo_drive
from tests.browser.hostile import Someone
from tests.browser.test_keyboard import Keys

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
OFFICE_DAYS = ("mon", "tue", "wed", "thu", "fri")
NINE_TO_FIVE = [["09:00", "17:00"]]


def _kept(host: Someone) -> Any:
    return host.person.call("GET", "v1/preferences")


def _opened(host: Someone) -> Page:
    """Connect a calendar, and open the form."""
    demo_drive.connect(host.world, host.person, host.account)
    page = host.follow(host.connect_link())
    page.get_by_role("link", name="When people may book").click()
    expect(page.get_by_role("heading", name="When people may book")).to_be_visible()
    return page


def _offered(host: Someone, guest: Someone) -> set[tuple[int, int]]:
    """Share, and return the weekdays and hours at which a guest may begin, by the host's clock."""
    zone = ZoneInfo(host.connection()["timeZone"])
    slots = guest.live(host.share(guest))["slots"]
    starts = [datetime.fromisoformat(each).astimezone(zone) for each in slots]
    return {(each.isoweekday(), each.hour) for each in starts}


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_hours_that_are_filled_in_stand_on_the_page_and_shares_keep_to_them(
    someone: Callable[..., Someone], complaints: list[str], *, scripts: bool
) -> None:
    host, guest = someone("host", java_script_enabled=scripts), someone("guest")
    page = _opened(host)
    facts = page.get_by_role("main")
    assert {hour for _, hour in _offered(host, guest)} == set(range(24))
    page.get_by_label("Within these hours").check()
    page.get_by_label("Thu", exact=True).uncheck()
    page.get_by_label("Fri", exact=True).uncheck()
    page.get_by_label("Sun", exact=True).check()
    page.get_by_label("Sun, from").fill("20:00")
    page.get_by_label("Sun, until").fill("00:00")
    page.get_by_label("Shortest notice").select_option("4 h")
    page.get_by_label("Free after a meeting").select_option("15 min")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_contain_text("Your hours are saved.")
    expect(facts).to_contain_text("Mon–Wed 09:00–17:00")
    expect(facts).to_contain_text("Sun 20:00–24:00")
    assert _kept(host) == {
        "bufferBeforeMinutes": 0,
        "bufferAfterMinutes": 15,
        "noticeMinutes": 240,
        "hours": {**dict.fromkeys(OFFICE_DAYS[:3], NINE_TO_FIVE), "sun": [["20:00", "24:00"]]},
    }
    office = {(day, hour) for day in (1, 2, 3) for hour in range(9, 17)}
    offered = _offered(host, guest)
    assert offered
    assert offered <= office | {(7, hour) for hour in range(20, 24)}
    assert complaints == []


def test_what_is_kept_stands_in_the_form_and_is_not_lost_by_saving_it(
    someone: Callable[..., Someone],
) -> None:
    host = someone("host")
    split = [["00:00", "06:15"], ["09:00", "12:30"], ["13:30", "24:00"]]
    odd = {"bufferBeforeMinutes": 35, "bufferAfterMinutes": 0, "noticeMinutes": 8640}
    kept = host.person.call("PUT", "v1/preferences", {"hours": {"tue": split}, **odd})
    page = _opened(host)
    expect(page.get_by_label("Tue (3), until")).to_have_value("00:00")
    expect(page.get_by_label("Shortest notice").locator("option:checked")).to_have_text("6 days")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_contain_text("Your hours are saved.")
    assert _kept(host) == kept
    page.get_by_role("link", name="When people may book").click()
    page.get_by_label("At any time, day and night").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("main")).to_contain_text("At any time, day and night")
    assert _kept(host) == {**odd, "hours": None}


def test_hours_that_cannot_be_kept_come_back_as_they_were_typed(
    someone: Callable[..., Someone],
) -> None:
    host = someone("host")
    page = _opened(host)
    before = _kept(host)
    page.get_by_label("Within these hours").check()
    page.get_by_label("Wed, from").fill("18:00")
    page.get_by_label("Mon, until").fill("16:45")
    page.get_by_label("Shortest notice").select_option("1 day")
    with page.expect_response("**/connect/preferences") as answer:
        page.get_by_role("button", name="Save").click()
    assert answer.value.status == 400
    expect(page.get_by_role("alert")).to_contain_text("Wed: each time needs a start")
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_label("Wed, from")).to_have_value("18:00")
    expect(page.get_by_label("Wed, from")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("Mon, until")).to_have_value("16:45")
    expect(page.get_by_label("Mon, until")).not_to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("Shortest notice")).to_have_value("1440")
    assert _kept(host) == before
    for day in ("Mon", "Tue", "Wed", "Thu", "Fri"):
        page.get_by_label(day, exact=True).uncheck()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("No day is ticked.")
    assert _kept(host) == before
    page.get_by_role("link", name="Leave it as it is").click()
    expect(page.get_by_role("heading", name="Your calendar is connected")).to_be_visible()


def test_hours_are_said_without_a_mouse(someone: Callable[..., Someone]) -> None:
    host = someone("host")
    page = _opened(host)
    keys = Keys(page)
    keys.press(page.get_by_label("At any time, day and night"), "ArrowDown")
    expect(page.get_by_label("Within these hours")).to_be_focused()
    keys.type(page.get_by_label("Mon, from"), "1030")
    for day in ("Tue", "Wed", "Thu", "Fri"):
        keys.press(page.get_by_label(day, exact=True), "Space")
    keys.press(page.get_by_label("Shortest notice"), "ArrowDown")
    keys.press(page.get_by_role("button", name="Save"))
    expect(page.get_by_role("status")).to_contain_text("Your hours are saved.")
    kept = _kept(host)
    assert kept["hours"] == {"mon": [["10:30", "17:00"]]}
    assert kept["noticeMinutes"] == 60


def test_nobody_without_a_calendar_is_asked_for_hours(someone: Callable[..., Someone]) -> None:
    host = someone("host")
    page = host.follow(host.connect_link())
    page.goto(f"{host.world.url}/connect?preferences=1")
    expect(page.get_by_role("heading", name="Connect your calendar")).to_be_visible()
