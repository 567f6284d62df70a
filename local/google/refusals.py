"""How the emulator says no, in the shapes of the Calendar API and of the token endpoint.

Source: developers.google.com/workspace/calendar/api/guides/errors for the table of reasons, and
public records of live answers for the front end's 401 and 403 (`status`, `details`).
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler

_REALM = 'Bearer realm="https://accounts.google.com/"'
_SIGN_IN_HELP = (
    "Expected OAuth 2 access token, login cookie or other valid authentication credential. "
    "See https://developers.google.com/identity/sign-in/web/devconsole-project."
)

#: What a status means when nothing more is known: (domain, reason, message).
_USUAL_REASONS = {
    400: ("global", "badRequest", "Bad Request"),
    403: ("usageLimits", "rateLimitExceeded", "Rate Limit Exceeded"),
    404: ("global", "notFound", "Not Found"),
    409: ("global", "duplicate", "The requested identifier already exists."),
    410: ("global", "deleted", "Resource has been deleted"),
    412: ("global", "conditionNotMet", "Precondition Failed"),
    429: ("usageLimits", "rateLimitExceeded", "Rate Limit Exceeded"),
    500: ("global", "backendError", "Backend Error"),
}
_UNAUTHENTICATED, _SERVER_ERRORS = 401, 500


class Refusal(Exception):
    """An answer that is not a success, ready to be sent."""

    def __init__(
        self, status: int, body: Mapping[str, Any], headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(f"{status}: {body}")
        self.status = status
        self.body = body
        self.headers = dict(headers or {})


class NotDone(Exception):
    """Google would do this; the emulator does not, and says so rather than guess."""


def calendar_refusal(
    status: int,
    reason: str | None = None,
    message: str | None = None,
    *,
    domain: str = "global",
    parameter: str | None = None,
    header: str | None = None,
) -> Refusal:
    """Refuse as the Calendar API's backend does.

    Args:
        status: The HTTP status; alone, it stands for the usual reason of that status.
        reason: The machine's word for the reason.
        message: The sentence.
        domain: Who says it: `global`, `calendar` or `usageLimits`.
        parameter: The request's parameter that is at fault.
        header: The request's header that is at fault.
    """
    if reason is None:
        domain, reason, message = _USUAL_REASONS[status]
    error = {"domain": domain, "reason": reason, "message": message or "Bad Request"}
    if parameter or header:
        error["locationType"] = "parameter" if parameter else "header"
        error["location"] = parameter or header or ""
    return Refusal(
        status, {"error": {"errors": [error], "code": status, "message": error["message"]}}
    )


def unauthenticated(*, token_sent: bool) -> Refusal:
    """Refuse for want of a valid access token."""
    location = {"domain": "global", "location": "Authorization", "locationType": "header"}
    if token_sent:
        error = {"message": "Invalid Credentials", "reason": "authError"}
        message = f"Request had invalid authentication credentials. {_SIGN_IN_HELP}"
        challenge = f'{_REALM}, error="invalid_token"'
    else:
        error = {"message": "Login Required.", "reason": "required"}
        message = f"Request is missing required authentication credential. {_SIGN_IN_HELP}"
        challenge = _REALM
    body = {"code": 401, "message": message, "errors": [error | location]}
    return Refusal(
        401, {"error": body | {"status": "UNAUTHENTICATED"}}, {"WWW-Authenticate": challenge}
    )


def insufficient_scope(method_id: str, scopes: Iterable[str]) -> Refusal:
    """Refuse a valid token that lacks every scope the method accepts."""
    api, *resources, verb = method_id.split(".")
    rpc = ".".join([api, "v3", *(part.capitalize() for part in (*resources, verb))])
    error = {"message": "Insufficient Permission", "domain": "global"}
    reasons = {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
        "domain": "googleapis.com",
        "metadata": {"service": "calendar-json.googleapis.com", "method": rpc},
    }
    body = {
        "code": 403,
        "message": "Request had insufficient authentication scopes.",
        "errors": [error | {"reason": "insufficientPermissions"}],
        "status": "PERMISSION_DENIED",
        "details": [reasons],
    }
    accepted = " ".join(sorted(scopes))
    challenge = f'{_REALM}, error="insufficient_scope", scope="{accepted}"'
    return Refusal(403, {"error": body}, {"WWW-Authenticate": challenge})


def api_disabled(project: str = "123456789012") -> Refusal:
    """Refuse a project in which the Calendar API is not enabled, as the front end does."""
    message = (
        f"Google Calendar API has not been used in project {project} before or it is disabled."
        f" Enable it by visiting https://console.developers.google.com/apis/api/calendar-json"
        f".googleapis.com/overview?project={project} then retry."
    )
    info = {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": "SERVICE_DISABLED",
        "domain": "googleapis.com",
        "metadata": {"consumer": f"projects/{project}", "service": "calendar-json.googleapis.com"},
    }
    error = {"message": message, "domain": "usageLimits", "reason": "accessNotConfigured"}
    body = {
        "code": 403,
        "message": message,
        "errors": [error | {"extendedHelp": "https://console.developers.google.com"}],
        "status": "PERMISSION_DENIED",
        "details": [info],
    }
    return Refusal(403, {"error": body})


def not_a_calendar_user() -> Refusal:
    """Refuse an account without a calendar: never opened, or turned off by an administrator."""
    message = "The user must be signed up for Google Calendar."
    return calendar_refusal(403, "notACalendarUser", message, domain="calendar")


def oauth_refusal(
    status: int, error: str, description: str = "", subtype: str = "", uri: str = ""
) -> Refusal:
    """Refuse as the token endpoint does.

    Args:
        status: The HTTP status.
        error: The machine's word.
        description: The sentence, if there is one.
        subtype: What kind of `invalid_grant` it is, as of a session policy: `invalid_rapt`.
        uri: Where help is.
    """
    more = {"error_description": description, "error_subtype": subtype, "error_uri": uri}
    return Refusal(status, {"error": error} | {name: text for name, text in more.items() if text})


def usual_body(method_id: str, status: int) -> Mapping[str, Any]:
    """Say what Google would usually say with this status, for faults that were given no body."""
    if method_id.startswith("oauth."):
        error = "internal_failure" if status >= _SERVER_ERRORS else "invalid_request"
        return oauth_refusal(status, error, "Bad Request").body
    if status == _UNAUTHENTICATED:
        return unauthenticated(token_sent=True).body
    if status in _USUAL_REASONS:
        return calendar_refusal(status).body
    reason = "backendError" if status >= _SERVER_ERRORS else "badRequest"
    message = "Backend Error" if status >= _SERVER_ERRORS else "Bad Request"
    return calendar_refusal(status, reason, message).body


@web.middleware
async def say_refusals(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn refusals into answers."""
    try:
        return await handler(request)
    except Refusal as refusal:
        return json_answer(refusal.body, refusal.status, refusal.headers)
    except NotDone as why:
        sentence = f"The local Google emulator does not do this: {why}"
        return json_answer({"error": {"code": 501, "message": sentence}}, 501)


def json_answer(
    body: Any, status: int = 200, headers: Mapping[str, str] | None = None
) -> web.Response:
    """Make an answer of Google's content type."""
    content_type = {"Content-Type": "application/json; charset=UTF-8"}
    raw = json.dumps(body, ensure_ascii=False).encode()
    return web.Response(status=status, body=raw, headers=content_type | dict(headers or {}))
