from datetime import timedelta

import pytest
import requests

from local.google.accounts import Client
from local.google.scopes import EMAIL, EVENTS_OWNED, FREEBUSY
from tests.emulators.conftest import MovableClock
from tests.emulators.google_user import CHALLENGE, REDIRECT_URI, Google, Page, callback

pytestmark = pytest.mark.integration

ALICE = "alice@example.com"


def test_link_leads_to_the_chooser_of_all_accounts(google: Google) -> None:
    page = google.open()
    assert page.status_code == 200
    assert Page(page.text).accounts == [ALICE, "bob@example.com", "carol@example.com"]
    assert "<script" not in page.text
    assert page.headers["X-Frame-Options"] == "DENY"


def test_consent_lists_sign_in_and_has_an_empty_box_for_each_calendar_scope(google: Google) -> None:
    page = google.choose(google.open(), ALICE)
    assert Page(page.text).boxes == [FREEBUSY, EVENTS_OWNED]
    assert "See your primary Google Account email address" in page.text
    assert "View your availability in your calendars" in page.text
    assert ALICE in page.text


def test_consent_brings_the_browser_back_with_a_code(google: Google) -> None:
    query = google.consent(ALICE, FREEBUSY, EVENTS_OWNED)
    assert query["code"].startswith("4/0A")
    assert set(query["scope"].split()) == {"openid", "email", EMAIL, FREEBUSY, EVENTS_OWNED}
    del query["code"], query["scope"]
    assert query == {
        "state": "st&te=1",
        "iss": "https://accounts.google.com",
        "authuser": "0",
        "prompt": "consent",
    }


def test_workspace_account_comes_back_with_its_domain(google: Google) -> None:
    query = google.consent("carol@example.com", FREEBUSY)
    assert (query["hd"], query["authuser"]) == ("example.com", "2")


def test_cancel_comes_back_denied(google: Google) -> None:
    page = google.choose(google.open(), ALICE)
    query = callback(google.decide(page, FREEBUSY, action="cancel"))
    assert query == {"state": "st&te=1", "error": "access_denied"}


def test_partial_consent_grants_only_what_was_ticked(google: Google) -> None:
    query = google.consent(ALICE, FREEBUSY)
    assert set(query["scope"].split()) == {"openid", "email", EMAIL, FREEBUSY}


def test_nothing_ticked_still_signs_in(google: Google) -> None:
    assert set(google.consent(ALICE)["scope"].split()) == {"openid", "email", EMAIL}


def test_nothing_ticked_is_denied_when_so_set(google: Google) -> None:
    google.control("POST", "settings", {"noneTicked": "deny"})
    assert google.consent(ALICE)["error"] == "access_denied"


def test_sign_in_alone_and_a_lone_scope_have_no_boxes(google: Google) -> None:
    sign_in = google.choose(google.open(scope="openid email"), ALICE)
    assert Page(sign_in.text).boxes == []
    assert callback(google.decide(sign_in))["scope"].split()[0] == "email"
    lone = google.choose(google.open(scope=FREEBUSY), ALICE)
    assert Page(lone.text).boxes == []
    assert callback(google.decide(lone))["scope"] == FREEBUSY


def test_box_of_a_scope_that_was_not_shown_is_refused(google: Google) -> None:
    page = google.choose(google.open(scope=f"openid {FREEBUSY}"), ALICE)
    assert google.decide(page, EVENTS_OWNED).status_code == 400


def test_form_of_an_ended_flow_is_refused(google: Google, google_clock: MovableClock) -> None:
    page = google.choose(google.open(), ALICE)
    callback(google.decide(page, FREEBUSY))
    assert google.decide(page, FREEBUSY).status_code == 400
    old = google.open()
    google_clock.ahead = timedelta(hours=2)
    flow = Page(old.text).flow
    form = {"flow": flow, "account": ALICE}
    answer = requests.post(f"{google.address}/o/oauth2/v2/auth/account", data=form, timeout=5)
    assert answer.status_code == 400


def test_hint_skips_the_chooser_unless_it_is_asked_for(google: Google) -> None:
    straight = google.open(login_hint="Alice@Example.com")
    assert straight.headers["Location"].startswith("/o/oauth2/v2/auth/consent?flow=")
    by_choice = google.open(login_hint="bob@example.com", prompt="consent select_account")
    assert Page(by_choice.text).accounts[0] == "bob@example.com"
    assert "autofocus" in by_choice.text
    unknown = google.open(login_hint="nobody@example.com")
    assert len(Page(unknown.text).accounts) == 3


def test_hint_is_not_enforced(google: Google) -> None:
    consent = google.session.get(
        google.address + google.open(login_hint=ALICE).headers["Location"], timeout=5
    )
    chooser = f"{google.address}/o/oauth2/v2/auth/account?flow={Page(consent.text).flow}"
    page = google.choose(google.session.get(chooser, timeout=5), "bob@example.com")
    assert "bob@example.com" in page.text


