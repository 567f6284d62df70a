"""What users have had delivered and have read, and which messages count as unread.

A message counts as unread if it is another's, newer than the last one read in its conversation, and
of category `message`, or a custom one whose metadata says `incrementUnreadCount`.

Read and delivered is everything up to a message. Of a message that is marked as unread CometChat's
documents say two things: "messages after the message id", and "the id of the message upto which".
Here it is the first unread one, since a UI Kit that marks the newest message expects it to count.

Source: CometChat's rest-api/conversations, sdk/javascript/send-message and delivery-read-receipts,
and JavaScript SDK 4.2.0 for the fields of a count, read 2026-11.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from local.cometchat.store import ChatApp, Message


def is_unread(app: ChatApp, uid: str, message: Message) -> bool:
    """Say whether a message counts as unread for a user."""
    if message.sender == uid or message.id <= last_read(app, uid, message.conversation_id):
        return False
    metadata = message.data.get("metadata", {})
    return message.category == "message" or metadata.get("incrementUnreadCount") is True


def is_from_blocked(app: ChatApp, uid: str | None, message: Message) -> bool:
    """Say whether a user has blocked the sender of a message."""
    return uid is not None and (uid, message.sender) in app.blocks


def count_by_entity(messages: Iterable[Message]) -> list[dict[str, Any]]:
    """Count unread messages by the user or group they came from; who has none is left out."""
    counts = Counter(
        ("group", each.receiver) if each.receiver_type == "group" else ("user", each.sender)
        for each in messages
    )
    return [
        {"entityType": kind, "entityId": name, "count": count}
        for (kind, name), count in counts.items()
    ]


def last_read(app: ChatApp, uid: str, conversation_id: str) -> int:
    """Return the id of the last message that a user has read in a conversation, 0 for none."""
    return app.last_read.get((uid, conversation_id), 0)


def mark_delivered(app: ChatApp, uid: str, conversation_id: str, until: int | None = None) -> None:
    """Note that a conversation has reached a user: all of it, or up to a message."""
    for message in _received(app, uid, conversation_id, until):
        message.receipts.setdefault(uid, {}).setdefault("deliveredAt", app.now())


def mark_read(app: ChatApp, uid: str, conversation_id: str, until: int | None = None) -> None:
    """Note that a user has read a conversation: all of it, or up to a message.

    What is read was delivered, and nobody reads backwards.
    """
    mark_delivered(app, uid, conversation_id, until)
    for message in _received(app, uid, conversation_id, until):
        message.receipts[uid].setdefault("readAt", app.now())
    reached = until or max((each.id for each in app.said_in(conversation_id)), default=0)
    known = last_read(app, uid, conversation_id)
    app.last_read[uid, conversation_id] = max(known, reached)


def mark_unread(app: ChatApp, uid: str, conversation_id: str, first: int) -> None:
    """Make a message the first unread one; its sender keeps the receipt of what was read before."""
    before = [each.id for each in app.said_in(conversation_id) if each.id < first]
    known = last_read(app, uid, conversation_id)
    app.last_read[uid, conversation_id] = min(known, max(before, default=0))


def _received(app: ChatApp, uid: str, conversation_id: str, until: int | None) -> Iterable[Message]:
    return [
        each
        for each in app.said_in(conversation_id)
        if each.sender != uid and (until is None or each.id <= until)
    ]
