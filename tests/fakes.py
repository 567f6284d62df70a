"""A fake for each port that reaches a vendor; `tests/contract` holds them to the real promises."""

import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from scheduling.adapters.aws.sealing import SealBroken
from scheduling.core import correlation
from scheduling.core.config import ConfigError
from scheduling.core.errors import CalendarUnavailable, ChatUnavailable
from scheduling.core.times import Interval, clip, merge
from scheduling.models import (
    BookingId,
    CalendarEvent,
    CalendarId,
    Connection,
    EventDraft,
    Grant,
    Message,
    Person,
    Secret,
    Tenant,
    TokenSet,
    Uid,
)
from scheduling.ports import (
    ConsentRefused,
    EventChanged,
    EventExists,
    GrantEnded,
    MessageRefused,
    NoCalendar,
    OutcomeUnknown,
    UserUnknown,
)
from scheduling.ports.operations import Refusal
from scheduling.rules.consent import NEEDED_SCOPES

START = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


class Crash(BaseException):
    """The process dies here: nothing that catches errors may notice."""


class FakeClock:
    """A clock that moves when a test, or a sleeper, moves it."""

    def __init__(self, now: datetime = START) -> None:
        self.instant = now

    def now(self) -> datetime:
        return self.instant

    def sleep(self, seconds: float) -> None:
        self.instant += timedelta(seconds=seconds)

    def pass_(self, **length: float) -> None:
        self.instant += timedelta(**length)


class FakeMetrics:
    """Counts, keeps what each count is about and for whose request, and what was measured."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.told: list[tuple[str, str, dict[str, str]]] = []
        self.lengths: dict[str, list[timedelta]] = {}

    def count(self, name: str, **about: str) -> None:
        self.counts[name] += 1
        self.told.append((name, correlation.current(), about))

    def measure(self, name: str, length: timedelta) -> None:
        self.lengths.setdefault(name, []).append(length)


class FakeSeal:
    """Seals by writing the owner beside the value."""

    def seal(self, value: Any, context: Mapping[str, str]) -> bytes:
        return json.dumps([dict(context), value]).encode()

    def open(self, blob: bytes, context: Mapping[str, str]) -> Any:
        sealed_for, value = json.loads(blob)
        if sealed_for != dict(context):
            raise SealBroken("a sealed value belongs to another owner")
        return value


@dataclass
class FakeEvent:
    """An event at Google."""

    slot: Interval
    booking_id: str
    summary: str
    description: str
    cancelled: bool = False
    version: int = 1
    #: Whose calendar it stands in; empty for every one.
    calendar: str = ""


@dataclass
class FakeCalendar:
    """Google's calendars, with faults to come: each is raised once, in order."""

    events: dict[str, FakeEvent] = field(default_factory=dict)
    manual: list[Interval] = field(default_factory=list)
    revoked: bool = False
    #: The account has none.
    missing: bool = False
    calls: list[str] = field(default_factory=list)
    #: method -> faults to come: an exception is raised; `"after"` means done, and then no answer;
    #: `"late"` means no answer, and done whenever the test says so; `""` means none this time.
    faults: dict[str, list[BaseException | str]] = field(default_factory=dict)
    #: Whether free/busy shows our own events yet.
    lagging: bool = False
    #: The calendar's own zone.
    zone: str = "Europe/Berlin"
    #: Changes that were sent, and that may still come: each is done by calling it.
    late: list[Callable[[], None]] = field(default_factory=list)

    def _called(self, method: str) -> str | None:
        self.calls.append(method)
        if self.revoked:
            raise GrantEnded
        if self.missing:
            raise NoCalendar
        coming = self.faults.get(method)
        if not coming:
            return None
        fault = coming.pop(0)
        if isinstance(fault, BaseException):
            raise fault
        return fault

    def _changed(self, method: str, change: Callable[[], None]) -> None:
        fault = self._called(method)
        if fault == "late":
            self.late.append(change)
            raise OutcomeUnknown
        change()
        if fault == "after":
            raise OutcomeUnknown

    def _seen(self, connection: Connection) -> dict[str, FakeEvent]:
        """Our events in a connection's calendar, tombstones too."""
        here = {"", connection.calendar_id}
        return {key: event for key, event in self.events.items() if event.calendar in here}

    def free_busy(self, connection: Connection, window: Interval) -> list[Interval]:
        self._called("free_busy")
        seen = [] if self.lagging else self._seen(connection).values()
        ours = [event.slot for event in seen if not event.cancelled]
        return merge(clip([*self.manual, *ours], window))

    def insert_event(self, connection: Connection, draft: EventDraft) -> CalendarEvent:
        def insert() -> None:
            event = FakeEvent(draft.slot, draft.booking_id, draft.summary, draft.description)
            event.calendar = connection.calendar_id
            self.events.setdefault(draft.event_id, event)

        if draft.event_id in self.events:
            self._called("insert_event")
            raise EventExists
        self._changed("insert_event", insert)
        return self._event(draft.event_id)

    def others(self, connection: Connection, window: Interval, own: str) -> list[Interval]:
        self._called("others")
        seen = self._seen(connection).items()
        ours = [event.slot for key, event in seen if key != own and not event.cancelled]
        return merge(each for each in [*self.manual, *ours] if each.overlaps(window))

    def get_event(self, connection: Connection, event_id: str) -> CalendarEvent | None:
        self._called("get_event")
        return self._event(event_id) if event_id in self._seen(connection) else None

    def reschedule_event(
        self,
        connection: Connection,
        event: CalendarEvent,
        slot: Interval,
        booking_id: BookingId,
        attempt: int,
    ) -> CalendarEvent:
        del attempt

        def unchanged() -> bool:
            found = self._seen(connection).get(event.event_id)
            return bool(found and not found.cancelled and str(found.version) == event.etag)

        def move() -> None:
            if unchanged():
                found = self.events[event.event_id]
                found.slot, found.version = slot, found.version + 1
                found.booking_id = booking_id

        if not unchanged():
            self._called("reschedule_event")
            raise EventChanged
        self._changed("reschedule_event", move)
        return self._event(event.event_id)

    def delete_event(self, connection: Connection, event_id: str) -> None:
        def delete() -> None:
            if event_id in self._seen(connection):
                self.events[event_id].cancelled = True

        self._changed("delete_event", delete)

    def time_zone(self, tokens: TokenSet) -> str:
        del tokens
        self._called("time_zone")
        return self.zone

    def _event(self, event_id: str) -> CalendarEvent:
        event = self.events[event_id]
        return CalendarEvent(
            event_id=event_id,
            ical_uid=f"{event_id}@google.com",
            cancelled=event.cancelled,
            booking_id=event.booking_id,
            etag=str(event.version),
            slot=event.slot,
        )

    @property
    def meetings(self) -> list[FakeEvent]:
        """Our events that stand."""
        return [event for event in self.events.values() if not event.cancelled]


