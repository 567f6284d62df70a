"""The endpoints of conversations: whose last word it was, and how much of it is unread.

A conversation begins with its first message, and every message updates it. One that was deleted is
no `lastMessage`, nor is the action message that says so.

Source: CometChat's rest-api/conversations and its API description, JavaScript SDK 4.2.0 for
`lastReadMessageId`, `latestMessageId`, `unreadMentionsCount` and the conversation that answers a
mark as unread, read 2026-11.
"""

from dataclasses import dataclass
from typing import Any

from local.cometchat import receipts
from local.cometchat.callers import Call
from local.cometchat.composing import conversation_of
from local.cometchat.refusals import Refusal, invalid
from local.cometchat.store import ChatApp, Group, Message, User

Answer = dict[str, Any]


@dataclass(frozen=True)
class Conversation:
    """A conversation as one of its people sees it."""

    app: ChatApp
    me: str
    partner: User | Group

    @property
    def id(self) -> str:
        """The name that messages know it by."""
        if isinstance(self.partner, Group):
            return self.partner.conversation_id
        return conversation_of(self.me, self.partner.uid)

    @property
    def kind(self) -> str:
        """`user` or `group`."""
        return "group" if isinstance(self.partner, Group) else "user"

    @property
    def said(self) -> list[Message]:
        """Its messages, oldest first."""
        return self.app.said_in(self.id)

    @property
    def unread(self) -> int:
        """How many of its messages count as unread."""
        return sum(receipts.is_unread(self.app, self.me, each) for each in self.said)

    def as_json(self) -> Answer:
        """Show it; refuses before its first message."""
        said = self.said
        if not said:
            raise self.not_accessible()
        shown = {
            "conversationId": self.id,
            "conversationType": self.kind,
            "unreadMessageCount": str(self.unread),
            "unreadMentionsCount": 0,
            "latestMessageId": str(said[-1].id),
            "createdAt": said[0].sent_at,
            "updatedAt": said[-1].updated_at,
            "conversationWith": self.partner.as_json(self.me)
            if isinstance(self.partner, Group)
            else self.partner.as_json(),
        }
        if read := receipts.last_read(self.app, self.me, self.id):
            shown["lastReadMessageId"] = str(read)
        last = [each for each in said if (each.category, each.type) != ("action", "message")][-1:]
        if last and "deletedAt" not in last[0].marks:
            shown["lastMessage"] = last[0].as_json()
        return shown

    def not_accessible(self) -> Refusal:
        """Make the refusal for who has no part in it, or asks before it has begun."""
        return Refusal("ERR_CONVERSATION_NOT_ACCESSIBLE", uid=self.me, conversation=self.id)


async def get(call: Call) -> Answer:
    """`GET /users/{uid}/conversation` and `/groups/{guid}/conversation`: once it has begun."""
    return {"data": _named(call).as_json()}


async def mark_read(call: Call) -> Answer:
    """`POST .../conversation/read`: all of it, or up to `messageId`."""
    conversation = _named(call)
    receipts.mark_read(call.app, conversation.me, conversation.id, await _until(call, conversation))
    sentence = "All the messages from the user are marked as read for the requesting user."
    return {"data": {"success": True, "Message": sentence}}


async def mark_delivered(call: Call) -> Answer:
    """`POST .../conversation/delivered`: all of it, or up to `messageId`."""
    conversation = _named(call)
    until = await _until(call, conversation)
    receipts.mark_delivered(call.app, conversation.me, conversation.id, until)
    sentence = "All the messages from the user are marked as delivered for the requesting user."
    return {"data": {"success": True, "Message": sentence}}


async def mark_unread(call: Call) -> Answer:
    """`DELETE .../conversation/read`: from `messageId` on."""
    conversation = _named(call)
    first = await _until(call, conversation)
    if first is None:
        raise invalid(messageId="The messageId field is required.")
    receipts.mark_unread(call.app, conversation.me, conversation.id, first)
    sentence = f"The messages from the id {first} on are marked as unread."
    shown = conversation.as_json()
    return {"data": {"success": True, "message": sentence, "conversation": shown}}


def _named(call: Call) -> Conversation:
    """Find the conversation of the caller that the path names."""
    me, app = call.require_uid(), call.app
    if "uid" in call.request.match_info:
        return Conversation(app, me, app.user(call.path("uid")))
    conversation = Conversation(app, me, app.group(call.path("guid")))
    if me not in app.group(call.path("guid")).members:
        raise conversation.not_accessible()
    return conversation


async def _until(call: Call, conversation: Conversation) -> int | None:
    """Read the `messageId` of a body: documented as a number, sent by the SDK as a string."""
    named = (await call.body({"messageId"})).get("messageId")
    if named is None:
        return None
    if str(named) not in {str(each.id) for each in conversation.said}:
        raise invalid(messageId="The messageId is none of this conversation.")
    return int(named)
