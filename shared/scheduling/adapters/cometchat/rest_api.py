"""CometChat over HTTP: what was answered and what was refused, refusal apart from what may pass.

Two hosts for each app: the API's (`apikey`, `onBehalfOf`) and the client's (`appId`, `authToken`).
Source: https://www.cometchat.com/docs/rest-api/chat-apis and the JavaScript SDK 4.2.0 (2026-11).
What each code means, `error_codes` says. By meaning:

| CometChat says | it means here |
|---|---|
| 429, 5xx, no answer, no JSON | `ChatUnavailable`, with its `Retry-After` |
| its own trouble, or too much at once, by the code | the same |
| the app's key or plan is refused, by the code | `ChatUnavailable`: messages wait 5 minutes |
| everything else | the body: `data`, or the code of a refusal |
"""

from dataclasses import dataclass
from typing import Any

import requests

from scheduling.adapters.cometchat.error_codes import Meaning, meaning
from scheduling.core.config import ChatConfig
from scheduling.core.errors import ChatUnavailable
from scheduling.core.retry import retry_after
from scheduling.models import Tenant

#: Seconds for one call.
TIMEOUT = 6
#: When to come again: after too much at once, and while an app is not set up as it has to be.
_SLOW_DOWN_SECONDS = 60
_SETUP_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Answer:
    """What came: data, of whatever form, or the code of a refusal."""

    status: int
    code: str
    data: Any
    meta: Any = None
    #: CometChat's sentence of a refusal.
    words: str = ""

    @property
    def meaning(self) -> Meaning | None:
        """What a refusal means; None of an answer that is none."""
        return meaning(self.code) if self.code else None


class CometChatClient:
    """Calls for one app each; hosts come from the registry of apps, never from a request."""

    def __init__(self, config: ChatConfig) -> None:
        self._config = config
        self._session = requests.Session()

    def close(self) -> None:
        """End the connections that are kept."""
        self._session.close()

    def as_user(self, tenant: Tenant, token: str, path: str) -> Answer:
        """Read something as the user's own client does; raises `ChatUnavailable`."""
        base = self._config.client_url.format(app_id=tenant.app_id, region=tenant.region)
        headers = {"appId": tenant.app_id, "authToken": token}
        return self._call("GET", f"{base}/{path}", headers)

    def as_app(
        self,
        tenant: Tenant,
        method: str,
        path: str,
        on_behalf_of: str | None = None,
        body: dict[str, Any] | None = None,
    ) -> Answer:
        """Call the API with the app's key; raises `ChatUnavailable`, if the key is refused too."""
        answer = self.of_key(tenant, method, path, on_behalf_of, body)
        if answer.meaning in {Meaning.OPERATOR, Meaning.NOBODY}:
            words = "The app's API key is refused by the chat."
            raise ChatUnavailable(words, retry_after=_SETUP_SECONDS)
        return answer

    def of_key(
        self,
        tenant: Tenant,
        method: str,
        path: str,
        on_behalf_of: str | None = None,
        body: dict[str, Any] | None = None,
    ) -> Answer:
        """The same, and give what CometChat has against the key."""
        base = self._config.api_url.format(app_id=tenant.app_id, region=tenant.region)
        headers = {"appid": tenant.app_id, "apikey": tenant.api_key.reveal()}
        if on_behalf_of:
            headers["onBehalfOf"] = on_behalf_of
        answer = self._call(method, f"{base}/{path}", headers, body)
        # Our addresses are documented: one that is not there is trouble of theirs.
        if answer.meaning is Meaning.NO_SUCH_ADDRESS or (answer.data is None and not answer.code):
            raise ChatUnavailable  # neither an answer nor a refusal of CometChat's
        return answer

    def _call(
        self, method: str, url: str, headers: dict[str, str], body: dict[str, Any] | None = None
    ) -> Answer:
        try:
            response = self._session.request(
                method, url, headers=headers, json=body, timeout=TIMEOUT, allow_redirects=False
            )
        except requests.RequestException:
            # Not chained: the exception of a request holds its headers, and with them keys.
            raise ChatUnavailable from None
        after = retry_after(response.headers.get("Retry-After"))
        if response.status_code == requests.codes.too_many_requests:
            raise ChatUnavailable(retry_after=_SLOW_DOWN_SECONDS if after is None else after)
        if response.status_code >= requests.codes.server_error:
            raise ChatUnavailable(retry_after=after)
        answer = _read(response)
        if answer.meaning is Meaning.TRY_AGAIN:
            raise ChatUnavailable(retry_after=after)
        if answer.meaning is Meaning.SLOW_DOWN:
            raise ChatUnavailable(retry_after=_SLOW_DOWN_SECONDS if after is None else after)
        return answer


def _read(response: requests.Response) -> Answer:
    try:
        body = response.json()
    except requests.JSONDecodeError:
        raise ChatUnavailable from None
    if not isinstance(body, dict):
        raise ChatUnavailable
    error = body.get("error")
    code = words = ""
    if error is not None:
        refusal = error if isinstance(error, dict) else {}
        code = str(refusal.get("code", "")) or "ERR_UNKNOWN"
        words = str(refusal.get("message", ""))
    # A refusal has no data, whatever stands beside it.
    data = None if code else body.get("data")
    return Answer(response.status_code, code, data, body.get("meta"), words)
