"""Which endpoints there are: method id, verb, path, who may call, and the code behind it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from local.cometchat import conversation_list, conversations, groups, messages, users
from local.cometchat.callers import Access, Call
from local.cometchat.clients import Clients


@dataclass(frozen=True)
class Endpoint:
    """One endpoint of the API."""

    #: The name by which faults and the log know it.
    method_id: str
    verb: str
    #: Below `/v3` or `/v3.0`.
    path: str
    access: Access
    answer: Callable[[Call], Awaitable[dict[str, Any]]]
    #: Whether a key of scope `authOnly` is enough.
    auth_only_keys: bool = False
    #: Whether it counts as a core operation for the rate limit.
    core: bool = False


def all_endpoints(clients: Clients) -> list[Endpoint]:
    """List every endpoint that the emulator has."""
    tokens = "/users/{uid}/auth_tokens"
    return [
        Endpoint("users.me", "GET", "/me", "client", clients.me),
        Endpoint("users.me", "PUT", "/me", "client", clients.me, core=True),
        Endpoint("sessions.create", "POST", "/user_sessions", "client", clients.begin_session),
        Endpoint("settings.get", "GET", "/settings", "client", clients.settings),
        Endpoint("users.list", "GET", "/users", "either", users.list_all),
        Endpoint(
            "users.create", "POST", "/users", "admin", users.create, auth_only_keys=True, core=True
        ),
        Endpoint("users.get", "GET", "/users/{uid}", "either", users.get),
        Endpoint(
            "auth_tokens.create", "POST", tokens, "admin", users.create_token, auth_only_keys=True
        ),
        Endpoint("auth_tokens.list", "GET", tokens, "admin", users.list_tokens),
        Endpoint("auth_tokens.delete", "DELETE", tokens, "admin", users.delete_tokens),
        Endpoint("auth_tokens.get", "GET", tokens + "/{token}", "admin", users.get_token),
        Endpoint("auth_tokens.delete", "DELETE", tokens + "/{token}", "admin", users.delete_token),
        Endpoint("users.blocked", "GET", "/users/{uid}/blockedusers", "admin", users.list_blocked),
        Endpoint("users.block", "POST", "/users/{uid}/blockedusers", "admin", users.block),
        Endpoint("users.unblock", "DELETE", "/users/{uid}/blockedusers", "admin", users.unblock),
        Endpoint("groups.get", "GET", "/groups/{guid}", "either", groups.get),
        Endpoint("groups.members", "GET", "/groups/{guid}/members", "either", groups.list_members),
        Endpoint(
            "conversations.list", "GET", "/conversations", "either", conversation_list.list_all
        ),
        *_conversations("users", "/users/{uid}/conversation"),
        *_conversations("groups", "/groups/{guid}/conversation"),
        Endpoint("messages.send", "POST", "/messages", "either", messages.send),
        Endpoint("messages.list", "GET", "/messages", "either", messages.list_all),
        Endpoint(
            "messages.list", "GET", "/users/{uid}/messages", "either", messages.list_with_user
        ),
        Endpoint(
            "messages.list", "GET", "/groups/{guid}/messages", "either", messages.list_in_group
        ),
        Endpoint("messages.get", "GET", "/messages/{id}", "either", messages.get),
        Endpoint("messages.edit", "PUT", "/messages/{id}", "either", messages.edit),
        Endpoint("messages.delete", "DELETE", "/messages/{id}", "either", messages.delete),
    ]


def _conversations(whose: str, path: str) -> list[Endpoint]:
    """List the endpoints of one conversation: with a user, or in a group."""
    marks = {
        ("conversations.read", "POST", "/read"): conversations.mark_read,
        ("conversations.unread", "DELETE", "/read"): conversations.mark_unread,
        ("conversations.delivered", "POST", "/delivered"): conversations.mark_delivered,
    }
    return [
        Endpoint(f"{whose}.conversation", "GET", path, "either", conversations.get),
        *(
            Endpoint(method_id, verb, path + below, "either", answer)
            for (method_id, verb, below), answer in marks.items()
        ),
    ]
