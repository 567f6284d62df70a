"""Who a token belongs to, who is in a group, who has blocked whom, and messages on behalf.

What is not of the documented form is no answer: `ChatUnavailable`, and nobody is let in.

| CometChat says, by `error_codes` | it means here |
|---|---|
| `AUTH_ERR_AUTH_TOKEN_NOT_FOUND` and kin, 401 at `/me`, a deactivated user | nobody |
| there is no such user | nobody; nothing is known of what is between two |
| a refusal where members are listed | no member |
| any refusal of a message that does not pass, an unknown one too | `MessageRefused` |
| any other refusal of a question | `ChatUnavailable` |
"""

import hashlib
from collections.abc import Iterator
from typing import Any, Generic, TypeVar
from urllib.parse import quote

import requests

from scheduling.adapters.cometchat.error_codes import Meaning, meaning
from scheduling.adapters.cometchat.rest_api import Answer, CometChatClient
from scheduling.core import ids, texts
from scheduling.core.config import ChatConfig
from scheduling.core.errors import ChatUnavailable
from scheduling.models import Message, Person, Tenant, Uid
from scheduling.ports import Clock, MessageRefused, UserUnknown

#: Seconds for which an answer is trusted that lets somebody in.
_TRUSTED = 60
_CACHE_ENTRIES = 2_000
#: Users on a page of a list, the documented default, and how many pages are looked through.
_PAGE = 100
_PAGES_MAX = 50
_NAME_MAX = 100
#: The statuses of authentication errors are not documented; these can mean nothing else at `/me`.
_NOBODY = {requests.codes.unauthorized, requests.codes.forbidden}
_NO_SUCH_CALLER = {Meaning.NOBODY, Meaning.NO_SUCH_TOKEN, Meaning.OPERATOR, Meaning.USER_GONE}

V = TypeVar("V")


class _Trusted(Generic[V]):
    """Answers for a minute each; emptied when full, which costs calls and nothing else."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._kept: dict[tuple[str, ...], tuple[float, V]] = {}

    def get(self, *name: str) -> V | None:
        known = self._kept.get(name)
        if known is None or known[0] <= self._clock.now().timestamp():
            return None
        return known[1]

    def keep(self, value: V, *name: str) -> V:
        if len(self._kept) >= _CACHE_ENTRIES:
            self._kept.clear()
        self._kept[name] = (self._clock.now().timestamp() + _TRUSTED, value)
        return value


class _ListRefused(Exception):
    """CometChat does not show this list; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class CometChat:
    """The chat of each app."""

    def __init__(self, config: ChatConfig, clock: Clock) -> None:
        self._client = CometChatClient(config)
        self._people: _Trusted[Person] = _Trusted(clock)
        self._members: _Trusted[bool] = _Trusted(clock)
        self._blocks: _Trusted[frozenset[str]] = _Trusted(clock)

    def close(self) -> None:
        """End the connections that are kept."""
        self._client.close()

    def whoami(self, tenant: Tenant, token: str) -> Person | None:
        """Return the user whose token this is; a positive answer is kept by hash for a minute."""
        name = hashlib.sha256(f"{tenant.app_id}\n{token}".encode()).hexdigest()
        known = self._people.get(name)
        if known is not None:
            return known
        answer = self._client.as_user(tenant, token, "me")
        person = (
            self._looked_up(tenant, token)
            if answer.meaning is Meaning.NO_SUCH_ADDRESS
            else _described(answer, token)
        )
        return self._people.keep(person, name) if person else None

    def _looked_up(self, tenant: Tenant, token: str) -> Person | None:
        """Ask for the token itself, the documented way, where the client's host knows no `/me`.

        Every published token begins with its uid. That alone proves nothing: the answer has to name
        this very user and this very token.
        Source: https://www.cometchat.com/docs/rest-api/auth-tokens/get, read 2026-11.
        """
        uid = ids.chat_uid(token.rpartition("_")[0])
        if uid is None:
            return None
        path = f"users/{quote(uid, safe='')}/auth_tokens/{quote(token, safe='')}"
        found = self._client.as_app(tenant, "GET", path).data
        if not isinstance(found, dict):
            return None
        if (found.get("uid"), found.get("authToken")) != (uid, token):
            return None
        return self.user(tenant, Uid(uid))

    def user(self, tenant: Tenant, uid: Uid) -> Person | None:
        """Return a user by uid, if there is one who is active."""
        answer = self._client.as_app(tenant, "GET", f"users/{quote(uid, safe='')}")
        if answer.meaning is Meaning.USER_GONE:
            return None
        if answer.code:
            raise ChatUnavailable
        return _person(answer.data)

    def is_member(self, tenant: Tenant, group: str, uid: Uid) -> bool:
        """Say whether a user is in a group: as the user sees it, else by the list of members."""
        name = (tenant.app_id, group, uid)
        if self._members.get(*name):
            return True
        path = f"groups/{quote(group, safe='')}"
        joined = _joined(self._client.as_app(tenant, "GET", f"{path}/conversation", uid), group)
        if joined is None:
            try:
                joined = uid in self._listed(tenant, f"{path}/members")
            except _ListRefused:
                joined = False
        return self._members.keep(joined, *name) if joined else False

    def blocked(self, tenant: Tenant, one: Uid, other: Uid) -> bool:
        """Say whether one has blocked the other, by the lists of both.

        What is documented of a list shows whom its user has blocked, and nothing says that it shows
        who has blocked the user; whoever stands in it, for either reason, is blocked.
        Source: https://www.cometchat.com/docs/rest-api/blocked-users/list-blocked-users (2026-11).
        """
        return other in self._blocks_of(tenant, one) or one in self._blocks_of(tenant, other)

    def _blocks_of(self, tenant: Tenant, uid: Uid) -> frozenset[str]:
        known = self._blocks.get(tenant.app_id, uid)
        if known is not None:
            return known
        try:
            listed = frozenset(self._listed(tenant, f"users/{quote(uid, safe='')}/blockedusers"))
        except _ListRefused as refusal:
            gone = meaning(refusal.code) is Meaning.USER_GONE
            raise (UserUnknown if gone else ChatUnavailable) from refusal
        return self._blocks.keep(listed, tenant.app_id, uid)

    def _listed(self, tenant: Tenant, path: str) -> Iterator[str]:
        """Go through a list of users; one that does not end is no answer."""
        for page in range(1, _PAGES_MAX + 1):
            query = f"perPage={_PAGE}&page={page}"
            answer = self._client.as_app(tenant, "GET", f"{path}?{query}")
            if answer.code:
                raise _ListRefused(answer.code)
            if not isinstance(answer.data, list):
                raise ChatUnavailable
            yield from (_uid(user) for user in answer.data)
            # Pages may be smaller than asked for, and the count of pages may be wrong.
            if not answer.data or (len(answer.data) < _PAGE and page >= _pages(answer.meta)):
                return
        raise ChatUnavailable

    def send(self, tenant: Tenant, message: Message) -> str:
        """Send a message as its sender."""
        answer = self._client.as_app(tenant, "POST", "messages", message.sender, message.as_json())
        if answer.code:
            raise MessageRefused(answer.code)
        return _message_id(answer.data)

    def find(self, tenant: Tenant, sender: Uid, outbox_id: str) -> str | None:
        """Look for a message by the tag that each of ours carries."""
        tag = quote(f"calendar-scheduling:{outbox_id}", safe="")
        path = f"messages?tags={tag}&sender={quote(sender, safe='')}&limit=1"
        answer = self._client.as_app(tenant, "GET", path)
        if answer.meaning is Meaning.USER_GONE:
            return None  # who is not there sends nothing either, and that is what is told then
        if answer.code or not isinstance(answer.data, list):
            raise ChatUnavailable
        return _message_id(answer.data[0]) if answer.data else None


