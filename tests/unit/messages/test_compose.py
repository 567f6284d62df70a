"""What every message says, whatever owed item it is composed from."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from scheduling.messages.notifications import notice
from scheduling.models import OutboxKind
from tests.fakes import START
from tests.world import World


def _send_notice(world: World) -> None:
    world.outbox.add(notice(world.tenant.app_id, world.alice.uid, "connected", about="test"))
    world.deliver_all()


def _send_invite(world: World) -> None:
    request = world.request(world.share(), START + timedelta(hours=4))
    world.use_cases.booker.book(world.bob, request, world.deadline())
    world.deliver_all()


#: What sends a message of each kind, as the last one.
SENDING: dict[OutboxKind, Callable[[World], object]] = {
    OutboxKind.AVAILABILITY: World.share,
    OutboxKind.INVITE: _send_invite,
    OutboxKind.NOTICE: _send_notice,
}


@pytest.mark.parametrize("kind", list(OutboxKind))
def test_a_message_of_any_kind_says_that_it_notifies(world: World, kind: OutboxKind) -> None:
    """CometChat sends no push, mail or SMS for a custom message that does not say so.

    A kind of which the contract says otherwise (a companion text follows it, or it has no push of
    its own) says false here, and then counts as unread no more.
    """
    assert kind in SENDING, f"Say here how a message of kind {kind} is sent, and what it says."
    SENDING[kind](world)
    message = world.chat.sent[-1]
    kinds = {each["outboxId"]: each["kind"] for each in world.items() if "outboxId" in each}
    assert kinds[message.outbox_id] == kind
    data = message.as_json()["data"]
    assert data["sendNotification"] is True
    assert data["metadata"]["incrementUnreadCount"] is True
