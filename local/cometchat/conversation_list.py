"""The list of conversations, `GET /conversations`: the newest first, page by page.

It leaves out users whom the caller has blocked unless it is asked for them. Nothing here gives a
conversation or a group tags, so who asks for those gets none.

Source: CometChat's rest-api/conversations and its API description, sdk/javascript/
retrieve-conversations and JavaScript SDK 4.2.0 for what it asks, read 2026-11.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from local.cometchat.callers import Call
from local.cometchat.conversations import Conversation
from local.cometchat.paging import PAGE_QUERY, flag, page_of
from local.cometchat.refusals import invalid
from local.cometchat.store import ChatApp, User
from local.cometchat.users import relation

Query = Mapping[str, list[str]]
_FILTERS = {"conversationType", "searchKey", "tags", "userTags", "groupTags"}
_FLAGS = {
    "unread",
    "withTags",
    "withUserAndGroupTags",
    "includeBlockedUsers",
    "withBlockedInfo",
}


async def list_all(call: Call) -> dict[str, Any]:
    """`GET /conversations`: a user's own, or those of each user in turn for the app's server."""
    query = call.query(PAGE_QUERY | _FILTERS | _FLAGS)
    flags = {name for name in _FLAGS if flag(query, name)}
    accept = _filter(query, flags)
    found = []
    for uid in [call.uid] if call.uid is not None else sorted(call.app.users):
        own = [each for each in _of_user(call.app, uid) if accept(each)]
        own.sort(key=lambda each: each.id)
        own.sort(key=lambda each: each.said[-1].updated_at, reverse=True)
        found += [_shown(each, flags) for each in own]
    return page_of(found, query)


def _of_user(app: ChatApp, uid: str) -> Iterator[Conversation]:
    begun = set[str]()
    for message in app.messages.values():
        if message.conversation_id in begun or not app.may_read(uid, message):
            continue
        begun.add(message.conversation_id)
        if message.receiver_type == "group":
            yield Conversation(app, uid, app.group(message.receiver))
        else:
            other = message.receiver if message.sender == uid else message.sender
            yield Conversation(app, uid, app.user(other))


def _filter(query: Query, flags: set[str]) -> Callable[[Conversation], bool]:
    kinds = set(query.get("conversationType", ["user", "group"]))
    if not kinds <= {"user", "group"}:
        raise invalid(conversationType="The conversationType must be user or group.")
    sought = query.get("searchKey", [""])[-1].lower()
    wanted = {
        name: {part for value in query[name] for part in value.split(",")}
        for name in ("tags", "userTags", "groupTags")
        if name in query
    }

    def accept(conversation: Conversation) -> bool:
        partner = conversation.partner
        if conversation.kind not in kinds or sought not in partner.name.lower():
            return False
        if "unread" in flags and not conversation.unread:
            return False
        tags: dict[str, list[str]] = {}
        if isinstance(partner, User):
            tags["userTags"] = partner.extras.get("tags", [])
            blocked = (conversation.me, partner.uid) in conversation.app.blocks
            if blocked and "includeBlockedUsers" not in flags:
                return False
        return all(not names.isdisjoint(tags.get(name, [])) for name, names in wanted.items())

    return accept


def _shown(conversation: Conversation, flags: set[str]) -> dict[str, Any]:
    shown = conversation.as_json()
    partner = conversation.partner
    if "withTags" in flags:
        shown["tags"] = []
    if "withUserAndGroupTags" not in flags:
        shown["conversationWith"].pop("tags", None)
    if "withBlockedInfo" in flags and isinstance(partner, User):
        shown["conversationWith"] |= relation(conversation.app, conversation.me, partner.uid)
    return shown
