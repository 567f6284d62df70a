"""Hundreds of steps of anything that can happen, and the promises after each of them.

One Google account under two users of one app and under one of another, and a second account to
switch to; guests who hold, book, move and cancel; lost answers, late inserts, deaths at a write,
calendars that lag, people who write into them and delete from them, grants that end, a chat that is
away. One step at a time, so moto may keep the table. `SOAK=1` runs long.
"""

import os
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import combinations
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

from scheduling.adapters.dynamodb.booking_item import booking_from, hold_from
from scheduling.adapters.dynamodb.claims import owned
from scheduling.bookings.requests import BookRequest, HoldRequest, RescheduleRequest
from scheduling.core.errors import CalendarUnavailable, SchedulingError
from scheduling.core.ids import hold_id
from scheduling.core.times import Interval
from scheduling.http import bodies
from scheduling.http.fields import Fields
from scheduling.models import (
    ENDED,
    AppId,
    Booking,
    BookingState,
    Caller,
    Connection,
    Person,
    Preferences,
    Secret,
    ShareId,
    Tenant,
    Uid,
)
from scheduling.ports import OutcomeUnknown
from tests.fakes import Crash
from tests.world import World, empty_world, moto_client

HOSTS = st.integers(0, 2)
GUESTS = st.sampled_from(["bob", "carol"])
MINUTES = st.sampled_from([15, 30, 60, 240])
#: How long after it was sent an insert may land: what the watch is there for.
LATEST = timedelta(minutes=14)
TROUBLES = st.sampled_from(
    ["", "", "", "after", "late", "silent", "unknown", "busy", "die before", "die after"]
)


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
        #: What was sent to Google and may still come, and until when.
        self.limbo: list[tuple[Callable[[], None], Any]] = []
        #: Bookings whose event the host deleted at Google.
        self.deleted: set[str] = set()
        self._transact = self.world.table.transact
        for host in range(3):
            self.connect(host, "alice")

    # What people do

    def connect(self, host: int, account: str) -> None:
        self.world.connect(self.hosts[host].uid, account, self.hosts[host].app_id)

    def connection(self, host: int) -> Connection | None:
        return self.world.connections.get(self.hosts[host].app_id, self.hosts[host].uid)

    @rule(host=HOSTS, account=st.sampled_from(["alice", "work"]))
    def connect_or_consent_again(self, host: int, account: str) -> None:
        self.world.calendar.revoked = False
        before = self.connection(host)
        self.connect(host, before.calendar_id.rpartition("-")[2] if before else account)

    @rule(host=HOSTS)
    def disconnect(self, host: int) -> None:
        self.limbo.clear()  # without tokens nobody could undo what comes later
        who = self.hosts[host]
        self.world.use_cases.disconnector.disconnect(who.app_id, who.uid, self.world.deadline())

    @rule(host=HOSTS, account=st.sampled_from(["alice", "work"]))
    def switch(self, host: int, account: str) -> None:
        self.disconnect(host)
        if self.connection(host) is None and not self.world.calendar.revoked:
            self.connect(host, account)

    @rule(host=HOSTS, minutes=st.sampled_from([0, 15]))
    def prefer(self, host: int, minutes: int) -> None:
        buffer = timedelta(minutes=minutes)
        preferences = Preferences(buffer_before=buffer, buffer_after=buffer / 3)
        who = self.hosts[host]
        self.world.preferences.put(who.app_id, who.uid, preferences)

    @rule(host=HOSTS, guest=GUESTS, minutes=MINUTES, key=st.sampled_from(["", "k"]))
    def share(self, host: int, guest: str, minutes: int, key: str) -> None:
        fields = {
            "receiver": guest,
            "receiverType": "user",
            "durationMinutes": minutes,
            "idempotencyKey": key and f"{key}-{guest}-{minutes}",
        }
        request = bodies.share_request(Fields(fields))
        with suppress(SchedulingError):
            made = self.world.use_cases.sharer.share(
                self.hosts[host], request, self.world.deadline()
            )
            self.shares.append((host, guest, made.share.share_id))

    def _any_start(self, data: st.DataObject) -> tuple[Caller, ShareId, datetime]:
        host, guest, share_id = data.draw(st.sampled_from(self.shares))
        caller = Caller(self.hosts[host].tenant, Person(Uid(guest), guest.title()))
        stored = self.world.shares.get(caller.app_id, share_id)
        assert stored is not None
        begins = stored.availability.window.start
        return caller, share_id, begins + timedelta(minutes=15 * data.draw(st.integers(1, 40)))

    @precondition(lambda self: self.shares)
    @rule(data=st.data())
    def hold(self, data: st.DataObject) -> None:
        caller, share_id, start = self._any_start(data)
        with suppress(SchedulingError):
            self.world.use_cases.slot_holder.hold(
                caller, HoldRequest(share_id, start, None), self.world.deadline()
            )

    @precondition(lambda self: self.shares)
    @rule(data=st.data(), trouble=TROUBLES)
    def book(self, data: st.DataObject, trouble: str) -> None:
        caller, share_id, start = self._any_start(data)
        request = self.world.request(share_id, start, key=data.draw(st.sampled_from(["", "k"])))
        self.asked.append((caller, request))
        self._troubled(
            "insert_event",
            trouble,
            lambda: self.world.use_cases.booker.book(caller, request, self.world.deadline()),
        )

    @precondition(lambda self: self.asked)
    @rule(data=st.data())
    def book_again(self, data: st.DataObject) -> None:
        caller, request = data.draw(st.sampled_from(self.asked))
        with suppress(SchedulingError):
            self.world.use_cases.booker.book(caller, request, self.world.deadline())

    @precondition(lambda self: self._bookings())
    @rule(data=st.data(), trouble=TROUBLES, quarters=st.integers(-3, 12))
    def move(self, data: st.DataObject, trouble: str, quarters: int) -> None:
        booking, caller = self._any_booking(data)
        start = booking.slot.start + timedelta(minutes=15 * quarters)
        request = RescheduleRequest(start, data.draw(st.sampled_from(["", "k"])))
        self._troubled(
            "reschedule_event",
            trouble,
            lambda: self.world.use_cases.booking_changer.reschedule(
                caller, booking.booking_id, request, self.world.deadline()
            ),
        )

    @precondition(lambda self: self._bookings())
    @rule(data=st.data(), trouble=TROUBLES)
    def cancel(self, data: st.DataObject, trouble: str) -> None:
        booking, caller = self._any_booking(data)
        self._troubled(
            "delete_event",
            trouble,
            lambda: self.world.use_cases.booking_changer.cancel(
                caller, booking.booking_id, self.world.deadline()
            ),
        )

    def _any_booking(self, data: st.DataObject) -> tuple[Booking, Caller]:
        booking = data.draw(st.sampled_from(self._bookings()))
        tenant = self.world.tenants.get(booking.app_id)
        assert tenant is not None
        return booking, Caller(tenant, data.draw(st.sampled_from([booking.host, booking.guest])))

    def _troubled(self, change: str, trouble: str, step: Callable[[], object]) -> None:
        calendar = self.world.calendar
        calendar.faults.clear()
        if trouble in {"after", "late"}:
            calendar.faults[change] = [trouble]
        if trouble in {"late", "silent"}:
            calendar.faults.setdefault(change, [OutcomeUnknown()])
            looked_first = [""] if change == "reschedule_event" else []
            silence = [CalendarUnavailable(), CalendarUnavailable()]
            calendar.faults["get_event"] = [*looked_first, *silence]
        elif trouble == "unknown":
            calendar.faults["free_busy"] = [CalendarUnavailable(retry_after=60)]
        elif trouble == "busy":
            calendar.faults[change] = [CalendarUnavailable(retry_after=60)]
        elif trouble.startswith("die"):
            self._die(at=len(self.world.calendar.calls) % 3, after=trouble == "die after")
        with suppress(SchedulingError, Crash):
            step()
        calendar.faults.clear()
        self.world.table.transact = self._transact  # type: ignore[method-assign]
        until = self.world.clock.now() + LATEST
        self.limbo += [(each, until) for each in calendar.late]
        calendar.late.clear()

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

    @precondition(lambda self: self.world.calendar.meetings)
    @rule(data=st.data())
    def a_person_deletes(self, data: st.DataObject) -> None:
        event = data.draw(st.sampled_from(self.world.calendar.meetings))
        event.cancelled = True
        self.deleted.add(event.booking_id)

    @rule(lagging=st.booleans())
    def google_lags(self, *, lagging: bool) -> None:
        self.world.calendar.lagging = lagging

    @precondition(lambda self: self.limbo)
    @rule(data=st.data())
    def what_was_sent_comes_late(self, data: st.DataObject) -> None:
        change, until = self.limbo.pop(data.draw(st.integers(0, len(self.limbo) - 1)))
        if self.world.clock.now() < until:
            change()

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

    def _bookings(self) -> list[Booking]:
        found = [booking_from(item) for item in self.world.items() if item["sk"] == "BOOKING"]
        return sorted(found, key=lambda booking: booking.booking_id)

    @invariant()
    def what_stands_owns_its_buckets_and_never_overlaps(self) -> None:
        now, items = self.world.clock.now(), self.world.items()
        held = [hold_from(item) for item in items if item["sk"].startswith("HOLD#")]
        taken: list[tuple[str, str, Interval]] = [
            (booking.calendar_id, booking.booking_id, each)
            for booking in self._bookings()
            for each in booking.owns
        ] + [
            (each.calendar_id, hold_id(each.app_id, each.share_id, each.guest), each.claimed)
            for each in held
            if each.expires_at > now
        ]
        hours = sorted(
            (item for item in items if item["sk"].startswith("HOUR#")), key=lambda i: i["sk"]
        )
        owners = {owner for _, owner in owned(hours, now)}
        assert owners == {owner for _, owner, _ in taken}
        for one, other in combinations(taken, 2):
            if one[0] == other[0] and one[1] != other[1]:
                assert not one[2].overlaps(other[2])

    @invariant()
    def nobody_is_told_the_same_twice(self) -> None:
        heard = Counter(message.outbox_id for message in self.world.chat.sent)
        assert all(count == 1 for count in heard.values())

    def teardown(self) -> None:
        """Let everything answer again, wait, and see that nothing is left open."""
        self.world.chat.unreachable = False
        self.world.chat.silent = 0
        self.world.calendar.lagging = False
        if self.world.calendar.revoked:
            for host in range(3):
                if self.connection(host) is not None:
                    self.connect_or_consent_again(host, "")
        self.world.calendar.revoked = False
        for minutes in (2, 2, 2, 14, 61, 61):
            self.world.clock.pass_(minutes=minutes)
            self.world.reconcile()
            self.world.deliver_all()
        live = {event.booking_id: event for event in self.world.calendar.meetings}
        assert len(live) == len(self.world.calendar.meetings)
        last = {
            message.custom["bookingId"]: message.custom
            for message in self.world.chat.of_type("invite")
        }
        for booking in self._bookings():
            confirmed = booking.state is BookingState.CONFIRMED
            assert confirmed or booking.state in ENDED
            if booking.booking_id not in self.deleted:
                event = live.get(booking.booking_id)
                assert (event and event.slot) == (booking.slot if confirmed else None)
            if booking.state is not BookingState.REFUSED:
                heard = last[booking.booking_id]
                assert (heard["status"], heard["sequence"]) == (
                    booking.state.value,
                    booking.sequence,
                )
        assert [item["sk"] for item in self.world.items() if "dueAt" in item] == []


@pytest.mark.stateful
@pytest.mark.timeout(900)
def test_the_promises_hold_whatever_happens_in_whatever_order() -> None:
    soak = bool(os.environ.get("SOAK"))
    with moto_client() as client:
        Meetings.client = client
        run_state_machine_as_test(
            Meetings,
            settings=settings(
                max_examples=400 if soak else 15,
                stateful_step_count=150 if soak else 30,
                deadline=None,
                suppress_health_check=list(HealthCheck),
            ),
        )
