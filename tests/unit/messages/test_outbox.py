"""Owed messages: sent once, in order, by one worker at a time, or told to be undeliverable."""

from datetime import timedelta

import pytest

from scheduling.core.errors import ChatUnavailable
from scheduling.models import BookingState, OutboxItem, OutboxKind, OutboxState
from scheduling.ports import Busy
from scheduling.rules.notifications import notice
from tests.fakes import Crash
from tests.unit.meetings import LATER, SLOT, busy, left_open, moved, stored
from tests.world import World


def owed(world: World, number: int = 0) -> OutboxItem:
    item = notice(world.tenant.app_id, world.alice.uid, "connected", about="test")
    return OutboxItem(
        app_id=item.app_id,
        owner=item.owner,
        number=number,
        kind=OutboxKind.NOTICE,
        outbox_id=f"{item.outbox_id}-{number}",
        reason="connected",
        uid=item.uid,
    )


def deliver(world: World, item: OutboxItem) -> OutboxItem | None:
    return world.use_cases.delivery.deliver(item.app_id, item.owner, item.number)


def test_a_message_is_sent_once_however_often_it_is_delivered(world: World) -> None:
    item = owed(world)
    world.outbox.add(item)
    world.outbox.add(item)
    for _ in range(3):
        sent = deliver(world, item)
        assert sent is not None
        assert sent.state is OutboxState.SENT
    assert len(world.chat.sent) == 1


def test_nothing_is_owed_under_an_unknown_name(world: World) -> None:
    assert deliver(world, owed(world)) is None


def test_a_later_message_waits_for_an_earlier_one(world: World) -> None:
    first, second = owed(world, 0), owed(world, 1)
    world.outbox.add(first)
    world.outbox.add(second)
    with pytest.raises(Busy):
        deliver(world, second)
    deliver(world, first)
    deliver(world, second)
    assert [message.outbox_id for message in world.chat.sent] == [first.outbox_id, second.outbox_id]


def test_another_worker_leaves_a_leased_message_alone(world: World) -> None:
    item = owed(world)
    world.outbox.add(item)
    read = world.outbox.get(item.app_id, item.owner, 0)
    assert read is not None
    world.outbox.lease(read, world.clock.now(), world.clock.now() + timedelta(seconds=60))
    with pytest.raises(Busy):
        deliver(world, item)
    with pytest.raises(Busy):
        world.outbox.lease(read, world.clock.now(), world.clock.now() + timedelta(seconds=60))


def test_a_message_is_tried_again_by_reconcile_when_its_time_has_come(world: World) -> None:
    item = owed(world)
    world.outbox.add(item)
    world.chat.unreachable = True
    with pytest.raises(ChatUnavailable):
        deliver(world, item)
    world.chat.unreachable = False
    world.clock.pass_(seconds=30)
    world.reconcile()
    assert world.chat.sent == []
    world.clock.pass_(seconds=31)
    world.reconcile()
    assert len(world.chat.sent) == 1


def test_an_answer_that_was_lost_sends_nothing_twice(world: World) -> None:
    item = owed(world)
    world.outbox.add(item)
    world.chat.silent = 1
    with pytest.raises(ChatUnavailable):
        deliver(world, item)
    world.clock.pass_(seconds=61)
    sent = deliver(world, item)
    assert sent is not None
    assert sent.message_id == "1"
    assert len(world.chat.sent) == 1


def test_an_invite_that_the_chat_refuses_is_told_to_the_host(world: World) -> None:
    share = world.share()
    booking = world.use_cases.booker.book(
        world.bob, world.request(share, SLOT), world.deadline()
    ).booking
    world.chat.refusals = ["ERR_BLOCKED_RECEIVER"]
    world.deliver_all()
    world.deliver_all()
    (heard,) = world.chat.of_type("notice")
    assert heard.receiver.id == "alice"
    assert heard.custom["reason"] == "undeliverable"
    assert heard.custom["bookingId"] == booking.booking_id
    assert world.metrics.counts["MessageUndeliverable"] == 1


def test_a_message_of_an_app_that_is_gone_is_undeliverable(world: World) -> None:
    item = owed(world)
    world.outbox.add(item)
    world.client.delete_item(
        TableName=world.table.name, Key={"pk": {"S": "APP#app"}, "sk": {"S": "TENANT"}}
    )
    world.clock.pass_(minutes=2)
    ended = deliver(world, item)
    assert ended is not None
    assert ended.state is OutboxState.UNDELIVERABLE


def test_a_word_that_a_later_one_tells_too_is_not_sent(world: World) -> None:
    share = world.share()
    booking = world.use_cases.booker.book(
        world.bob, world.request(share, SLOT), world.deadline()
    ).booking
    moved(world, booking, LATER, "")
    world.deliver_all()
    (word,) = world.chat.of_type("invite")
    assert (word.custom["sequence"], word.custom["status"]) == (1, "confirmed")
    assert world.metrics.counts["MessageSuperseded"] == 1


def test_a_refusal_that_waited_says_nothing_of_the_time_that_is_claimed_anew(world: World) -> None:
    booking = left_open(world)
    busy(world)
    world.clock.pass_(seconds=61)
    world.reconcile()
    assert stored(world, booking).state is BookingState.REFUSED
    world.calendar.manual.clear()
    world.calendar.faults["insert_event"] = [Crash()]
    request = world.request(booking.share_id, SLOT)
    with pytest.raises(Crash):
        world.use_cases.booker.book(world.bob, request, world.deadline())
    world.deliver_all()
    assert world.chat.of_type("invite") == []
    world.clock.pass_(minutes=2)
    world.reconcile()
    world.deliver_all()
    (word,) = world.chat.of_type("invite")
    assert word.custom["status"] == "confirmed"
