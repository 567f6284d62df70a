"""axe finds nothing on any page and card in any state; all fits any width; motion is optional."""

from collections.abc import Callable
from typing import Any, Literal

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser import pages
from tests.browser.axe import CONTRAST, EVERYTHING, complaints_of
from tests.browser.fake_extension import FakeExtension
from tests.browser.test_web_files import ENGLISH

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
Visit = Callable[..., BrowserContext]
Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
NOW = "2026-11-23T07:00:00Z"
#: As CometChat's UI Kit sets them, by theme.
#: Source: @cometchat/chat-uikit-react 7.2.1, dist/styles/themes/*.css, read 2026-11.
KIT = {
    "light": {
        "primary-color": "#6852d6",
        "primary-button-text": "#ffffff",
        "text-color-primary": "#141414",
        "text-color-secondary": "#727272",
        "background-color-01": "#ffffff",
        "background-color-02": "#fafafa",
        "border-color-default": "#e8e8e8",
        "success-color": "#09c26f",
        "error-color": "#f44649",
    },
    "dark": {
        "primary-color": "#6852d6",
        "primary-button-text": "#ffffff",
        "text-color-primary": "#ffffff",
        "text-color-secondary": "#989898",
        "background-color-01": "#141414",
        "background-color-02": "#1a1a1a",
        "border-color-default": "#383838",
        "success-color": "#0b9f5d",
        "error-color": "#c73c3e",
    },
}


def _states(
    visit: Visit, extension: FakeExtension, query: str, scheme: Scheme, **more: Any
) -> Page:
    """Open the page of all cards in all states."""
    context = visit(color_scheme=scheme, **more)
    context.set_default_timeout(60_000)
    context.clock.set_fixed_time(NOW)
    page = context.new_page()
    page.goto(f"{extension.address}/demo/states.html?{query}")
    page.wait_for_selector("[data-ready]", state="attached")
    return page


@pytest.mark.parametrize(
    ("lang", "scheme", "kinds"),
    [("en", "light", EVERYTHING), ("ar", "light", EVERYTHING), ("en", "dark", CONTRAST)],
    ids=["en-light", "ar-light", "en-dark"],
)
def test_axe_finds_nothing_on_any_card_in_any_state(
    visit: Visit,
    extension: FakeExtension,
    complaints: list[str],
    *,
    lang: str,
    scheme: Scheme,
    kinds: list[str],
) -> None:
    page = _states(visit, extension, f"lang={lang}", scheme)
    assert page.locator("[data-state]").count() > 40
    assert complaints_of(page, kinds) == []
    assert complaints == []


def test_each_meeting_is_in_the_state_that_it_is_named_for(
    visit: Visit, extension: FakeExtension
) -> None:
    page = _states(visit, extension, "only=invite", "light")
    for name in ("confirmed", "moved", "moving", "cancelling", "cancelled", "refused"):
        kind = page.locator(f'[data-state="invite-{name}"] .kind')
        expect(kind).to_have_text(ENGLISH[f"card.meeting.{name}"])


@pytest.mark.parametrize("scheme", SCHEMES)
def test_cards_are_readable_in_the_colors_of_the_ui_kit(
    visit: Visit, extension: FakeExtension, scheme: Scheme
) -> None:
    page = _states(visit, extension, "", scheme)
    css = "".join(f"--cometchat-{name}: {value};" for name, value in KIT[scheme].items())
    page.add_style_tag(
        content=f":root {{ {css} background: {KIT[scheme]['background-color-01']}; }}"
    )
    taken = page.locator("calendar-invite").first.evaluate(
        "(card) => getComputedStyle(card.shadowRoot.querySelector('.card')).backgroundColor"
    )
    assert taken == {"light": "rgb(255, 255, 255)", "dark": "rgb(20, 20, 20)"}[scheme]
    assert complaints_of(page, CONTRAST) == []


