"""The CometChat emulator: what is unread, lists of conversations, and receipts."""

from collections.abc import Iterator
from typing import Any

import pytest

from local.cometchat.server import create_app
from tests.emulators.chat_server import ADMIN, OTHER, ChatServer, refusal
from tests.emulators.serving import served

pytestmark = pytest.mark.integration
BOB = ADMIN | {"onBehalfOf": "bob"}
ALICE = ADMIN | {"onBehalfOf": "alice"}
DAVE = ADMIN | {"onBehalfOf": "dave"}
#: What the SDKs send to count.
COUNT = "hideMessagesFromBlockedUsers=0&unread=1&count=1"
TEAM = {"receiver": "team", "receiverType": "group"}


@pytest.fixture(scope="module")
def chat_server() -> Iterator[ChatServer]:
    server = ChatServer()
    with served(lambda _address: create_app(now=server.now)) as server.address:
        yield server


@pytest.fixture
def chat(chat_server: ChatServer) -> ChatServer:
    """Bob has messages of alice (1, 2), of carol (4) and in the team (5); he wrote 3 himself."""
    chat_server.reset()
    tell(chat_server, "alice")
    tell(chat_server, "alice", seconds=10)
    tell(chat_server, "bob", receiver="alice")
    tell(chat_server, "carol", seconds=10)
    tell(chat_server, "alice", seconds=10, **TEAM)
    return chat_server


def tell(chat: ChatServer, sender: str, *, seconds: int = 0, **changed: str) -> dict[str, Any]:
    """Send a text message, to bob unless it is changed, after so many seconds."""
    chat.seconds += seconds
    text = {"category": "message", "type": "text", "data": {"text": "Hello"}}
    return chat.sent(sender, **text, **changed)


def block(chat: ChatServer, who: str, whom: str) -> None:
    assert chat.call("POST", f"/users/{who}/blockedusers", {"blockedUids": [whom]}).ok


def listed(chat: ChatServer, query: str = "", **headers: str) -> list[dict[str, Any]]:
    """List conversations, bob's unless other headers are given."""
    answer = chat.call("GET", f"/conversations?{query}", **(headers or BOB))
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["data"]
    return found


def ids_of(chat: ChatServer, query: str = "", **headers: str) -> list[str]:
    return [each["conversationId"] for each in listed(chat, query, **headers)]


def counts(chat: ChatServer, path: str, **headers: str) -> list[dict[str, Any]]:
    answer = chat.call("GET", path, version="v3.0", **headers)
    assert answer.status_code == 200, answer.text
    assert list(answer.json()) == ["data"]
    found: list[dict[str, Any]] = answer.json()["data"]
    return found


def test_unread_messages_are_counted_by_who_they_came_from(chat: ChatServer) -> None:
    alice = {"entityType": "user", "entityId": "alice", "count": 2}
    carol = {"entityType": "user", "entityId": "carol", "count": 1}
    team = {"entityType": "group", "entityId": "team", "count": 1}
    for headers in (BOB, chat.as_client("bob")):
        assert counts(chat, f"/messages?{COUNT}", **headers) == [alice, carol, team]
        of_users = counts(chat, f"/messages?{COUNT}&receiverType=user", **headers)
        assert of_users == [alice, carol]
        assert counts(chat, f"/messages?{COUNT}&receiverType=group", **headers) == [team]
        assert counts(chat, f"/users/ALICE/messages?{COUNT}&uid=alice", **headers) == [alice]
        assert counts(chat, f"/groups/team/messages?{COUNT}&guid=team", **headers) == [team]
    assert counts(chat, f"/users/dave/messages?{COUNT}&uid=dave", **BOB) == []
    assert counts(chat, f"/messages?{COUNT}", **OTHER, onBehalfOf="alice") == []


def test_a_count_is_of_all_that_is_unread_and_not_of_a_page(chat: ChatServer) -> None:
    for _ in range(12):
        tell(chat, "carol")
    assert counts(chat, f"/users/carol/messages?{COUNT}", **BOB)[0]["count"] == 13


def test_an_unread_list_holds_what_counts_as_unread(chat: ChatServer) -> None:
    quiet = chat.sent("alice")
    assert chat.ids("/users/alice/messages?unread=1", **BOB) == ["1", "2"]
    assert chat.ids("/messages?unread=true", **BOB) == ["1", "2", "4", "5"]
    assert chat.ids("/users/alice/messages?unread=0", **BOB) == ["1", "2", "3", quiet["id"]]
    chat.call("POST", "/users/alice/conversation/read", {"messageId": 1}, **BOB)
    assert chat.ids("/users/alice/messages?unread=1", **BOB) == ["2"]
    assert chat.ids("/users/bob/messages?unread=1", **ALICE) == ["3"]


