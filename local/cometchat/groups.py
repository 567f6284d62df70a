"""The endpoints of groups, their members and their conversation."""

from typing import Any

from local.cometchat.callers import Call
from local.cometchat.paging import PAGE_QUERY, page_of
from local.cometchat.refusals import Refusal

Answer = dict[str, Any]


async def get(call: Call) -> Answer:
    """`GET /groups/{guid}`: for a user also `hasJoined`, and the user's place in it."""
    return {"data": call.app.group(call.path("guid")).as_json(call.uid)}


async def list_members(call: Call) -> Answer:
    """`GET /groups/{guid}/members`: page by page, in the order in which they joined."""
    group = call.app.group(call.path("guid"))
    if call.uid is not None and call.uid not in group.members:
        raise Refusal("ERR_GROUP_NOT_JOINED", uid=call.uid, guid=group.guid)
    members = [
        call.app.user(uid).as_json() | {"scope": member.scope, "joinedAt": member.joined_at}
        for uid, member in group.members.items()
    ]
    return page_of(members, call.query(PAGE_QUERY))


async def get_conversation(call: Call) -> Answer:
    """`GET /groups/{guid}/conversation`: for members, once something was said.

    A conversation begins with its first message; before that, and for others, it is not
    accessible.
    """
    me, group = call.require_uid(), call.app.group(call.path("guid"))
    said = [
        message
        for message in call.app.messages.values()
        if message.conversation_id == group.conversation_id
    ]
    if me not in group.members or not said:
        raise Refusal("ERR_CONVERSATION_NOT_ACCESSIBLE", uid=me, conversation=group.conversation_id)
    return {
        "data": {
            "conversationId": group.conversation_id,
            "conversationType": "group",
            "unreadMessageCount": "0",
            "createdAt": said[0].sent_at,
            "updatedAt": said[-1].updated_at,
            "lastMessage": said[-1].as_json(),
            "conversationWith": group.as_json(me),
        }
    }
