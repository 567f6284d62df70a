"""What the use cases ask of the world, by role; `adapters` answer, tests answer with fakes."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from scheduling.models import (
    AppId,
    Booking,
    BookingId,
    CalendarEvent,
    CalendarId,
    Connection,
    ConnectionState,
    EventDraft,
    Grant,
    Message,
    OutboxItem,
    Page,
    Person,
    Secret,
    Session,
    Share,
    ShareId,
    ShareState,
    Tenant,
    TokenSet,
    Uid,
    Watch,
)
from scheduling.times import Interval


class GrantEnded(Exception):
    """Google says `invalid_grant`: the host's consent is over."""


class OutcomeUnknown(Exception):
    """An insert was sent and no answer came: the event may or may not exist."""


class EventExists(Exception):
    """Google knows an event of this id already: ours from an earlier try, or a tombstone."""


class ConsentRefused(Exception):
    """Google did not take the code, or the id token does not hold; nothing was granted."""


class MessageRefused(Exception):
    """CometChat will never take this message: blocked, user gone.

    `code` is CometChat's, such as `ERR_UID_NOT_FOUND`.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Busy(Exception):
    """Another worker has it, or it has moved on since it was read."""


class Clock(Protocol):
    """Now, in a form that tests can set."""

    def now(self) -> datetime:
        """Give the instant, aware and UTC."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


class Tenants(Protocol):
    """The registry of apps; what is not in it is not served."""

    def get(self, app_id: AppId) -> Tenant | None:
        """Give the app of that id."""
        ...