@pytest.mark.parametrize(
    ("path", "headers", "field"),
    [
        ("/messages?unread=1&count=1", ADMIN, "onBehalfOf"),
        ("/messages?unread=maybe", BOB, "unread"),
        ("/messages?count=1", BOB, "count"),
        ("/messages?unread=0&count=1", BOB, "count"),
        ("/messages?hideMessagesFromBlockedUsers=2", BOB, "hideMessagesFromBlockedUsers"),
        ("/messages?unread=1&uid=alice", BOB, "uid"),
        ("/users/alice/messages?unread=1&guid=team", BOB, "guid"),
        ("/conversations?conversationType=both", BOB, "conversationType"),
        ("/conversations?unread=maybe", DAVE, "unread"),
        ("/conversations?perPage=0", BOB, "perPage"),
        ("/conversations?per_page=1001", BOB, "per_page"),
        ("/conversations?limit=3", BOB, "limit"),
    ],
)
def test_what_no_sdk_asks_is_refused_by_name(
    chat: ChatServer, path: str, headers: dict[str, str], field: str
) -> None:
    answer = chat.call("GET", path, **headers)
    assert refusal(answer) == (400, "ERR_BAD_REQUEST")
    assert list(answer.json()["error"]["details"]) == [field]


def test_messages_of_blocked_people_are_hidden_from_who_asks_so(chat: ChatServer) -> None:
    block(chat, "bob", "alice")
    hide = COUNT.replace("Users=0", "Users=1")
    assert [each["entityId"] for each in counts(chat, f"/messages?{hide}", **BOB)] == ["carol"]
    shown = [each["entityId"] for each in counts(chat, f"/messages?{COUNT}", **BOB)]
    assert shown == ["alice", "carol", "team"]
    path = "/users/alice/messages?hideMessagesFromBlockedUsers"
    assert chat.ids(f"{path}=1", **BOB) == ["3"]
    assert chat.ids(f"{path}=0", **BOB) == ["1", "2", "3"]
    theirs = chat.ids("/users/bob/messages?hideMessagesFromBlockedUsers=1", **ALICE)
    assert theirs == ["1", "2", "3"]


def test_conversations_are_listed_newest_first(chat: ChatServer) -> None:
    expected = ["group_team", "bob_user_carol", "alice_user_bob"]
    assert ids_of(chat) == expected
    assert ids_of(chat, **chat.as_client("bob")) == expected
    assert ids_of(chat, **DAVE) == []
    tell(chat, "bob", seconds=10, receiver="alice")
    assert ids_of(chat) == ["alice_user_bob", "group_team", "bob_user_carol"]
    _, team, carol = listed(chat)
    partner = team["conversationWith"]
    assert (partner["guid"], partner["hasJoined"]) == ("team", True)
    assert (carol["conversationWith"]["uid"], carol["unreadMessageCount"]) == ("carol", "1")


def test_one_conversation_says_how_far_it_was_read(chat: ChatServer) -> None:
    path = "/users/alice/conversation"
    fresh = chat.call("GET", path, **BOB).json()["data"]
    assert (fresh["latestMessageId"], fresh["unreadMentionsCount"]) == ("3", 0)
    assert "lastReadMessageId" not in fresh
    assert chat.call("POST", f"{path}/read", {"messageId": 2}, **BOB).ok
    seen = chat.call("GET", path, **BOB).json()["data"]
    assert (seen["lastReadMessageId"], seen["unreadMessageCount"]) == ("2", "0")
    assert seen == next(each for each in listed(chat) if each["conversationId"] == "alice_user_bob")


def test_conversations_come_page_by_page(chat: ChatServer) -> None:
    page = chat.call("GET", "/conversations?per_page=2&page=2", **BOB).json()
    assert [each["conversationId"] for each in page["data"]] == ["alice_user_bob"]
    assert page["meta"]["pagination"] == {
        "total": 3,
        "count": 1,
        "per_page": 2,
        "current_page": 2,
        "total_pages": 2,
    }
    assert ids_of(chat, "perPage=1") == ["group_team"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("conversationType=user", "bob_user_erin bob_user_carol alice_user_bob"),
        ("conversationType=group", "group_team"),
        ("unread=true", "group_team bob_user_carol"),
        ("searchKey=AR", "bob_user_carol"),
        ("userTags=friend", "bob_user_erin"),
        ("userTags=friend,stranger", "bob_user_erin"),
        ("userTags=stranger", ""),
        ("groupTags=friend", ""),
        ("tags=friend", ""),
    ],
)
def test_conversations_are_filtered(chat: ChatServer, query: str, expected: str) -> None:
    chat.call("POST", "/users/alice/conversation/read", {}, **BOB)
    assert chat.call("POST", "/users", {"uid": "erin", "name": "Erin", "tags": ["friend"]}).ok
    tell(chat, "bob", receiver="erin")
    assert ids_of(chat, query) == expected.split()


def test_tags_of_people_are_shown_to_those_who_ask(chat: ChatServer) -> None:
    assert chat.call("POST", "/users", {"uid": "erin", "name": "Erin", "tags": ["friend"]}).ok
    tell(chat, "erin", seconds=10)
    assert "tags" not in listed(chat)[0]["conversationWith"]
    asked = listed(chat, "withUserAndGroupTags=true&withTags=true")[0]
    assert (asked["conversationWith"]["tags"], asked["tags"]) == (["friend"], [])


