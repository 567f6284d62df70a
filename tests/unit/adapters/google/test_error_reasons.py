"""One table of what the Calendar API can say: every documented reason has its meaning."""

import json
from typing import Any

import pytest
from google.api import error_reason_pb2

from local.google.refusals import insufficient_scope
from scheduling.adapters.google.error_reasons import TABLE, Meaning, Refusal

#: The reasons of https://developers.google.com/workspace/calendar/api/guides/errors, with their
#: statuses, and `notACalendarUser`, which that page lacks; read 2026-11.
OF_THE_CALENDAR: list[tuple[int, str, Meaning]] = [
    (400, "timeRangeEmpty", Meaning.FAULT),
    (400, "timeRangeTooLong", Meaning.FAULT),
    (401, "authError", Meaning.GRANT_ENDED),
    (403, "userRateLimitExceeded", Meaning.SLOW_DOWN),
    (403, "rateLimitExceeded", Meaning.SLOW_DOWN),
    (403, "quotaExceeded", Meaning.USED_UP),
    (403, "dailyLimitExceeded", Meaning.USED_UP),
    (403, "forbiddenForNonOrganizer", Meaning.FAULT),
    (403, "notACalendarUser", Meaning.NO_CALENDAR),
    (403, "insufficientPermissions", Meaning.GRANT_ENDED),
    (403, "accessNotConfigured", Meaning.OPERATOR),
    (404, "notFound", Meaning.GONE),
    (409, "duplicate", Meaning.EXISTS),
    (409, "conflict", Meaning.EXISTS),
    (410, "deleted", Meaning.GONE),
    (410, "fullSyncRequired", Meaning.FAULT),
    (410, "updatedMinTooLongAgo", Meaning.FAULT),
    (412, "conditionNotMet", Meaning.CHANGED),
    (429, "rateLimitExceeded", Meaning.SLOW_DOWN),
    (500, "backendError", Meaning.TRY_AGAIN),
]
#: https://developers.google.com/youtube/v3/docs/core_errors, "Global domain errors", whole; and the
#: reasons of a free/busy's calendars in the discovery document of Calendar v3; read 2026-11.
GLOBAL: dict[int, str] = {
    301: "movedPermanently",
    303: "seeOther mediaDownloadRedirect",
    304: "notModified",
    307: "temporaryRedirect",
    400: "badRequest badBinaryDomainRequest badContent badLockedDomainRequest"
    " corsRequestWithXOrigin endpointConstraintMismatch invalid invalidAltValue invalidHeader"
    " invalidParameter invalidQuery keyExpired keyInvalid lockedDomainCreationFailure"
    " notDownload notUpload parseError required tooManyParts unknownApi"
    " unsupportedMediaProtocol unsupportedOutputFormat wrongUrlForUpload groupTooBig"
    " tooManyCalendarsRequested",
    401: "unauthorized authError expired lockedDomainExpired required",
    402: "dailyLimitExceeded402 quotaExceeded402 user402",
    403: "forbidden accessNotConfigured accountDeleted accountDisabled accountUnverified"
    " concurrentLimitExceeded dailyLimitExceeded dailyLimitExceededUnreg downloadServiceForbidden"
    " insufficientAudience insufficientAuthorizedParty insufficientPermissions limitExceeded"
    " lockedDomainForbidden quotaExceeded rateLimitExceeded rateLimitExceededUnreg"
    " responseTooLarge servingLimitExceeded sslRequired unknownAuth userRateLimitExceeded"
    " userRateLimitExceededUnreg variableTermExpiredDailyExceeded variableTermLimitExceeded",
    404: "notFound unsupportedProtocol",
    405: "httpMethodNotAllowed",
    409: "conflict duplicate",
    410: "deleted",
    412: "conditionNotMet",
    413: "backendRequestTooLarge batchSizeTooLarge uploadTooLarge",
    416: "requestedRangeNotSatisfiable",
    417: "expectationFailed",
    428: "preconditionRequired",
    429: "rateLimitExceeded tooManyRequests",
    500: "internalError backendError",
    501: "notImplemented unsupportedMethod",
    503: "backendError backendNotConnected notReady",
}


def listed(status: int, word: str) -> bool:
    """Whether a row of the table is of this word with this status."""
    return any(row.matches(status, frozenset({word})) for row in TABLE)


def refused(status: int, error: Any, **headers: str) -> Meaning:
    """Read an error as it comes over the wire."""
    return Refusal.read(status, headers, json.dumps({"error": error}).encode()).meaning


def as_the_backend(reason: str) -> dict[str, Any]:
    return {"errors": [{"domain": "global", "reason": reason, "message": "m"}], "message": "m"}


@pytest.mark.parametrize(("status", "reason", "meaning"), OF_THE_CALENDAR)
def test_each_reason_of_the_calendar_api_has_its_meaning(
    status: int, reason: str, meaning: Meaning
) -> None:
    assert listed(status, reason)
    assert refused(status, as_the_backend(reason)) is meaning


