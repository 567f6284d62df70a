"""The extension's pages, rendered without the extension: each in each state and language."""

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from scheduling.connections.connect import ConsentOutcome
from scheduling.core.catalogue import Catalogue
from scheduling.http.bodies import preferences as preferences_of
from scheduling.http.fields import Fields
from scheduling.http.forms import PreferenceForm

WEB = Path(__file__).parents[2] / "web"
WORDS = Catalogue(WEB / "words")
#: With the one that has other words above an open question.
OUTCOMES = (*(each.value for each in ConsentOutcome if each.value != "pending"), "again")
STATES = ("none", "connected", "reconnect", "pending")
MALLORY = {"uid": "mallory", "name": "<b>Mallory"}
PROBLEMS = ("link", "missing", "later", "request")
NOTHING_SAID = PreferenceForm.of(preferences_of(Fields({})))
_SPLIT, _NIGHT = [["09:00", "12:30"], ["13:30", "17:00"]], [["22:00", "24:00"]]
_HOURS = {"mon": _SPLIT, "tue": _SPLIT, "thu": [["13:00", "20:00"]], "sat": _NIGHT, "sun": _NIGHT}
_LENGTHS = {"bufferBeforeMinutes": 15, "bufferAfterMinutes": 35, "noticeMinutes": 3 * 1440}
#: A host with a break, who works into the night and asks for lengths that are not proposed.
OFFICE = PreferenceForm.of(preferences_of(Fields({"hours": _HOURS, **_LENGTHS})))
#: What cannot be kept: no day ticked, an end before its start, a length that is not offered.
NO_DAY = PreferenceForm.sent({"open": "within"})
BAD_DAY = PreferenceForm.sent(
    {"open": "within", "tue": "open", "tue-from-1": "17:00", "tue-to-1": "09:00"}
)
BAD_LENGTH = PreferenceForm.sent({"open": "any", "notice": "7"})


def render(name: str, locale: str = "en", **shown: Any) -> str:
    """Render a template as the extension does."""

    def translate(key: str, **values: Any) -> str:
        return WORDS.translate(key, locale, **values)

    pages = Environment(
        loader=FileSystemLoader(WEB / "pages"), autoescape=True, undefined=StrictUndefined
    )
    direction = "rtl" if locale == "ar" else "ltr"
    page = pages.get_template(name)
    return page.render(t=translate, lang=locale, dir=direction, assets="/assets/1", **shown)


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
        "form": NOTHING_SAID,
    }
    return render("connect.html", locale, **{**shown, **changes})


def preferences(
    form: PreferenceForm, locale: str = "en", time_zone: str = "America/Argentina/Buenos_Aires"
) -> str:
    """Render the form of preferences."""
    return render("preferences.html", locale, csrf="c5rf", time_zone=time_zone, form=form)


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
        sentence=WORDS.translate(f"{stem}.sentence", locale),
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
        "connected-within": connect(locale, state="connected", form=OFFICE),
        "connected-never": connect(locale, state="connected", form=NO_DAY),
        "preferences": preferences(NOTHING_SAID, locale),
        "preferences-within": preferences(OFFICE, locale),
        "preferences-no-day": preferences(NO_DAY, locale),
        "preferences-bad-day": preferences(BAD_DAY, locale),
        "preferences-bad-length": preferences(BAD_LENGTH, locale, time_zone=""),
        "landing": landing(locale),
        "landing-embedded": landing(locale, embedded=True),
        "book": book(locale),
        **{f"problem-{kind}": problem(kind, locale) for kind in PROBLEMS},
    }