def test_blocked_people_are_listed_only_where_they_are_asked_for(chat: ChatServer) -> None:
    block(chat, "bob", "alice")
    assert ids_of(chat) == ["group_team", "bob_user_carol"]
    assert ids_of(chat, "includeBlockedUsers=true")[-1] == "alice_user_bob"
    asked = listed(chat, "includeBlockedUsers=true&withBlockedInfo=true")[-1]["conversationWith"]
    assert (asked["blockedByMe"], asked["blockedByMeAt"]) == (True, chat.seconds)
    theirs = listed(chat, "withBlockedInfo=1", **ALICE)[-1]["conversationWith"]
    assert (theirs["uid"], theirs["hasBlockedMe"]) == ("bob", True)


def test_the_apps_server_lists_the_conversations_of_everybody(chat: ChatServer) -> None:
    assert ids_of(chat, **ADMIN) == [
        *("group_team", "alice_user_bob"),
        *("group_team", "bob_user_carol", "alice_user_bob"),
        *("group_team", "bob_user_carol"),
    ]


def test_a_deleted_message_is_nobodys_last_word(chat: ChatServer) -> None:
    path = "/users/carol/conversation"
    assert chat.call("GET", path, **BOB).json()["data"]["lastMessage"]["id"] == "4"
    chat.call("DELETE", "/messages/4", **ADMIN)
    assert "lastMessage" not in chat.call("GET", path, **BOB).json()["data"]
    tell(chat, "carol")
    assert chat.call("GET", path, **BOB).json()["data"]["lastMessage"]["sender"] == "carol"


def test_what_is_read_and_delivered_shows_on_the_message(chat: ChatServer) -> None:
    def receipts(message_id: int) -> dict[str, Any]:
        message = chat.call("GET", f"/messages/{message_id}", **ALICE).json()["data"]
        return {name: message[name] for name in ("deliveredAt", "readAt") if name in message}

    path = "/users/alice/conversation"
    assert receipts(1) == {}
    reached = chat.seconds
    assert chat.call("POST", f"{path}/delivered", {"messageId": 1}, **BOB).ok
    chat.seconds += 10
    answer = chat.call("POST", f"{path}/delivered", **BOB)
    assert answer.json()["data"]["success"] is True
    assert (receipts(1), receipts(2)) == (
        {"deliveredAt": reached},
        {"deliveredAt": reached + 10},
    )
    chat.seconds += 10
    assert chat.call("POST", f"{path}/read", **BOB).json()["data"]["success"] is True
    assert receipts(2) == {"deliveredAt": reached + 10, "readAt": reached + 20}
    assert receipts(3) == {}
    chat.seconds += 10
    assert chat.call("POST", f"{path}/read", **BOB).ok
    assert receipts(2)["readAt"] == reached + 20


def test_a_group_is_read_by_each_member_alone(chat: ChatServer) -> None:
    path = "/groups/team/conversation"
    carol = chat.as_client("carol")
    assert chat.call("POST", f"{path}/delivered", **carol).ok
    assert chat.call("POST", f"{path}/read", **carol).ok
    assert listed(chat, "unread=1", **carol) == []
    assert "group_team" in ids_of(chat, "unread=1")
    for verb, below in (("POST", "read"), ("POST", "delivered"), ("DELETE", "read")):
        answer = chat.call(verb, f"{path}/{below}", {"messageId": 5}, **DAVE)
        assert refusal(answer) == (403, "ERR_CONVERSATION_NOT_ACCESSIBLE")
    assert refusal(chat.call("POST", f"{path}/read")) == (400, "ERR_BAD_REQUEST")


def test_a_message_marked_as_unread_is_the_first_unread_one(chat: ChatServer) -> None:
    path = "/users/alice/conversation/read"
    chat.call("POST", path, **BOB)
    answer = chat.call("DELETE", path, {"messageId": "2"}, **BOB).json()["data"]
    assert answer["success"] is True
    conversation = answer["conversation"]
    assert (conversation["lastReadMessageId"], conversation["unreadMessageCount"]) == ("1", "1")
    assert chat.ids("/users/alice/messages?unread=1", **BOB) == ["2"]
    assert chat.call("DELETE", path, {"messageId": 1}, **BOB).ok
    assert chat.ids("/users/alice/messages?unread=1", **BOB) == ["1", "2"]
    assert chat.call("DELETE", path, {"messageId": 2}, **BOB).ok
    assert chat.ids("/users/alice/messages?unread=1", **BOB) == ["1", "2"]
    for body in ({}, {"messageId": 4}, {"message": 1}):
        assert refusal(chat.call("DELETE", path, body, **BOB)) == (400, "ERR_BAD_REQUEST")
    group = chat.call("DELETE", "/groups/team/conversation/read", {"messageId": 5}, **BOB)
    assert group.json()["data"]["conversation"]["unreadMessageCount"] == "1"
