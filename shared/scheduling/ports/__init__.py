"""What the use cases ask of the world, by role; `adapters` answer, tests answer with fakes."""

from scheduling.ports.personal_data import People, Trace, Traces
from scheduling.ports.platform import Clock, InviteFile, Metrics
from scheduling.ports.signals import (
    Busy,
    ConsentRefused,
    EventChanged,
    EventExists,
    GrantEnded,
    MessageRefused,
    OutcomeUnknown,
    UserUnknown,
)
from scheduling.ports.stores import (
    Bookings,
    BusyTimes,
    Connections,
    HostPreferences,
    Outbox,
    Remembered,
    Sessions,
    Shares,
    Tenants,
    Usage,
)
from scheduling.ports.vendors import Calendar, Chat, OAuthProvider, Revocation
from scheduling.ports.work_queue import Due, Piece, Unreadable

__all__ = [
    "Bookings",
    "Busy",
    "BusyTimes",
    "Calendar",
    "Chat",
    "Clock",
    "Connections",
    "ConsentRefused",
    "Due",
    "EventChanged",
    "EventExists",
    "GrantEnded",
    "HostPreferences",
    "InviteFile",
    "MessageRefused",
    "Metrics",
    "OAuthProvider",
    "Outbox",
    "OutcomeUnknown",
    "People",
    "Piece",
    "Remembered",
    "Revocation",
    "Sessions",
    "Shares",
    "Tenants",
    "Trace",
    "Traces",
    "Unreadable",
    "Usage",
    "UserUnknown",
]
