"""What is kept about one person, wherever it stands; for the operator's command alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from scheduling.models import AppId, Booking, Share, Uid


@dataclass(frozen=True, slots=True)
class PersonRecord:
    """One thing that is kept."""

    #: What it is, in one word: `connection`, `share`, `booking`, `key` and so on.
    kind: str
    #: Where it stands.
    place: tuple[str, str]


@dataclass(frozen=True, slots=True)
class PersonRecords:
    """Everything that is kept about one person."""

    items: Sequence[PersonRecord] = ()
    #: As host or as guest.
    bookings: Sequence[Booking] = ()
    #: Made by the person, or for the person alone.
    shares: Sequence[Share] = ()


class PersonalData(Protocol):
    """Finds and forgets people; it reads the whole table."""

    def records(self, app_id: AppId, uid: Uid) -> PersonRecords:
        """Find everything about a user of an app."""
        ...

    def forget(self, records: PersonRecords) -> None:
        """Delete it; what was begun can be begun again and finds the rest."""
        ...
