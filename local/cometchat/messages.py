"""The endpoints of messages: send, list, get, edit, delete."""

from collections.abc import Iterable
from typing import Any

from local.cometchat import composing
from local.cometchat.callers import Call, read_object
from local.cometchat.history import list_messages
from local.cometchat.refusals import Refusal, invalid
from local.cometchat.store import SYSTEM_UID, Message

Answer = dict[str, Any]
#: What an edit may change. CometChat documents no edits of `customData`.
_EDITABLE = {"text", "metadata"}


async def send(call: Call) -> Answer:
    """`POST /messages`: store one message."""
    body = await read_object(call.request)
    message = composing.send(call.app, call.uid, body, device=call.device)
    return {"data": message.as_json()}


async def list_all(call: Call) -> Answer:
    """`GET /messages`: a user's conversations, or all of the app's for its server."""
    return list_messages(call, _readable(call))


async def list_with_user(call: Call) -> Answer:
    """`GET /users/{uid}/messages`: the conversation of the caller and one user."""
    me, other = call.require_uid(), call.app.user(call.path("uid")).uid
    conversation = composing.conversation_of(me, other)
    # The SDK repeats the path's uid where it asks for a count.
    return list_messages(call, call.app.said_in(conversation), "uid")


async def list_in_group(call: Call) -> Answer:
    """`GET /groups/{guid}/messages`: a group's conversation, for its members."""
    me, group = call.require_uid(), call.app.group(call.path("guid"))
    if me not in group.members:
        raise Refusal("ERR_GROUP_NOT_JOINED", uid=me, guid=group.guid)
    return list_messages(call, call.app.said_in(group.conversation_id), "guid")


async def get(call: Call) -> Answer:
    """`GET /messages/{id}`."""
    return {"data": _find(call).as_json(with_tags=True)}


async def edit(call: Call) -> Answer:
    """`PUT /messages/{id}`: change text, metadata or tags; answers with an action message."""
    message = _find_own(call)
    body = await call.body({"data", "tags"})
    changes = body.get("data", {})
    if not isinstance(changes, dict):
        raise Refusal("ERR_INVALID_MESSAGE_DATA")
    for name in changes:
        if name not in _EDITABLE:
            raise invalid(**{name: f"The data.{name} cannot be edited."})
    if not changes and "tags" not in body:
        raise invalid(data="The data field is required.")
    data = message.data | changes
    composing.check_content(message.category, message.type, data)
    composing.check_size(data)
    message.tags = composing.check_tags(body.get("tags", message.tags))
    message.data = data
    editor = call.uid or SYSTEM_UID
    message.updated_at = call.app.now()
    message.marks |= {"editedAt": message.updated_at, "editedBy": editor}
    return {"data": _act(call, "edited", editor, message).as_json()}


async def delete(call: Call) -> Answer:
    """`DELETE /messages/{id}`: empty it, or remove it for good; answers with an action message."""
    message = _find_own(call)
    body = await call.body({"permanent"})
    permanent = body.get("permanent", False)
    if not isinstance(permanent, bool):
        raise invalid(permanent="The permanent field must be true or false.")
    remover = call.uid or SYSTEM_UID
    message.data = {"entities": message.data["entities"]}
    message.updated_at = call.app.now()
    message.marks |= {"deletedAt": message.updated_at, "deletedBy": remover}
    if permanent:
        del call.app.messages[message.id]
    return {"data": _act(call, "deleted", remover, message).as_json()}


def _readable(call: Call) -> Iterable[Message]:
    messages = call.app.messages.values()
    if call.uid is None:
        return messages
    return [message for message in messages if call.app.may_read(call.uid, message)]


def _find(call: Call) -> Message:
    message = call.app.message(call.path("id"))
    if call.uid is not None and not call.app.may_read(call.uid, message):
        raise Refusal("ERR_MESSAGE_NO_ACCESS", uid=call.uid, message=message.id)
    return message


def _find_own(call: Call) -> Message:
    message = _find(call)
    if call.uid not in {None, message.sender}:
        raise Refusal("ERR_MESSAGE_NOT_A_SENDER", uid=call.uid, message=message.id)
    if message.category == "action" or "deletedAt" in message.marks:
        raise Refusal("ERR_MESSAGE_ACTION_NOT_ALLOWED", message=message.id)
    return message


def _act(call: Call, action: str, uid: str, message: Message) -> Message:
    actor = call.app.user(uid)
    seen = message.as_json()
    # Copied without its entities: they would nest one level deeper with each edit.
    seen["data"] = {name: value for name, value in message.data.items() if name != "entities"}
    return call.app.add_message(
        muid=None,
        device=call.device,
        conversation_id=message.conversation_id,
        sender=actor.uid,
        receiver_type=message.receiver_type,
        receiver=message.receiver,
        category="action",
        type="message",
        data={
            "action": action,
            "entities": {
                "by": {"entity": actor.as_entity(), "entityType": "user"},
                "for": message.data["entities"]["receiver"],
                "on": {"entity": seen, "entityType": "message"},
            },
        },
        tags=[],
    )
