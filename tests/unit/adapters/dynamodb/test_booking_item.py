"""Bookings, holds and watches as items: they come back as they went, and end by themselves."""

from datetime import timedelta
from typing import Any

import pytest

from scheduling.adapters.dynamodb.booking_item import (
    KEPT,
    booking_from,
    booking_item,
    booking_key,
    hold_from,
    hold_item,
    hold_key,
    watch_from,
    watch_item,
    watch_key,
)
from scheduling.adapters.dynamodb.table import epoch, from_wire, to_wire
from scheduling.core.times import Interval
from scheduling.models import BookingState, Hold, Uid
from scheduling.rules.invite_links import FILE_LIFETIME
from scheduling.rules.transitions import orphan_watch
from tests.builders import HALF_HOUR, NOW, STARTS_AT, a_booking

LATER = Interval(STARTS_AT + timedelta(hours=1), STARTS_AT + timedelta(hours=1) + HALF_HOUR)
EVERYTHING: dict[str, Any] = {
    "state": BookingState.RESCHEDULING,
    "target": LATER,
    "asked": (Uid("bob"), "reschedule#k"),
    "settles_at": NOW,
    "due_at": NOW + HALF_HOUR,
    "promised_by": NOW,
    "refusal": "SLOT_TAKEN",
    "awaited": True,
    "outbox_count": 3,
    "sequence": 2,
    "note": "a note\nof two lines 🦊",
    "buffer_before": timedelta(minutes=5),
    "buffer_after": timedelta(minutes=10),
    "correlation_id": "a-request",
}


def through_the_table(item: dict[str, Any]) -> dict[str, Any]:
    return from_wire(to_wire(item))


@pytest.mark.parametrize("changes", [{}, EVERYTHING])
def test_a_booking_comes_back_as_it_went(changes: dict[str, Any]) -> None:
    booking = a_booking(**changes)
    assert booking_from(through_the_table(booking_item(booking))) == booking


def test_a_booking_is_due_where_it_has_an_instant_and_stands_in_no_index_where_it_has_none() -> (
    None
):
    due = booking_item(a_booking(due_at=NOW))
    assert due["dueAt"] == epoch(NOW)
    assert due["dueShard"].startswith("DUE#")
    assert not {"dueAt", "dueShard"} & set(booking_item(a_booking(due_at=None)))


def test_a_booking_is_kept_as_long_as_its_file_is_served() -> None:
    booking = a_booking()
    assert booking_item(booking)["ttl"] == epoch(booking.slot.end + KEPT)
    assert KEPT >= FILE_LIFETIME


def test_a_hold_comes_back_as_it_went_and_ends_by_the_clock() -> None:
    booking = a_booking()
    hold = Hold(
        app_id=booking.app_id,
        share_id=booking.share_id,
        calendar_id=booking.calendar_id,
        guest=booking.guest.uid,
        slot=booking.slot,
        claimed=booking.slot.widened(HALF_HOUR, HALF_HOUR),
        expires_at=NOW + timedelta(minutes=5),
    )
    item = through_the_table(hold_item(hold))
    assert hold_from(item) == hold
    assert item["ttl"] == epoch(hold.expires_at)


@pytest.mark.parametrize("correlation_id", ["", "a-request"])
def test_a_watch_comes_back_as_it_went_and_is_due(correlation_id: str) -> None:
    watch = orphan_watch(a_booking(correlation_id=correlation_id, revision=3), NOW)
    item = through_the_table(watch_item(watch))
    assert watch_from(item) == watch
    assert item["dueAt"] == epoch(NOW)


def test_each_stands_under_its_app_and_a_watch_for_each_event_beside_its_booking() -> None:
    watch = orphan_watch(a_booking(), NOW)
    pk, sk = booking_key(watch.app_id, watch.booking_id)
    assert pk.startswith("APP#app#")
    assert watch_key(watch)[0] == pk
    assert watch_key(watch.with_(revision=1))[1] != watch_key(watch)[1] != sk
    assert hold_key("app", "s", "bob") != hold_key("app", "s", "carol")
