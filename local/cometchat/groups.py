"""The endpoints of groups and their members."""

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