@dataclass
class FakeChat:
    """CometChat with users by token, members by group, and a store of messages."""

    people: dict[str, Person] = field(default_factory=dict)
    groups: dict[str, set[str]] = field(default_factory=dict)
    #: The users that there are; None for anybody.
    known: set[str] | None = None
    #: Who has blocked whom.
    blocks: set[tuple[str, str]] = field(default_factory=set)
    sent: list[Message] = field(default_factory=list)
    unreachable: bool = False
    #: What the next questions are answered with, in order; messages do not count.
    troubles: list[ChatUnavailable] = field(default_factory=list)
    #: Codes with which the next messages are refused.
    refusals: list[str] = field(default_factory=list)
    #: The next messages are not taken, and nothing is said of them.
    lost: int = 0
    #: The next message is stored, and no answer comes.
    silent: int = 0

    def _reached(self) -> None:
        if self.unreachable:
            raise ChatUnavailable

    def _asked(self) -> None:
        self._reached()
        if self.troubles:
            raise self.troubles.pop(0)

    def whoami(self, tenant: Tenant, token: str) -> Person | None:
        del tenant
        self._asked()
        return self.people.get(token)

    def user(self, tenant: Tenant, uid: Uid) -> Person | None:
        del tenant
        self._asked()
        there = self.known is None or uid in self.known
        return Person(uid, uid.capitalize()) if there else None

    def is_member(self, tenant: Tenant, group: str, uid: Uid) -> bool:
        del tenant
        self._asked()
        return uid in self.groups.get(group, set())

    def blocked(self, tenant: Tenant, one: Uid, other: Uid) -> bool:
        del tenant
        self._asked()
        if self.known is not None and not {one, other} <= self.known:
            raise UserUnknown
        return bool({(one, other), (other, one)} & self.blocks)

    def send(self, tenant: Tenant, message: Message) -> str:
        del tenant
        # Whatever is sent in any test: without it CometChat notifies nobody of a custom message.
        notifies = message.as_json()["data"].get("sendNotification")
        assert isinstance(notifies, bool), f"{message.type} does not say whether it notifies."
        self._reached()
        if self.lost:
            self.lost -= 1
            raise ChatUnavailable
        if self.refusals:
            raise MessageRefused(self.refusals.pop(0))
        if message.receiver.type == "user" and self.known and message.receiver.id not in self.known:
            raise MessageRefused("ERR_UID_NOT_FOUND")
        self.sent.append(message)
        if self.silent:
            self.silent -= 1
            raise ChatUnavailable
        return str(len(self.sent))

    def find(self, tenant: Tenant, sender: Uid, outbox_id: str) -> str | None:
        del tenant
        self._reached()
        for number, message in enumerate(self.sent, 1):
            if (message.sender, message.outbox_id) == (sender, outbox_id):
                return str(number)
        return None

    def of_type(self, kind: str) -> list[Message]:
        """Messages whose type ends so."""
        return [message for message in self.sent if message.type.endswith(kind)]


