"""Notifications to hosts: owed once for each reason and subject, however often it is noticed."""

from scheduling.models import AppId, OutboxKind, OutboxState, Uid
from scheduling.rules.notifications import notice
from tests.world import World

APP, ALICE = AppId("app"), Uid("alice")


def test_the_same_thing_noticed_again_is_the_same_message() -> None:
    assert notice(APP, ALICE, "clash", "b/0") == notice(APP, ALICE, "clash", "b/0")
    others = {
        notice(APP, ALICE, "clash", "b/0").outbox_id,
        notice(APP, ALICE, "clash", "b/1").outbox_id,
        notice(APP, ALICE, "undeliverable", "b/0").outbox_id,
        notice(APP, Uid("bob"), "clash", "b/0").outbox_id,
        notice(AppId("other"), ALICE, "clash", "b/0").outbox_id,
    }
    assert len(others) == 5


def test_a_notice_says_to_whom_why_and_about_which_booking() -> None:
    item = notice(APP, ALICE, "clash", "b/0", booking_id="b")
    assert (item.kind, item.state) == (OutboxKind.NOTICE, OutboxState.OWED)
    assert (item.app_id, item.uid, item.reason, item.booking_id) == ("app", "alice", "clash", "b")
    assert item.owner.endswith(item.outbox_id), "no notice waits for another one"


def test_what_is_noticed_twice_is_told_once(world: World) -> None:
    for _ in range(2):
        world.outbox.add(notice(APP, ALICE, "clash", "b/0"))
        world.deliver_all()
    assert len(world.chat.of_type("notice")) == 1
