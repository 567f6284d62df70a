"""What an app of the emulator knows: people, groups, tokens, blocks and messages."""

import re
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from local.cometchat.refusals import Refusal, invalid

Clock = Callable[[], int]
#: Longest uid, guid, name and tag.
LONGEST_NAME = 100
#: The newest so many tokens of a user are valid; an older one dies when another is made.
TOKENS_OF_A_USER = 100
#: Who sends when nobody is named.
SYSTEM_UID = "app_system"
#: A number on the wire.
NUMBER = re.compile(r"[0-9]{1,18}")
_UID = re.compile(rf"[a-z0-9_-]{{1,{LONGEST_NAME}}}")


@dataclass
class User:
    """A chat user. `extras` are the optional fields that were given: avatar, link, metadata."""

    uid: str
    name: str
    created_at: int
    role: str = "default"
    extras: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Return the user as the API does."""
        known = {"uid": self.uid, "name": self.name, "status": "offline", "role": self.role}
        return known | self.extras | {"createdAt": self.created_at}

    def as_entity(self) -> dict[str, Any]:
        """Return the user as messages carry it: without what only the profile needs."""
        whole = self.as_json()
        return {name: whole[name] for name in whole if name not in {"metadata", "tags"}}


@dataclass(frozen=True)
class Member:
    """A user's place in a group."""

    scope: str
    joined_at: int


@dataclass
class Group:
    """A group and its members by uid, in the order in which they joined."""

    guid: str
    name: str
    owner: str
    created_at: int
    type: str = "private"
    members: dict[str, Member] = field(default_factory=dict)

    @property
    def conversation_id(self) -> str:
        """The name of the group's conversation."""
        return f"group_{self.guid}"

    def as_json(self, viewer: str | None = None) -> dict[str, Any]:
        """Return the group as the API does; with a viewer, with the viewer's place in it."""
        shown: dict[str, Any] = {
            "guid": self.guid,
            "name": self.name,
            "type": self.type,
            "owner": self.owner,
            "createdAt": self.created_at,
            "membersCount": len(self.members),
            "conversationId": self.conversation_id,
        }
        if viewer is not None:
            shown["hasJoined"] = viewer in self.members
            if member := self.members.get(viewer):
                shown |= {"scope": member.scope, "joinedAt": member.joined_at}
        return shown


@dataclass(frozen=True)
class Token:
    """An auth token of a user."""

    value: str
    uid: str
    created_at: int

    def as_json(self) -> dict[str, Any]:
        """Return the token as the API does."""
        return {"uid": self.uid, "authToken": self.value, "createdAt": self.created_at}


@dataclass
class Message:
    """A message as it is stored; `data` holds the entities of the moment it was sent."""

    id: int
    muid: str | None
    conversation_id: str
    sender: str
    receiver_type: str
    receiver: str
    category: str
    type: str
    data: dict[str, Any]
    tags: list[str]
    sent_at: int
    updated_at: int
    marks: dict[str, Any] = field(default_factory=dict)
    #: The client that sent it, if it was one: the SDK's header `resource`.
    device: str | None = None
    #: When it was delivered to a user and read by them: uid -> `deliveredAt`, `readAt`.
    receipts: dict[str, dict[str, int]] = field(default_factory=dict)

    def as_json(self, *, with_tags: bool = False) -> dict[str, Any]:
        """Return the message as the API does; tags only for those who ask for them."""
        shown: dict[str, Any] = {
            "id": str(self.id),
            "conversationId": self.conversation_id,
            "sender": self.sender,
            "receiverType": self.receiver_type,
            "receiver": self.receiver,
            "category": self.category,
            "type": self.type,
            "data": self.data,
            "sentAt": self.sent_at,
            "updatedAt": self.updated_at,
        } | self.marks
        if self.receiver_type == "user":
            shown |= self.receipts.get(self.receiver, {})
        if self.muid is not None:
            shown["muid"] = self.muid
        if with_tags:
            shown["tags"] = self.tags
        return shown


