"""What Google's Calendar API says when it refuses, and what that means: one table.

Google says one thing in several places: `errors[].reason` of the API's own backend, and, where the
front end refuses, `details[].reason` (an ErrorInfo), `status` and the `WWW-Authenticate` header
beside it. All are read: googleapiclient's `HttpError.error_details` shows `details` and then hides
`errors`. What is not in the table means no more than its status does, and never that a grant has
ended.

Sources, read 2026-11:
https://developers.google.com/workspace/calendar/api/guides/errors (reasons of the Calendar API);
https://developers.google.com/youtube/v3/docs/core_errors (Google APIs, global domain errors);
google/api/error_reason.proto (every reason of an ErrorInfo);
schema `Error` of the discovery document of Calendar v3 (`calendars{}.errors[]` of free/busy);
answers of the live API in public reports: `notACalendarUser` (closeio/sync-engine#462,
GAM-team/GAM#806), a scope refusal in both forms (grafana-google-calendar#22).
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from http import HTTPStatus
from typing import Any, Self

from scheduling.core.retry import retry_after


class Meaning(Enum):
    """What a refusal of Google's means here."""

    #: Trouble of Google's that passes: nothing was learnt.
    TRY_AGAIN = auto()
    #: A refusal of which nothing is known, and nothing learnt.
    UNKNOWN = auto()
    #: Too much at once; it passes within moments.
    SLOW_DOWN = auto()
    #: A quota is used up; it passes, and asking again soon makes it worse.
    USED_UP = auto()
    #: The host's consent is over, or does not hold what we need: only a new consent helps.
    GRANT_ENDED = auto()
    #: The account has no calendar.
    NO_CALENDAR = auto()
    #: There is no such thing, or not any more.
    GONE = auto()
    #: A thing of this id is there already.
    EXISTS = auto()
    #: It is not the version that was read.
    CHANGED = auto()
    #: Our project or client is not set up as it has to be: the operator's to mend.
    OPERATOR = auto()
    #: Our request is wrong: a fault of ours.
    FAULT = auto()


def is_client_error(status: int) -> bool:
    """Whether a status refuses, and does not tell of the server's own trouble."""
    return HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR


@dataclass(frozen=True, slots=True)
class Row:
    """One row: a word of Google's, with its status, or with any from 400 to 499."""

    word: str
    meaning: Meaning
    status: int | None = None

    def matches(self, status: int, words: frozenset[str]) -> bool:
        """Whether an answer says this."""
        if self.status is not None:
            return self.status == status and self.word in words
        return is_client_error(status) and self.word in words


def _rows(meaning: Meaning, words: str, status: int | None = None) -> Iterator[Row]:
    return (Row(word, meaning, status) for word in words.split())


