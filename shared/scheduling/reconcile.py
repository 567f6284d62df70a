"""Finish what a crash left: bookings whose lease ran out, messages that are still owed."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from scheduling.booking import Booker
from scheduling.errors import SchedulingError
from scheduling.models import Booking, OutboxItem
from scheduling.outbox import Delivery
from scheduling.ports import Busy, Clock, Due, Metrics

BATCH = 100
#: What one piece of work may take; nothing is begun with less time left.
ROOM = timedelta(seconds=15)


@dataclass(frozen=True, slots=True)
class Healed:
    """What one run did."""

    settled: int
    sent: int
    left: int


@dataclass(frozen=True, slots=True)
class Reconciler:
    """Looks at everything that is due; each piece stands alone, so one failure stops no other."""

    clock: Clock
    due: Due
    booker: Booker
    delivery: Delivery
    metrics: Metrics

    def run(self, deadline: datetime) -> Healed:
        """Work on what is due until it is done or the time is used up."""
        settled = sent = left = 0
        for each in self.due.due(self.clock.now(), BATCH):
            if self.clock.now() + ROOM > deadline:
                left += 1
                continue
            try:
                if isinstance(each, Booking):
                    self.booker.settle(each, self.clock.now() + ROOM)
                    settled += 1
                else:
                    self._deliver(each)
                    sent += 1
            except (SchedulingError, Busy):
                left += 1
        self.metrics.count("BookingsSettled", settled)
        self.metrics.count("MessagesSentLate", sent)
        self.metrics.count("LeftForNextRun", left)
        return Healed(settled=settled, sent=sent, left=left)

    def _deliver(self, item: OutboxItem) -> None:
        self.delivery.deliver(item.app_id, item.owner, item.number)
