"""Messages that are owed and messages that are sent, in CometChat's form."""

from dataclasses import replace

from scheduling.models import AppId, Message, OutboxItem, OutboxKind, Receiver, Uid

MESSAGE = Message(
    sender=Uid("alice"),
    receiver=Receiver("bob", "user"),
    type="extension_calendar_invite",
    text="You meet.",
    custom={"bookingId": "b"},
    outbox_id="outbox-1",
    mirrored={"bookingId": "b"},
)
ITEM = OutboxItem(AppId("app"), "BOOKING#b", 0, OutboxKind.INVITE, "outbox-1")


def test_a_message_counts_as_unread_and_moves_its_conversation_up() -> None:
    data = MESSAGE.data()
    assert data["text"] == "You meet."
    assert data["updateConversation"] is True
    assert data["sendNotification"] is True
    assert data["metadata"]["incrementUnreadCount"] is True
    assert data["metadata"]["@injected"]["extensions"] == {
        "calendar-scheduling": {"bookingId": "b"}
    }


def test_a_message_is_known_by_its_outbox_id_wherever_it_is_looked_for() -> None:
    body = MESSAGE.as_json()
    assert body["muid"] == body["data"]["customData"]["outboxId"] == "outbox-1"
    assert body["tags"] == ["calendar-scheduling", "calendar-scheduling:outbox-1"]
    assert (body["receiver"], body["receiverType"], body["category"]) == ("bob", "user", "custom")


def test_a_message_tells_its_form_its_id_and_what_it_is_about() -> None:
    assert MESSAGE.data()["customData"] == {"v": 1, "outboxId": "outbox-1", "bookingId": "b"}


def test_the_log_names_a_message_by_its_booking_if_it_has_one() -> None:
    assert ITEM.ids == {"app_id": "app", "outbox_id": "outbox-1", "booking_id": "b"}
    notice = replace(ITEM, owner="NOTICE#n", kind=OutboxKind.NOTICE, booking_id="about")
    assert notice.ids["booking_id"] == "about"
    assert replace(ITEM, owner="SHARE#s").ids == {"app_id": "app", "outbox_id": "outbox-1"}
