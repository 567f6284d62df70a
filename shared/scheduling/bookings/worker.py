"""Carry a booking that is under work to its end at Google: one worker, three kinds of work.

Insert, reschedule and cancel each bring a step: what one try asks of Google, and what the booking
becomes. How often is tried, how long is waited, and what is left to `reconcile`, is decided here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from scheduling.calendars.host_calendar import HostCalendar
from scheduling.core.errors import CalendarUnavailable, SchedulingError
from scheduling.core.retry import pause
from scheduling.models import Booking, BookingState, Connection, ConnectionState, OrphanWatch
from scheduling.ports import (
    Bookings,
    Busy,
    Clock,
    EventChanged,
    EventExists,
    GrantEnded,
    Metrics,
    OutcomeUnknown,
)
from scheduling.rules import transitions


@dataclass(slots=True)
class Work:
    """One worker's work on one booking."""

    booking: Booking
    connection: Connection
    deadline: datetime
    #: Whether this worker knows less than all about a change: one was sent without an answer, or
    #: an earlier worker's could not be asked for.
    unsure: bool = False

    @property
    def sent(self) -> bool:
        """Whether a change may have been sent, by this worker or one before."""
        return self.unsure or self.booking.settles_at is not None


@dataclass(frozen=True, slots=True)
class Ending:
    """What a booking becomes, and what is said of it."""

    booking: Booking
    #: Counted, unless empty.
    metric: str = ""
    #: Raised once the booking is written.
    error: SchedulingError | None = None
    #: Where an insert may still land.
    watch: OrphanWatch | None = None


class Step(Protocol):
    """One kind of work at Google."""

    def attempt(self, work: Work) -> Ending:
        """Try once, from the look at Google to the change.

        Raises:
            CalendarUnavailable: not now; nothing was done.
            OutcomeUnknown, EventExists, EventChanged: to be looked at again.
            GrantEnded: the host's consent is over.
            SchedulingError: any other is a refusal.
        """
        ...

    def refused(self, work: Work, error: SchedulingError) -> Ending:
        """Say what a refused booking becomes; one of which too little is known stays open."""
        ...

    def given_up(self, booking: Booking, error: SchedulingError) -> Ending:
        """Say what becomes of a booking whose calendar nobody reaches any more."""
        ...


def left_open(work: Work, now: datetime) -> Ending:
    """Keep a booking whose outcome is unknown as it is; `reconcile` goes on with it."""
    return Ending(transitions.unknown(work.booking, now), "BookingLeftOpen")


def hopeless(booking: Booking, connection: Connection, now: datetime) -> bool:
    """Whether nobody need wait for a grant that has ended: it is given up, or the time has come."""
    starts = [each.start for each in (booking.slot, booking.target) if each is not None]
    return connection.state is ConnectionState.CLOSING or min(starts) <= now


@dataclass(frozen=True, slots=True)
class Worker:
    """Works on one booking at a time, by the step of its state."""

    clock: Clock
    bookings: Bookings
    host_calendar: HostCalendar
    steps: Mapping[BookingState, Step]
    metrics: Metrics

    def take(self, booking: Booking, deadline: datetime) -> Booking:
        """Take a booking under work for one more attempt, once the last worker's lease ran out.

        Raises:
            Busy: another worker has it.
        """
        if booking.leased_until > self.clock.now():
            raise Busy(booking.booking_id)
        taken = transitions.taken(booking, deadline)
        self.bookings.transition(booking, taken)
        return taken

    def carry(self, booking: Booking, connection: Connection, deadline: datetime) -> Booking:
        """Carry a booking that is ours to its end, or leave it under work and due.

        Raises:
            SchedulingError: why it was refused; a new one is refused, others are as they were.
            Busy: it is not ours any more.
        """
        work = Work(booking, connection, deadline)
        ending = self._tried(self.steps[booking.state], work)
        self._record(work.booking, ending)
        if ending.error is not None:
            raise ending.error
        return ending.booking

    def _tried(self, step: Step, work: Work) -> Ending:
        tried = 0
        while True:
            tried += 1
            refusal: CalendarUnavailable | None = None
            try:
                return step.attempt(work)
            except GrantEnded:
                return self._without_grant(step, work)
            except CalendarUnavailable as error:
                refusal = error
            except SchedulingError as error:
                return step.refused(work, error)
            except (OutcomeUnknown, EventExists, EventChanged):
                work.unsure = True
            asked = refusal.asked_seconds if refusal else None
            if not pause(self.clock, work.deadline, tried, asked):
                break
        if refusal is None or work.unsure:
            return left_open(work, self.clock.now())
        return step.refused(work, refusal)

    def _without_grant(self, step: Step, work: Work) -> Ending:
        error = self.host_calendar.ended(work.connection)
        if work.sent and hopeless(work.booking, work.connection, self.clock.now()):
            return step.given_up(work.booking, error)
        if work.unsure:
            return left_open(work, self.clock.now())
        return step.refused(work, error)

    def give_up(self, booking: Booking, error: SchedulingError) -> None:
        """End what cannot be done any more: nobody reaches that calendar.

        Raises:
            Busy: it is not ours any more.
        """
        self._record(booking, self.steps[booking.state].given_up(booking, error))

    def _record(self, before: Booking, ending: Ending) -> None:
        self.bookings.transition(before, ending.booking, ending.watch)
        if ending.metric:
            code = {"code": ending.booking.refusal} if ending.booking.refusal else {}
            self.metrics.count(ending.metric, **code, **before.ids)
