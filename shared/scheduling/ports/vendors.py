"""Google and CometChat, by role."""

from typing import Protocol

from scheduling.core.times import Interval
from scheduling.models import (
    BookingId,
    CalendarEvent,
    Connection,
    EventDraft,
    Grant,
    Message,
    Person,
    Secret,
    Tenant,
    TokenSet,
    Uid,
)


class Calendar(Protocol):
    """The primary calendar of a connection.

    Raises, each method: `GrantEnded`, of which `NoCalendar` is one; `CalendarUnavailable`: nothing
    was learnt and nothing done.
    """

    def free_busy(self, connection: Connection, window: Interval) -> list[Interval]:
        """Return the busy times in the window, merged; nothing else is asked for."""
        ...

    def insert_event(self, connection: Connection, draft: EventDraft) -> CalendarEvent:
        """Insert, once for each id; also raises `EventExists` and `OutcomeUnknown`."""
        ...

    def time_zone(self, tokens: TokenSet) -> str:
        """Return the calendar's IANA time zone."""
        ...

    def others(self, connection: Connection, window: Interval, own: str) -> list[Interval]:
        """Return the times of events but our own that block the window; no more of them is read.

        What blocks is what `free_busy` counts.
        """
        ...

    def get_event(self, connection: Connection, event_id: str) -> CalendarEvent | None:
        """Return our own event by its id, with no more of it than `CalendarEvent` holds."""
        ...

    def reschedule_event(
        self,
        connection: Connection,
        event: CalendarEvent,
        slot: Interval,
        booking_id: BookingId,
        attempt: int,
    ) -> CalendarEvent:
        """Let our event take place then, if it still is the version that was read.

        It is marked with its booking, should it have lost that mark, and with the attempt, so that
        each such change makes a new version, and whatever was sent before and comes late is refused
        by Google.

        Also raises `EventChanged` and `OutcomeUnknown`.
        """
        ...

    def delete_event(self, connection: Connection, event_id: str) -> None:
        """Delete; an event that is not there is deleted already. Also raises `OutcomeUnknown`."""
        ...


class OAuthProvider(Protocol):
    """Google's consent."""

    def authorization_url(
        self, state: str, verifier: Secret, nonce: str, login_hint: str | None
    ) -> str:
        """Return the address at which a person consents; `login_hint` None asks which account."""
        ...

    def exchange(self, code: str, verifier: Secret, nonce: str) -> Grant:
        """Turn a code, which is good for one time, into a verified grant.

        Raises:
            ConsentRefused: Google did not take the code, or gave what cannot be used.
            CalendarUnavailable: Google did not answer; `repeatable` if the code is surely unspent.
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
        """Return the user whose `authToken` this is."""
        ...

    def user(self, tenant: Tenant, uid: Uid) -> Person | None:
        """Return a user who is there, and active."""
        ...

    def is_member(self, tenant: Tenant, group: str, uid: Uid) -> bool:
        """Say whether the user is in the group; unknown is no."""
        ...

    def blocked(self, tenant: Tenant, one: Uid, other: Uid) -> bool:
        """Say whether one of two users has blocked the other; also raises `UserUnknown`."""
        ...

    def send(self, tenant: Tenant, message: Message) -> str:
        """Send, and return the message's id; also raises `MessageRefused`.

        After `ChatUnavailable` the message may have been sent all the same.
        """
        ...

    def find(self, tenant: Tenant, sender: Uid, outbox_id: str) -> str | None:
        """Return the id of a message that was sent for this outbox id."""
        ...
