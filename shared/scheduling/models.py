"""The nouns of the product, as frozen values; instants are aware and UTC."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Generic, NewType, Self, TypeVar

from scheduling.times import Interval, format_instant

AppId = NewType("AppId", str)
Uid = NewType("Uid", str)
ShareId = NewType("ShareId", str)
BookingId = NewType("BookingId", str)
CalendarId = NewType("CalendarId", str)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Secret:
    """A text that is never shown: not by `print`, not in a traceback, not in a log."""

    _text: str

    def reveal(self) -> str:
        """Give the text, to those who send it where it belongs."""
        return self._text

    def __repr__(self) -> str:
        return "Secret(...)"

    __str__ = __repr__


@dataclass(frozen=True, slots=True)
class Tenant:
    """A CometChat app that uses this deployment."""

    app_id: AppId
    region: str
    name: str
    #: The REST API key, of full access: it sends on behalf of users.
    api_key: Secret
    #: Where the connect page may lead back to; a `returnUrl` begins with one of these.
    return_urls: tuple[str, ...] = ()
    #: The uid that signs notices to hosts.
    notice_uid: Uid = Uid("app_system")
    locale: str = "en"


@dataclass(frozen=True, slots=True)
class Person:
    """A CometChat user as others see them."""

    uid: Uid
    name: str

    def as_json(self) -> dict[str, str]:
        """The wire form."""
        return {"uid": self.uid, "name": self.name}


@dataclass(frozen=True, slots=True)
class Caller:
    """Who CometChat says is calling, and of which app."""

    tenant: Tenant
    person: Person
    #: The one share that a booking page's session may see and book; None for a chat user's token.
    only_share: ShareId | None = None

    @property
    def app_id(self) -> AppId:
        """The app that the caller belongs to."""
        return self.tenant.app_id

    @property
    def uid(self) -> Uid:
        """The caller's uid within the app."""
        return self.person.uid


@dataclass(frozen=True, slots=True)
class TokenSet:
    """What Google gave: kept sealed, opened only to be used."""

    refresh_token: Secret
    access_token: Secret
    #: When the access token ends.
    expires_at: datetime


class ConnectionState(StrEnum):
    """What a host's connection is good for."""

    CONNECTED = "connected"
    #: Google ended the grant: the host has to consent again.
    RECONNECT = "reconnect"
    #: Being taken down: no new claims; the tokens are still there to settle what is under way.
    CLOSING = "closing"


@dataclass(frozen=True, slots=True)
class Connection:
    """A host's link to the primary calendar of one Google account."""

    app_id: AppId
    uid: Uid
    calendar_id: CalendarId
    state: ConnectionState
    email: str
    time_zone: str
    scopes: frozenset[str]
    connected_at: datetime
    tokens: TokenSet = field(repr=False)
    #: Distinguishes this connecting from an earlier or later one by the same host.
    version: str = ""

    def with_(self, **changes: Any) -> Self:
        """A copy with some fields changed."""
        return replace(self, **changes)


@dataclass(frozen=True, slots=True)
class Receiver:
    """To whom a share is addressed."""

    id: str
    #: `user` or `group`
    type: str


