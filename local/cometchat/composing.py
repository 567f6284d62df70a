"""What may be sent as a message, and how it is stored.

Source: CometChat's API description (message and custom categories), articles/error-guide for the
codes, articles/properties-and-constraints for the sizes.
"""

import json
from collections.abc import Mapping
from typing import Any

from local.cometchat.refusals import Refusal, invalid
from local.cometchat.store import LONGEST_NAME, SYSTEM_UID, ChatApp, Group, Message, User

FIELDS = {"receiver", "receiverType", "category", "type", "data", "muid", "tags"}
CATEGORIES = {"message", "custom"}
MEDIA_TYPES = {"image", "video", "audio", "file"}
MOST_TAGS = 25
LONGEST_MESSAGE_CHARACTERS = 65_536
#: Published as "10 KB"; this is the smaller reading. The entities count too, since nobody says that
#: they do not.
LARGEST_DATA_BYTES = 10_000


def send(
    app: ChatApp, sender: str | None, body: Mapping[str, Any], *, device: str | None = None
) -> Message:
    """Check a message and store it. The same `muid` twice makes two messages.

    Args:
        app: The app.
        sender: The user who sends; None for the app itself.
        body: The body of `POST /messages`.
        device: The client that sends, None for a server.
    """
    if "multipleReceivers" in body:
        raise invalid(multipleReceivers="The local emulator sends to one receiver at a time.")
    for name in body:
        if name not in FIELDS:
            raise invalid(**{name: f"The {name} field is not known."})
    muid = body.get("muid")
    if muid is not None and not isinstance(muid, str):
        raise invalid(muid="The muid must be a string.")
    tags = check_tags(body.get("tags", []))
    receiver_type = _receiver_type(body)
    category, kind = _category_and_type(body)
    data = body.get("data")
    if not isinstance(data, dict):
        raise Refusal("ERR_INVALID_MESSAGE_DATA")
    check_content(category, kind, data)
    _check_length(body)
    author = app.user(sender or SYSTEM_UID)
    receiver: User | Group
    if receiver_type == "group":
        receiver = app.group(body["receiver"])
        _check_membership(sender, receiver)
        conversation, receiver_id = receiver.conversation_id, receiver.guid
    else:
        receiver = app.user(body["receiver"])
        _check_blocks(app, author.uid, receiver.uid)
        conversation, receiver_id = conversation_of(author.uid, receiver.uid), receiver.uid
    whole = {**data, "entities": entities(author, receiver, conversation)}
    check_size(whole)
    return app.add_message(
        muid=muid,
        conversation_id=conversation,
        sender=author.uid,
        receiver_type=receiver_type,
        receiver=receiver_id,
        category=category,
        type=kind,
        data=whole,
        tags=tags,
        device=device,
    )


def conversation_of(one: str, other: str) -> str:
    """Name the conversation of two users: their uids, in ascending order."""
    return "_user_".join(sorted((one, other)))


def entities(author: User, receiver: User | Group, conversation: str) -> dict[str, Any]:
    """Say who the sender and the receiver are, for `data.entities`."""
    if isinstance(receiver, Group):
        target = {"entity": receiver.as_json(), "entityType": "group"}
    else:
        entity = receiver.as_entity() | {"conversationId": conversation}
        target = {"entity": entity, "entityType": "user"}
    return {
        "sender": {"entity": author.as_entity(), "entityType": "user"},
        "receiver": target,
    }


def check_content(category: str, kind: str, data: Mapping[str, Any]) -> None:
    """Refuse `data` that lacks what its category and type need."""
    if not isinstance(data.get("metadata", {}), dict):
        raise Refusal("ERR_INVALID_METADATA")
    if not isinstance(data.get("text", ""), str):
        raise Refusal("ERR_INVALID_MESSAGE_TEXT")
    if category == "custom":
        custom = data.get("customData")
        if custom in (None, "", [], {}):
            raise Refusal("ERR_EMPTY_CUSTOM_DATA")
        if not isinstance(custom, dict):
            raise Refusal("ERR_INVALID_CUSTOM_DATA")
    elif kind == "text":
        if not data.get("text"):
            raise Refusal("ERR_EMPTY_MESSAGE_TEXT")
    elif not data.get("attachments"):
        raise invalid(attachments="The data.attachments of a media message is required.")


def check_size(data: Mapping[str, Any]) -> None:
    """Refuse `data` that is too large."""
    size = len(_compact(data).encode())
    if size > LARGEST_DATA_BYTES:
        raise invalid(data=f"The data is {size} bytes; {LARGEST_DATA_BYTES} are allowed.")


def check_tags(tags: object) -> list[str]:
    """Read tags: a list of short strings; refuses all else."""
    if not isinstance(tags, list) or not all(isinstance(tag, str) and tag for tag in tags):
        raise invalid(tags="The tags must be a list of strings.")
    if len(tags) > MOST_TAGS:
        raise invalid(tags=f"At most {MOST_TAGS} tags are allowed.")
    if any(len(tag) > LONGEST_NAME for tag in tags):
        raise invalid(tags=f"A tag may have {LONGEST_NAME} characters.")
    return tags


def _receiver_type(body: Mapping[str, Any]) -> str:
    for name in ("receiver", "receiverType"):
        value = body.get(name)
        if value is None or value == "":
            raise invalid(**{name: f"The {name} field is required."})
        if not isinstance(value, str):
            raise invalid(**{name: f"The {name} must be a string."})
    receiver_type: str = body["receiverType"]
    if receiver_type not in {"user", "group"}:
        raise Refusal("ERR_INVALID_RECEIVER_TYPE")
    return receiver_type


def _category_and_type(body: Mapping[str, Any]) -> tuple[str, str]:
    category, kind = body.get("category"), body.get("type")
    if not category:
        raise Refusal("ERR_EMPTY_MESSAGE_CATEGORY")
    if not isinstance(category, str) or category not in CATEGORIES:
        raise Refusal("ERR_INVALID_MESSAGE_CATEGORY")
    if not kind:
        raise Refusal("ERR_EMPTY_MESSAGE_TYPE")
    if not isinstance(kind, str) or len(kind) > LONGEST_NAME:
        raise Refusal("ERR_INVALID_MESSAGE_TYPE")
    if category == "message" and kind not in MEDIA_TYPES | {"text"}:
        raise Refusal("ERR_INVALID_MESSAGE_TYPE")
    return category, kind


def _check_length(body: Mapping[str, Any]) -> None:
    length = len(_compact(body))
    if length > LONGEST_MESSAGE_CHARACTERS:
        sentence = f"The message is {length} characters; {LONGEST_MESSAGE_CHARACTERS} are allowed."
        raise invalid(message=sentence)


def _check_membership(sender: str | None, group: Group) -> None:
    # The app itself speaks in any group; a user only where they have joined.
    if sender is not None and sender not in group.members:
        raise Refusal("ERR_GROUP_NOT_JOINED", uid=sender, guid=group.guid)


def _check_blocks(app: ChatApp, sender: str, receiver: str) -> None:
    if (sender, receiver) in app.blocks:
        raise Refusal("ERR_BLOCKED_RECEIVER", uid=sender, other=receiver)
    if (receiver, sender) in app.blocks:
        raise Refusal("ERR_BLOCKED_SENDER", uid=sender, other=receiver)


def _compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
