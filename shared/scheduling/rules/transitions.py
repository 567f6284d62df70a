"""What becomes of a booking, step by step: from what was read to what it is next.

Nothing is written here: `Bookings.claim` and `Bookings.move` write the step from one to the other,
if the booking still is what was read. `models.MOVES` says which steps there are.
"""

from datetime import datetime, timedelta

from scheduling.core import correlation, ids
from scheduling.core.times import Interval
from scheduling.models import (
    Booking,
    BookingState,
    CalendarEvent,
    OrphanWatch,
    Uid,
)

#: A lease outlives its worker's deadline, so that two clocks may differ by so much.
LEASE_MARGIN = timedelta(seconds=10)
#: How long after the last chance of an insert a claim is kept: Google may show the event late.
SETTLE_AFTER = timedelta(seconds=60)
#: When a confirmed booking is looked at again for what a person wrote in the same second.
CLASH_AFTER = timedelta(seconds=60)


def taken(booking: Booking, deadline: datetime) -> Booking:
    """For one more attempt, after a worker whose lease ran out."""
    settles_at = booking.leased_until + SETTLE_AFTER
    return _leased(booking, deadline).with_(
        settles_at=max(settles_at, booking.settles_at or settles_at),
        promised_by=booking.promised_by,
    )


def _leased(booking: Booking, deadline: datetime) -> Booking:
    until = deadline + LEASE_MARGIN
    return booking.with_(
        attempt=booking.attempt + 1,
        leased_until=until,
        due_at=until,
        promised_by=until,
        correlation_id=correlation.current() or booking.correlation_id,
    )


def left(booking: Booking, settles_at: datetime) -> Booking:
    """Under work, and open: the lease is over, `reconcile` goes on when it settles.

    Whoever takes it then counts from the end of the lease: so that ends where nothing was sent any
    more, or each look would put the settling off.
    """
    return booking.with_(leased_until=settles_at - SETTLE_AFTER, due_at=settles_at)


def unknown(booking: Booking, now: datetime) -> Booking:
    """Left open, because Google was asked for a change and gave no answer; word is awaited."""
    settles_at = now + SETTLE_AFTER
    return left(booking, settles_at).with_(settles_at=settles_at, awaited=True)


def renewed(booking: Booking) -> Booking:
    """With the next generation of its event's id."""
    revision = booking.revision + 1
    return booking.with_(revision=revision, event_id=ids.event_id(booking.booking_id, revision))


def confirmed(booking: Booking, event: CalendarEvent, now: datetime) -> Booking:
    """Claimed -> confirmed."""
    return _notifying(_active(booking, now).with_(ical_uid=event.ical_uid, last_modified=now))


def refused(booking: Booking, code: str) -> Booking:
    """Claimed -> refused; a guest who waits is told."""
    ended = booking.with_(
        state=BookingState.REFUSED, refusal=code, due_at=None, settles_at=None, awaited=False
    )
    return _notifying(ended) if booking.awaited else ended


def rescheduling(
    booking: Booking, target: Interval, deadline: datetime, asked: tuple[Uid, str] | None = None
) -> Booking:
    """Confirmed -> moving, as somebody asked with an idempotency key or without."""
    return _leased(booking, deadline).with_(
        state=BookingState.RESCHEDULING, target=target, asked=asked
    )


def rescheduled(booking: Booking, now: datetime) -> Booking:
    """Moving -> confirmed, at the new time."""
    return _notifying(
        _active(booking, now).with_(
            slot=booking.target, sequence=booking.sequence + 1, last_modified=now
        )
    )


def cancelling(booking: Booking, deadline: datetime) -> Booking:
    """Confirmed -> cancelling."""
    return _leased(booking, deadline).with_(state=BookingState.CANCELLING)


def cancelled(booking: Booking, now: datetime) -> Booking:
    """cancelling, or moving what the host has deleted -> cancelled."""
    return _notifying(
        booking.with_(
            state=BookingState.CANCELLED,
            sequence=booking.sequence + 1,
            last_modified=now,
            target=None,
            asked=None,
            due_at=None,
            settles_at=None,
            awaited=False,
        )
    )


def unchanged(booking: Booking, now: datetime) -> Booking:
    """Moving or cancelling -> confirmed, as it was; who waits is told."""
    as_it_was = _active(booking, now)
    return _notifying(as_it_was) if booking.awaited else as_it_was


def checked(booking: Booking) -> Booking:
    """Confirmed, and nobody has to look at it any more."""
    return booking.with_(due_at=None)


def _active(booking: Booking, now: datetime) -> Booking:
    return booking.with_(
        state=BookingState.CONFIRMED,
        target=None,
        asked=None,
        due_at=now + CLASH_AFTER,
        settles_at=None,
        awaited=False,
    )


def _notifying(booking: Booking) -> Booking:
    return booking.with_(outbox_count=booking.outbox_count + 1)


def orphan_watch(booking: Booking, now: datetime) -> OrphanWatch:
    """Return the watch over an event whose insert may still land after its booking was released."""
    return OrphanWatch(
        app_id=booking.app_id,
        booking_id=booking.booking_id,
        host=booking.host.uid,
        calendar_id=booking.calendar_id,
        event_id=booking.event_id,
        revision=booking.revision,
        since=now,
        due_at=now,
        correlation_id=booking.correlation_id,
    )
