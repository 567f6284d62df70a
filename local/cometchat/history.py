"""Lists of messages: filters, and the cursor that goes on where a page ended.

Pages are in ascending order of ids. `affix=append` gives what is newer than `id` or `sentAt`;
`prepend`, the default, gives what is older, the newest of it first to be chosen.

`unread` leaves what counts as unread for the caller; with `count` beside it the answer is how much
that is, by user and group, in place of the messages. CometChat's documents and SDKs have `count`
only beside `unread`, so alone it is refused here.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from local.cometchat import receipts
from local.cometchat.callers import Call
from local.cometchat.paging import LONGEST_PAGE, flag, whole_number
from local.cometchat.refusals import Refusal, invalid
from local.cometchat.store import Message

QUERY = {
    "limit",
    "affix",
    "id",
    "sentAt",
    "conversationId",
    "category",
    "categories",
    "type",
    "types",
    "tags",
    "withTags",
    "sender",
    "receiver",
    "receiverType",
    "fromTimestamp",
    "toTimestamp",
    "hideDeleted",
    "searchKey",
    "unread",
    "count",
    "hideMessagesFromBlockedUsers",
    # What the JavaScript SDK 4.2.0 says: its word for `limit`, and wishes about threads, of which
    # there are none here.
    "per_page",
    "hideReplies",
    "withThreadSubscribed",
}
#: The smaller of the two numbers that CometChat publishes.
USUAL_LIMIT = 10
_LATEST = 2**62
#: Query parameters that name one of several accepted values, and what they are held against.
_CHOICES: dict[str, Callable[[Message], str]] = {
    "conversationId": lambda message: message.conversation_id,
    "category": lambda message: message.category,
    "categories": lambda message: message.category,
    "type": lambda message: message.type,
    "types": lambda message: message.type,
    "sender": lambda message: message.sender,
    "receiver": lambda message: message.receiver,
    "receiverType": lambda message: message.receiver_type,
}
_LOWER_CASE = {"sender", "receiver"}


def list_messages(call: Call, messages: Iterable[Message], *more_query: str) -> dict[str, Any]:
    """Answer with one page of the messages that match, and where the next begins; or with counts.

    Args:
        call: The request.
        messages: What the caller may read, in ascending order of ids.
        more_query: What this list accepts in the query besides `QUERY`.
    """
    query = call.query(QUERY | set(more_query))
    named = "limit" if "limit" in query else "per_page"
    limit = whole_number(query, named, USUAL_LIMIT, lowest=1, highest=LONGEST_PAGE)
    affix = query.get("affix", ["prepend"])[-1]
    if affix not in {"append", "prepend"}:
        raise invalid(affix="The affix must be append or prepend.")
    accept = _filter(query)
    found = [message for message in _wanted(call, messages, query) if accept(message)]
    if flag(query, "count"):
        return {"data": receipts.count_by_entity(found)}
    beyond = [each for each in found if _beyond(each, query, newer=affix == "append")]
    page = beyond[:limit] if affix == "append" else beyond[-limit:]
    with_tags = flag(query, "withTags")
    meta: dict[str, Any] = {"current": {"limit": limit, "count": len(page)}}
    if page:
        edge = page[-1] if affix == "append" else page[0]
        meta["next"] = {"affix": affix, "sentAt": edge.sent_at, "id": str(edge.id)}
        if len(page) < len(beyond):  # without it the SDK asks no further
            meta["cursor"] = meta["next"]
    return {"data": [message.as_json(with_tags=with_tags) for message in page], "meta": meta}


def _wanted(
    call: Call, messages: Iterable[Message], query: Mapping[str, list[str]]
) -> Iterable[Message]:
    """Leave out what the caller has read, or has from people they blocked, if they ask so."""
    if flag(query, "hideMessagesFromBlockedUsers"):
        messages = [
            each for each in messages if not receipts.is_from_blocked(call.app, call.uid, each)
        ]
    if flag(query, "unread"):
        me = call.require_uid()
        return [each for each in messages if receipts.is_unread(call.app, me, each)]
    if flag(query, "count"):
        raise invalid(count="The count goes with unread.")
    return messages


def _filter(query: Mapping[str, list[str]]) -> Callable[[Message], bool]:
    choices = {name: _choices(query, name) for name in _CHOICES if name in query}
    tags = _choices(query, "tags") if "tags" in query else None
    earliest = whole_number(query, "fromTimestamp", 0, lowest=0, highest=_LATEST)
    latest = whole_number(query, "toTimestamp", _LATEST, lowest=0, highest=_LATEST)
    hide_deleted = flag(query, "hideDeleted")
    sought = query.get("searchKey", [""])[-1].lower()

    def accept(message: Message) -> bool:
        if any(_CHOICES[name](message) not in wanted for name, wanted in choices.items()):
            return False
        if tags is not None and tags.isdisjoint(message.tags):
            return False
        if hide_deleted and "deletedAt" in message.marks:
            return False
        text = str(message.data.get("text", "")).lower()
        return earliest <= message.sent_at <= latest and sought in text

    return accept


def _choices(query: Mapping[str, list[str]], name: str) -> set[str]:
    values = {part for value in query[name] for part in value.split(",") if part}
    if not values:
        raise invalid(**{name: f"The {name} parameter is empty."})
    if name == "receiverType" and not values <= {"user", "group"}:
        raise Refusal("ERR_INVALID_RECEIVER_TYPE")
    return {value.lower() for value in values} if name in _LOWER_CASE else values


def _beyond(message: Message, query: Mapping[str, list[str]], *, newer: bool) -> bool:
    """Say whether a message lies on the asked side of `id` and `sentAt`."""
    for name, value in (("id", message.id), ("sentAt", message.sent_at)):
        if name in query:
            edge = whole_number(query, name, 0, lowest=0, highest=_LATEST)
            # Several messages share a second, so beside an id the second itself still counts.
            reaches = value == edge and name == "sentAt" and "id" in query
            if not reaches and (value <= edge if newer else value >= edge):
                return False
    return True
