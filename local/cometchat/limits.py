"""How many requests a minute an app may make, and the headers that say so.

Source: CometChat, articles/rate-limits: 10,000 a minute for core operations, 20,000 for the rest,
for each app; `X-Rate-Limit` and `X-Rate-Limit-Remaining` on every response, `Retry-After` and
`X-Rate-Limit-Reset` with a 429.
"""

from dataclasses import dataclass, field

from local.cometchat.store import Clock

MINUTE = 60


@dataclass
class RateLimits:
    """Counts requests by app, by kind and by the minute of the clock."""

    now: Clock
    core_a_minute: int = 10_000
    others_a_minute: int = 20_000
    _minute: int = 0
    _counts: dict[tuple[str, bool], int] = field(default_factory=dict)

    def limit(self, *, core: bool) -> int:
        """Say how many requests a minute are allowed."""
        return self.core_a_minute if core else self.others_a_minute

    def count(self, app_id: str, *, core: bool) -> int:
        """Count one request, and say how many are left; below zero is one too many."""
        minute = self.now() // MINUTE
        if minute != self._minute:
            self._minute = minute
            self._counts.clear()
        spent = self._counts.get((app_id, core), 0) + 1
        self._counts[app_id, core] = spent
        return self.limit(core=core) - spent

    def headers(self, *, core: bool, left: int) -> dict[str, str]:
        """Return the headers of any response."""
        return {
            "X-Rate-Limit": str(self.limit(core=core)),
            "X-Rate-Limit-Remaining": str(max(left, 0)),
        }

    def wait_headers(self) -> dict[str, str]:
        """Return what a 429 has besides: wait for the next minute."""
        now = self.now()
        reset = (now // MINUTE + 1) * MINUTE
        return {"Retry-After": str(reset - now), "X-Rate-Limit-Reset": str(reset)}

    def reset(self) -> None:
        """Forget all counts."""
        self._counts.clear()
