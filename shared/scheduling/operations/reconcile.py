"""Finish what a crash left, and do what was to be done later.

| what is due | what is done |
|---|---|
| a claimed booking whose lease ran out | settled: confirmed, refused, or due again |
| a confirmed booking, a minute later | looked at: did a person write into its time? |
| a released booking's event id | watched: a late event is deleted |
| an owed message | sent |
| a connection that is being closed | ended, once its bookings are settled |

Whatever cannot be finished stays due, behind what else waits: a calendar that hangs, a broken item
or a dead key delays nobody else's.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from scheduling.bookings.follow_up import FollowUp
from scheduling.bookings.recover import Recovery
from scheduling.connections.disconnect import Disconnector
from scheduling.core import correlation
from scheduling.core.errors import SchedulingError
from scheduling.messages.outbox import Delivery
from scheduling.models import UNDER_WORK, Booking, Connection, OrphanWatch, OutboxItem
from scheduling.ports import Busy, Clock, Metrics, Unreadable, WorkItem, WorkQueue

BATCH = 100
#: What one item of work may take; nothing is begun with less time left.
ROOM = timedelta(seconds=15)
#: Who has kept us waiting so long without anything being done is not asked again in this run.
SLOW = timedelta(seconds=5)
#: When what was tried in vain is due again: at the next run, behind what has waited for longer.
AGAIN = timedelta(seconds=45)

_LEFT = "LeftForNextRun"


@dataclass(frozen=True, slots=True)
class Reconciler:
    """Looks at everything that is due; each item stands alone, so one failure stops no other."""

    clock: Clock
    work_queue: WorkQueue
    recovery: Recovery
    follow_up: FollowUp
    disconnector: Disconnector
    delivery: Delivery
    metrics: Metrics

    def run(self, deadline: datetime, shard: int | None = None) -> dict[str, int]:
        """Work on what is due until it is done or the time is used up; count what was done.

        Args:
            deadline: When the time is used up.
            shard: What is due is spread over shards: the one to work on, or none for all.

        Raises:
            ExceptionGroup: what was not foreseen, once everything else is done; it stays due.
        """
        done: Counter[str] = Counter()
        broken: list[Exception] = []
        slow: set[str] = set()
        items = self.work_queue.due(self.clock.now(), BATCH, shard)
        self._measure(items)
        for each in items:
            correlation.carry(_carried(each))
            try:
                done[self._one(each, deadline, slow)] += 1
            except Exception as error:  # noqa: BLE001 - raised below, when others had their turn
                self.metrics.count("ReconcileBroke", **_ids(each))
                broken.append(error)
        correlation.carry("")
        if broken:
            raise ExceptionGroup("what is due and broke", broken)
        return dict(done)

    def _measure(self, items: Sequence[WorkItem]) -> None:
        """Tell how long people have waited for what is due; nothing due is no time at all."""
        waiting = [each.owed_at for each in items if isinstance(each, OutboxItem)]
        promised = [
            each.promised_by
            for each in items
            if isinstance(each, Booking) and each.state in UNDER_WORK
        ]
        self.metrics.measure("OldestOwedSeconds", self._oldest(waiting))
        self.metrics.measure("OldestBookingSeconds", self._oldest(promised))

    def _oldest(self, since: Iterable[datetime | None]) -> timedelta:
        now = self.clock.now()
        return max((now - each for each in since if each is not None), default=timedelta(0))

    def _one(self, each: WorkItem, deadline: datetime, slow: set[str]) -> str:
        """Work on a item if there is time, and give what was done."""
        begun = self.clock.now()
        if begun + ROOM > deadline:
            return self._counted(each, _LEFT, "NO_TIME")
        try:
            if _asked(each) in slow:
                done, why = _LEFT, "SLOW"
            else:
                done, why = self._tried(each, begun + ROOM)
        except Exception:
            self.work_queue.later(each, begun, begun + AGAIN)
            raise
        if done == _LEFT:
            # Moved back, also unasked: what waits for one chat must not fill the page that is read.
            self.work_queue.later(each, begun, begun + AGAIN)
            if self.clock.now() - begun >= SLOW:
                slow.add(_asked(each))
        return self._counted(each, done, why)

    def _counted(self, each: WorkItem, done: str, why: str) -> str:
        self.metrics.count(done, **_ids(each), **({"code": why} if why else {}))
        return done

    def _tried(self, each: WorkItem, until: datetime) -> tuple[str, str]:
        """Return what was done, and why it was not where it was left."""
        try:
            return self._done(each, until), ""
        except SchedulingError as error:
            return _LEFT, error.code
        except Busy:
            return _LEFT, "BUSY"

    def _done(self, each: WorkItem, until: datetime) -> str:
        if isinstance(each, Unreadable):
            raise each.why
        if isinstance(each, OutboxItem):
            self.delivery.deliver(each.app_id, each.owner, each.number)
            return "MessageSentLate"
        if isinstance(each, OrphanWatch):
            self.follow_up.delete_orphan(each)
            return "ReleaseWatched"
        if isinstance(each, Connection):
            if not self.disconnector.drained(each, until):
                return _LEFT
            self.disconnector.end(each, until)
            return "ConnectionClosed"
        if each.state in UNDER_WORK:
            settled = self.recovery.recover(each, until)
            return _LEFT if settled.state in UNDER_WORK else "BookingSettled"
        self.follow_up.check_conflicts(each)
        return "BookingLookedAfter"


def _asked(each: WorkItem) -> str:
    """Name whom a item of work waits for: a calendar, or an app's chat."""
    if isinstance(each, Unreadable):
        return each.pk
    return each.app_id if isinstance(each, OutboxItem) else each.calendar_id


def _carried(each: WorkItem) -> str:
    return "" if isinstance(each, Connection | Unreadable) else each.correlation_id


def _ids(each: WorkItem) -> dict[str, str]:
    if isinstance(each, Connection):
        return {"app_id": each.app_id, "uid": each.uid}
    return each.ids