#: The most specific first: the first row that matches an answer counts.
TABLE: tuple[Row, ...] = (
    # Of this account: nothing but the host can mend it, at Google or by a new consent.
    *_rows(Meaning.NO_CALENDAR, "notACalendarUser"),
    *_rows(
        Meaning.GRANT_ENDED,
        "insufficientPermissions ACCESS_TOKEN_SCOPE_INSUFFICIENT insufficient_scope"
        " accountDeleted accountDisabled accountUnverified ACCOUNT_STATE_INVALID"
        " domainPolicy USER_BLOCKED_BY_ADMIN ACCOUNT_TYPE_UNSUPPORTED",
    ),
    # Of our project, our client or our requests.
    *_rows(
        Meaning.OPERATOR,
        "accessNotConfigured SERVICE_DISABLED SERVICE_NOT_VISIBLE BILLING_DISABLED"
        " CONSUMER_SUSPENDED CONSUMER_INVALID GCP_SUSPENDED USER_PROJECT_DENIED"
        " RESOURCE_PROJECT_INVALID RESOURCE_USAGE_RESTRICTION_VIOLATED IAM_PERMISSION_DENIED"
        " SECURITY_POLICY_VIOLATED ORG_RESTRICTION_VIOLATION ORG_RESTRICTION_HEADER_INVALID"
        " LOCATION_POLICY_VIOLATED LOCATION_ORG_POLICY_VIOLATED LOCATION_TAX_POLICY_VIOLATED"
        " TLS_ORG_POLICY_VIOLATED TLS_CIPHER_RESTRICTION_VIOLATED"
        " ENDPOINT_USAGE_RESTRICTION_VIOLATED MCP_SERVER_DISABLED"
        " API_KEY_INVALID API_KEY_SERVICE_BLOCKED API_KEY_HTTP_REFERRER_BLOCKED"
        " API_KEY_IP_ADDRESS_BLOCKED API_KEY_ANDROID_APP_BLOCKED API_KEY_IOS_APP_BLOCKED"
        " CREDENTIAL_ANDROID_APP_INVALID keyExpired keyInvalid"
        " insufficientAudience insufficientAuthorizedParty downloadServiceForbidden"
        " dailyLimitExceededUnreg rateLimitExceededUnreg userRateLimitExceededUnreg",
    ),
    *_rows(Meaning.OPERATOR, "dailyLimitExceeded402 quotaExceeded402 user402", 402),
    # Limits. "Do not hammer" holds for those that protect a user or a day.
    *_rows(
        Meaning.USED_UP,
        "quotaExceeded dailyLimitExceeded limitExceeded variableTermLimitExceeded"
        " variableTermExpiredDailyExceeded RESOURCE_QUOTA_EXCEEDED EMULATOR_QUOTA_EXCEEDED",
    ),
    *_rows(
        Meaning.SLOW_DOWN,
        "rateLimitExceeded userRateLimitExceeded concurrentLimitExceeded servingLimitExceeded"
        " tooManyRequests RATE_LIMIT_EXCEEDED RESOURCE_EXHAUSTED",
    ),
    # Of the access token, once it was refreshed.
    *_rows(
        Meaning.GRANT_ENDED,
        "authError unauthorized expired loginRequired required lockedDomainExpired invalid_token"
        " ACCESS_TOKEN_EXPIRED CREDENTIALS_MISSING UNAUTHENTICATED",
        401,
    ),
    # Of the event.
    *_rows(Meaning.CHANGED, "conditionNotMet", 412),
    *_rows(Meaning.EXISTS, "duplicate alreadyExists conflict ALREADY_EXISTS", 409),
    *_rows(Meaning.FAULT, "fullSyncRequired updatedMinTooLongAgo", 410),
    *_rows(Meaning.GONE, "deleted", 410),
    *_rows(Meaning.GONE, "notFound NOT_FOUND", 404),
    # Of what we sent.
    *_rows(
        Meaning.FAULT,
        "required invalid badRequest parseError badContent invalidParameter invalidQuery"
        " invalidHeader invalidAltValue timeRangeEmpty timeRangeTooLong groupTooBig"
        " tooManyCalendarsRequested corsRequestWithXOrigin endpointConstraintMismatch"
        " badBinaryDomainRequest badLockedDomainRequest lockedDomainCreationFailure notDownload"
        " notUpload tooManyParts unknownApi unsupportedMediaProtocol unsupportedOutputFormat"
        " wrongUrlForUpload INVALID_ARGUMENT FAILED_PRECONDITION OUT_OF_RANGE",
        400,
    ),
    *_rows(
        Meaning.FAULT,
        "forbiddenForNonOrganizer requiredAccessLevel responseTooLarge sslRequired unknownAuth"
        " lockedDomainForbidden",
        403,
    ),
    *_rows(Meaning.FAULT, "unsupportedProtocol", 404),
    *_rows(Meaning.FAULT, "httpMethodNotAllowed", 405),
    *_rows(Meaning.FAULT, "backendRequestTooLarge batchSizeTooLarge uploadTooLarge", 413),
    *_rows(Meaning.FAULT, "requestedRangeNotSatisfiable", 416),
    *_rows(Meaning.FAULT, "expectationFailed", 417),
    *_rows(Meaning.FAULT, "preconditionRequired", 428),
    *_rows(
        Meaning.FAULT,
        "SYSTEM_PARAMETER_UNSUPPORTED ACCESS_TOKEN_TYPE_UNSUPPORTED CREDENTIAL_TYPE_UNSUPPORTED"
        " OVERLOADED_CREDENTIALS SESSION_COOKIE_INVALID JWT_TOKEN_INVALID MISSING_ORIGIN",
    ),
    *_rows(Meaning.FAULT, "notImplemented unsupportedMethod", 501),
    # Google cannot say why, or it is Google's own trouble.
    *_rows(Meaning.UNKNOWN, "forbidden PERMISSION_DENIED", 403),
    *_rows(Meaning.UNKNOWN, "ERROR_REASON_UNSPECIFIED"),
    *_rows(Meaning.TRY_AGAIN, "internalError backendError", 500),
    *_rows(Meaning.TRY_AGAIN, "backendError backendNotConnected notReady", 503),
    # Redirects, which nobody follows with a token in hand.
    *_rows(Meaning.TRY_AGAIN, "movedPermanently", 301),
    *_rows(Meaning.TRY_AGAIN, "seeOther mediaDownloadRedirect", 303),
    *_rows(Meaning.TRY_AGAIN, "notModified", 304),
    *_rows(Meaning.TRY_AGAIN, "temporaryRedirect", 307),
)

