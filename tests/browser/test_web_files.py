"""Words, templates and the module fit together; no browser is needed to see it."""

import json
import re
from pathlib import Path

import pytest

from scheduling.core import errors
from scheduling.http.assets import MODULE
from tests.browser import pages

WEB = Path(__file__).parents[2] / "web"
MODULES = sorted([*(WEB / "assets").glob("*.js"), *(WEB / "module").glob("*.js")])
TEMPLATES = sorted((WEB / "pages").glob("*.html"))
CATALOGUES = {path.stem: json.loads(path.read_text()) for path in (WEB / "words").glob("*.json")}
ENGLISH: dict[str, str] = CATALOGUES["en"]


def _forms(html: str) -> list[tuple[str, dict[str, str]]]:
    found = re.findall(r'<form method="post" action="([^"]*)">(.*?)</form>', html, re.DOTALL)
    fields = r'<input type="hidden" name="([^"]*)" value="([^"]*)">'
    return [(action, dict(re.findall(fields, inside))) for action, inside in found]


def test_every_language_has_the_same_words_with_the_same_places() -> None:
    for catalogue in CATALOGUES.values():
        assert list(catalogue) == sorted(ENGLISH)
        for key, sentence in catalogue.items():
            places = re.findall(r"\{(\w+)\}", sentence)
            assert sorted(places) == sorted(re.findall(r"\{(\w+)\}", ENGLISH[key])), key


def test_the_module_knows_the_languages() -> None:
    listed = re.search(r"LOCALES = (\[.*\]);", (WEB / "module" / "words.js").read_text())
    assert listed is not None
    assert json.loads(listed[1]) == sorted(CATALOGUES)


def test_every_refusal_has_words() -> None:
    def all_of(kind: type[errors.SchedulingError]) -> set[str]:
        return {kind.code}.union(*(all_of(each) for each in kind.__subclasses__()))

    wanted = {f"card.error.{code}" for code in all_of(errors.SchedulingError)}
    assert wanted | {"card.error.FAILED_TO_FETCH"} == {
        key for key in ENGLISH if key.startswith("card.error.")
    }


def test_every_key_that_is_said_is_there_and_every_key_that_is_there_is_said() -> None:
    source = "".join(path.read_text() for path in [*MODULES, *TEMPLATES])
    source += (WEB.parent / "shared/scheduling/http/pages.py").read_text()
    source += "".join(path.read_text() for path in WEB.parent.glob("functions/*/app.py"))
    said = set(re.findall(r"[\"'`]((?:card|page)\.[a-z_.5360]+[a-z0-9])[\"'`]", source))
    stems = re.findall(r"[\"'`]((?:card|page)\.[a-z_.]+\.)(?:\"|\$?\{)", source)
    assert said - set(ENGLISH) == set()
    assert all(any(key.startswith(stem) for key in ENGLISH) for stem in stems)
    ours = {key for key in ENGLISH if key.startswith(("card.", "page."))}
    assert {key for key in ours - said if not key.startswith(tuple(stems))} == set()


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_pages_have_no_inline_script_and_no_inline_style(path: Path) -> None:
    html = path.read_text()
    assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:|\|\s*safe", html)
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", html))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_nothing_is_read_as_html(path: Path) -> None:
    written = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function"
    assert not re.search(written, path.read_text())


@pytest.mark.parametrize("outcome", [None, *pages.OUTCOMES])
@pytest.mark.parametrize("state", pages.STATES)
def test_the_connect_page_renders_in_every_state(state: str, outcome: str | None) -> None:
    html = pages.connect(state=state, outcome=outcome)
    assert "<b>Mallory" not in html
    assert "&lt;b&gt;Mallory (mallory)" in html
    assert all(fields["csrf"] == "c5rf" for _, fields in _forms(html))
    assert ("/connect?disconnect=1" in html) == (state in {"connected", "reconnect"})
    assert ("/connect?preferences=1" in html) == (state in {"connected", "reconnect"})


def test_a_pending_calendar_asks_with_both_sides_named() -> None:
    html = pages.connect(state="pending")
    assert "v@example.com will be connected to the chat user &lt;b&gt;Mallory (mallory)" in html
    assert [action for action, _ in _forms(html)] == ["/connect/confirm", "/connect/decline"]


def test_disconnecting_asks_once_more() -> None:
    html = pages.connect(state="connected", confirm_disconnect=True)
    assert _forms(html) == [("/connect/disconnect", {"csrf": "c5rf", "sure": "yes"})]


