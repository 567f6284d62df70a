"""Messages that are owed, and messages ready to be sent."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from scheduling.core import correlation
from scheduling.models.people import AppId, Receiver, Uid

#: Whom a message that is no notice is for: its owner knows.
NOBODY = Uid("")


class OutboxKind(StrEnum):
    """What an owed message tells."""

    AVAILABILITY = "availability"
    INVITE = "invite"
    NOTICE = "notice"


class OutboxState(StrEnum):
    """Where an owed message stands."""

    OWED = "owed"
    SENT = "sent"
    UNDELIVERABLE = "undeliverable"
    #: A later word of its booking says all that it would.
    SUPERSEDED = "superseded"


@dataclass(frozen=True, slots=True)
class OutboxItem:
    """A message that is owed, written in the transaction of the fact that it tells.

    It holds what to say by reference; the words and links are made when it is sent.
    """

    app_id: AppId
    #: The booking, share or user that it belongs to; items of one owner are sent in order.
    owner: str
    number: int
    kind: OutboxKind
    outbox_id: str
    state: OutboxState = OutboxState.OWED
    attempt: int = 0
    due_at: datetime | None = None
    #: For notices: why.
    reason: str = ""
    #: For notices: to whom.
    uid: Uid = NOBODY
    #: For notices: about which booking.
    booking_id: str = ""
    message_id: str | None = None
    #: Why it is undeliverable, as CometChat's code.
    refusal: str = ""
    #: Since when it is owed.
    owed_at: datetime | None = None
    #: Of the request for which it is owed.
    correlation_id: str = field(default_factory=correlation.current)

    @property
    def ids(self) -> dict[str, str]:
        """What names it in the log."""
        kind, _, name = self.owner.partition("#")
        booking = name if kind == "BOOKING" else self.booking_id
        about = {"app_id": self.app_id, "outbox_id": self.outbox_id, "booking_id": booking}
        return {name: value for name, value in about.items() if value}


@dataclass(frozen=True, slots=True)
class Message:
    """A CometChat custom message, ready to be sent."""

    sender: Uid
    receiver: Receiver
    type: str
    text: str
    custom: dict[str, Any]
    outbox_id: str
    #: Ids mirrored under `@injected`, as CometChat's own extensions do.
    mirrored: dict[str, str]

    def data(self) -> dict[str, Any]:
        """The message's `data`: counted as unread, moved up in lists, with a text for previews."""
        return {
            "text": self.text,
            "updateConversation": True,
            "sendNotification": True,
            "customData": {"v": 1, "outboxId": self.outbox_id, **self.custom},
            "metadata": {
                "incrementUnreadCount": True,
                "@injected": {"extensions": {"calendar-scheduling": self.mirrored}},
            },
        }

    def as_json(self) -> dict[str, Any]:
        """The body of `POST /messages`."""
        return {
            "receiver": self.receiver.id,
            "receiverType": self.receiver.type,
            "category": "custom",
            "type": self.type,
            "muid": self.outbox_id,
            "tags": ["calendar-scheduling", f"calendar-scheduling:{self.outbox_id}"],
            "data": self.data(),
        }
