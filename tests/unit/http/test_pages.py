"""Pages in the reader's language: nothing that an address made up, and forms of ours alone."""

import re
from dataclasses import replace
from html import unescape
from types import SimpleNamespace
from typing import Any

import pytest
from aws_lambda_powertools.event_handler import Response

from scheduling.connections.connect import ConsentOutcome, PageView
from scheduling.core.errors import (
    ChatUnavailable,
    InvalidRequest,
    LinkInvalid,
    NotAllowed,
    NotFound,
    SchedulingError,
)
from scheduling.http import pages
from scheduling.http.forms import PreferenceForm
from scheduling.http.pages import Pages, require_csrf
from scheduling.models import (
    Connection,
    ConnectionState,
    Person,
    Preferences,
    Purpose,
    Secret,
    Session,
    Uid,
)
from tests.fakes import a_grant
from tests.unit.connections.test_connect import session
from tests.unit.http.gateway import Asked
from tests.world import World

CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/130.0.0.0 Safari/537.36"
)
IN_AN_APP = (
    "Mozilla/5.0 (Linux; Android 14; Pixel 8; wv) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Version/4.0 Chrome/130.0.0.0 Mobile Safari/537.36"
)
FORM = PreferenceForm.of(Preferences())


def test_a_form_from_elsewhere_is_refused(world: World) -> None:
    known = session(world)
    require_csrf(known, world.use_cases.connector.view(known).csrf)
    with pytest.raises(NotAllowed):
        require_csrf(known, world.use_cases.connector.view(session(world)).csrf)
    with pytest.raises(NotAllowed):
        require_csrf(known, "gefälscht")


# The connect page


def shown(world: World, view: PageView, form: PreferenceForm = FORM, **asked: Any) -> Response[str]:
    return ours(world).connect(Asked(path="/connect", **asked).at(), view, form)


def ours(world: World) -> Pages:
    return world.use_cases.pages


def text(response: Response[str]) -> str:
    return unescape(response.body or "")


def view(world: World, state: str = "none", **changes: Any) -> PageView:
    """What a browser has before it, in a state of the page."""
    known: Session = session(world).with_(**changes)
    grant = a_grant("bob", world.clock.now())
    connection: Connection | None = None
    if state == "pending":
        known = known.with_(pending=grant)
    elif state != "none":
        connected = world.connect("bob", "bob")
        connection = connected.with_(state=ConnectionState(state))
    return PageView(world.tenant, known, connection, known.derived("csrf"))


def heard(world: World, state: str, outcome: str) -> bool:
    """Whether the page tells an outcome that its address names."""
    page = text(shown(world, view(world, state), query={"outcome": outcome}))
    return 'role="status"' in page


STATES = ("none", "connected", "reconnect", "pending")


@pytest.mark.parametrize("state", STATES)
def test_the_page_names_the_chat_user_and_what_can_be_done(world: World, state: str) -> None:
    page = text(shown(world, view(world, state)))
    assert "Bob (bob)" in page
    assert world.tenant.name in page
    actions = set(re.findall(r'action="/connect/(\w+)"', page))
    assert (
        actions
        == {
            "none": {"google"},
            "connected": {"google"},
            "reconnect": {"google"},
            "pending": {"confirm", "decline"},
        }[state]
    )
    assert ("bob@example.com" in page) is (state != "none")


@pytest.mark.parametrize("outcome", sorted(ConsentOutcome))
def test_an_outcome_is_told_where_it_can_be_true_and_not_where_an_address_makes_it_up(
    world: World, outcome: ConsentOutcome
) -> None:
    states = {state for state in STATES if heard(world, state, outcome.value)}
    everywhere = set(STATES)
    assert states == {
        ConsentOutcome.PENDING: set(),
        ConsentOutcome.CONNECTED: {"connected"},
        ConsentOutcome.DECLINED: everywhere - {"pending"},
        ConsentOutcome.DISCONNECTED: {"none"},
        ConsentOutcome.PREFERRED: {"connected", "reconnect"},
    }.get(outcome, everywhere)


def test_words_of_an_address_are_not_shown(world: World) -> None:
    page = text(shown(world, view(world), query={"outcome": "evil-words", "x": "evil-words"}))
    assert "evil-words" not in page