def test_the_hours_of_a_host_stand_in_the_facts_and_lead_to_their_form() -> None:
    for state in ("connected", "reconnect"):
        html = pages.connect(state=state, form=pages.OFFICE)
        text = " ".join(re.sub(r"<[^>]*>", " ", html).split())
        assert "Mon–Tue 09:00–12:30 · 13:30–17:00 Thu 13:00–20:00 Sat–Sun 22:00–24:00" in text
        assert "At any time, day and night" in pages.connect(state=state)
        assert "Never" in pages.connect(state=state, form=pages.NO_DAY)
    assert "Open hours" not in pages.connect(state="pending")


def test_the_form_of_hours_says_what_is_wrong_at_the_day_where_it_is() -> None:
    html = pages.preferences(pages.BAD_DAY)
    assert "Tue: each time needs a start and an end after it" in html
    invalid = re.findall(r'name="([a-z]+)-(?:from|to)-1"[^>]*aria-invalid="true"', html)
    assert invalid == ["tue", "tue"]
    assert "No day is ticked." in pages.preferences(pages.NO_DAY)
    assert ENGLISH["page.problem.request.sentence"] in pages.preferences(pages.BAD_LENGTH)
    assert 'role="alert"' not in pages.preferences(pages.OFFICE)


def test_every_time_of_the_form_has_a_name_of_its_own() -> None:
    labels = re.findall(r'aria-label="([^"]+)"', pages.preferences(pages.OFFICE))
    assert len(labels) == len(set(labels)) == 18
    assert "Mon (2), until" in labels


def test_switching_lets_the_account_be_chosen() -> None:
    forms = _forms(pages.connect(state="connected"))
    assert forms == [("/connect/google", {"csrf": "c5rf", "account": "choose"})]


def test_the_way_back_is_offered_when_it_is_known() -> None:
    back = 'href="https://chat.example/?a=1&amp;b=2"'
    assert back in pages.connect(return_url="https://chat.example/?a=1&b=2", outcome="connected")
    assert back not in pages.connect(return_url="https://chat.example/?a=1&b=2", state="pending")


@pytest.mark.parametrize("locale", sorted(CATALOGUES))
def test_every_page_renders_in_every_language(locale: str) -> None:
    for html in pages.every_page(locale).values():
        assert f'<html lang="{locale}"' in html
        assert ('dir="rtl"' in html) == (locale == "ar")


def test_a_link_is_spent_by_a_button() -> None:
    assert _forms(pages.landing()) == [("", {})]


def test_inside_another_app_the_way_to_a_browser_comes_first() -> None:
    landing = pages.landing(embedded=True)
    assert landing.index("Open in browser") < landing.index("Continue here anyway")
    shown = pages.connect(embedded=True)
    assert shown.index("Google lets nobody sign in there") < shown.index("Continue with Google")
    assert "Google lets nobody" not in pages.connect(state="connected", embedded=True)


def test_what_leads_to_google_is_as_its_branding_rules_ask() -> None:
    for state in ("none", "reconnect"):
        (button,) = re.findall(r'<button class="google">(.*?)</button>', pages.connect(state=state))
        assert re.sub(r"<img[^>]*>", "", button) == "Continue with Google"
        assert "google.svg" in button


def test_the_booking_page_has_the_card_and_loads_the_module_at_once() -> None:
    book = pages.book()
    assert '<script type="module" src="/assets/1/book-page.js"></script>' in book
    assert '<calendar-availability class="inside" share-id="s1">' in book
    assert "You are booking as &lt;b&gt;Mallory (mallory)." in book
    loaded = re.findall(r'modulepreload" href="/assets/1/([a-z-]+\.js)"', book)
    assert loaded == [MODULE]


@pytest.mark.parametrize("path", sorted((WEB / "assets").glob("*.css")), ids=lambda path: path.name)
def test_styles_know_no_left_and_right(path: Path) -> None:
    physical = (
        r"\b(?:margin|padding|border)-(?:left|right|top|bottom)|[\s{](?:left|right|top|bottom)\s*:"
    )
    assert not re.search(physical, path.read_text())
    assert not re.search(r"text-align:\s*(?:left|right)|float:", path.read_text())


def test_only_what_can_hover_is_shown_to_hover() -> None:
    css = (WEB / "assets" / "calendar-scheduling.css").read_text()
    apart = re.sub(r"@media \(hover: hover\) {\n(?:  .*\n|\n)*}\n", "", css)
    assert ":hover" in css
    assert ":hover" not in apart


def test_the_cards_style_says_nothing_twice() -> None:
    css = re.sub(r"/\*.*?\*/", "", (WEB / "assets" / "calendar-scheduling.css").read_text())
    rules = re.findall(r"^\S[^{}@]*{[^{}]*}", css, re.MULTILINE)
    assert len(rules) > 80
    assert len(set(rules)) == len(rules)
