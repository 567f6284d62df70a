"""Promises of `ports.Bookings`, kept on every engine: claims, and all that a claim rests on."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from scheduling.core.errors import (
    AlreadyBooked,
    IdempotencyMismatch,
    NotConnected,
    ReconnectNeeded,
    SchedulingError,
    ShareClosed,
    SlotTaken,
)
from scheduling.core.times import Interval
from scheduling.models import (
    AppId,
    Booking,
    BookingId,
    CalendarId,
    ConnectionState,
    ShareState,
    Uid,
)
from scheduling.ports import Busy, Remembered
from scheduling.rules import transitions
from tests.builders import DAY, HALF_HOUR
from tests.contract.conftest import REAL_ENGINES
from tests.contract.scene import DEADLINE, LATER, SLOT, Scene

pytestmark = pytest.mark.contract

FIVE = timedelta(minutes=5)


def nothing_of(scene: Scene, booking: Booking) -> bool:
    """Whether a refused claim has left nothing behind."""
    kept, _ = scene.stores.bookings.of_guest(AppId("app"), booking.share_id, booking.guest.uid)
    owned = any(owner == booking.booking_id for _, owner in scene.owners())
    return scene.stored(booking) is None and kept is None and not owned


def test_a_booking_comes_back_as_it_was_claimed(scene: Scene) -> None:
    booking = scene.claim(
        scene.request(
            note="Zoë asks ✓",
            buffer_before=FIVE,
            buffer_after=2 * FIVE,
            awaited=True,
            outbox_count=3,
        )
    )
    assert scene.stored(booking) == booking
    assert scene.stores.bookings.get(AppId("app"), BookingId("another")) is None
    assert scene.stores.bookings.get(AppId("other"), booking.booking_id) is None


def test_a_claim_owns_the_meeting_and_its_buffers(scene: Scene) -> None:
    booking = scene.claim(scene.request(buffer_before=FIVE, buffer_after=7 * FIVE))
    around = Interval(SLOT.start - FIVE, SLOT.end + 7 * FIVE)
    assert scene.owners() == [(around, booking.booking_id)]
    of_another = scene.stores.bookings.claims(CalendarId("another"), DAY)
    assert of_another == []


def test_only_what_meets_the_window_is_told_of_the_claims(scene: Scene) -> None:
    scene.claim(scene.request())
    calendar = scene.connection.calendar_id
    for window, found in (
        (Interval(SLOT.end - FIVE, SLOT.end + FIVE), 1),
        (Interval(SLOT.end, SLOT.end + FIVE), 0),
        (Interval(SLOT.start - FIVE, SLOT.start), 0),
    ):
        assert len(scene.stores.bookings.claims(calendar, window)) == found


@pytest.mark.parametrize(
    ("before", "length"),
    [
        (timedelta(0), HALF_HOUR),
        (HALF_HOUR - FIVE, HALF_HOUR),
        (FIVE - HALF_HOUR, HALF_HOUR),
        (2 * HALF_HOUR, 5 * HALF_HOUR),
        (-2 * FIVE, FIVE),
    ],
)
def test_a_claim_refuses_a_bucket_that_another_owns(
    scene: Scene, before: timedelta, length: timedelta
) -> None:
    first = scene.claim(scene.request())
    start = SLOT.start - before
    late = scene.request("carol", slot=Interval(start, start + length))
    with pytest.raises(SlotTaken):
        scene.claim(late)
    assert nothing_of(scene, late)
    assert scene.owners() == [(SLOT, first.booking_id)]


def test_meetings_that_touch_are_both_claimed(scene: Scene) -> None:
    first = scene.claim(scene.request())
    after = Interval(SLOT.end, SLOT.end + HALF_HOUR)
    second = scene.claim(scene.request("carol", slot=after))
    assert scene.owners() == [(SLOT, first.booking_id), (after, second.booking_id)]


def test_one_google_account_is_claimed_once_over_all_apps(scene: Scene) -> None:
    first = scene.claim(scene.request())
    other = scene.request("carol", app_id=AppId("other"))
    with pytest.raises(SlotTaken):
        scene.claim(other)
    assert scene.owners() == [(SLOT, first.booking_id)]


@pytest.mark.parametrize("engine", REAL_ENGINES, indirect=True)
def test_of_many_who_claim_at_once_one_wins_and_the_others_are_told(scene: Scene) -> None:
    def press(number: int) -> str:
        try:
            scene.claim(scene.request(f"guest-{number}", slot=(SLOT, wider)[number % 2]))
        except SchedulingError as error:
            return error.code
        except Busy:
            return "busy"
        return "won"

    wider = Interval(SLOT.start - FIVE, SLOT.end + FIVE)
    with ThreadPoolExecutor(8) as pool:
        heard = list(pool.map(press, range(16)))
    assert heard.count("won") == 1
    assert set(heard) == {"won", "SLOT_TAKEN"}
    assert len(scene.owners()) == 1


def test_a_guest_books_a_share_once_and_another_share_too(scene: Scene) -> None:
    first = scene.claim(scene.request())
    again = scene.request(slot=LATER)
    with pytest.raises(AlreadyBooked) as refusal:
        scene.claim(again)
    assert refusal.value.details["booking_id"] == first.booking_id
    assert scene.stored(again) is None
    assert scene.stores.bookings.of_guest(AppId("app"), first.share_id, Uid("bob")) == (first, 0)
    second = scene.claim(scene.request(slot=LATER, share=scene.share(1)))
    assert scene.owners() == [(SLOT, first.booking_id), (LATER, second.booking_id)]


@pytest.mark.parametrize("state", [ShareState.WITHDRAWN, ShareState.CLOSED])
def test_a_claim_rests_on_an_open_share(scene: Scene, state: ShareState) -> None:
    scene.stores.shares.close(scene.shared, state)
    with pytest.raises(ShareClosed):
        scene.claim(scene.request())
    assert nothing_of(scene, scene.request())


def test_a_claim_rests_on_the_connection_that_was_read(scene: Scene) -> None:
    scene.stores.connections.transition(scene.connection, ConnectionState.RECONNECT)
    with pytest.raises(ReconnectNeeded):
        scene.claim(scene.request())
    scene.stores.connections.transition(scene.connection, ConnectionState.CLOSING)
    with pytest.raises(NotConnected):
        scene.claim(scene.request())
    scene.stores.connections.remove(scene.connection)
    with pytest.raises(NotConnected):
        scene.claim(scene.request())
    scene.stores.connect("alice", account="carol")
    with pytest.raises(NotConnected):
        scene.claim(scene.request())
    assert nothing_of(scene, scene.request())


def test_a_key_is_kept_with_the_booking_that_it_made(scene: Scene) -> None:
    booking = scene.claim(scene.request(), key="k-1")
    bookings = scene.stores.bookings
    known = Remembered("book", Uid("bob"), "k-1", "as-it-was-asked", 0)
    assert bookings.recalled(AppId("app"), "book", Uid("bob"), "k-1") == (booking.booking_id, known)
    for app, route, uid, key in (
        ("other", "book", "bob", "k-1"),
        ("app", "cancel", "bob", "k-1"),
        ("app", "book", "carol", "k-1"),
        ("app", "book", "bob", "k-2"),
        ("app", "book", "bob", ""),
    ):
        assert bookings.recalled(AppId(app), route, Uid(uid), key) is None


def test_a_key_of_another_request_is_refused_with_its_booking(scene: Scene) -> None:
    scene.claim(scene.request(), key="k-1")
    other = scene.request(slot=LATER, share=scene.share(1))
    for fingerprint in ("as-it-was-asked", "as-it-is-asked-now"):
        with pytest.raises(IdempotencyMismatch):
            scene.claim(other, key="k-1", fingerprint=fingerprint)
    assert nothing_of(scene, other)


def test_a_key_makes_its_booking_again_for_the_same_request_only(scene: Scene) -> None:
    first = scene.claim(scene.request(), key="k-1")
    refused = transitions.refused(first, "CALENDAR_UNAVAILABLE")
    scene.stores.bookings.transition(first, refused)
    again, bookings = scene.request(attempt=2), scene.stores.bookings
    other = Remembered("book", Uid("bob"), "k-1", "as-it-is-asked-now")
    with pytest.raises(IdempotencyMismatch):
        bookings.claim(refused, again, scene.connection, other)
    assert scene.stored(first) == refused
    bookings.claim(refused, again, scene.connection, replace(other, fingerprint="as-it-was-asked"))
    assert scene.stored(first) == again


def test_a_claim_of_a_booking_that_is_there_is_refused(scene: Scene) -> None:
    booking = scene.claim(scene.request())
    with pytest.raises(Busy):
        scene.claim(booking.with_(title="Another call"))
    assert scene.stored(booking) == booking


def test_a_refused_booking_is_claimed_again_by_the_next_attempt(scene: Scene) -> None:
    first = scene.claim(scene.request())
    refused = transitions.refused(first, "CALENDAR_UNAVAILABLE")
    scene.stores.bookings.transition(first, refused)
    again = scene.request(attempt=2)
    scene.stores.bookings.claim(refused, again, scene.connection)
    assert scene.stored(again) == again
    with pytest.raises(Busy):
        scene.stores.bookings.claim(refused, scene.request(attempt=2), scene.connection)
    assert scene.owners() == [(SLOT, again.booking_id)]


def test_a_move_claims_the_new_time_beside_the_old_one(scene: Scene) -> None:
    booking = scene.confirm(scene.claim(scene.request()))
    other = scene.claim(scene.request("carol", slot=LATER))
    taken = transitions.rescheduling(booking, LATER, DEADLINE)
    with pytest.raises(SlotTaken):
        scene.stores.bookings.claim(booking, taken, scene.connection)
    assert scene.stored(booking) == booking
    free = Interval(SLOT.start - FIVE, SLOT.end - FIVE)
    rescheduling = transitions.rescheduling(booking, free, DEADLINE)
    scene.stores.bookings.claim(booking, rescheduling, scene.connection)
    assert scene.stored(booking) == rescheduling
    both = Interval(free.start, SLOT.end)
    assert scene.owners() == [(both, booking.booking_id), (LATER, other.booking_id)]