#: What a status means by itself, where no word of the answer is known.
STATUSES: Mapping[int, Meaning] = {
    HTTPStatus.NOT_FOUND: Meaning.GONE,
    HTTPStatus.CONFLICT: Meaning.EXISTS,
    HTTPStatus.GONE: Meaning.GONE,
    HTTPStatus.PRECONDITION_FAILED: Meaning.CHANGED,
    HTTPStatus.TOO_MANY_REQUESTS: Meaning.SLOW_DOWN,
}

#: `Bearer realm="...", error="insufficient_scope", scope="..."` (RFC 6750, 3).
_CHALLENGE = re.compile(r'\berror="?([\w-]+)')


@dataclass(frozen=True, slots=True)
class Refusal:
    """A refusal as it came: its status, and every word of it that a machine can read."""

    status: int
    words: frozenset[str]
    #: Seconds after which Google wants to be asked again; None where it names none.
    retry_after: int | None = None

    @classmethod
    def read(cls, status: int, headers: Mapping[str, str], content: bytes) -> Self:
        """Read an answer; `headers` are named in small letters, as httplib2 names them."""
        return cls(
            status=status,
            words=frozenset([*_words(content), *_CHALLENGE.findall(_challenge(headers))]),
            retry_after=retry_after(headers.get("retry-after")),
        )

    @property
    def known(self) -> str:
        """Google's words of it that the table knows, for the operator: no others are logged."""
        return " ".join(sorted({row.word for row in TABLE if row.word in self.words}))

    @property
    def meaning(self) -> Meaning:
        """What it means, by the table; else by its status."""
        for row in TABLE:
            if row.matches(self.status, self.words):
                return row.meaning
        unknown = Meaning.UNKNOWN if is_client_error(self.status) else Meaning.TRY_AGAIN
        return STATUSES.get(self.status, unknown)


def _challenge(headers: Mapping[str, str]) -> str:
    return headers.get("www-authenticate", "")


def _words(content: bytes) -> Iterator[str]:
    """Go through the reasons of an error's body, of whatever form."""
    try:
        body = json.loads(content)
    except (ValueError, RecursionError):
        return
    for each in body if isinstance(body, list) else [body]:
        error = each.get("error") if isinstance(each, dict) else None
        if isinstance(error, dict):
            yield from _texts([error], "status")
            yield from _texts(error.get("errors"), "reason")
            yield from _texts(error.get("details"), "reason")


def _texts(parts: Any, name: str) -> Iterator[str]:
    for part in parts if isinstance(parts, list) else []:
        text = part.get(name) if isinstance(part, dict) else None
        if isinstance(text, str):
            yield text
