"""The machine's clock."""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path


class SystemClock:
    """Now, as the machine says.

    Args:
        offset_file: holds seconds to be added to now, read each time, so that a test moves the time
            of running processes. Never set where people's calendars are.
    """

    def __init__(self, offset_file: str | None = None) -> None:
        self._offset_file = Path(offset_file) if offset_file else None

    def now(self) -> datetime:
        """Return the instant, aware and UTC."""
        return datetime.now(UTC) + self._offset()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)

    def _offset(self) -> timedelta:
        if self._offset_file is None or not self._offset_file.exists():
            return timedelta(0)
        return timedelta(seconds=float(self._offset_file.read_text()))
