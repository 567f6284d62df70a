"""Words, templates and the module fit together; no browser is needed to see it."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from scheduling import errors

WEB = Path(__file__).parents[2] / "web"
MODULES = sorted((WEB / "assets").glob("*.js"))
TEMPLATES = sorted((WEB / "pages").glob("*.html"))
CATALOGUES = {path.stem: json.loads(path.read_text()) for path in (WEB / "words").glob("*.json")}
ENGLISH: dict[str, str] = CATALOGUES["en"]
OUTCOMES = ("connected", "disconnected", "declined", "refused", "partial", "stale", "failed")
STATES = ("none", "connected", "reconnect", "pending")


def _pages() -> Environment:
    return Environment(
        loader=FileSystemLoader(WEB / "pages"), autoescape=True, undefined=StrictUndefined
    )


def _render(name: str, **shown: Any) -> str:
    def say(key: str, **values: Any) -> str:
        return re.sub(r"\{(\w+)\}", lambda found: str(values[found[1]]), ENGLISH[key])

    page = _pages().get_template(name)
    return page.render(t=say, lang="en", dir="ltr", assets="/assets/1", **shown)


def _connect(**changes: Any) -> str:
    shown = {
        "app_name": "Chat",
        "person": {"uid": "mallory", "name": "<b>Mallory"},
        "state": "none",
        "email": "v@example.com",
        "time_zone": "Europe/Berlin",
        "connected_at": "23 November 2026",
        "csrf": "c5rf",
        "outcome": None,
        "return_url": "",
        "confirm_disconnect": False,
    }
    return _render("connect.html", **{**shown, **changes})


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
    listed = re.search(r"LOCALES = (\[.*\]);", (WEB / "assets" / "words.js").read_text())
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
    source += (Path(errors.__file__).parent / "pages.py").read_text()
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


@pytest.mark.parametrize("outcome", [None, *OUTCOMES])
@pytest.mark.parametrize("state", STATES)
def test_the_connect_page_renders_in_every_state(state: str, outcome: str | None) -> None:
    html = _connect(state=state, outcome=outcome)
    assert "<b>Mallory" not in html
    assert "&lt;b&gt;Mallory (mallory)" in html
    assert all(fields["csrf"] == "c5rf" for _, fields in _forms(html))
    assert ("/connect?disconnect=1" in html) == (state in {"connected", "reconnect"})


def test_a_pending_calendar_asks_with_both_sides_named() -> None:
    html = _connect(state="pending")
    assert "v@example.com will be connected to the chat user &lt;b&gt;Mallory (mallory)" in html
    assert [action for action, _ in _forms(html)] == ["/connect/confirm", "/connect/decline"]


def test_disconnecting_asks_once_more() -> None:
    html = _connect(state="connected", confirm_disconnect=True)
    assert _forms(html) == [("/connect/disconnect", {"csrf": "c5rf", "sure": "yes"})]


def test_switching_lets_the_account_be_chosen() -> None:
    forms = _forms(_connect(state="connected"))
    assert forms == [("/connect/google", {"csrf": "c5rf", "account": "choose"})]


def test_the_way_back_is_offered_when_it_is_known() -> None:
    back = 'href="https://chat.example/?a=1&amp;b=2"'
    assert back in _connect(return_url="https://chat.example/?a=1&b=2", outcome="connected")
    assert back not in _connect(return_url="https://chat.example/?a=1&b=2", state="pending")


def test_the_other_pages_render() -> None:
    landing = _render("open.html", app_name="Chat", heading_key="page.open.connect")
    assert _forms(landing) == [("", {})]
    kind = "page.problem.link"
    problem = _render(
        "problem.html",
        heading_key=f"{kind}.heading",
        sentence="Why",
        way_on_key=f"{kind}.way_on",
    )
    assert "<p>Why</p>" in problem
    book = _render("book.html", share_id="s1")
    assert '<script type="module" src="/assets/1/book-page.js"></script>' in book
    assert '<calendar-availability share-id="s1">' in book