def test_every_global_reason_is_in_the_table() -> None:
    missing = [
        (status, reason)
        for status, reasons in GLOBAL.items()
        for reason in reasons.split()
        if not listed(status, reason)
    ]
    assert missing == []


def test_every_reason_of_an_error_info_is_in_the_table() -> None:
    """By the list that Google publishes with its protocols (google/api/error_reason.proto)."""
    known = error_reason_pb2.ErrorReason.keys()
    assert len(known) > 40
    assert [reason for reason in known if not listed(403, reason) and not listed(401, reason)] == []
    limits = [reason for reason in known if "QUOTA" in reason or "RATE" in reason]
    assert {refused(403, {"details": [{"reason": each}]}) for each in limits} == {
        Meaning.SLOW_DOWN,
        Meaning.USED_UP,
    }


def test_no_word_of_the_table_is_out_of_reach() -> None:
    """A row behind another of the same word and status would never count."""
    for number, row in enumerate(TABLE):
        status = row.status or 403
        first = next(each for each in TABLE if each.matches(status, frozenset({row.word})))
        assert TABLE.index(first) == number, row


SCOPE = insufficient_scope("calendar.freebusy.query", ["a-scope"])


@pytest.mark.parametrize(
    ("error", "headers"),
    [
        (SCOPE.body["error"], SCOPE.headers),
        (SCOPE.body["error"], {}),
        ({"errors": SCOPE.body["error"]["errors"]}, {}),
        ({"details": SCOPE.body["error"]["details"]}, {}),
        ({"message": "m"}, SCOPE.headers),
        ({"details": [{"@type": "Help"}, *SCOPE.body["error"]["details"]]}, {}),
    ],
    ids=["as it comes", "without the header", "errors", "details", "the header", "second detail"],
)
def test_a_missing_scope_is_known_in_any_form(error: Any, headers: dict[str, str]) -> None:
    lower = {name.lower(): value for name, value in headers.items()}
    assert refused(403, error, **lower) is Meaning.GRANT_ENDED


def test_the_most_specific_word_counts() -> None:
    disabled = {"details": [{"reason": "SERVICE_DISABLED"}], "status": "PERMISSION_DENIED"}
    assert refused(403, disabled) is Meaning.OPERATOR
    assert refused(403, {"status": "PERMISSION_DENIED"}) is Meaning.UNKNOWN
    no_calendar = as_the_backend("notACalendarUser") | {"status": "PERMISSION_DENIED"}
    assert refused(403, no_calendar) is Meaning.NO_CALENDAR


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html>Forbidden</html>",
        b"\xff",
        b"null",
        b"[]",
        b"[[]]",
        b"{}",
        b'{"error": null}',
        b'{"error": "forbidden"}',
        b'{"error": {"errors": {}}}',
        b'{"error": {"errors": [null, {}, {"reason": null}, {"reason": ["authError"]}]}}',
        b'{"error": {"errors": [{"reason": "somethingNew"}]}}',
        b'{"error": {"status": 7, "details": "insufficientPermissions"}}',
        b"[" * 100_000,
    ],
)
@pytest.mark.parametrize("status", [400, 401, 402, 403, 418, 451])
def test_of_what_is_not_known_nothing_is_concluded(status: int, content: bytes) -> None:
    """Least of all that a grant has ended: something between us and Google may speak."""
    assert Refusal.read(status, {}, content).meaning is Meaning.UNKNOWN


@pytest.mark.parametrize("status", [500, 502, 503, 504, 599])
@pytest.mark.parametrize("reason", ["insufficientPermissions", "notACalendarUser", "authError", ""])
def test_a_servers_own_error_means_its_trouble_whatever_stands_in_it(
    status: int, reason: str
) -> None:
    assert refused(status, as_the_backend(reason)) is Meaning.TRY_AGAIN


def test_no_word_but_googles_own_is_told_to_the_operator() -> None:
    error = {"status": "PERMISSION_DENIED", "details": [{"reason": "SERVICE_DISABLED"}]}
    content = json.dumps({"error": error | {"errors": [{"reason": "alice@example.com"}]}}).encode()
    assert Refusal.read(403, {}, content).known == "PERMISSION_DENIED SERVICE_DISABLED"


def test_a_list_of_errors_is_read_too() -> None:
    content = json.dumps([{"error": as_the_backend("rateLimitExceeded")}]).encode()
    assert Refusal.read(403, {}, content).meaning is Meaning.SLOW_DOWN


@pytest.mark.parametrize(("after", "seconds"), [("7", 7), ("", None), ("soon", None), ("²", None)])
def test_a_wait_is_a_whole_number_of_seconds(after: str, seconds: int | None) -> None:
    assert Refusal.read(429, {"retry-after": after}, b"").retry_after == seconds
