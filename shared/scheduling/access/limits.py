"""How much one user may do: so many of each kind in an hour, counted in the table.

Far more than a person comes to, and far less than a program could: what is limited writes to other
people, claims their time, asks Google, or hands out links. Refused tries count, finished ones sent
again do not.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from scheduling.core.errors import TooManyRequests
from scheduling.core.times import Interval
from scheduling.models import Caller
from scheduling.ports import Clock, Metrics, Usage

WINDOW = timedelta(hours=1)
_EPOCH = datetime.fromtimestamp(0, UTC)


class Limited(StrEnum):
    """What is counted."""

    #: A message to somebody, and a question to Google.
    SHARE = "share"
    #: Booking, holding and moving alike.
    BOOK = "book"
    CONNECT_LINK = "connect"
    PAGE_LINK = "page"
    #: A question to Google: the view of a share that can be booked, the preview of one, and what a
    #: meeting can be moved to.
    LOOK = "look"


MOST: Mapping[Limited, int] = {
    Limited.SHARE: 60,
    Limited.BOOK: 300,
    Limited.CONNECT_LINK: 30,
    Limited.PAGE_LINK: 60,
    Limited.LOOK: 600,
}


@dataclass(frozen=True, slots=True)
class Limits:
    """Counts what a user does, and says when it was enough for now."""

    clock: Clock
    usage: Usage
    metrics: Metrics
    #: The operator's: how many times the above.
    factor: int

    def count(self, caller: Caller, kind: Limited) -> None:
        """Count one more of the caller's.

        Raises:
            TooManyRequests: there were enough in this hour; with the seconds that are left of it.
        """
        now = self.clock.now()
        begun = now - (now - _EPOCH) % WINDOW
        window = Interval(begun, begun + WINDOW)
        most = MOST[kind] * self.factor
        if self.usage.count(caller.app_id, caller.uid, kind.value, window, most):
            return
        self.metrics.count("LimitReached")
        left = math.ceil((window.end - now).total_seconds())
        raise TooManyRequests("That is more than one user may do in an hour.", retry_after=left)
