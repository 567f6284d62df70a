"""One table of what the token endpoint can say: every error in Google's documents is there."""

from typing import Any

import pytest

from scheduling.adapters.google.error_reasons import Meaning
from scheduling.adapters.google.oauth_errors import TABLE, Refusal, Request
from scheduling.models import ConsentRefusal
from scheduling.rules.consent import REDIRECT_ERRORS, without_code

#: Errors by where they are documented; read 2026-11.
DOCUMENTED: dict[str, str] = {
    "https://developers.google.com/identity/protocols/oauth2/web-server": (
        "admin_policy_enforced disallowed_useragent org_internal invalid_client deleted_client"
        " invalid_grant redirect_uri_mismatch invalid_request invalid_dpop_proof use_dpop_nonce"
        " access_denied origin_mismatch"
    ),
    "https://support.google.com/accounts/answer/16668185": (
        "access_not_configured admin_policy_enforced invalid_request"
    ),
    "RFC 6749, 5.2 and 4.1.2.1": (
        "invalid_request invalid_client invalid_grant unauthorized_client unsupported_grant_type"
        " invalid_scope access_denied unsupported_response_type server_error"
        " temporarily_unavailable"
    ),
    "RFC 7009, 2.2.1": "unsupported_token_type",
    "RFC 8628, 3.5": "authorization_pending slow_down access_denied expired_token",
    "OpenID Connect Core 1.0, 3.1.2.6": (
        "interaction_required login_required account_selection_required consent_required"
        " invalid_request_uri invalid_request_object request_not_supported"
        " request_uri_not_supported registration_not_supported"
    ),
    "google-auth 2.62": "internal_failure server_error temporarily_unavailable",
    "google-auth 2.62, error_subtype": "invalid_rapt rapt_required",
    "live answers in public reports": (
        "access_denied policy_enforced disabled_client restricted_client invalid_token"
        " rate_limit_exceeded"
    ),
}


def meaning(body: Any, request: Request = Request.REFRESH, status: int = 400) -> Meaning:
    return Refusal.read(status, {}, body).meaning(request)


@pytest.mark.parametrize("request_", list(Request))
def test_every_documented_error_is_in_the_table(request_: Request) -> None:
    missing = [
        (where, error)
        for where, errors in DOCUMENTED.items()
        for error in errors.split()
        if not any(row.matches(frozenset({error}), request_) for row in TABLE)
    ]
    assert missing == []


@pytest.mark.parametrize("status", [400, 401, 403])
@pytest.mark.parametrize(
    "body",
    [
        {"error": "invalid_grant", "error_description": "Token has been expired or revoked."},
        {"error": "invalid_grant", "error_description": "The account has been deleted"},
        {"error": "invalid_grant", "error_description": "Bad Request"},
        {"error": "invalid_grant"},
        {
            "error": "invalid_grant",
            "error_subtype": "invalid_rapt",
            "error_description": "reauth related error (invalid_rapt)",
            "error_uri": "https://support.google.com/a/answer/9368756",
        },
        {"error": "invalid_grant", "error_subtype": "rapt_required"},
        {"error": "access_denied", "error_description": "Account restricted"},
        {"error": "access_denied"},
        {"error": "admin_policy_enforced"},
        {"error": "policy_enforced", "error_description": "Advanced Protection prevented ..."},
        {"error": "org_internal"},
        {"error": "access_not_configured"},
        {"error": "unauthorized_client", "error_description": "Unauthorized"},
    ],
    ids=lambda body: "-".join(body.values())[:50],
)
def test_a_refusal_that_no_other_try_cures_ends_the_grant(
    status: int, body: dict[str, str]
) -> None:
    assert meaning(body, status=status) is Meaning.GRANT_ENDED


@pytest.mark.parametrize(
    "error", ["invalid_client", "deleted_client", "disabled_client", "restricted_client"]
)
def test_what_the_operator_has_to_mend_ends_nobodys_grant(error: str) -> None:
    for request in (Request.EXCHANGE, Request.REFRESH):
        assert meaning({"error": error}, request, 401) is Meaning.OPERATOR


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        "invalid_grant",
        {},
        {"error": None},
        {"error": {"status": "invalid_grant"}},
        {"error": "something_new"},
        {"error_description": "invalid_grant"},
    ],
)
@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_of_what_is_not_known_nothing_is_concluded(status: int, body: Any) -> None:
    assert meaning(body, status=status) is Meaning.UNKNOWN


@pytest.mark.parametrize(
    ("status", "error", "found"),
    [
        (500, "invalid_grant", Meaning.TRY_AGAIN),
        (503, "access_denied", Meaning.TRY_AGAIN),
        (307, "invalid_grant", Meaning.TRY_AGAIN),
        (429, "invalid_grant", Meaning.SLOW_DOWN),
        (400, "temporarily_unavailable", Meaning.TRY_AGAIN),
        (400, "internal_failure", Meaning.TRY_AGAIN),
        (403, "rate_limit_exceeded", Meaning.SLOW_DOWN),
    ],
)
def test_trouble_that_passes_ends_no_grant(status: int, error: str, found: Meaning) -> None:
    assert meaning({"error": error}, status=status) is found


@pytest.mark.parametrize(
    ("status", "error", "unspent"),
    [
        (429, "", True),
        (503, "", True),
        (400, "temporarily_unavailable", True),
        (403, "rate_limit_exceeded", True),
        (500, "internal_failure", False),
        (502, "", False),
        (504, "", False),
        (400, "internal_failure", False),
    ],
)
def test_a_code_is_surely_unspent_where_nothing_was_done(
    status: int, error: str, *, unspent: bool
) -> None:
    assert Refusal.read(status, {}, {"error": error}).nothing_done is unspent


def test_a_code_that_is_not_taken_is_no_grant_that_ends() -> None:
    assert meaning({"error": "invalid_grant"}, Request.EXCHANGE) is Meaning.GONE
    assert meaning({"error": "invalid_token"}, Request.REVOKE) is Meaning.GONE
    assert meaning({"error": "unauthorized_client"}, Request.EXCHANGE) is Meaning.OPERATOR


def test_every_error_that_a_redirect_can_bring_has_its_words() -> None:
    of_redirects = ("web-server", "answer/16668185", "RFC 6749", "OpenID")
    missing = [
        error
        for where, errors in DOCUMENTED.items()
        if any(part in where for part in of_redirects)
        for error in errors.split()
        if error not in REDIRECT_ERRORS and "dpop" not in error and "grant_type" not in error
    ]
    assert missing == []
    assert without_code("access_denied") is ConsentRefusal.DENIED
    assert without_code("server_error") is ConsentRefusal.UNAVAILABLE
    assert without_code("something_new") is ConsentRefusal.FORBIDDEN
    assert without_code("") is ConsentRefusal.FORBIDDEN
