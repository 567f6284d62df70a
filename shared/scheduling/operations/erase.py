"""Erase a person: end what is to come in order, then delete everything that is kept.

Meetings that have not ended are cancelled as their host or guest would cancel them, so that no
time stays claimed, and the other side is told before the booking is gone. It can be begun again
at any time, and goes on with what is left.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from scheduling.bookings.recover import Recovery
from scheduling.bookings.worker import Worker
from scheduling.connections.disconnect import Disconnector
from scheduling.core.errors import BookingInProgress, NotConnected, ReconnectNeeded
from scheduling.core.retry import wait_for_another
from scheduling.messages.outbox import Delivery
from scheduling.models import (
    ENDED,
    UNDER_WORK,
    AppId,
    Booking,
    Connection,
    ConnectionState,
    OutboxState,
    ShareState,
    Uid,
)
from scheduling.ports import Bookings, Busy, Clock, Connections, Outbox, PersonalData, Shares
from scheduling.rules import transitions


@dataclass(frozen=True, slots=True)
class Eraser:
    """Forgets one user of one app."""

    clock: Clock
    personal_data: PersonalData
    shares: Shares
    bookings: Bookings
    connections: Connections
    outbox: Outbox
    recovery: Recovery
    worker: Worker
    delivery: Delivery
    disconnector: Disconnector

    def found(self, app_id: AppId, uid: Uid) -> dict[str, int]:
        """Count what is kept, by kind; nothing is changed."""
        return dict(Counter(each.kind for each in self.personal_data.records(app_id, uid).items))

    def erase(self, app_id: AppId, uid: Uid, deadline: datetime) -> dict[str, int]:
        """End and delete everything about a user, and count what was deleted.

        Raises:
            BookingInProgress: something of the user's is being worked on; begin again later.
            CalendarUnavailable, ChatUnavailable: Google or CometChat is away; begin again later.
        """
        records = self.personal_data.records(app_id, uid)
        for share in records.shares:
            self.shares.close(share, ShareState.WITHDRAWN)
        for booking in records.bookings:
            self._end(booking, deadline)
        for booking in records.bookings:
            self._tell(booking, deadline)
        connection = self.connections.get(app_id, uid)
        if connection is not None:
            if not self.disconnector.drained(connection, deadline):
                raise BookingInProgress("A booking is being worked on.", retry_after_seconds=60)
            self.disconnector.end(connection, deadline)
        left = self.personal_data.records(app_id, uid)
        if any(self._to_come(booking) for booking in left.bookings):
            raise BookingInProgress("A booking was made meanwhile.", retry_after_seconds=1)
        if any(each.kind == "watch" for each in left.items):
            raise BookingInProgress(
                "An event may still come to life at Google; for an hour it is watched for.",
                retry_after_seconds=3600,
            )
        self.personal_data.forget(left)
        return dict(Counter(each.kind for each in left.items))

    def _to_come(self, booking: Booking) -> bool:
        """Whether a booking owns time that has not passed, or somebody works on it."""
        future = booking.slot.end > self.clock.now() and booking.state not in ENDED
        return future or booking.state in UNDER_WORK

    def _end(self, booking: Booking, deadline: datetime) -> None:
        """Cancel what has not ended, once whoever works on it is done."""
        while True:
            now = self.bookings.get(booking.app_id, booking.booking_id)
            if now is None or not self._to_come(now):
                return
            try:
                if now.state in UNDER_WORK:
                    self._settle(now, deadline)
                else:
                    self._cancel(now, deadline)
            except Busy as error:
                wait_for_another(self.clock, deadline, error)

    def _settle(self, booking: Booking, deadline: datetime) -> None:
        if self.recovery.recover(booking, deadline).state in UNDER_WORK:
            raise BookingInProgress("Google has not said how it stands.", retry_after_seconds=60)

    def _cancel(self, booking: Booking, deadline: datetime) -> None:
        """Cancel a meeting at Google; where nobody reaches the calendar any more, here alone."""
        connection = self._reaching(booking)
        taken = transitions.cancelling(booking, deadline)
        self.bookings.transition(booking, taken)
        if connection is None:
            self.worker.give_up(taken, NotConnected("No calendar is connected."))
            return
        try:
            self.worker.carry(taken, connection, deadline)
        except ReconnectNeeded:
            # The grant has ended just now, and the next look at the connection says so.
            return

    def _reaching(self, booking: Booking) -> Connection | None:
        """Return the connection by which a booking's event can be deleted."""
        connection = self.connections.get(booking.app_id, booking.host.uid)
        if connection is None or connection.calendar_id != booking.calendar_id:
            return None
        return None if connection.state is ConnectionState.RECONNECT else connection

    def _tell(self, booking: Booking, deadline: datetime) -> None:
        """Send what a booking still owes: when it is gone, there is nothing to tell of."""
        known = self.bookings.get(booking.app_id, booking.booking_id)
        owner = f"BOOKING#{booking.booking_id}"
        for number in range(known.outbox_count if known else 0):
            while True:
                item = self.outbox.get(booking.app_id, owner, number)
                if item is None or item.state is not OutboxState.OWED:
                    break
                try:
                    self.delivery.deliver(booking.app_id, owner, number)
                except Busy as error:
                    wait_for_another(self.clock, deadline, error)
