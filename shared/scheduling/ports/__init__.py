"""What the use cases ask of the world, by role; `adapters` answer, tests answer with fakes."""

from scheduling.core.clock import Clock
from scheduling.ports.personal_data import PersonalData, PersonRecord, PersonRecords
from scheduling.ports.platform import InviteFile, Metrics
from scheduling.ports.signals import (
    Busy,
    ConsentRefused,
    EventChanged,
    EventExists,
    GrantEnded,
    MessageRefused,
    NoCalendar,
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
from scheduling.ports.work_queue import Unreadable, WorkItem, WorkQueue

__all__ = [
    "Bookings",
    "Busy",
    "BusyTimes",
    "Calendar",
    "Chat",
    "Clock",
    "Connections",
    "ConsentRefused",
    "EventChanged",
    "EventExists",
    "GrantEnded",
    "HostPreferences",
    "InviteFile",
    "MessageRefused",
    "Metrics",
    "NoCalendar",
    "OAuthProvider",
    "Outbox",
    "OutcomeUnknown",
    "PersonRecord",
    "PersonRecords",
    "PersonalData",
    "Remembered",
    "Revocation",
    "Sessions",
    "Shares",
    "Tenants",
    "Unreadable",
    "Usage",
    "UserUnknown",
    "WorkItem",
    "WorkQueue",
]
