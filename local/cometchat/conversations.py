"""The endpoints of conversations: whose last word it was, and how much of it is unread.

A message counts as unread if it is another's, newer than what was read, and of category `message`,
or a custom one whose metadata says `incrementUnreadCount`.

Source: CometChat's rest-api/conversations and sdk/javascript/send-message, read 2026-11.
"""

from typing import Any

from local.cometchat.callers import Call
from local.cometchat.composing import conversation_of
from local.cometchat.refusals import Refusal, invalid
from local.cometchat.store import ChatApp, Message

Answer = dict[str, Any]


async def get_with_user(call: Call) -> Answer:
    """`GET /users/{uid}/conversation`: once something was said."""
    me, other = call.require_uid(), call.app.user(call.path("uid"))
    conversation_id = conversation_of(me, other.uid)
    return {"data": _shown(call.app, me, conversation_id, "user", other.as_json())}


async def get_with_group(call: Call) -> Answer:
    """`GET /groups/{guid}/conversation`: for members, once something was said."""
    me, group = call.require_uid(), call.app.group(call.path("guid"))
    if me not in group.members:
        raise _not_accessible(me, group.conversation_id)
    return {"data": _shown(call.app, me, group.conversation_id, "group", group.as_json(me))}


async def mark_read(call: Call) -> Answer:
    """`POST /users/{uid}/conversation/read`: all of it, or up to `messageId`."""
    me, other = call.require_uid(), call.app.user(call.path("uid")).uid
    said = _said(call.app, conversation_of(me, other))
    named = (await call.body({"messageId"})).get("messageId")
    known = {str(message.id) for message in said}
    if named is not None and str(named) not in known:
        raise invalid(messageId="The messageId is none of this conversation.")
    read_until = int(named) if named is not None else max((each.id for each in said), default=0)
    call.app.note_read(me, conversation_of(me, other), read_until)
    return {"data": {"success": True}}


def _shown(
    app: ChatApp, me: str, conversation_id: str, kind: str, partner: dict[str, Any]
) -> Answer:
    """Show a conversation; it begins with its first message, and is not accessible before that."""
    said = _said(app, conversation_id)
    if not said:
        raise _not_accessible(me, conversation_id)
    read_until = app.read_until(me, conversation_id)
    unread = [each for each in said if each.id > read_until and _counts(each, me)]
    return {
        "conversationId": conversation_id,
        "conversationType": kind,
        "unreadMessageCount": str(len(unread)),
        "createdAt": said[0].sent_at,
        "updatedAt": said[-1].updated_at,
        "lastMessage": said[-1].as_json(),
        "conversationWith": partner,
    }


def _counts(message: Message, reader: str) -> bool:
    if message.sender == reader:
        return False
    metadata = message.data.get("metadata", {})
    return message.category == "message" or metadata.get("incrementUnreadCount") is True


def _said(app: ChatApp, conversation_id: str) -> list[Message]:
    return [each for each in app.messages.values() if each.conversation_id == conversation_id]


def _not_accessible(uid: str, conversation_id: str) -> Refusal:
    return Refusal("ERR_CONVERSATION_NOT_ACCESSIBLE", uid=uid, conversation=conversation_id)
