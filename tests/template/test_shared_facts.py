"""What Python and JavaScript both have to know is the same: each has it by a name, compared here.

There is no build step in between that could write the one from the other, and the browser module
has to work as a file that an app has copied.
"""

import inspect
import json
import re
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest

from scheduling.access.links import LINK_LIFETIME
from scheduling.access.policy import Role
from scheduling.connections.sessions import SESSION_LIFETIME
from scheduling.core import errors, ids
from scheduling.core.catalogue import FALLBACK, Catalogue
from scheduling.http import authenticate, bodies, fields, pages
from scheduling.http.refusals import STATUSES
from scheduling.messages import compose
from scheduling.models import ENDED, UNDER_WORK, BookingState, ConnectionState
from scheduling.rules.defaults import DEFAULT_DURATION, HORIZON, LONGEST, SHORTEST
from scheduling.shares.view import ShareStatus
from tests.template.test_permissions import ROOT, TEMPLATE

WEB = ROOT / "web"
MODULE = "\n".join(path.read_text(encoding="utf-8") for path in sorted(WEB.glob("module/*.js")))
DECLARED = (WEB / "assets/calendar-scheduling.d.ts").read_text(encoding="utf-8")
CODES = {each.code for each in vars(errors).values() if hasattr(each, "code")}
#: What the browser module says itself, when nobody answers.
UNREACHABLE = "FAILED_TO_FETCH"


def constant(name: str) -> Any:
    """Return a constant of the browser module: a number, a product, a text, a list or a set."""
    found = re.findall(rf"^(?:export )?const {name} =\s*([^;]+);", MODULE, re.MULTILINE)
    (written,) = found
    listed = re.search(r"\[.*\]", written, re.DOTALL)
    if listed:
        return json.loads(re.sub(r",\s*\]", "]", listed[0]))
    if written.startswith('"'):
        return json.loads(written)
    number = 1
    for factor in written.split("*"):
        number *= int(factor)
    return number


def declared(name: str) -> set[str]:
    """Return the texts that a type of the declarations may be."""
    (written,) = re.findall(rf"^export type {name} =([^;]+);", DECLARED, re.MULTILINE)
    return set(re.findall(r'"(\w+)"', written))


def values(kinds: Iterable[Any]) -> set[str]:
    return {each.value for each in kinds}