def test_the_confirmation_names_the_calendar_that_was_consented_to(world: World) -> None:
    seen = view(world, "pending")
    page = shown(world, seen).body or ""
    assert f'name="grant" value="{seen.seen}"' in page
    assert page.count(f'name="csrf" value="{seen.csrf}"') == 2


def test_disconnecting_is_asked_about_first(world: World) -> None:
    connected = view(world, "connected")
    assert "/connect/disconnect" not in (shown(world, connected).body or "")
    page = shown(world, connected, query={"disconnect": "1"}).body or ""
    assert 'action="/connect/disconnect"' in page
    assert 'name="sure" value="yes"' in page


@pytest.mark.parametrize(("state", "offered"), [("connected", True), ("none", False)])
def test_the_form_of_preferences_is_offered_to_a_host(
    world: World, state: str, *, offered: bool
) -> None:
    page = shown(world, view(world, state), query={"preferences": "1"})
    assert ('action="/connect/preferences"' in (page.body or "")) is offered
    assert page.status_code == 200


def test_a_form_that_cannot_be_kept_is_shown_again_as_a_refusal(world: World) -> None:
    sent = PreferenceForm.sent({"open": "within", "mon": "on", "mon-from-1": "9"})
    page = shown(world, view(world, "connected"), sent)
    assert page.status_code == 400
    assert 'value="9"' in (page.body or "")


def test_the_page_leads_back_to_the_app_unless_a_yes_is_awaited(world: World) -> None:
    back = {"return_url": "https://app.test/chat"}
    assert 'href="https://app.test/chat"' in (shown(world, view(world, **back)).body or "")
    pending = shown(world, view(world, "pending", **back)).body or ""
    assert "https://app.test/chat" not in pending


@pytest.mark.parametrize(
    ("browser", "warned"), [(CHROME, False), (IN_AN_APP, True), ("Electron/33", True), ("", False)]
)
def test_who_is_inside_an_app_where_google_lets_nobody_sign_in_is_told_so(
    world: World, browser: str, *, warned: bool
) -> None:
    words = world.catalogue.translate("page.embedded.heading", "en")
    headers = {"user-agent": browser}
    assert (words in text(shown(world, view(world), headers=headers))) is warned
    landing = ours(world).landing(Asked(headers).at(), world.tenant, "page.open.connect")
    assert (words in text(landing)) is warned
    booking = ours(world).landing(Asked(headers).at(), world.tenant, "page.open.book")
    assert words not in text(booking)


# Every page


def test_a_name_is_text_on_a_page_and_nothing_else(world: World) -> None:
    evil = Person(Uid("bob"), '<script>alert(1)</script>"onload="x')
    page = shown(world, view(world, person=evil)).body or ""
    assert "<script>alert" not in page
    assert '"onload="' not in page
    assert evil.name in unescape(page)


@pytest.mark.parametrize(
    ("accepted", "language", "direction"),
    [
        ("", "en", "ltr"),
        ("de-AT,de;q=0.9,en;q=0.8", "de", "ltr"),
        ("xx, fr;q=0.5", "fr", "ltr"),
        ("AR", "ar", "rtl"),
        ("ar-EG", "ar", "rtl"),
        ("../../etc/passwd", "en", "ltr"),
    ],
)
def test_a_page_is_in_the_first_language_that_the_browser_asks_for_and_we_have(
    world: World, accepted: str, language: str, direction: str
) -> None:
    page = shown(world, view(world), headers={"accept-language": accepted}).body or ""
    assert f'<html lang="{language}" dir="{direction}">' in page


def test_a_page_runs_our_scripts_alone_and_is_in_no_frame(world: World) -> None:
    headers = shown(world, view(world)).headers
    policy = str(headers["Content-Security-Policy"])
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert "form-action 'self' https://google.test;" in policy, "the consent follows our form"
    assert "frame-ancestors 'none'" in policy
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"] == "no-store"


def test_without_a_consent_behind_it_a_form_leads_to_us_alone(world: World) -> None:
    here = replace(ours(world), consent_url="")
    response = here.landing(Asked().at(), world.tenant, "page.open.book")
    assert "form-action 'self';" in str(response.headers["Content-Security-Policy"])


