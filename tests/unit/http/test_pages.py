"""What the connect page tells of what has just happened."""

from types import SimpleNamespace
from typing import Any

import pytest

from scheduling.connections.connect import ConsentOutcome, PageView
from scheduling.http.forms import PreferenceForm
from scheduling.models import Preferences, Purpose, Secret, Session
from tests.fakes import a_grant
from tests.world import World

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