class ShareState(StrEnum):
    """What is stored of a share; `expired` and `full` are told from the clock and the calendar."""

    OPEN = "open"
    WITHDRAWN = "withdrawn"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Availability:
    """Busy times over a window, and how slots lie in it: what a guest sees."""

    window: Interval
    busy: tuple[Interval, ...]
    time_zone: str
    step: timedelta
    durations: tuple[timedelta, ...]
    generated_at: datetime
    #: Whether the window was made shorter to fit into a message.
    truncated: bool = False

    def as_json(self) -> dict[str, Any]:
        """The wire form; the busy list covers everything that is not offered."""
        return {
            "from": format_instant(self.window.start),
            "to": format_instant(self.window.end),
            "timeZone": self.time_zone,
            "busy": [[format_instant(b.start), format_instant(b.end)] for b in self.busy],
            "truncated": self.truncated,
            "stepMinutes": int(self.step.total_seconds() // 60),
            "durations": [int(d.total_seconds() // 60) for d in self.durations],
            "generatedAt": format_instant(self.generated_at),
            "expiresAt": format_instant(self.window.end),
        }


@dataclass(frozen=True, slots=True)
class Share:
    """One sharing of availability: what the host said the guest may book."""

    app_id: AppId
    share_id: ShareId
    host: Person
    receiver: Receiver
    calendar_id: CalendarId
    title: str
    locale: str
    availability: Availability
    state: ShareState
    created_at: datetime
    #: CometChat's id of the availability message, once it is sent.
    message_id: str | None = None


class BookingState(StrEnum):
    """The states of a booking; `MOVES` lists the legal moves between them."""

    CLAIMED = "claimed"
    CONFIRMED = "confirmed"
    REFUSED = "refused"


#: To each state, from where it may be reached; None is a booking that is not there yet.
#: Each move is one conditional transaction, whose condition is read from here.
MOVES: Mapping[BookingState, frozenset[BookingState | None]] = {
    BookingState.CLAIMED: frozenset({None, BookingState.REFUSED}),
    BookingState.CONFIRMED: frozenset({BookingState.CLAIMED}),
    BookingState.REFUSED: frozenset({BookingState.CLAIMED}),
}


@dataclass(frozen=True, slots=True)
class Booking:
    """One meeting, from the claim on."""

    app_id: AppId
    booking_id: BookingId
    share_id: ShareId
    calendar_id: CalendarId
    host: Person
    guest: Person
    slot: Interval
    title: str
    note: str
    #: Of the guest, for the words and links that they read; else the host's.
    time_zone: str
    locale: str
    state: BookingState
    #: Counts the workers that took this booking; every move names the attempt that makes it.
    attempt: int
    #: Until when the present worker has it.
    leased_until: datetime
    #: Counts the events that this booking has had at Google.
    generation: int
    #: Derived from the booking and its generation; an event of this id may exist from the claim on.
    event_id: str
    created_at: datetime
    #: Set when an earlier attempt may have sent an insert: until then it may still land, so the
    #: claim is not released, and whoever works on it asks for the event first.
    settles_at: datetime | None = None
    ical_uid: str = ""
    sequence: int = 0
    confirmed_at: datetime | None = None
    #: Why it was refused, as an error's code.
    refusal: str = ""
    #: Whether a guest was answered 202 and waits for word.
    awaited: bool = False
    #: How many messages were owed for it so far; they are numbered, and sent in order.
    told: int = 0

    def with_(self, **changes: Any) -> Self:
        """A copy with some fields changed."""
        return replace(self, **changes)

    def as_json(self) -> dict[str, Any]:
        """The wire form."""
        return {
            "bookingId": self.booking_id,
            "shareId": self.share_id,
            "status": self.state.value,
            "sequence": self.sequence,
            "startsAt": format_instant(self.slot.start),
            "endsAt": format_instant(self.slot.end),
            "timeZone": self.time_zone,
            "title": self.title,
            "host": self.host.as_json(),
            "guest": self.guest.as_json(),
        }


@dataclass(frozen=True, slots=True)
class Watch:
    """An event id that an insert may still bring to life though its booking was released."""

    app_id: AppId
    booking_id: BookingId
    host: Uid
    calendar_id: CalendarId
    event_id: str
    generation: int
    since: datetime
    due_at: datetime

    def with_(self, **changes: Any) -> Self:
        """A copy with some fields changed."""
        return replace(self, **changes)


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
    uid: Uid = Uid("")
    #: For notices: about which booking.
    booking_id: str = ""
    message_id: str | None = None
    #: Why it is undeliverable, as CometChat's code.
    refusal: str = ""


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


@dataclass(frozen=True, slots=True)
class CalendarEvent:
    """What we read of our own event at Google."""

    event_id: str
    ical_uid: str
    #: Whether Google keeps it only as a tombstone.
    cancelled: bool
    #: The booking that our private property names; empty for a foreign event.
    booking_id: str


@dataclass(frozen=True, slots=True)
class EventDraft:
    """What we write into the host's calendar."""

    event_id: str
    booking_id: BookingId
    slot: Interval
    summary: str
    description: str


@dataclass(frozen=True, slots=True)
class Grant:
    """What came of a consent at Google, verified: whose calendar, and what is allowed."""

    calendar_id: CalendarId
    email: str
    scopes: frozenset[str]
    tokens: TokenSet = field(repr=False)
    time_zone: str = "UTC"

    def with_(self, **changes: Any) -> Self:
        """A copy with some fields changed."""
        return replace(self, **changes)


class Purpose(StrEnum):
    """What a browser's session is good for; a link or cookie of one purpose opens no other."""

    CONNECT = "connect"
    PAGE = "page"


@dataclass(frozen=True, slots=True)
class Session:
    """A browser that spent a one-time link: its cookie holds the key, the table the key's hash."""

    app_id: AppId
    key: Secret
    purpose: Purpose
    person: Person
    expires_at: datetime
    #: Where the connect page leads back to.
    return_url: str = ""
    #: For the booking page: the one share it shows.
    share_id: str = ""
    locale: str = "en"
    #: Hash of the OAuth `state` under way; spent by the first callback.
    state_hash: str = ""
    #: A grant that waits for the last yes.
    pending: Grant | None = field(default=None, repr=False)

    def with_(self, **changes: Any) -> Self:
        """A copy with some fields changed."""
        return replace(self, **changes)


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a list."""

    items: tuple[T, ...]
    #: Opaque; give it back for the next page.
    next_cursor: str | None = None
