"""What Google's consent has to bring, and what it means when its answer brings no code."""

from collections.abc import Mapping

from scheduling.models import ConsentRefusal

_CALENDAR = "https://www.googleapis.com/auth/calendar"
#: Without these a grant is of no use. `openid email` come back under other names.
#: Source: Google's discovery document of Calendar v3, `scopes` of each method, read 2026-11.
NEEDED_SCOPES = frozenset({f"{_CALENDAR}.freebusy", f"{_CALENDAR}.events.owned"})
#: Who answers a consent. Source: Google's discovery document of OpenID Connect, read 2026-11.
ISSUER = "https://accounts.google.com"

_REDIRECT_ERRORS = {
    ConsentRefusal.DENIED: "access_denied",
    ConsentRefusal.STALE: (
        "login_required interaction_required consent_required account_selection_required"
        " invalid_grant"
    ),
    ConsentRefusal.UNAVAILABLE: "server_error temporarily_unavailable rate_limit_exceeded",
    ConsentRefusal.FORBIDDEN: (
        "admin_policy_enforced policy_enforced org_internal access_not_configured"
    ),
    ConsentRefusal.SETUP: (
        "invalid_request invalid_scope unauthorized_client unsupported_response_type"
        " invalid_client deleted_client disabled_client restricted_client redirect_uri_mismatch"
        " origin_mismatch disallowed_useragent invalid_request_uri invalid_request_object"
        " request_not_supported request_uri_not_supported registration_not_supported"
    ),
}
#: What `error` means in the redirect by which a consent comes back without a code.
#: Google shows most of its own on a page of its own, and never sends the browser back with them.
#: Source: RFC 6749, 4.1.2.1; OpenID Connect Core 1.0, 3.1.2.6;
#: https://developers.google.com/identity/protocols/oauth2/web-server (authorization errors),
#: https://support.google.com/accounts/answer/16668185, read 2026-11.
REDIRECT_ERRORS: Mapping[str, ConsentRefusal] = {
    error: meaning for meaning, errors in _REDIRECT_ERRORS.items() for error in errors.split()
}


def is_sufficient(scopes: frozenset[str]) -> bool:
    """Whether granted scopes hold all that is needed, in whatever order they came."""
    return scopes >= NEEDED_SCOPES


def without_code(error: str) -> ConsentRefusal:
    """Say why a consent came back without a code; all that is known of an unknown error is a no."""
    return REDIRECT_ERRORS.get(error, ConsentRefusal.FORBIDDEN)
