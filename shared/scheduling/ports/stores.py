"""What is kept, by role: `adapters` answer from the one table."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from scheduling.core.ids import key_name
from scheduling.core.times import Interval
from scheduling.models import (
    AppId,
    Booking,
    BookingId,
    CalendarId,
    Connection,
    ConnectionState,
    Grant,
    Hold,
    OrphanWatch,
    OutboxItem,
    Page,
    Preferences,
    Secret,
    Session,
    Share,
    ShareId,
    ShareState,
    Tenant,
    TokenSet,
    Uid,
)


class Tenants(Protocol):
    """The registry of apps; what is not in it is not served."""

    def get(self, app_id: AppId) -> Tenant | None:
        """Return the app of that id."""
        ...


class Connections(Protocol):
    """Hosts' connections with their sealed tokens, and who uses which calendar."""

    def get(self, app_id: AppId, uid: Uid) -> Connection | None:
        """Return the host's connection, read consistently."""
        ...

    def put(self, connection: Connection, owed: OutboxItem | None = None) -> None:
        """Keep it in place of an earlier one of the same host, and note the calendar's user.

        With a message that is owed from then on, if one is given.
        """
        ...

    def keep_tokens(self, connection: Connection, tokens: TokenSet) -> None:
        """Keep refreshed tokens, unless the host has connected again or gone meanwhile."""
        ...

    def keep_time_zone(self, connection: Connection, time_zone: str, read_at: datetime) -> None:
        """Keep the calendar's zone, unless the host has connected again or gone meanwhile."""
        ...

    def transition(
        self, connection: Connection, state: ConnectionState, owed: OutboxItem | None = None
    ) -> bool:
        """Change the state of exactly this connecting; True for the one caller who changed it.

        With a message that is owed from then on, if one is given.
        """
        ...

    def remove(self, connection: Connection) -> None:
        """Delete the connection with its tokens, and the note of the calendar's user."""
        ...

    def users(self, calendar_id: CalendarId) -> int:
        """Count the connections to that Google account, over all apps."""
        ...

    def hosts(self, app_id: AppId) -> list[Uid]:
        """List an app's users who have a connection; for the operator's command."""
        ...


class HostPreferences(Protocol):
    """How hosts want to be booked."""

    def get(self, app_id: AppId, uid: Uid) -> Preferences:
        """Return a host's, or what holds for everybody."""
        ...

    def put(self, app_id: AppId, uid: Uid, preferences: Preferences) -> None:
        """Keep them for shares that are made from now on."""
        ...


class Sessions(Protocol):
    """One-time links and the browser sessions that they open."""

    def spend(self, app_id: AppId, link_id: str, ends_at: datetime) -> bool:
        """Use a one-time link up; False if it was used before."""
        ...

    def put(self, session: Session) -> None:
        """Keep it until it expires."""
        ...

    def get(self, app_id: AppId, key: Secret) -> Session | None:
        """Return the session whose key this is; an expired one may still come."""
        ...

    def spend_state(self, session: Session) -> bool:
        """Use the OAuth state up; False if it was used or replaced meanwhile."""
        ...

    def take_pending(self, session: Session) -> Grant | None:
        """Return the grant that waits for the final confirmation, once."""
        ...


class Shares(Protocol):
    """Shares and the order in which a host made them."""

    def create(self, share: Share, owed: OutboxItem, key: str, fingerprint: str) -> Share | None:
        """Keep a share with its message owed, and what the idempotency key stands for.

        Returns None when kept; the share that the key made before, when it is a repeat.

        Raises:
            IdempotencyMismatch: the key came with another request before.
        """
        ...

    def repeated(self, app_id: AppId, uid: Uid, key: str, fingerprint: str) -> Share | None:
        """Return the share that a host's idempotency key made before; an empty key made none.

        Raises:
            IdempotencyMismatch: the key came with another request before.
        """
        ...

    def get(self, app_id: AppId, share_id: ShareId) -> Share | None:
        """Return it, read consistently."""
        ...

    def note_message(self, share: Share, message_id: str) -> None:
        """Note the id of the message that was sent."""
        ...

    def forget(self, share: Share, key: str) -> None:
        """Close a share that could not be told, and free its idempotency key for another try."""
        ...

    def close(self, share: Share, state: ShareState) -> None:
        """End an open share; a closed one stays as it is."""
        ...

    def made_by(self, app_id: AppId, uid: Uid, cursor: str | None, limit: int) -> Page[Share]:
        """List a host's shares, newest first."""
        ...


