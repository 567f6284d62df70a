"""CometChat's REST API v3: who a token belongs to, who is in a group, and messages on behalf.

Two hosts for each app: the API's (`apikey`, `onBehalfOf`) and the client's (`appId`, `authToken`).
Source: https://www.cometchat.com/docs/rest-api/chat-apis and the JavaScript SDK 4.2.0 (2026-11).
Branches on `error.code`, as the statuses of authentication errors are not documented.

| CometChat says | it means here |
|---|---|
| `AUTH_ERR_AUTH_TOKEN_NOT_FOUND` and kin, 401 at `/me` | nobody |
| 429, 5xx, no answer, our API key refused | `ChatUnavailable`, with its `Retry-After` |
| any other refusal of a message | `MessageRefused` |
"""

import hashlib
from typing import Any
from urllib.parse import quote

import requests

from scheduling.config import ChatConfig
from scheduling.errors import ChatUnavailable
from scheduling.models import Message, Person, Tenant, Uid
from scheduling.ports import Clock, MessageRefused

#: Seconds for one call.
TIMEOUT = 6
#: Seconds for which "this token is that user" and "that user is in this group" are trusted.
_TRUSTED = 60
_CACHE_ENTRIES = 2_000
#: What says nothing of the request: trouble of theirs, or an address that is not theirs now.
_SERVER_TROUBLE = {
    "ERR_MISSION_FAILED",
    "ERR_OPERATION_FAILED",
    "ERR_EXCEPTION",
    "ERR_API_NOT_FOUND",
}
_MEMBERS_PAGE = 100
#: The statuses of authentication errors are not documented; these can mean nothing else here.
_NOBODY = {requests.codes.unauthorized, requests.codes.forbidden}


class CometChat:
    """Calls for one app each; hosts come from the registry of apps, never from a request."""

    def __init__(self, config: ChatConfig, clock: Clock) -> None:
        self._config = config
        self._clock = clock
        self._session = requests.Session()
        self._people: dict[str, tuple[float, Person]] = {}
        self._members: dict[tuple[str, str, str], float] = {}

    def close(self) -> None:
        """End the connections that are kept."""
        self._session.close()

    def whoami(self, tenant: Tenant, token: str) -> Person | None:
        """Give the user whose token this is; a positive answer is kept by hash for a minute."""
        name = hashlib.sha256(f"{tenant.app_id}\n{token}".encode()).hexdigest()
        now = self._clock.now().timestamp()
        known = self._people.get(name)
        if known and known[0] > now:
            return known[1]
        base = self._config.client_url.format(app_id=tenant.app_id, region=tenant.region)
        answer = self._call("GET", f"{base}/me", {"appId": tenant.app_id, "authToken": token})
        body = _body(answer)
        if "data" not in body:
            if _code(body).startswith("AUTH_ERR_") or answer.status_code in _NOBODY:
                return None
            raise ChatUnavailable
        person = _person(body["data"])
        if len(self._people) >= _CACHE_ENTRIES:
            self._people.clear()
        self._people[name] = (now + _TRUSTED, person)
        return person

    def is_member(self, tenant: Tenant, group: str, uid: Uid) -> bool:
        """Say whether a user is in a group: as the user sees it, else by the list of members."""
        name = (tenant.app_id, group, uid)
        now = self._clock.now().timestamp()
        if self._members.get(name, 0.0) > now:
            return True
        body = self._api(tenant, "GET", f"groups/{quote(group, safe='')}/conversation", uid)
        joined = body.get("data", {}).get("conversationWith", {}).get("hasJoined")
        if joined is None:
            joined = self._listed(tenant, group, uid)
        if joined is not True:
            return False
        if len(self._members) >= _CACHE_ENTRIES:
            self._members.clear()
        self._members[name] = now + _TRUSTED
        return True

    def _listed(self, tenant: Tenant, group: str, uid: Uid) -> bool:
        page = pages = 1
        while page <= pages:
            path = f"groups/{quote(group, safe='')}/members?perPage={_MEMBERS_PAGE}&page={page}"
            body = self._api(tenant, "GET", path)
            if any(member.get("uid") == uid for member in body.get("data", [])):
                return True
            pagination = body.get("meta", {}).get("pagination", {})
            pages = int(pagination.get("total_pages", 1))
            page += 1
        return False

    def send(self, tenant: Tenant, message: Message) -> str:
        """Send a message as its sender."""
        body = self._api(tenant, "POST", "messages", message.sender, message.as_json())
        if "data" in body:
            return str(body["data"]["id"])
        raise MessageRefused(_code(body))

    def find(self, tenant: Tenant, sender: Uid, outbox_id: str) -> str | None:
        """Look for a message by the tag that each of ours carries."""
        tag = quote(f"calendar-scheduling:{outbox_id}", safe="")
        path = f"messages?tags={tag}&sender={quote(sender, safe='')}&limit=1"
        body = self._api(tenant, "GET", path)
        if "data" not in body:
            raise ChatUnavailable
        return str(body["data"][0]["id"]) if body["data"] else None

    def _api(
        self,
        tenant: Tenant,
        method: str,
        path: str,
        on_behalf_of: str | None = None,
        body: dict[str, Any] | None = None,
    ) -> dict[str, Any]:
        base = self._config.api_url.format(app_id=tenant.app_id, region=tenant.region)
        headers = {"appid": tenant.app_id, "apikey": tenant.api_key.reveal()}
        if on_behalf_of:
            headers["onBehalfOf"] = on_behalf_of
        answer = _body(self._call(method, f"{base}/{path}", headers, body))
        code = _code(answer)
        if code.startswith("AUTH_ERR_"):
            raise ChatUnavailable("The app's API key is refused by the chat.", retry_after=300)
        if "data" not in answer and not code:
            raise ChatUnavailable  # neither an answer nor a refusal of CometChat's
        return answer

    def _call(
        self, method: str, url: str, headers: dict[str, str], body: dict[str, Any] | None = None
    ) -> requests.Response:
        try:
            answer = self._session.request(
                method, url, headers=headers, json=body, timeout=TIMEOUT, allow_redirects=False
            )
        except requests.RequestException:
            # Not chained: the exception of a request holds its headers, and with them keys.
            raise ChatUnavailable from None
        if answer.status_code == requests.codes.too_many_requests:
            after = answer.headers.get("Retry-After", "")
            raise ChatUnavailable(retry_after=int(after) if after.isdigit() else 60)
        if answer.status_code >= requests.codes.server_error:
            raise ChatUnavailable
        return answer


def _body(answer: requests.Response) -> dict[str, Any]:
    try:
        body = answer.json()
    except requests.JSONDecodeError:
        raise ChatUnavailable from None
    if not isinstance(body, dict) or _code(body) in _SERVER_TROUBLE:
        raise ChatUnavailable
    return body


def _code(body: dict[str, Any]) -> str:
    error = body.get("error")
    return str(error.get("code", "ERR_UNKNOWN")) if isinstance(error, dict) else ""


def _person(user: dict[str, Any]) -> Person:
    uid = str(user["uid"])
    return Person(uid=Uid(uid), name=str(user.get("name") or uid))
