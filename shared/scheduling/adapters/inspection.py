"""An operator's questions to Google, CometChat and our own front; each is asked with what we have.

Google's token endpoint looks at the client before it looks at the code, so a code that is none
shows whether the client is taken. Its consent page sends a browser whose request is wrong to a page
of errors, whose address holds the reason; that is observed, and not documented.
Source: https://developers.google.com/identity/protocols/oauth2/web-server (errors of the token
endpoint), and addresses of such pages in public reports: `.../signin/oauth/error?authError=`, with
base64 of a message that begins with the code and Google's sentence (read 2026-11).
"""

import base64
import re
from typing import Any
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import requests

from scheduling.adapters.aws.parameters import Parameters
from scheduling.adapters.cometchat.rest_api import CometChatClient
from scheduling.core.config import ChatConfig, GoogleConfig
from scheduling.core.errors import CalendarUnavailable
from scheduling.models import Tenant
from scheduling.ports.operations import Refusal

TIMEOUT = 10
#: No code of Google's: those begin with `4/0`.
_NO_CODE = "4/no-code-at-all"
_OF_THE_CLIENT = {
    "invalid_client",
    "deleted_client",
    "disabled_client",
    "restricted_client",
    "unauthorized_client",
}
_REASON = re.compile(
    r"redirect_uri_mismatch|(?:invalid|deleted|disabled|restricted|unauthorized)_client|org_internal"
    r"|admin_policy_enforced|invalid_request"
)


class VendorInspection:
    """Asks over a session of its own."""

    def __init__(self, google: GoogleConfig, chat: ChatConfig, parameters: Parameters) -> None:
        self._google = google
        self._chat = CometChatClient(chat)
        self._parameters = parameters
        self._session = requests.Session()

    def close(self) -> None:
        """End the connections that are kept."""
        self._session.close()
        self._chat.close()

    def base_url(self) -> str:
        """Return our own address."""
        return self._parameters.base_url

    def chat_refusal(self, tenant: Tenant) -> Refusal | None:
        """Look the user up who signs notices, with the app's key."""
        path = f"users/{quote(tenant.notice_uid, safe='')}"
        answer = self._chat.of_key(tenant, "GET", path)
        return Refusal(answer.code, answer.words) if answer.code else None

    def client_refusal(self) -> Refusal | None:
        """Exchange a code that is none: where Google minds the code, it took the client."""
        answer = self._ask(
            "POST",
            self._google.token_url,
            data={
                "client_id": self._google.client_id,
                "client_secret": self._parameters.google_client_secret.reveal(),
                "code": _NO_CODE,
                "grant_type": "authorization_code",
                "redirect_uri": self._redirect_uri(),
            },
        )
        error = str(_object(answer).get("error", "")) if answer is not None else ""
        if answer is None or not error:
            raise CalendarUnavailable
        if error in _OF_THE_CLIENT:
            return Refusal(error, str(_object(answer).get("error_description", "")))
        return None

    def redirect_refusal(self) -> Refusal | None:
        """Open Google's consent page as a browser does, as far as its first answer."""
        query = {
            "client_id": self._google.client_id,
            "redirect_uri": self._redirect_uri(),
            "response_type": "code",
            "scope": "openid",
        }
        answer = self._ask("GET", f"{self._google.auth_url}?{urlencode(query)}")
        if answer is None or answer.status_code >= requests.codes.server_error:
            raise CalendarUnavailable
        onwards = urlsplit(answer.headers.get("Location", ""))
        refused = answer.status_code >= requests.codes.bad_request
        if not refused and not onwards.path.endswith("/error"):
            return None
        reason = _REASON.search(f"{_unfolded(onwards.query)} {answer.text}")
        return Refusal(reason[0] if reason else f"status {answer.status_code}")

    def front_answers(self) -> bool:
        """Call a route without a token: the product refuses it in its own words."""
        answer = self._ask("GET", f"{self.base_url()}/v1/connection")
        if answer is None:
            return False
        error = _object(answer).get("error")
        return isinstance(error, dict) and error.get("code") == "UNAUTHENTICATED"

    def _redirect_uri(self) -> str:
        return f"{self.base_url()}/oauth/callback"

    def _ask(self, method: str, url: str, **more: Any) -> requests.Response | None:
        try:
            return self._session.request(
                method, url, timeout=TIMEOUT, allow_redirects=False, **more
            )
        except requests.RequestException:
            # Not chained, not told: the exception of a request holds its headers and its body.
            return None


def _object(answer: requests.Response) -> dict[str, Any]:
    try:
        body = answer.json()
    except requests.JSONDecodeError:
        return {}
    return body if isinstance(body, dict) else {}


def _unfolded(query: str) -> str:
    """Read the reason in the address of Google's page of errors."""
    folded = parse_qs(query).get("authError", [""])[0]
    try:
        return base64.urlsafe_b64decode(folded + "=" * (-len(folded) % 4)).decode(errors="replace")
    except ValueError:
        return ""
