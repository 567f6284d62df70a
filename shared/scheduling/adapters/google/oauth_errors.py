"""What Google's token and revocation endpoints say when they refuse, and what that means.

The answer itself is read: google-auth tells some refusals in words of its own (`invalid_grant` of a
session policy comes as "Reauthentication is needed. Please run `gcloud auth ...`"). An error that
is not in the table means that Google could not say, and never that a grant has ended.
What the consent's redirect brings is not of the token endpoint: `scheduling.rules.consent` has it.

Sources, read 2026-11:
https://developers.google.com/identity/protocols/oauth2 (why a refresh token stops working) and
.../oauth2/web-server (authorization errors, DPoP);
https://support.google.com/accounts/answer/16668185 (error codes that people see);
RFC 6749, 4.1.2.1 and 5.2; RFC 8628, 3.5; OpenID Connect Core 1.0, 3.1.2.6;
google-auth 2.62 (`google.oauth2._client`, `google.oauth2.reauth`: what may pass, the subtypes);
answers of the live endpoint in public reports: `access_denied` "Account restricted"
(GAM-team/GAM#1766), `admin_policy_enforced` at a refresh (dust-tt/dust#31975), `policy_enforced`
of Advanced Protection (twentyhq/twenty#25148), `invalid_rapt` (google-auth-library-nodejs#1961).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from http import HTTPStatus
from typing import Any, Self

from scheduling.adapters.google.error_reasons import Meaning, is_client_error
from scheduling.core.retry import retry_after


class Request(Enum):
    """What is asked of the token endpoint, or of its neighbour that revokes."""

    EXCHANGE = auto()
    REFRESH = auto()
    REVOKE = auto()


@dataclass(frozen=True, slots=True)
class Row:
    """One row: an error, for one kind of request or for all."""

    error: str
    meaning: Meaning
    request: Request | None = None

    def matches(self, words: frozenset[str], request: Request) -> bool:
        """Whether an answer to such a request says this."""
        return self.error in words and self.request in {None, request}


def _rows(meaning: Meaning, errors: str, request: Request | None = None) -> Iterator[Row]:
    return (Row(error, meaning, request) for error in errors.split())


#: The most specific first: the first row that matches an answer counts.
TABLE: tuple[Row, ...] = (
    # Subtypes of `invalid_grant`: a session policy of the host's organisation has ended the grant.
    *_rows(Meaning.GRANT_ENDED, "invalid_rapt rapt_required"),
    # The account, or who administers it, does not let us in: nothing but the host can mend it.
    *_rows(
        Meaning.GRANT_ENDED,
        "access_denied admin_policy_enforced policy_enforced org_internal access_not_configured"
        " account_selection_required consent_required interaction_required login_required",
    ),
    # A code is used, old or another browser's; a refresh token is over, whatever words say so.
    *_rows(Meaning.GONE, "invalid_grant", Request.EXCHANGE),
    *_rows(Meaning.GRANT_ENDED, "invalid_grant invalid_token expired_token", Request.REFRESH),
    *_rows(Meaning.GONE, "invalid_grant invalid_token expired_token", Request.REVOKE),
    # The client is known, and the token is another client's: the grant was to that one.
    *_rows(Meaning.GRANT_ENDED, "unauthorized_client", Request.REFRESH),
    # Our client, or what we send.
    *_rows(
        Meaning.OPERATOR,
        "invalid_client deleted_client disabled_client restricted_client unauthorized_client"
        " redirect_uri_mismatch origin_mismatch disallowed_useragent",
    ),
    *_rows(
        Meaning.FAULT,
        "invalid_request invalid_scope unsupported_grant_type unsupported_response_type"
        " unsupported_token_type invalid_dpop_proof use_dpop_nonce invalid_request_uri"
        " invalid_request_object request_not_supported request_uri_not_supported"
        " registration_not_supported invalid_token expired_token authorization_pending",
    ),
    *_rows(Meaning.SLOW_DOWN, "slow_down rate_limit_exceeded"),
    *_rows(Meaning.TRY_AGAIN, "temporarily_unavailable server_error internal_failure"),
)

#: With these Google has not worked on the request: a code is still good.
_NOTHING_DONE = {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}
_NOTHING_DONE_ERRORS = frozenset({"temporarily_unavailable", "slow_down", "rate_limit_exceeded"})


@dataclass(frozen=True, slots=True)
class Refusal:
    """A refusal as it came."""

    status: int
    words: frozenset[str]
    #: Seconds after which Google wants to be asked again; None where it names none.
    retry_after: int | None = None

    @classmethod
    def read(cls, status: int, headers: Mapping[str, str], body: Any) -> Self:
        """Read an answer; `headers` do not mind how a name is written, `body` is what JSON held."""
        found = body if isinstance(body, dict) else {}
        said = [found.get("error_subtype"), found.get("error")]
        return cls(
            status=status,
            words=frozenset(word for word in said if isinstance(word, str)),
            retry_after=retry_after(headers.get("Retry-After")),
        )

    @property
    def known(self) -> str:
        """Google's words of it that the table knows, for the operator: no others are logged."""
        return " ".join(sorted({row.error for row in TABLE if row.error in self.words}))

    def meaning(self, request: Request) -> Meaning:
        """What it means; a server's own error means its trouble, whatever stands in it."""
        if self.status == HTTPStatus.TOO_MANY_REQUESTS:
            return Meaning.SLOW_DOWN
        if not is_client_error(self.status):
            return Meaning.TRY_AGAIN
        matching = (row.meaning for row in TABLE if row.matches(self.words, request))
        return next(matching, Meaning.UNKNOWN)

    @property
    def nothing_done(self) -> bool:
        """Whether the request was turned away before anything was done with it."""
        return self.status in _NOTHING_DONE or bool(self.words & _NOTHING_DONE_ERRORS)
