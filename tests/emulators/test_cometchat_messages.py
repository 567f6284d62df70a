"""The CometChat emulator: sending, listing, editing and deleting messages."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from local.cometchat.server import create_app
from tests.emulators.chat_server import ADMIN, OTHER, START, ChatServer, custom_message, refusal
from tests.emulators.serving import served

pytestmark = pytest.mark.integration
ALICE = ADMIN | {"onBehalfOf": "alice"}
DAVE = ADMIN | {"onBehalfOf": "dave"}


@pytest.fixture(scope="module")
def chat_server() -> Iterator[ChatServer]:
    server = ChatServer()
    with served(lambda _address: create_app(now=server.now)) as server.address:
        yield server


@pytest.fixture
def chat(chat_server: ChatServer) -> ChatServer:
    chat_server.reset()
    return chat_server


def person(uid: str, name: str) -> dict[str, Any]:
    known = {"uid": uid, "name": name, "status": "offline", "role": "default"}
    return known | {"createdAt": START}


def test_sent_message_is_answered_whole(chat: ChatServer) -> None:
    data = {"text": "Hi", "customData": {"v": 1}, "updateConversation": True, "metadata": {"a": 1}}
    answer = chat.send("Bob", receiver="ALICE", data=data, muid="m-1", tags=["t"])
    assert answer.json() == {
        "data": {
            "id": "1",
            "muid": "m-1",
            "conversationId": "alice_user_bob",
            "sender": "bob",
            "receiverType": "user",
            "receiver": "alice",
            "category": "custom",
            "type": "extension_calendar",
            "data": data
            | {
                "entities": {
                    "sender": {"entity": person("bob", "Bob"), "entityType": "user"},
                    "receiver": {
                        "entity": person("alice", "Alice") | {"conversationId": "alice_user_bob"},
                        "entityType": "user",
                    },
                }
            },
            "sentAt": START,
            "updatedAt": START,
        }
    }


def test_same_muid_twice_makes_two_messages(chat: ChatServer) -> None:
    first, second = (chat.sent(muid="m-1") for _ in range(2))
    assert (first["id"], second["id"], second["muid"]) == ("1", "2", "m-1")


def test_without_a_user_the_app_itself_sends(chat: ChatServer) -> None:
    assert chat.sent(None)["sender"] == "app_system"
    assert chat.sent(None, receiver="team", receiverType="group")["sender"] == "app_system"


def test_client_sends_as_its_user_whatever_else_it_claims(chat: ChatServer) -> None:
    client = chat.as_client("carol") | {"onBehalfOf": "alice"}
    sent = chat.call("POST", "/messages", custom_message(), version="v3.0", **client)
    assert sent.json()["data"]["sender"] == "carol"


def test_message_to_a_group_reaches_members_only(chat: ChatServer) -> None:
    sent = chat.sent(receiver="TEAM", receiverType="group")
    assert (sent["receiver"], sent["conversationId"]) == ("team", "group_team")
    assert sent["data"]["entities"]["receiver"]["entity"]["membersCount"] == 3
    assert chat.ids("/messages", **chat.as_client("carol")) == ["1"]
    assert chat.ids("/messages", **DAVE) == []
    stranger = chat.send("dave", receiver="team", receiverType="group")
    assert refusal(stranger) == (403, "ERR_GROUP_NOT_JOINED")


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"receiver": None}, (400, "ERR_BAD_REQUEST")),
        ({"receiver": 7}, (400, "ERR_BAD_REQUEST")),
        ({"receiverType": None}, (400, "ERR_BAD_REQUEST")),
        ({"receiverType": "all"}, (400, "ERR_INVALID_RECEIVER_TYPE")),
        ({"receiver": "nobody"}, (404, "ERR_UID_NOT_FOUND")),
        ({"receiver": "nobody", "receiverType": "group"}, (404, "ERR_GUID_NOT_FOUND")),
        ({"category": None}, (400, "ERR_EMPTY_MESSAGE_CATEGORY")),
        ({"category": "interactive"}, (400, "ERR_INVALID_MESSAGE_CATEGORY")),
        ({"type": None}, (400, "ERR_EMPTY_MESSAGE_TYPE")),
        ({"type": 7}, (400, "ERR_INVALID_MESSAGE_TYPE")),
        ({"category": "message", "type": "poem"}, (400, "ERR_INVALID_MESSAGE_TYPE")),
        ({"category": "message", "type": "image"}, (400, "ERR_BAD_REQUEST")),
        ({"data": None}, (400, "ERR_INVALID_MESSAGE_DATA")),
        ({"data": {"text": "Hi"}}, (400, "ERR_EMPTY_CUSTOM_DATA")),
        ({"data": {"customData": {}}}, (400, "ERR_EMPTY_CUSTOM_DATA")),
        ({"data": {"customData": "x"}}, (400, "ERR_INVALID_CUSTOM_DATA")),
        ({"data": {"customData": {"a": 1}, "metadata": "x"}}, (400, "ERR_INVALID_METADATA")),
        ({"data": {"customData": {"a": 1}, "text": 7}}, (400, "ERR_INVALID_MESSAGE_TEXT")),
        ({"category": "message", "type": "text", "data": {}}, (400, "ERR_EMPTY_MESSAGE_TEXT")),
        ({"muid": 7}, (400, "ERR_BAD_REQUEST")),
        ({"tags": "t"}, (400, "ERR_BAD_REQUEST")),
        ({"tags": ["t"] * 26}, (400, "ERR_BAD_REQUEST")),
        ({"tags": ["t" * 101]}, (400, "ERR_BAD_REQUEST")),
        ({"multipleReceivers": {"uids": ["bob"]}}, (400, "ERR_BAD_REQUEST")),
        ({"silent": True}, (400, "ERR_BAD_REQUEST")),
    ],
)
def test_bad_messages_are_refused_and_not_stored(
    chat: ChatServer, changed: dict[str, Any], expected: tuple[int, str]
) -> None:
    assert refusal(chat.send(**changed)) == expected
    assert chat.raw("GET", "/_control/messages?app=local").json() == {"data": []}


def test_missing_receiver_is_named(chat: ChatServer) -> None:
    error = chat.send(receiver=None).json()["error"]
    assert error["details"] == {"receiver": ["The receiver field is required."]}


def test_tags_up_to_the_limit_are_kept(chat: ChatServer) -> None:
    tags = [f"{n:0100}" for n in range(25)]
    chat.sent(tags=tags)
    (stored,) = chat.raw("GET", "/_control/messages?app=local").json()["data"]
    assert stored["tags"] == tags


def test_data_may_have_ten_kilobytes_with_its_entities(chat: ChatServer) -> None:
    small = chat.sent(data={"customData": {"a": ""}})["data"]
    spent = len(json.dumps(small, separators=(",", ":")))
    room = 10_000 - spent
    assert chat.send(data={"customData": {"a": "x" * room}}).status_code == 200
    for too_much in ("x" * (room + 1), "é" * (room // 2 + 1)):
        answer = chat.send(data={"customData": {"a": too_much}})
        assert refusal(answer) == (400, "ERR_BAD_REQUEST")


def test_message_may_have_65536_characters(chat: ChatServer) -> None:
    answer = chat.send(data={"customData": {"a": "x" * 65_536}})
    assert list(answer.json()["error"]["details"]) == ["message"]


def test_blocked_people_cannot_write_to_one_another(chat: ChatServer) -> None:
    chat.call("POST", "/users/bob/blockedusers", {"blockedUids": ["alice"]})
    assert refusal(chat.send("alice", receiver="bob")) == (403, "ERR_BLOCKED_SENDER")
    assert refusal(chat.send("bob", receiver="alice")) == (403, "ERR_BLOCKED_RECEIVER")
    chat.call("DELETE", "/users/bob/blockedusers", {"blockedUids": ["alice"]})
    assert chat.send("alice", receiver="bob").status_code == 200


@pytest.fixture
def busy_chat(chat: ChatServer) -> ChatServer:
    """Six messages: 1-2 alice to bob, 3 bob to alice, 4 alice to team, 5 carol to dave, 6 text."""
    chat.sent(tags=["calendar", "calendar:1"])
    chat.sent(type="other", tags=["calendar", "calendar:2"])
    chat.seconds += 10
    chat.sent("bob", receiver="alice")
    chat.sent(receiver="team", receiverType="group")
    chat.sent("carol", receiver="dave")
    chat.seconds += 10
    chat.sent("bob", receiver="alice", category="message", type="text", data={"text": "See you"})
    return chat


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", "1 2 3 4 6"),
        ("?conversationId=alice_user_bob", "1 2 3 6"),
        ("?category=message", "6"),
        ("?categories=message,custom&types=text,other", "2 6"),
        ("?categories=message&categories=custom&type=other", "2"),
        ("?tags=calendar", "1 2"),
        ("?tags[]=calendar:2&tags[]=nothing", "2"),
        ("?sender=BOB", "3 6"),
        ("?receiver=bob", "1 2"),
        ("?receiverType=group", "4"),
        (f"?fromTimestamp={START + 10}&toTimestamp={START + 10}", "3 4"),
        ("?searchKey=see", "6"),
        ("?limit=2", "4 6"),
        ("?limit=2&affix=prepend&id=4", "2 3"),
        ("?limit=2&affix=append&id=2", "3 4"),
        ("?affix=append&id=6", ""),
        (f"?affix=append&sentAt={START + 10}", "6"),
        (f"?affix=append&sentAt={START + 10}&id=3", "4 6"),
    ],
)
def test_lists_are_filtered(busy_chat: ChatServer, query: str, expected: str) -> None:
    assert busy_chat.ids(f"/messages{query}", **ALICE) == expected.split()


def test_lists_show_only_what_the_caller_may_read(busy_chat: ChatServer) -> None:
    assert busy_chat.ids("/messages") == ["1", "2", "3", "4", "5", "6"]
    assert busy_chat.ids("/messages", **busy_chat.as_client("carol")) == ["4", "5"]
    assert busy_chat.ids("/users/bob/messages", **ALICE) == ["1", "2", "3", "6"]
    assert busy_chat.ids("/users/bob/messages", **DAVE) == []
    assert busy_chat.ids("/groups/team/messages", **ALICE) == ["4"]
    stranger = busy_chat.call("GET", "/groups/team/messages", **DAVE)
    assert refusal(stranger) == (403, "ERR_GROUP_NOT_JOINED")
    assert refusal(busy_chat.call("GET", "/users/bob/messages")) == (400, "ERR_BAD_REQUEST")
    assert busy_chat.ids("/messages", **OTHER) == []


def test_cursor_leads_through_all_pages(busy_chat: ChatServer) -> None:
    seen: list[str] = []
    cursor = "affix=append&id=0"
    while True:
        page = busy_chat.call("GET", f"/messages?limit=4&{cursor}").json()
        assert page["meta"]["current"] == {"limit": 4, "count": len(page["data"])}
        if "next" not in page["meta"]:
            break
        seen += [message["id"] for message in page["data"]]
        cursor = "&".join(f"{name}={value}" for name, value in page["meta"]["next"].items())
    assert seen == ["1", "2", "3", "4", "5", "6"]


def test_the_sdks_cursor_is_there_as_long_as_there_is_more(busy_chat: ChatServer) -> None:
    def cursor(query: str) -> Any:
        return busy_chat.call("GET", f"/messages?limit=4&{query}").json()["meta"].get("cursor")

    older = {"affix": "prepend", "sentAt": START + 10, "id": "3"}
    assert cursor("affix=prepend") == older
    assert cursor("affix=prepend&id=3") is None
    assert cursor("affix=append&id=0")["id"] == "4"
    assert cursor("affix=append&id=4") is None


def test_tags_are_shown_to_those_who_ask(busy_chat: ChatServer) -> None:
    plain = busy_chat.call("GET", "/messages?tags=calendar:1").json()["data"][0]
    tagged = busy_chat.call("GET", "/messages?tags=calendar:1&withTags=true").json()["data"][0]
    assert "tags" not in plain
    assert tagged["tags"] == ["calendar", "calendar:1"]


def test_list_without_a_limit_has_ten_messages(chat: ChatServer) -> None:
    for _ in range(12):
        chat.sent()
    assert chat.ids("/messages") == [str(n) for n in range(3, 13)]


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=1001",
        "limit=ten",
        "affix=beside",
        "id=first",
        "tag=calendar",
        "sender=",
        "withTags=maybe",
    ],
)
def test_bad_queries_are_refused(chat: ChatServer, query: str) -> None:
    chat.sent()
    answer = chat.call("GET", f"/messages?{query}")
    assert refusal(answer) == (400, "ERR_BAD_REQUEST")
    assert list(answer.json()["error"]["details"]) == [query.split("=", maxsplit=1)[0]]


def test_message_is_read_by_those_in_its_conversation(chat: ChatServer) -> None:
    path = f"/messages/{chat.sent(tags=['t'])['id']}"
    assert chat.call("GET", path, **ALICE).json()["data"]["tags"] == ["t"]
    assert refusal(chat.call("GET", path, **DAVE)) == (403, "ERR_MESSAGE_NO_ACCESS")
    for unknown in ("2", "x", "9" * 40):
        answer = chat.call("GET", f"/messages/{unknown}")
        assert refusal(answer) == (404, "ERR_MESSAGE_ID_NOT_FOUND")


def test_edit_answers_with_an_action_message(chat: ChatServer) -> None:
    path = f"/messages/{chat.sent()['id']}"
    chat.seconds += 5
    body = {"data": {"text": "New", "metadata": {"a": 1}}}
    action = chat.call("PUT", path, body, **ALICE).json()["data"]
    assert (action["id"], action["category"], action["data"]["action"]) == ("2", "action", "edited")
    edited = action["data"]["entities"]["on"]["entity"]
    assert (edited["editedBy"], edited["editedAt"]) == ("alice", START + 5)
    stored = chat.call("GET", path).json()["data"]
    assert (stored["data"]["text"], stored["data"]["customData"]) == ("New", {"v": 1})
    custom = chat.call("PUT", path, {"data": {"customData": {"v": 2}}}, **ALICE)
    assert refusal(custom) == (400, "ERR_BAD_REQUEST")
    assert refusal(chat.call("PUT", path, {}, **ALICE)) == (400, "ERR_BAD_REQUEST")
    bob = ADMIN | {"onBehalfOf": "bob"}
    assert refusal(chat.call("PUT", path, body, **bob)) == (403, "ERR_MESSAGE_NOT_A_SENDER")
    refused = chat.call("PUT", f"/messages/{action['id']}", body, **ALICE)
    assert refusal(refused) == (400, "ERR_MESSAGE_ACTION_NOT_ALLOWED")


def test_deleted_message_is_empty_and_can_be_hidden(chat: ChatServer) -> None:
    path = f"/messages/{chat.sent()['id']}"
    action = chat.call("DELETE", path, **ALICE).json()["data"]
    assert action["data"]["action"] == "deleted"
    stored = chat.call("GET", path).json()["data"]
    assert (list(stored["data"]), stored["deletedBy"]) == (["entities"], "alice")
    assert chat.ids("/messages?hideDeleted=true&category=custom") == []
    again = chat.call("DELETE", path, **ALICE)
    assert refusal(again) == (400, "ERR_MESSAGE_ACTION_NOT_ALLOWED")


def test_permanently_deleted_message_is_gone(chat: ChatServer) -> None:
    path = f"/messages/{chat.sent()['id']}"
    chat.call("DELETE", path, {"permanent": True}, **ALICE)
    assert refusal(chat.call("GET", path)) == (404, "ERR_MESSAGE_ID_NOT_FOUND")
    assert chat.sent()["id"] == "3"


def test_the_sdks_word_for_the_limit_is_understood(busy_chat: ChatServer) -> None:
    query = "per_page=2&hideReplies=true&withThreadSubscribed=true"
    page = busy_chat.call("GET", f"/messages?{query}").json()
    assert page["meta"]["current"] == {"limit": 2, "count": 2}
    assert refusal(busy_chat.call("GET", "/messages?per_page=0")) == (400, "ERR_BAD_REQUEST")