@dataclass(frozen=True, slots=True)
class Remembered:
    """What an idempotency key stands for, to be kept with the step that its request brings."""

    route: str
    uid: Uid
    key: str
    fingerprint: str
    #: The booking's sequence that the step leads to; the request has succeeded when it is reached.
    sequence: int = 0
    #: What it stood for before, should that never have come to be.
    instead_of: str = ""

    @property
    def name(self) -> str:
        """What the key is called in the table."""
        return key_name(self.route, self.key)


class Bookings(Protocol):
    """Bookings and the claims that they own; every step is one conditional write."""

    def get(self, app_id: AppId, booking_id: BookingId) -> Booking | None:
        """Return it, read consistently."""
        ...

    def of_guest(self, app_id: AppId, share_id: ShareId, guest: Uid) -> tuple[Booking | None, int]:
        """Return the guest's open booking of a share, and how many ended before it."""
        ...

    def recalled(
        self, app_id: AppId, route: str, uid: Uid, key: str
    ) -> tuple[BookingId, Remembered] | None:
        """Return the booking that an idempotency key of a user stands for."""
        ...

    def claim(
        self,
        before: Booking | None,
        after: Booking,
        connection: Connection,
        remembered: Remembered | None = None,
    ) -> None:
        """Take a step that claims more of the calendar, in one transaction with all it rests on.

        Raises:
            Busy: the booking is not what was read.
            SlotTaken: another owns some of it, as a consistent read showed.
            AlreadyBooked: the guest has another open booking of the share.
            ShareClosed: the share is not open.
            NotConnected, ReconnectNeeded: the connection is not the one that was read.
            IdempotencyMismatch: the key came with another request before.
        """
        ...

    def transition(self, before: Booking, after: Booking, watch: OrphanWatch | None = None) -> None:
        """Take a step that claims nothing more: what it no longer owns is free, its word is owed.

        With a watch where an insert may still land.

        Raises:
            Busy: the booking is not what was read.
        """
        ...

    def hold(self, before: Hold | None, after: Hold, connection: Connection) -> None:
        """Hold a time in place of what the guest held before; raises as `claim` does."""
        ...

    def held(self, app_id: AppId, share_id: ShareId, guest: Uid) -> Hold | None:
        """Return what a guest holds of a share, ended or not."""
        ...

    def postpone_watch(self, watch: OrphanWatch, due_at: datetime | None) -> None:
        """Look again at that instant; never again if None."""
        ...

    def under_work(self, connection: Connection) -> list[Booking]:
        """Return the bookings of a connection that somebody works on."""
        ...

    def claims(self, calendar_id: CalendarId, window: Interval) -> list[tuple[Interval, str]]:
        """Return what is owned of a calendar in the window as of now, and by which booking or hold.

        A hold that has ended owns nothing.
        """
        ...


class BusyTimes(Protocol):
    """The last busy list that Google gave for a calendar: start and end times only."""

    def put(self, calendar_id: CalendarId, window: Interval, busy: Sequence[Interval]) -> None:
        """Keep it, with the instant at which it was asked for."""
        ...

    def get(
        self, calendar_id: CalendarId, not_before: datetime
    ) -> tuple[Interval, list[Interval]] | None:
        """Return it with the window that it covers, if it is no older."""
        ...


class Outbox(Protocol):
    """Messages that are owed, and who is sending them."""

    def add(self, item: OutboxItem) -> None:
        """Owe a message that belongs to no transaction; a repeat changes nothing."""
        ...

    def get(self, app_id: AppId, owner: str, number: int) -> OutboxItem | None:
        """Return it, read consistently."""
        ...

    def lease(self, item: OutboxItem, now: datetime, until: datetime) -> OutboxItem:
        """Take it for one attempt; raises `Busy` if another has it or nothing is owed."""
        ...

    def sent(self, item: OutboxItem, message_id: str) -> OutboxItem:
        """Move owed -> sent."""
        ...

    def postpone(self, item: OutboxItem, due_at: datetime) -> None:
        """Try again at that instant."""
        ...

    def undeliverable(self, item: OutboxItem, refusal: str) -> OutboxItem:
        """Move owed -> undeliverable, with the code of the refusal."""
        ...

    def superseded(self, item: OutboxItem) -> OutboxItem:
        """Move owed -> superseded."""
        ...


class Usage(Protocol):
    """How often users did what is limited, by kind and window."""

    def count(self, app_id: AppId, uid: Uid, kind: str, window: Interval, most: int) -> bool:
        """Count one more of a user's; False, and nothing counted, where there were so many."""
        ...