def test_the_booking_page_is_of_its_share_and_names_who_books(world: World) -> None:
    known = session(world).with_(share_id="s" * 32)
    page = ours(world).book(Asked().at(), known).body or ""
    assert f'share-id="{"s" * 32}"' in page
    assert "Bob (bob)" in unescape(page)
    assert f"/assets/{world.use_cases.assets.version}/book-page.js" in page


@pytest.mark.parametrize(
    ("error", "status", "kind"),
    [
        (LinkInvalid("Old."), 410, "link"),
        (NotAllowed("No."), 403, "link"),
        (NotFound("Nothing."), 404, "missing"),
        (ChatUnavailable(), 503, "later"),
        (InvalidRequest("x", "is wrong"), 400, "request"),
    ],
)
def test_a_problem_is_told_with_the_way_on(
    world: World, error: SchedulingError, status: int, kind: str
) -> None:
    response = ours(world).problem(Asked(headers={"accept-language": "de"}).at(), error)
    assert response.status_code == status
    for part in ("heading", "sentence", "way_on"):
        said = world.catalogue.translate(f"page.problem.{kind}.{part}", "de")
        assert said in text(response)


# Forms


def test_a_form_leads_on_by_a_get_and_nothing_of_it_is_kept() -> None:
    plain = pages.redirect("/connect")
    assert (plain.status_code, plain.headers["Location"]) == (303, "/connect")
    assert plain.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in plain.headers
    assert pages.redirect("/connect", "a=b").headers["Set-Cookie"] == ["a=b"]


@pytest.mark.parametrize(
    ("site", "taken"),
    [
        ("same-origin", True),
        ("none", True),
        ("", True),
        ("same-site", False),
        ("cross-site", False),
    ],
)
def test_a_form_is_taken_from_a_page_of_ours(site: str, *, taken: bool) -> None:
    headers = {"sec-fetch-site": site} if site else {}
    app = Asked(headers, method="POST", body="a=1&b=&a=%C3%A9").at()
    if taken:
        assert pages.form(app) == {"a": "é", "b": ""}
    else:
        with pytest.raises(NotAllowed):
            pages.form(app)


OFFERED_ONLY = {ConsentOutcome.PENDING, ConsentOutcome.CONNECTED, ConsentOutcome.PREFERRED}


def page(world: World, outcome: str, *, pending: bool, locale: str = "en") -> str:
    """Show the connect page after an outcome."""
    session = Session(
        app_id=world.tenant.app_id,
        key=Secret("k" * 32),
        purpose=Purpose.CONNECT,
        person=world.bob.person,
        expires_at=world.clock.now(),
        pending=a_grant("bob", world.clock.now()) if pending else None,
    )
    view = PageView(world.tenant, session, None, "csrf")
    event = SimpleNamespace(
        query_string_parameters={"outcome": outcome}, headers={"accept-language": locale}
    )
    app: Any = SimpleNamespace(current_event=event)
    shown = world.use_cases.pages.connect(app, view, PreferenceForm.of(Preferences()))
    return str(shown.body)


@pytest.mark.parametrize("locale", ["en", "de", "es", "fr", "hi", "ar"])
def test_what_was_opened_twice_denies_no_question_that_is_open(world: World, locale: str) -> None:
    html = page(world, "stale", pending=True, locale=locale)
    translate = world.catalogue.translate
    assert translate("page.outcome.again", locale) in html
    assert translate("page.outcome.stale", locale) not in html
    assert "/connect/confirm" in html
    html = page(world, "stale", pending=False, locale=locale)
    assert translate("page.outcome.stale", locale) in html


@pytest.mark.parametrize("locale", ["en", "de", "es", "fr", "hi", "ar"])
@pytest.mark.parametrize("outcome", sorted(set(ConsentOutcome) - OFFERED_ONLY))
def test_every_outcome_has_its_words(world: World, outcome: str, locale: str) -> None:
    html = page(world, outcome, pending=False, locale=locale)
    for key in (f"page.outcome.{outcome}", f"page.outcome.{outcome}.way"):
        said = world.catalogue.translate(key, locale, app=world.tenant.name)
        assert said in html, key


@pytest.mark.parametrize("outcome", ["no_calendar", "forbidden", "setup", "short"])
def test_a_final_refusal_never_says_to_try_again_in_a_moment(world: World, outcome: str) -> None:
    html = page(world, outcome, pending=False)
    assert "in a moment" not in html
    assert "does not answer" not in html
