"""Take over what another worker left: a booking whose lease ran out is carried to its end.

For `reconcile`, and before a calendar is disconnected.
"""

from dataclasses import dataclass
from datetime import datetime

from scheduling.bookings.worker import Worker
from scheduling.core.errors import NotConnected, SchedulingError
from scheduling.core.retry import CALL
from scheduling.models import UNDER_WORK, Booking, Connection
from scheduling.ports import Bookings, Busy, Clock, Connections


@dataclass(frozen=True, slots=True)
class Recovery:
    """Hands each booking that was left to the worker."""

    clock: Clock
    bookings: Bookings
    connections: Connections
    worker: Worker

    def recover(self, booking: Booking, deadline: datetime) -> Booking:
        """Finish or undo what a worker left.

        Returns it as it is then: ended, or still under work, and due.

        Raises:
            Busy: another worker has it.
        """
        taken = self.worker.take(booking, deadline)
        connection = self.connections.get(taken.app_id, taken.host.uid)
        if connection is None or connection.calendar_id != taken.calendar_id:
            self.worker.give_up(taken, NotConnected("No calendar is connected."))
        else:
            try:
                return self.worker.carry(taken, connection, deadline)
            except SchedulingError:
                pass  # whoever asked for it has gone; what became of it is in the table
        return self.bookings.get(taken.app_id, taken.booking_id) or taken

    def recover_all(self, connection: Connection, deadline: datetime) -> bool:
        """Recover every booking of a calendar that is being disconnected; False if one is left.

        Waits for workers that still have one, within the deadline.
        """
        while True:
            left = [
                booking
                for booking in self.bookings.under_work(connection)
                if not self._recovered(booking, deadline)
            ]
            if not left:
                return True
            if self.clock.now() + CALL > deadline:
                return False
            self.clock.sleep(1)

    def _recovered(self, booking: Booking, deadline: datetime) -> bool:
        try:
            return self.recover(booking, deadline).state not in UNDER_WORK
        except Busy:
            return False