@dataclass
class FakeOAuth:
    """Google's consent: every code is an account's name."""

    clock: FakeClock
    scopes: frozenset[str] = NEEDED_SCOPES
    revoked: list[str] = field(default_factory=list)
    unreachable: bool = False
    #: What the next exchanges end with, in order, before Google would be asked.
    troubles: list[Exception] = field(default_factory=list)
    #: How often a revocation gets no answer from now on.
    unheard: int = 0

    def authorization_url(
        self, state: str, verifier: Secret, nonce: str, login_hint: str | None
    ) -> str:
        del verifier, nonce
        return f"https://google.test/consent?state={state}&login_hint={login_hint or ''}"

    def exchange(self, code: str, verifier: Secret, nonce: str) -> Grant:
        del verifier, nonce
        if self.unreachable:
            raise CalendarUnavailable
        if self.troubles:
            raise self.troubles.pop(0)
        if code == "stale":
            raise ConsentRefused
        return a_grant(code, self.clock.now(), self.scopes)

    def revoke(self, tokens: TokenSet) -> None:
        if self.unreachable or self.unheard:
            self.unheard = max(self.unheard - 1, 0)
            raise CalendarUnavailable
        self.revoked.append(tokens.refresh_token.reveal())


@dataclass
class FakeParameters:
    """Parameter Store, with the instant at which each value was put."""

    values: dict[str, Secret] = field(default_factory=dict)
    clock: FakeClock = field(default_factory=FakeClock)
    since: dict[str, datetime] = field(default_factory=dict)

    def missing(self) -> list[str]:
        names = ("base-url", "google-client-secret", "signing-keys", "calendar-key")
        return [name for name in names if name not in self.values]

    def put(self, name: str, value: Secret) -> None:
        self.values[name] = value
        self.since[name] = self.clock.now()

    def held(self, name: str) -> tuple[Secret, datetime]:
        if name not in self.values:
            raise ConfigError(f"missing parameter: {name}")
        return self.values[name], self.since.get(name, START)

    def place(self) -> str:
        return "account 1, region here"


@dataclass
class FakeInspection:
    """Vendors and our own front, as they are told to answer."""

    chat: dict[str, Refusal] = field(default_factory=dict)
    client: Refusal | None = None
    redirect: Refusal | None = None
    front: bool = True
    chat_silent: bool = False
    google_silent: bool = False

    def chat_refusal(self, tenant: Tenant) -> Refusal | None:
        if self.chat_silent:
            raise ChatUnavailable
        return self.chat.get(tenant.app_id)

    def client_refusal(self) -> Refusal | None:
        if self.google_silent:
            raise CalendarUnavailable
        return self.client

    def redirect_refusal(self) -> Refusal | None:
        if self.google_silent:
            raise CalendarUnavailable
        return self.redirect

    def front_answers(self) -> bool:
        return self.front

    def base_url(self) -> str:
        return "https://here.test"


def a_grant(account: str, now: datetime, scopes: frozenset[str] = NEEDED_SCOPES) -> Grant:
    """A grant of an account's calendar."""
    return Grant(
        calendar_id=CalendarId(f"calendar-of-{account}"),
        email=f"{account}@example.com",
        scopes=scopes,
        tokens=TokenSet(
            refresh_token=Secret(f"refresh-{account}"),
            access_token=Secret(f"access-{account}"),
            expires_at=now + timedelta(hours=1),
        ),
        time_zone="Europe/Berlin",
    )