def _described(answer: Answer, token: str) -> Person | None:
    """Read what `/me` says: a user, nobody, or nothing that could be relied upon."""
    if answer.meaning in _NO_SUCH_CALLER or answer.status in _NOBODY:
        return None
    if answer.status != requests.codes.ok or answer.code or not isinstance(answer.data, dict):
        raise ChatUnavailable
    if (answer.data.get("authToken") or token) != token:
        raise ChatUnavailable  # an answer to somebody else's question
    return _person(answer.data)


def _person(user: Any) -> Person | None:
    """Read a user; one who is deactivated is nobody."""
    uid = _uid(user)
    if user.get("deactivatedAt"):
        return None
    # Anybody names themselves: a name must not turn round or break the sentences it stands in.
    name = user.get("name")
    name = texts.line(name[:_NAME_MAX]) if isinstance(name, str) else ""
    return Person(uid=Uid(uid), name=name or uid)


def _uid(user: Any) -> str:
    """Return a user's uid, if it is of CometChat's form: it becomes part of keys and addresses."""
    uid = user.get("uid") if isinstance(user, dict) else None
    found = ids.chat_uid(uid) if isinstance(uid, str) else None
    if found is None:
        raise ChatUnavailable
    return found


def _joined(answer: Answer, group: str) -> bool | None:
    """Read whether the user of a conversation is in its group.

    CometChat's documents show the one conversation alone and, in another place, in a list.
    """
    for each in answer.data if isinstance(answer.data, list) else [answer.data]:
        shown = each.get("conversationWith") if isinstance(each, dict) else None
        if isinstance(shown, dict) and shown.get("guid") == group:
            joined = shown.get("hasJoined")
            return joined if isinstance(joined, bool) else None
    return None


def _pages(meta: Any) -> int:
    pagination = meta.get("pagination") if isinstance(meta, dict) else None
    pages = pagination.get("total_pages") if isinstance(pagination, dict) else None
    return pages if isinstance(pages, int) else 1


def _message_id(message: Any) -> str:
    """Return a message's id; an answer without one leaves open whether there is a message."""
    if not isinstance(message, dict) or "id" not in message:
        raise ChatUnavailable
    return str(message["id"])
