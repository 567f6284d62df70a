"""The extension's pages, rendered without the extension: each in each state and language."""

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from scheduling.connection import ConsentOutcome
from scheduling.words import Words

WEB = Path(__file__).parents[2] / "web"
WORDS = Words(WEB / "words")
OUTCOMES = tuple(each.value for each in ConsentOutcome if each is not ConsentOutcome.PENDING)
STATES = ("none", "connected", "reconnect", "pending")
MALLORY = {"uid": "mallory", "name": "<b>Mallory"}
PROBLEMS = ("link", "missing", "later", "request")


def render(name: str, locale: str = "en", **shown: Any) -> str:
    """Render a template as the extension does."""

    def say(key: str, **values: Any) -> str:
        return WORDS.say(key, locale, **values)

    pages = Environment(
        loader=FileSystemLoader(WEB / "pages"), autoescape=True, undefined=StrictUndefined
    )
    direction = "rtl" if locale == "ar" else "ltr"
    page = pages.get_template(name)
    return page.render(t=say, lang=locale, dir=direction, assets="/assets/1", **shown)


def connect(locale: str = "en", **changes: Any) -> str:
    """Render the connect page."""
    shown = {
        "app_name": "Chat",
        "person": MALLORY,
        "state": "none",
        "email": "v@example.com",
        "time_zone": "Europe/Berlin",
        "connected_at": "23 November 2026",
        "csrf": "c5rf",
        "seen": "s33n",
        "outcome": None,
        "return_url": "",
        "confirm_disconnect": False,
        "embedded": False,
    }
    return render("connect.html", locale, **{**shown, **changes})


def landing(locale: str = "en", *, embedded: bool = False) -> str:
    """Render the page on which a one-time link lands."""
    heading = "page.open.connect"
    return render("open.html", locale, app_name="Chat", heading_key=heading, embedded=embedded)


def problem(kind: str, locale: str = "en") -> str:
    """Render the page that says what is wrong."""
    stem = f"page.problem.{kind}"
    return render(
        "problem.html",
        locale,
        heading_key=f"{stem}.heading",
        sentence=WORDS.say(f"{stem}.sentence", locale),
        way_on_key=f"{stem}.way_on",
    )


def book(locale: str = "en") -> str:
    """Render the booking page."""
    return render("book.html", locale, share_id="s1", person=MALLORY)


def every_page(locale: str = "en") -> dict[str, str]:
    """Render each page in each state."""
    return {
        **{f"connect-{state}": connect(locale, state=state) for state in STATES},
        **{f"outcome-{each}": connect(locale, outcome=each) for each in OUTCOMES},
        "embedded": connect(locale, embedded=True),
        "disconnect": connect(locale, state="connected", confirm_disconnect=True),
        "landing": landing(locale),
        "landing-embedded": landing(locale, embedded=True),
        "book": book(locale),
        **{f"problem-{kind}": problem(kind, locale) for kind in PROBLEMS},
    }
