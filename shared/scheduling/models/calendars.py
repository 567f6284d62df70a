"""A host's calendar: the connection to it, the consent behind it, the browser that gave it."""

import base64
import hmac
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, NewType, Self

from scheduling.models.people import AppId, Person, Secret, Uid

CalendarId = NewType("CalendarId", str)


@dataclass(frozen=True, slots=True)
class TokenSet:
    """What Google gave: kept sealed, opened only to be used."""

    #: Empty where Google gave none, which is never kept.
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
    #: When Google was last asked for the zone; None for never since it was connected.
    zone_read_at: datetime | None = None
    #: Distinguishes this connecting from an earlier or later one by the same host.
    version: str = ""

    def with_(self, **changes: Any) -> Self:
        """A copy with some fields changed."""
        return replace(self, **changes)


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


class ConsentRefusal(StrEnum):
    """Why a consent brought nothing that could be connected."""

    #: The person said no.
    DENIED = "denied"
    #: The answer is too old, was used before, or belongs to another browser.
    STALE = "stale"
    #: The person left out a box.
    PARTIAL = "partial"
    #: The account has no calendar.
    NO_CALENDAR = "no_calendar"
    #: Access came without the refresh token, so for an hour only.
    SHORT = "short"
    #: Google, or who administers the account, does not let this account in.
    FORBIDDEN = "forbidden"
    #: Google does not take our client as it is set up: the operator's to mend.
    SETUP = "setup"
    #: Google could not say.
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True, slots=True)
class UnusedGrant:
    """What came of a consent, and cannot be used: it is to be given back."""

    #: As the id token says, whether or not the token holds; None where it says nothing.
    calendar_id: CalendarId | None
    tokens: TokenSet = field(repr=False)


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
    #: When that `state` ends, well before the session; None where none is under way.
    state_ends_at: datetime | None = None
    #: A pending authorization: it is kept until the final confirmation.
    pending: Grant | None = field(default=None, repr=False)

    def derived(self, purpose: str) -> str:
        """Derive a value from the key, which only its holder can name."""
        digest = hmac.digest(self.key.reveal().encode(), purpose.encode(), "sha256")
        return base64.urlsafe_b64encode(digest).decode("ascii").rstrip("=")

    def with_(self, **changes: Any) -> Self:
        """A copy with some fields changed."""
        return replace(self, **changes)
