"""Finish what a crash left, and do what was to be done later.

| what is due | what is done |
|---|---|
| a claimed booking whose lease ran out | settled: confirmed, refused, or due again |
| a confirmed booking, a minute later | looked at: did a person write into its time? |
| a released booking's event id | watched: a late event is deleted |
| an owed message | sent |
| a connection that is being closed | ended, once its bookings are settled |
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from scheduling.aftercare import Aftercare
from scheduling.disconnecting import Disconnecting
from scheduling.errors import SchedulingError
from scheduling.models import UNDER_WORK, Booking, Connection, OutboxItem, Watch
from scheduling.outbox import Delivery
from scheduling.ports import Busy, Clock, Due, Metrics
from scheduling.settling import Settler

BATCH = 100
#: What one piece of work may take; nothing is begun with less time left.
ROOM = timedelta(seconds=15)


@dataclass(frozen=True, slots=True)
class Reconciler:
    """Looks at everything that is due; each piece stands alone, so one failure stops no other."""

    clock: Clock
    due: Due
    settler: Settler
    aftercare: Aftercare
    disconnecting: Disconnecting
    delivery: Delivery
    metrics: Metrics

    def run(self, deadline: datetime) -> dict[str, int]:
        """Work on what is due until it is done or the time is used up; count what was done.

        Raises:
            ExceptionGroup: what was not foreseen, once everything else is done; it stays due.
        """
        done: Counter[str] = Counter()
        broken: list[Exception] = []
        for each in self.due.due(self.clock.now(), BATCH):
            try:
                done[self._one(each, deadline)] += 1
            except Exception as error:  # noqa: BLE001 - raised below, when others had their turn
                broken.append(error)
        for name, count in done.items():
            self.metrics.count(name, count)
        if broken:
            raise ExceptionGroup("what is due and broke", broken)
        return dict(done)

    def _one(self, each: Booking | OutboxItem | Watch | Connection, deadline: datetime) -> str:
        until = self.clock.now() + ROOM
        if until > deadline:
            return "LeftForNextRun"
        try:
            return self._done(each, until)
        except (SchedulingError, Busy):
            return "LeftForNextRun"

    def _done(self, each: Booking | OutboxItem | Watch | Connection, until: datetime) -> str:
        if isinstance(each, OutboxItem):
            self.delivery.deliver(each.app_id, each.owner, each.number)
            return "MessageSentLate"
        if isinstance(each, Watch):
            self.aftercare.watch(each)
            return "ReleaseWatched"
        if isinstance(each, Connection):
            if not self.disconnecting.settled(each, until):
                return "LeftForNextRun"
            self.disconnecting.end(each)
            return "ConnectionClosed"
        if each.state in UNDER_WORK:
            settled = self.settler.settle(each, until)
            return "LeftForNextRun" if settled.state in UNDER_WORK else "BookingSettled"
        self.aftercare.look_after(each)
        return "BookingLookedAfter"