class Connections(Protocol):
    """Hosts' connections with their sealed tokens, and who uses which calendar."""

    def get(self, app_id: AppId, uid: Uid) -> Connection | None:
        """Give the host's connection, read consistently."""
        ...

    def put(self, connection: Connection) -> None:
        """Keep it in place of an earlier one of the same host, and note the calendar's user."""
        ...

    def keep_tokens(self, connection: Connection, tokens: TokenSet) -> None:
        """Keep refreshed tokens, unless the host has connected anew or gone meanwhile."""
        ...

    def move(
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


class Sessions(Protocol):
    """One-time links and the browser sessions that they open."""

    def spend(self, app_id: AppId, link_id: str, ends_at: datetime) -> bool:
        """Use a one-time link up; False if it was used before."""
        ...

    def put(self, session: Session) -> None:
        """Keep it until it expires."""
        ...

    def get(self, app_id: AppId, key: Secret) -> Session | None:
        """Give the session whose key this is; an expired one may still come."""
        ...

    def spend_state(self, session: Session) -> bool:
        """Use the OAuth state up; False if it was used or replaced meanwhile."""
        ...

    def take_pending(self, session: Session) -> Grant | None:
        """Give the grant that waits for the last yes, once."""
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
        """Give the share that a host's idempotency key made before; an empty key made none.

        Raises:
            IdempotencyMismatch: the key came with another request before.
        """
        ...

    def get(self, app_id: AppId, share_id: ShareId) -> Share | None:
        """Give it, read consistently."""
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


class Bookings(Protocol):
    """Bookings and the claims that they own; every move is one conditional transaction."""

    def get(self, app_id: AppId, booking_id: BookingId) -> Booking | None:
        """Give it, read consistently."""
        ...

    def of_guest(self, app_id: AppId, share_id: ShareId, guest: Uid) -> tuple[Booking | None, int]:
        """Give the guest's open booking of a share, and how many ended before it."""
        ...

    def of_key(self, app_id: AppId, guest: Uid, key: str) -> tuple[BookingId, str] | None:
        """Give the booking that an idempotency key stands for, and the request's fingerprint."""
        ...

    def claim(self, booking: Booking, connection: Connection, key: str, fingerprint: str) -> None:
        """Take the booking and claim its buckets, in one transaction with all it depends on.

        Raises:
            Busy: the booking has another worker, or has moved on.
            SlotTaken: another booking owns one of the buckets, as a consistent read showed.
            AlreadyBooked: the guest has another open booking of the share.
            ShareClosed: the share is not open.
            NotConnected, ReconnectNeeded: the connection is not the one that was read.
            IdempotencyMismatch: the key came with another request before.
        """
        ...

    def take(
        self, booking: Booking, now: datetime, leased_until: datetime, settling: timedelta
    ) -> Booking:
        """Take a claimed booking whose lease ran out, for one more attempt.

        Its `settles_at` becomes at least `settling` after the lease that ran out.

        Raises:
            Busy: another worker has it.
        """
        ...

    def renew_event(self, booking: Booking) -> Booking:
        """Use the next generation of event ids; raises `Busy` if the booking is not ours."""
        ...

    def confirm(self, booking: Booking, owed: OutboxItem, look_at: datetime) -> None:
        """Move claimed -> confirmed, and the invite is owed; raises `Busy` if it is not ours.

        At `look_at` somebody has to look whether a person wrote into the calendar meanwhile.
        """
        ...

    def looked_at(self, booking: Booking) -> None:
        """Note that nobody has to look at a confirmed booking any more."""
        ...

    def refuse(self, booking: Booking, owed: OutboxItem | None, watch: Watch | None) -> None:
        """Move claimed -> refused, and its buckets are free; raises `Busy` if it is not ours.

        With a watch where an insert may still land.
        """
        ...

    def watch_on(self, watch: Watch, due_at: datetime | None) -> None:
        """Look again at that instant; never again if None."""
        ...

    def claimed(self, connection: Connection) -> list[Booking]:
        """Give the bookings of a connection that are claimed: neither confirmed nor refused."""
        ...

    def give_back(self, booking: Booking, due_at: datetime) -> None:
        """End the lease of a booking whose outcome is open; `reconcile` goes on at `due_at`.

        Raises `Busy` if it is not ours.
        """
        ...

    def claims(self, calendar_id: CalendarId, window: Interval) -> list[tuple[Interval, BookingId]]:
        """Give what bookings own of a calendar in the window, as of now."""
        ...


class BusyTimes(Protocol):
    """The last busy list that Google gave for a calendar: start and end times only."""

    def put(self, calendar_id: CalendarId, window: Interval, busy: Sequence[Interval]) -> None:
        """Keep it, with the instant at which it was asked for."""
        ...

    def get(
        self, calendar_id: CalendarId, not_before: datetime
    ) -> tuple[Interval, list[Interval]] | None:
        """Give it with the window that it covers, if it is no older."""
        ...


class Outbox(Protocol):
    """Messages that are owed, and who is sending them."""

    def add(self, item: OutboxItem) -> None:
        """Owe a message that belongs to no transaction; a repeat changes nothing."""
        ...

    def get(self, app_id: AppId, owner: str, number: int) -> OutboxItem | None:
        """Give it, read consistently."""
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


class Due(Protocol):
    """What has an instant at which somebody has to look at it; `reconcile` alone reads it."""

    def due(self, now: datetime, limit: int) -> list[Booking | OutboxItem | Watch | Connection]:
        """Give what is due, each read consistently, the longest due first."""
        ...


class Calendar(Protocol):
    """The primary calendar of a connection.

    Raises, each method: `GrantEnded`; `CalendarUnavailable`: nothing was learnt and nothing done.
    """

    def free_busy(self, connection: Connection, window: Interval) -> list[Interval]:
        """Give the busy times in the window, merged; nothing else is asked for."""
        ...

    def insert_event(self, connection: Connection, draft: EventDraft) -> CalendarEvent:
        """Insert, once for each id; also raises `EventExists` and `OutcomeUnknown`."""
        ...

    def time_zone(self, tokens: TokenSet) -> str:
        """Give the calendar's IANA time zone."""
        ...

    def others(self, connection: Connection, window: Interval, own: str) -> list[Interval]:
        """Give the times of events but our own that block the window; no more of them is read."""
        ...

    def get_event(self, connection: Connection, event_id: str) -> CalendarEvent | None:
        """Give our own event by its id, with no more of it than `CalendarEvent` holds."""
        ...

    def delete_event(self, connection: Connection, event_id: str) -> None:
        """Delete; an event that is not there is deleted already."""
        ...


class OAuthProvider(Protocol):
    """Google's consent."""

    def authorization_url(
        self, state: str, verifier: Secret, nonce: str, login_hint: str | None
    ) -> str:
        """Give the address at which a person consents; `login_hint` None asks which account."""
        ...

    def exchange(self, code: str, verifier: Secret, nonce: str) -> Grant:
        """Turn a code into a verified grant.

        Raises:
            ConsentRefused: the code or the id token does not hold.
            CalendarUnavailable: Google did not answer.
        """
        ...


class Revocation(Protocol):
    """The end of a grant at Google."""

    def revoke(self, tokens: TokenSet) -> None:
        """End the whole grant of that person; one that Google no longer knows is ended already.

        Raises:
            CalendarUnavailable: Google did not answer.
        """
        ...


class Chat(Protocol):
    """CometChat, for one app at a time.

    Raises, each method: `ChatUnavailable`.
    """

    def whoami(self, tenant: Tenant, token: str) -> Person | None:
        """Give the user whose `authToken` this is."""
        ...

    def is_member(self, tenant: Tenant, group: str, uid: Uid) -> bool:
        """Say whether the user is in the group; unknown is no."""
        ...

    def send(self, tenant: Tenant, message: Message) -> str:
        """Send, and give the message's id; also raises `MessageRefused`.

        After `ChatUnavailable` the message may have been sent all the same.
        """
        ...

    def find(self, tenant: Tenant, sender: Uid, outbox_id: str) -> str | None:
        """Give the id of a message that was sent for this outbox id."""
        ...


class InviteFile(Protocol):
    """A booking as an iCalendar file."""

    def render(self, booking: Booking) -> bytes:
        """Give the file's bytes: RFC 5545, METHOD:PUBLISH, UTC."""
        ...


class Metrics(Protocol):
    """Counts of business facts."""

    def count(self, name: str, value: int = 1) -> None:
        """Count one more."""
        ...