def test_an_app_sets_its_own_colors(visit: Visit, extension: FakeExtension) -> None:
    page = _states(visit, extension, "only=invite-cancel", "light")
    page.add_style_tag(content="calendar-invite { --calendar-accent: rgb(0, 90, 60); }")
    button = page.locator("calendar-invite").first.locator("button.main")
    color = button.evaluate("(button) => getComputedStyle(button).backgroundColor")
    assert color == "rgb(0, 90, 60)"


@pytest.mark.parametrize(
    ("locales", "scheme", "kinds"),
    [(("en", "ar"), "light", EVERYTHING), (("en",), "dark", CONTRAST)],
    ids=SCHEMES,
)
def test_axe_finds_nothing_on_any_page(
    visit: Visit,
    extension: FakeExtension,
    locales: tuple[str, ...],
    scheme: Scheme,
    kinds: list[str],
) -> None:
    page = visit(color_scheme=scheme).new_page()
    found = {}
    for locale in locales:
        extension.pages.update(pages.every_page(locale))
        for name in extension.pages:
            page.goto(f"{extension.address}/shown/{name}")
            if complaints := complaints_of(page, kinds):
                found[f"{locale} {name}"] = complaints
    assert found == {}


@pytest.mark.parametrize("lang", ["de", "ar", "hi"])
@pytest.mark.parametrize("width", [320, 640, 2560])
def test_nothing_is_wider_than_the_window(
    visit: Visit, extension: FakeExtension, width: int, lang: str
) -> None:
    # 200 % zoom of a window 640 px wide is a window of 320 px.
    page = _states(
        visit, extension, f"lang={lang}", "light", viewport={"width": width, "height": 800}
    )
    assert _overflow(page) == []
    extension.pages.update(pages.every_page(lang))
    for name in extension.pages:
        page.goto(f"{extension.address}/shown/{name}")
        assert _overflow(page) == [], name


def _overflow(page: Page) -> list[str]:
    """Return what makes the page scroll sideways, and cards whose own content sticks out."""
    found: list[str] = page.evaluate(
        """() => {
            const root = document.documentElement;
            const wide = root.scrollWidth > root.clientWidth ? ["page"] : [];
            const cards = [...document.querySelectorAll("[data-state] > :last-child")];
            const sticks = ({ shadowRoot }) => {
                const frame = shadowRoot.querySelector(".card");
                return frame.scrollWidth > frame.clientWidth;
            };
            return [...wide, ...cards.filter(sticks).map((each) => each.parentNode.dataset.state)];
        }"""
    )
    return found


def test_nothing_moves_for_those_who_asked_for_less_motion(
    visit: Visit, extension: FakeExtension
) -> None:
    def running(page: Page) -> int:
        return int(
            page.locator("calendar-availability").evaluate(
                "(card) => card.shadowRoot.getAnimations().length"
            )
        )

    rescheduling = _states(visit, extension, "only=availability-booking", "light")
    assert running(rescheduling) == 1
    still = _states(visit, extension, "only=availability-booking", "light", reduced_motion="reduce")
    assert running(still) == 0


def test_what_happens_is_told_to_screen_readers(visit: Visit, extension: FakeExtension) -> None:
    page = _states(visit, extension, "", "light")

    def heard(state: str) -> str:
        card = page.locator(f"[data-state={state}] > :last-child")
        said: str = card.evaluate(
            """(card) => [...card.shadowRoot.querySelectorAll("[role=status], [role=alert]")]
                .map((each) => each.textContent).join(" ").trim()"""
        )
        return said

    assert heard("availability-loading") == "Loading …"
    assert "Booking …" in heard("availability-booking")
    assert "Kept for you until" in heard("availability-confirm")
    assert "just been taken" in heard("availability-taken")
    assert heard("availability-booked") == "Meeting confirmed"
    assert heard("availability-waiting") == "Waiting for the calendar"
    assert heard("share-sent") == "Shared with Bob."
