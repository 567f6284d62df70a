"""Take over what another worker left: a booking whose lease ran out is carried to its end.

For `reconcile`, and before a calendar is disconnected.
"""

from dataclasses import dataclass
from datetime import datetime

from scheduling.bookings.cancel import Canceller
from scheduling.bookings.insert import Inserter
from scheduling.bookings.reschedule import Mover
from scheduling.calendars.retry import CALL
from scheduling.core.errors import NotConnected, SchedulingError
from scheduling.models import UNDER_WORK, Booking, BookingState, Connection
from scheduling.ports import Bookings, Busy, Clock, Connections
from scheduling.rules import transitions


@dataclass(frozen=True, slots=True)
class Settler:
    """Gives each booking to the worker of its state."""

    clock: Clock
    bookings: Bookings
    connections: Connections
    inserter: Inserter
    mover: Mover
    canceller: Canceller

    def settle(self, booking: Booking, deadline: datetime) -> Booking:
        """Finish or undo what a worker left.

        Returns it as it stands then: settled, or still under work, and due.

        Raises:
            Busy: another worker has it.
        """
        taken = transitions.taken(booking, self.clock.now(), deadline)
        self.bookings.move(booking, taken)
        connection = self.connections.get(taken.app_id, taken.host.uid)
        if connection is None or connection.calendar_id != taken.calendar_id:
            return self._give_up(taken)
        try:
            return self._work(taken, connection, deadline)
        except SchedulingError:
            return self.bookings.get(taken.app_id, taken.booking_id) or taken

    def _work(self, booking: Booking, connection: Connection, deadline: datetime) -> Booking:
        if booking.state is BookingState.MOVING:
            return self.mover.work(booking, connection, deadline)
        if booking.state is BookingState.CANCELLING:
            return self.canceller.work(booking, connection, deadline)
        return self.inserter.work(booking, connection, deadline)

    def _give_up(self, booking: Booking) -> Booking:
        """End what cannot be done any more: nobody reaches that calendar."""
        if booking.state is BookingState.MOVING:
            return self.mover.give_up(booking)
        if booking.state is BookingState.CANCELLING:
            return self.canceller.give_up(booking)
        return self.inserter.give_up(booking, NotConnected.code)

    def settle_all(self, connection: Connection, deadline: datetime) -> bool:
        """Settle every booking of a calendar that is being disconnected; False if one is left.

        Waits for workers that still have one, within the deadline.
        """
        while True:
            left = [
                booking
                for booking in self.bookings.under_work(connection)
                if not self._settled(booking, deadline)
            ]
            if not left:
                return True
            if self.clock.now() + CALL > deadline:
                return False
            self.clock.sleep(1)

    def _settled(self, booking: Booking, deadline: datetime) -> bool:
        try:
            return self.settle(booking, deadline).state not in UNDER_WORK
        except Busy:
            return False