def minutes(length: timedelta) -> int:
    return int(length.total_seconds() // 60)


def milliseconds(length: timedelta) -> int:
    return int(length.total_seconds() * 1000)


# Lengths


def test_a_meeting_is_as_long_as_the_code_has_it_unless_another_length_is_chosen() -> None:
    assert constant("USUAL") == minutes(DEFAULT_DURATION)


def test_every_length_that_can_be_chosen_is_one_that_the_code_takes() -> None:
    chosen = constant("LENGTHS")
    assert constant("USUAL") in chosen
    assert chosen == sorted(set(chosen))
    for length in chosen:
        assert minutes(SHORTEST) <= length <= minutes(LONGEST)
        assert length % minutes(SHORTEST) == 0


def test_a_text_that_is_typed_into_a_card_is_one_that_the_code_takes() -> None:
    assert constant("TITLE_MAX") == bodies.TITLE_MAX
    assert constant("NOTE_MAX") == bodies.NOTE_MAX
    limited = set(re.findall(r"\bmaxlength: ([^,}]+)", MODULE))
    assert limited == {"TITLE_MAX", "NOTE_MAX"}, "each by its name"


@pytest.mark.parametrize("language", Catalogue(WEB / "words").locales())
@pytest.mark.parametrize("key", ["card.share.text", "card.share.preview.none"])
def test_words_that_say_how_far_ahead_a_share_reaches_say_what_the_code_does(
    key: str, language: str
) -> None:
    assert timedelta(days=7) == HORIZON, "then these sentences have to say another number"
    said = Catalogue(WEB / "words").translate(key, language)
    # In letters, where a language writes it so.
    assert {"ar": "السبعة"}.get(language, str(HORIZON.days)) in said


# Languages


def test_the_languages_are_those_that_there_are_words_for() -> None:
    assert tuple(constant("LOCALES")) == Catalogue(WEB / "words").locales()
    assert constant("FALLBACK") == FALLBACK


def test_languages_from_right_to_left_are_the_same_on_pages_and_in_cards() -> None:
    (written,) = re.findall(r"^const RIGHT_TO_LEFT = /\^\(([a-z|]+)\)\\b/;", MODULE, re.MULTILINE)
    assert set(written.split("|")) == pages._RIGHT_TO_LEFT
    assert {"ar"} == pages._RIGHT_TO_LEFT & set(constant("LOCALES"))


# Waits


def test_a_card_waits_for_the_connect_page_as_long_as_its_link_and_its_session_may_take() -> None:
    assert constant("LOOK_FOR_MS") == milliseconds(LINK_LIFETIME + SESSION_LIFETIME)


def test_a_request_is_given_up_later_than_any_function_answers() -> None:
    called = {route.function for route in TEMPLATE.routes() if route.path.startswith("/v1/")}
    slowest = max(each.timeout_seconds for each in TEMPLATE.functions() if each.name in called)
    assert constant("TIMEOUT_MS") > 1000 * slowest
    # API Gateway ends a request to a function after 30 s.
    # Source: Amazon API Gateway Developer Guide, "Quotas for HTTP APIs", read 2026-11.
    assert constant("TIMEOUT_MS") > 30_000


# Refusals and states


def test_every_code_that_a_card_knows_is_one_that_the_code_has() -> None:
    named = set(re.findall(r'"([A-Z]+(?:_[A-Z]+)+)"', MODULE))
    assert len(named) > 10
    assert named - CODES == {UNREACHABLE}


def test_what_a_card_sends_again_under_the_same_key_is_what_may_pass() -> None:
    passing = {code for code, status in STATUSES.items() if status >= 500 or status == 429}
    in_progress = errors.BookingInProgress.code
    assert set(constant("OPEN_OUTCOMES")) == passing | {in_progress, UNREACHABLE}


def test_a_calendar_that_is_lost_is_one_to_connect() -> None:
    lost = {errors.NotConnected.code, errors.ReconnectNeeded.code}
    assert set(constant("LOST")) == lost


def test_a_booking_is_open_or_over_in_a_card_as_it_is_in_the_code() -> None:
    assert set(constant("OPEN")) == values(UNDER_WORK)
    assert set(constant("ENDED")) == values(ENDED)


def test_the_declarations_name_every_state_and_no_other() -> None:
    assert declared("BookingStatus") == values(BookingState)
    assert declared("ShareStatus") == values(ShareStatus)
    assert declared("ErrorCode") == CODES | {UNREACHABLE}
    assert declared("Weekday") == set(fields.WEEKDAYS)
    shown = values(ConnectionState) - {ConnectionState.CLOSING.value} | {"none"}
    assert declared("Connection") == shown
    (role,) = re.findall(r"role: ([^;]+);", DECLARED)
    assert set(re.findall(r'"(\w+)"', role)) == values(Role)


def test_messages_are_of_the_types_that_the_code_sends() -> None:
    ours = {compose.AVAILABILITY, compose.INVITE, compose.NOTICE}
    named = set(re.findall(r"\bextension_calendar_\w+", MODULE + DECLARED))
    assert {compose.AVAILABILITY, compose.INVITE} <= named <= ours


# Requests


def test_the_booking_page_says_that_it_is_our_own_script_as_the_code_expects() -> None:
    ((name, value),) = re.findall(r'#headers\["(X-[\w-]+)"\] = "([\w-]+)"', MODULE)
    assert name.lower() == authenticate._OWN_PAGE
    assert f'"{value}"' in inspect.getsource(authenticate.Authenticator)


def test_an_id_that_the_code_makes_is_one_that_the_client_puts_into_a_path() -> None:
    (written,) = re.findall(r"typeof id === \"string\" && /(\S+)/\.test\(id\)", MODULE)
    assert re.search(written, ids.random_id(), re.ASCII)
    assert not re.search(written, "../connect", re.ASCII)
