"""The machine's clock."""

import time
from datetime import UTC, datetime


class SystemClock:
    """Now, as the machine says."""

    def now(self) -> datetime:
        """Give the instant, aware and UTC."""
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)