def test_second_time_skips_consent_and_brings_no_refresh_token(google: Google) -> None:
    assert "refresh_token" in google.connect()
    query = callback(google.choose(google.open(prompt=None), ALICE))
    assert query["prompt"] == "none"
    assert "refresh_token" not in google.exchange(query["code"]).json()


def test_asked_consent_brings_a_refresh_token_each_time(google: Google) -> None:
    first, second = google.connect(), google.connect()
    assert first["refresh_token"] != second["refresh_token"]


def test_online_access_brings_no_refresh_token(google: Google) -> None:
    assert "refresh_token" not in google.connect(access_type=None)


def test_missing_scope_is_asked_again_beside_what_was_granted(google: Google) -> None:
    google.consent(ALICE, FREEBUSY)
    page = google.choose(google.open(prompt=None), ALICE)
    assert Page(page.text).boxes == [EVENTS_OWNED]
    assert "It already has some access" in page.text
    query = callback(google.decide(page, EVENTS_OWNED))
    assert {FREEBUSY, EVENTS_OWNED} <= set(query["scope"].split())


def test_earlier_grants_are_included_only_on_request(google: Google) -> None:
    google.connect()
    narrow = google.consent(ALICE, scope="openid")
    assert narrow["scope"] == "openid"
    wide = google.consent(ALICE, scope="openid", include_granted_scopes="true")
    assert {FREEBUSY, EVENTS_OWNED} <= set(wide["scope"].split())


def test_no_prompt_answers_at_once(google: Google) -> None:
    silent = {"prompt": "none", "login_hint": ALICE}
    assert callback(google.open(prompt="none"))["error"] == "interaction_required"
    assert callback(google.open(**silent))["error"] == "consent_required"
    unknown = google.open(prompt="none", login_hint="nobody@example.com")
    assert callback(unknown) == {"state": "st&te=1", "error": "login_required"}
    google.connect()
    assert callback(google.open(**silent))["code"].startswith("4/0A")


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"client_id": None}, "invalid_request"),
        ({"client_id": "stranger"}, "invalid_client"),
        ({"redirect_uri": None}, "invalid_request"),
        ({"redirect_uri": REDIRECT_URI + "/"}, "redirect_uri_mismatch"),
        ({"redirect_uri": "http://localhost:3000/oauth/callback?a=1"}, "redirect_uri_mismatch"),
        ({"response_type": None}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": None}, "invalid_request"),
        ({"scope": f"openid {FREEBUSY.upper()}"}, "invalid_scope"),
        ({"scope": "openid calendar.freebusy"}, "invalid_scope"),
        ({"access_type": "forever"}, "invalid_request"),
        ({"prompt": "none consent"}, "invalid_request"),
        ({"prompt": "login"}, "invalid_request"),
        ({"include_granted_scopes": "yes"}, "invalid_request"),
        ({"code_challenge_method": "S512"}, "invalid_request"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge": CHALLENGE[:42]}, "invalid_request"),
        ({"code_chalenge": CHALLENGE}, "invalid_request"),
    ],
)
def test_wrong_link_gets_an_error_page_and_no_redirect(
    google: Google, changes: dict[str, str | None], word: str
) -> None:
    page = google.open(**changes)
    assert page.status_code == 400
    assert "Location" not in page.headers
    assert "Access blocked" in page.text
    assert word in page.text


def test_parameter_given_twice_is_refused(google: Google) -> None:
    twice = f"{google.address}/o/oauth2/v2/auth?state=a&state=b"
    page = google.session.get(twice, timeout=5)
    assert page.status_code == 400
    assert "can only have a single value: state" in page.text


def test_page_shows_what_a_stranger_wrote_as_text(google: Google) -> None:
    page = google.open(redirect_uri="<script>alert(1)</script>")
    assert "<script" not in page.text


@pytest.mark.parametrize(
    "uri",
    [
        "http://example.com/callback",
        "https://10.0.0.1/callback",
        "https://example.com/callback#here",
        "https://*.example.com/callback",
        "https://me@example.com/callback",
    ],
)
def test_redirect_address_that_google_would_not_register_is_refused(uri: str) -> None:
    with pytest.raises(ValueError, match="redirect URI"):
        Client("c", "s", frozenset({uri}))


def test_one_more_account_can_be_made_once(google: Google) -> None:
    wanted = {"email": "zoe@example.com", "timeZone": "Asia/Tokyo"}
    assert google.control("POST", "accounts", wanted)["email"] == "zoe@example.com"
    assert google.control("GET", "events", email="zoe@example.com") == {"items": []}
    url = f"{google.address}/_control/accounts"
    wrong = [wanted, {"email": "Zoe"}, {"email": "yan@example.com", "timeZone": "Mars"}]
    assert [google.session.post(url, json=each).status_code for each in wrong] == [409, 400, 400]