class ChatApp:
    """One CometChat app. One event loop uses it, and never awaits between look and change."""

    def __init__(self, app_id: str, name: str, region: str, now: Clock) -> None:
        self.app_id = app_id
        self.name = name
        self.region = region
        self.now = now
        #: API key -> its scope, "fullAccess" or "authOnly".
        self.keys: dict[str, str] = {}
        self.users: dict[str, User] = {}
        self.groups: dict[str, Group] = {}
        self.messages: dict[int, Message] = {}
        #: Who has blocked whom, and when.
        self.blocks: dict[tuple[str, str], int] = {}
        #: The last message that a user has read in a conversation, by uid and conversation id.
        self.last_read: dict[tuple[str, str], int] = {}
        #: Called with each message as it is stored.
        self.listeners: list[Callable[[ChatApp, Message], None]] = []
        self._tokens: dict[str, Token] = {}
        self._jwts: dict[str, str] = {}
        self._last_message_id = 0

    def user(self, uid: str) -> User:
        """Find a user, in any case; refuses if there is none."""
        uid = uid.lower()
        if uid not in self.users:
            raise Refusal("ERR_UID_NOT_FOUND", uid=uid)
        return self.users[uid]

    def group(self, guid: str) -> Group:
        """Find a group, in any case; refuses if there is none."""
        guid = guid.lower()
        if guid not in self.groups:
            raise Refusal("ERR_GUID_NOT_FOUND", guid=guid)
        return self.groups[guid]

    def add_user(self, uid: object, name: object, **extras: Any) -> User:
        """Create a user; refuses what is no uid or name, and a uid that is taken."""
        for field_name, value in (("uid", uid), ("name", name)):
            if value is None or value == "":
                raise invalid(**{field_name: f"The {field_name} field is required."})
        if not isinstance(uid, str) or not _UID.fullmatch(uid.lower()):
            raise invalid(uid="The uid may have 100 characters: letters, digits, _ and -.")
        if not isinstance(name, str) or len(name) > LONGEST_NAME:
            raise invalid(name="The name must be a string of at most 100 characters.")
        uid = uid.lower()
        if uid in self.users:
            raise Refusal("ERR_UID_ALREADY_EXISTS", uid=uid)
        role = extras.pop("role", "default")
        self.users[uid] = User(uid, name, self.now(), role, extras)
        return self.users[uid]

    def add_group(self, guid: str, name: str, members: Iterable[str]) -> Group:
        """Create a group; its first member owns it."""
        uids = list(members)
        group = Group(guid, name, uids[0], self.now())
        for uid in uids:
            self.join(group, uid)
        self.groups[guid] = group
        return group

    def join(self, group: Group, uid: str) -> None:
        """Put a user into a group; the owner becomes its admin."""
        scope = "admin" if uid == group.owner else "participant"
        group.members[uid] = Member(scope, self.now())

    def issue_token(self, uid: str) -> Token:
        """Make an auth token; the oldest beyond the limit dies."""
        created_at = self.now()
        token = Token(f"{uid}_{created_at}{secrets.token_hex(15)}", uid, created_at)
        self._tokens[token.value] = token
        for old in self.tokens_of(uid)[:-TOKENS_OF_A_USER]:
            self.drop_token(old.value)
        return token

    def token(self, value: str) -> Token | None:
        """Find a token by its value."""
        return self._tokens.get(value)

    def tokens_of(self, uid: str) -> list[Token]:
        """List a user's tokens, oldest first."""
        return [token for token in self._tokens.values() if token.uid == uid]

    def drop_token(self, value: str) -> None:
        """Make a token invalid."""
        self._tokens.pop(value, None)

    def issue_jwt(self, token: str) -> str:
        """Make what a client opens its websocket with; it lives as long as its auth token."""
        jwt = secrets.token_urlsafe(30)
        self._jwts[jwt] = token
        return jwt

    def uid_of_jwt(self, jwt: str) -> str | None:
        """Say whose a JWT is, None if it is nobody's any more."""
        token = self.token(self._jwts.get(jwt, ""))
        return token.uid if token else None

    def add_message(self, **stored: Any) -> Message:
        """Store a message under the next id, as sent now."""
        self._last_message_id += 1
        now = self.now()
        message = Message(id=self._last_message_id, sent_at=now, updated_at=now, **stored)
        self.messages[message.id] = message
        for listener in self.listeners:
            listener(self, message)
        return message

    def message(self, message_id: str) -> Message:
        """Find a message by its id on the wire; refuses if there is none."""
        message = self.messages.get(int(message_id)) if NUMBER.fullmatch(message_id) else None
        if message is None:
            raise Refusal("ERR_MESSAGE_ID_NOT_FOUND", message=message_id)
        return message

    def said_in(self, conversation_id: str) -> list[Message]:
        """List the messages of a conversation, oldest first."""
        return [each for each in self.messages.values() if each.conversation_id == conversation_id]

    def may_read(self, uid: str, message: Message) -> bool:
        """Say whether a user takes part in the message's conversation."""
        if message.receiver_type == "group":
            return uid in self.group(message.receiver).members
        return uid in {message.sender, message.receiver}
