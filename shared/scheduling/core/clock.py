"""Now, in a form that tests can set."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """A clock; the deployed one is `adapters/system_clock.py`."""

    def now(self) -> datetime:
        """Return the instant, aware and UTC."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait."""
        ...
