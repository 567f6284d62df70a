"""Everything the emulator remembers, in one place, so that it can be put back to the start."""

from collections import deque
from typing import Any

from local.cometchat.limits import RateLimits
from local.cometchat.refusals import usual_body
from local.cometchat.seed import plant
from local.cometchat.sockets import Sockets
from local.cometchat.store import ChatApp, Clock
from local.faults import Faults

#: The log forgets its oldest lines beyond this many.
LOG_LENGTH = 10_000


class World:
    """The emulator's memory. One event loop uses it, and never awaits between look and change."""

    def __init__(self, now: Clock, limits: RateLimits) -> None:
        self.now = now
        self.limits = limits
        self.faults = Faults(usual_body)
        self.log: deque[dict[str, Any]] = deque(maxlen=LOG_LENGTH)
        self.sockets = Sockets()
        self.apps = self._plant()

    def reset(self) -> None:
        """Forget all that happened since the start."""
        self.limits.reset()
        self.faults.clear()
        self.log.clear()
        self.apps = self._plant()

    def _plant(self) -> dict[str, ChatApp]:
        apps = plant(self.now)
        self.sockets.serve(apps)
        return apps
