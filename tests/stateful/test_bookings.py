"""Hundreds of steps of anything that can happen, and the promises after each of them.

One Google account under two users of one app and under one of another; guests, lost answers, late
inserts, deaths at a write, a calendar that lags, people who write into it, grants that end, a chat
that is away. One step at a time, so moto may keep the table. `SOAK=1` runs long.
"""

import os
from collections import Counter
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from scheduling.adapters.claims import owned
from scheduling.errors import CalendarUnavailable, SchedulingError
from scheduling.fields import Fields
from scheduling.models import AppId, Caller, Person, Secret, ShareId, Tenant, Uid
from scheduling.ports import OutcomeUnknown
from scheduling.requests import BookRequest, ShareRequest
from scheduling.times import Interval
from tests.fakes import Crash, FakeEvent
from tests.world import World, empty_world, moto_client

HOSTS = st.integers(0, 2)
GUESTS = st.sampled_from(["bob", "carol"])
MINUTES = st.sampled_from([15, 30, 60, 240])
#: How long after it was sent an insert may land: what the watch is there for.
LATEST = timedelta(minutes=14)


class Meetings(RuleBasedStateMachine):
    """The world, what was asked of it, and what is still under way."""

    client: Any = None

    def __init__(self) -> None:
        super().__init__()
        self.world: World = empty_world(self.client)
        other = Tenant(AppId("other"), "us", "Other", Secret("another-key"))
        self.world.tenants.put(other)
        self.hosts = [
            Caller(self.world.tenant, Person(Uid("alice"), "Alice")),
            Caller(self.world.tenant, Person(Uid("dave"), "Dave")),
            Caller(other, Person(Uid("alice"), "Alice")),
        ]
        self.shares: list[tuple[int, str, ShareId]] = []
        self.asked: list[tuple[Caller, BookRequest]] = []
        self.limbo: list[tuple[Any, FakeEvent]] = []
        self._transact = self.world.table.transact
        for host in range(3):
            self.reconnect(host)

    # What people do

    @rule(host=HOSTS)
    def reconnect(self, host: int) -> None:
        self.world.calendar.revoked = False
        who = self.hosts[host]
        connected = self.world.connect(who.uid, "alice", who.app_id)
        assert connected.calendar_id == "calendar-of-alice"

    @rule(host=HOSTS)
    def disconnect(self, host: int) -> None:
        self.limbo.clear()  # without tokens nobody could delete what lands later
        who = self.hosts[host]
        self.world.disconnecting.disconnect(who.app_id, who.uid, self.world.deadline())

    @rule(host=HOSTS, guest=GUESTS, minutes=MINUTES, key=st.sampled_from(["", "k"]))
    def share(self, host: int, guest: str, minutes: int, key: str) -> None:
        fields = {
            "receiver": guest,
            "receiverType": "user",
            "durationMinutes": minutes,
            "idempotencyKey": key and f"{key}-{guest}-{minutes}",
        }
        request = ShareRequest.read(Fields(fields))
        try:
            made = self.world.sharing.share(self.hosts[host], request)
        except SchedulingError:
            return
        self.shares.append((host, guest, ShareId(made["shareId"])))

    @precondition(lambda self: self.shares)
    @rule(
        data=st.data(),
        trouble=st.sampled_from(
            ["", "", "", "lost", "late", "silent", "unknown", "busy", "die before", "die after"]
        ),
    )
    def book(self, data: st.DataObject, trouble: str) -> None:
        host, guest, share_id = data.draw(st.sampled_from(self.shares))
        caller = Caller(self.hosts[host].tenant, Person(Uid(guest), guest.title()))
        stored = self.world.shares.get(caller.app_id, share_id)
        assert stored is not None
        start = stored.availability.window.start + timedelta(
            minutes=15 * data.draw(st.integers(1, 40))
        )
        request = self.world.request(share_id, start, key=data.draw(st.sampled_from(["", "k"])))
        self.asked.append((caller, request))
        self._troubled(caller, request, trouble)

    @precondition(lambda self: self.asked)
    @rule(data=st.data())
    def book_again(self, data: st.DataObject) -> None:
        self._troubled(*data.draw(st.sampled_from(self.asked)), "")

    def _troubled(self, caller: Caller, request: BookRequest, trouble: str) -> None:
        calendar = self.world.calendar
        calendar.faults.clear()
        before = set(calendar.events)
        if trouble == "lost":
            calendar.faults["insert_event"] = ["after"]
        elif trouble in {"late", "silent"}:
            calendar.faults["insert_event"] = [OutcomeUnknown()]
            calendar.faults["get_event"] = [CalendarUnavailable()]
        elif trouble == "unknown":
            calendar.faults["free_busy"] = [CalendarUnavailable(retry_after=60)]
        elif trouble == "busy":
            calendar.faults["insert_event"] = [CalendarUnavailable(retry_after=60)]
        elif trouble.startswith("die"):
            self._die(at=len(self.asked) % 3, after=trouble == "die after")
        try:
            outcome = self.world.booker.book(caller, request, self.world.deadline())
        except (SchedulingError, Crash):
            return
        finally:
            calendar.faults.clear()
            self.world.table.transact = self._transact  # type: ignore[method-assign]
        if trouble == "late" and not outcome.settled and set(calendar.events) == before:
            booking = outcome.booking
            event = FakeEvent(booking.slot, booking.booking_id, "", "")
            self.limbo.append(((booking.event_id, self.world.clock.now()), event))

    def _die(self, at: int, *, after: bool) -> None:
        count = iter(range(100))

        def transact(writes: Any) -> None:
            number = next(count)
            if number == at and not after:
                raise Crash
            self._transact(writes)
            if number == at:
                raise Crash

        self.world.table.transact = transact  # type: ignore[method-assign]

    # What the world does

    @rule(minutes=st.integers(1, 2000), length=st.integers(1, 90))
    def a_person_writes(self, minutes: int, length: int) -> None:
        start = self.world.clock.now() + timedelta(minutes=minutes)
        slot = Interval(start, start + timedelta(minutes=length))
        self.world.calendar.manual.append(slot)

    @rule(lagging=st.booleans())
    def google_lags(self, *, lagging: bool) -> None:
        self.world.calendar.lagging = lagging

    @precondition(lambda self: self.limbo)
    @rule()
    def an_insert_lands_late(self) -> None:
        (event_id, sent_at), event = self.limbo.pop()
        if self.world.clock.now() - sent_at < LATEST:
            self.world.calendar.events.setdefault(event_id, event)

    @rule()
    def the_grant_ends(self) -> None:
        self.limbo.clear()
        self.world.calendar.revoked = True

    @rule(away=st.booleans())
    def the_chat_is_away(self, *, away: bool) -> None:
        self.world.chat.unreachable = away

    @rule()
    def the_chat_answers_nothing_once(self) -> None:
        self.world.chat.silent = 1

    @rule(seconds=st.sampled_from([1, 30, 61, 120, 600]))
    def time_passes(self, seconds: int) -> None:
        self.world.clock.pass_(seconds=seconds)

    @rule()
    def the_stream_delivers(self) -> None:
        self.world.deliver_all()

    @rule()
    def reconcile_runs(self) -> None:
        self.world.reconcile()

    # What always holds

    def _bookings(self) -> list[dict[str, Any]]:
        return [item for item in self.world.items() if item["sk"] == "BOOKING"]

    @invariant()
    def standing_meetings_own_their_buckets_and_never_overlap(self) -> None:
        items = self.world.items()
        standing = {
            item["bookingId"]: item
            for item in items
            if item["sk"] == "BOOKING" and item["state"] != "refused"
        }
        hours = sorted(
            (item for item in items if item["sk"].startswith("HOUR#")), key=lambda i: i["sk"]
        )
        owners = {owner for _, owner in owned(hours, self.world.clock.now())}
        assert owners == set(standing)
        slots = sorted(item["slot"] for item in standing.values())
        assert all(one[1] <= other[0] for one, other in pairwise(slots))

    @invariant()
    def nobody_gets_an_invite_twice(self) -> None:
        told = Counter(
            (message.custom["bookingId"], message.custom["status"], message.outbox_id)
            for message in self.world.chat.of_type("invite")
        )
        assert all(count == 1 for count in told.values())

    def teardown(self) -> None:
        """Let everything answer again, wait, and see that nothing is left open."""
        self.world.chat.unreachable = False
        self.world.chat.silent = 0
        self.world.calendar.lagging = False
        for host in range(3):
            if self._connection(host) is not None or self.world.calendar.revoked:
                self.reconnect(host)
        for minutes in (2, 2, 2, 14, 61, 61):
            self.world.clock.pass_(minutes=minutes)
            self.world.reconcile()
            self.world.deliver_all()
        live = Counter(event.booking_id for event in self.world.calendar.meetings)
        sent = Counter(
            message.custom["bookingId"]
            for message in self.world.chat.of_type("invite")
            if message.custom["status"] == "confirmed"
        )
        for item in self._bookings():
            confirmed = item["state"] == "confirmed"
            assert item["state"] in {"confirmed", "refused"}
            assert live[item["bookingId"]] == confirmed
            assert sent[item["bookingId"]] == confirmed
        assert [item["sk"] for item in self.world.items() if "dueAt" in item] == []

    def _connection(self, host: int) -> Any:
        return self.world.connections.get(self.hosts[host].app_id, self.hosts[host].uid)


@pytest.mark.stateful
@pytest.mark.timeout(900)
def test_the_promises_hold_whatever_happens_in_whatever_order() -> None:
    soak = bool(os.environ.get("SOAK"))
    with moto_client() as client:
        Meetings.client = client
        run_state_machine_as_test(
            Meetings,
            settings=settings(
                max_examples=400 if soak else 25,
                stateful_step_count=150 if soak else 30,
                deadline=None,
                suppress_health_check=list(HealthCheck),
            ),
        )
