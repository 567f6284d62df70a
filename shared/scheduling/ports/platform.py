"""What every program has around it: a clock, counts, a way to write a file."""

from datetime import timedelta
from typing import Protocol

from scheduling.models import Booking


class InviteFile(Protocol):
    """A booking as an iCalendar file."""

    def render(self, booking: Booking) -> bytes:
        """Return the file's bytes: RFC 5545, UTC; `METHOD:CANCEL` for a cancelled one."""
        ...


class Metrics(Protocol):
    """Counts and lengths of business facts."""

    def count(self, name: str, **about: str) -> None:
        """Count one more; `about` names, for the log, what it is about."""
        ...

    def measure(self, name: str, length: timedelta) -> None:
        """Note how long something took, or how old it is."""
        ...
