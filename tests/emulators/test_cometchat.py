"""The CometChat emulator: callers, users, tokens, groups, limits, faults, control."""

from collections.abc import Iterator

import pytest
import requests

from local.cometchat.server import create_app
from tests.emulators.chat_server import ADMIN, OTHER, START, ChatServer, refusal
from tests.emulators.serving import served

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def chat_server() -> Iterator[ChatServer]:
    server = ChatServer()
    with served(lambda _address: create_app(now=server.now, others_a_minute=40)) as server.address:
        yield server


@pytest.fixture
def chat(chat_server: ChatServer) -> ChatServer:
    chat_server.reset()
    return chat_server


@pytest.mark.parametrize("version", ["v3", "v3.0"])
@pytest.mark.parametrize(
    "headers",
    [
        {"appId": "local", "apiKey": "local-api-key"},
        {"APPID": "local", "APIKEY": "local-api-key"},
        {"Host": "local.api-us.cometchat.io", "apikey": "local-api-key"},
        {"Host": "local.apiclient-us.cc-edge-2.io", "apikey": "local-api-key"},
    ],
)
def test_both_versions_any_header_case_and_the_host_are_understood(
    chat: ChatServer, version: str, headers: dict[str, str]
) -> None:
    answer = chat.call("GET", "/users/ALICE", version=version, **headers)
    assert answer.json() == {
        "data": {
            "uid": "alice",
            "name": "Alice",
            "status": "offline",
            "role": "default",
            "createdAt": START,
        }
    }


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"apikey": "local-api-key"}, (401, "AUTH_ERR_EMPTY_APPID")),
        ({"appid": "nobody", "apikey": "local-api-key"}, (401, "AUTH_ERR_INVALID_APPID")),
        ({"Host": "local.api-eu.cometchat.io", "apikey": "k"}, (401, "AUTH_ERR_INVALID_APPID")),
        (
            {"Host": "local.api-us.cometchat.io", "appid": "other", "apikey": "other-api-key"},
            (401, "AUTH_ERR_INVALID_APPID"),
        ),
        ({"appid": "local"}, (401, "AUTH_ERR_EMPTY_APIKEY")),
        ({"appid": "local", "apikey": "other-api-key"}, (401, "AUTH_ERR_APIKEY_NOT_FOUND")),
        ({"appid": "local", "apikey": "local-auth-key"}, (403, "AUTH_ERR_NO_ACCESS")),
        ({"appid": "local", "authToken": ""}, (401, "AUTH_ERR_EMPTY_AUTH_TOKEN")),
        ({"appid": "local", "authToken": "alice_1a"}, (401, "AUTH_ERR_AUTH_TOKEN_NOT_FOUND")),
        (ADMIN | {"onBehalfOf": "Nobody"}, (404, "ERR_UID_NOT_FOUND")),
    ],
)
def test_unknown_callers_are_refused(
    chat: ChatServer, headers: dict[str, str], expected: tuple[int, str]
) -> None:
    assert refusal(chat.call("GET", "/messages", **headers)) == expected


@pytest.mark.parametrize(
    ("verb", "path"), [("GET", "/v3/nothing"), ("PATCH", "/v3/users"), ("GET", "/v2/users")]
)
def test_unknown_endpoints_are_not_found(chat: ChatServer, verb: str, path: str) -> None:
    assert refusal(chat.raw(verb, path, headers=ADMIN)) == (404, "ERR_API_NOT_FOUND")


def test_authentication_key_may_create_users_and_tokens_only(chat: ChatServer) -> None:
    headers = {"appid": "local", "apikey": "local-auth-key"}
    created = chat.call("POST", "/users", {"uid": "Erin", "name": "E"}, **headers)
    assert created.json()["data"]["uid"] == "erin"
    token = chat.call("POST", "/users/erin/auth_tokens", {}, **headers).json()["data"]["authToken"]
    path = f"/users/erin/auth_tokens/{token}"
    assert refusal(chat.call("GET", path, **headers)) == (403, "AUTH_ERR_NO_ACCESS")


def test_created_user_can_log_in_at_once(chat: ChatServer) -> None:
    body = {"uid": "erin", "name": "Erin", "avatar": "https://a.example/e", "withAuthToken": True}
    user = chat.call("POST", "/users", body).json()["data"]
    client = {"appId": "local", "authToken": user.pop("authToken")}
    me = chat.call("GET", "/me", **client).json()["data"]
    assert {name: me[name] for name in user} == user
    assert user["avatar"] == body["avatar"]


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        ({"name": "E"}, "ERR_BAD_REQUEST", "uid"),
        ({"uid": "e"}, "ERR_BAD_REQUEST", "name"),
        ({"uid": "e e", "name": "E"}, "ERR_BAD_REQUEST", "uid"),
        ({"uid": "e" * 101, "name": "E"}, "ERR_BAD_REQUEST", "uid"),
        ({"uid": "e", "name": "E", "metadata": {"a": "x" * 5000}}, "ERR_BAD_REQUEST", "metadata"),
        ({"uid": "e", "name": "E", "colour": "red"}, "ERR_BAD_REQUEST", "colour"),
        ({"uid": "ALICE", "name": "A"}, "ERR_UID_ALREADY_EXISTS", None),
    ],
)
def test_bad_users_are_refused(
    chat: ChatServer, body: dict[str, object], code: str, field: str | None
) -> None:
    answer = chat.call("POST", "/users", body)
    assert refusal(answer) == (400, code)
    assert list(answer.json()["error"].get("details", {})) == ([field] if field else [])


def test_token_proves_its_user_until_it_is_deleted(chat: ChatServer) -> None:
    alice = chat.as_client("alice")
    token = alice["authToken"]
    assert token.startswith(f"alice_{START}")
    assert chat.call("GET", "/me", version="v3.0", **alice).json()["data"]["uid"] == "alice"
    path = f"/users/alice/auth_tokens/{token}"
    expected = {"uid": "alice", "authToken": token, "createdAt": START}
    assert chat.call("GET", path).json() == {"data": expected}
    theirs = chat.call("GET", path.replace("users/alice", "users/bob"))
    assert refusal(theirs) == (403, "ERR_AUTHTOKEN_NOT_ACCESSIBLE")
    elsewhere = chat.call("GET", "/me", **(alice | {"appId": "other"}))
    assert refusal(elsewhere) == (401, "AUTH_ERR_AUTH_TOKEN_NOT_FOUND")
    assert chat.call("DELETE", path).json()["data"]["success"] is True
    assert refusal(chat.call("GET", "/me", **alice)) == (401, "AUTH_ERR_AUTH_TOKEN_NOT_FOUND")
    assert refusal(chat.call("GET", path)) == (404, "ERR_AUTH_TOKEN_NOT_FOUND")


def test_only_the_newest_hundred_tokens_of_a_user_are_valid(chat: ChatServer) -> None:
    first = chat.as_client("alice")
    for minute in range(4):
        chat.seconds = START + 60 * (minute + 1)
        for _ in range(25):
            chat.as_client("alice")
    chat.seconds += 60
    listed = chat.call("GET", "/users/alice/auth_tokens?perPage=30&page=4").json()
    assert listed["meta"]["pagination"] == {
        "total": 100,
        "count": 10,
        "per_page": 30,
        "current_page": 4,
        "total_pages": 4,
    }
    assert refusal(chat.call("GET", "/me", **first)) == (401, "AUTH_ERR_AUTH_TOKEN_NOT_FOUND")


def test_client_gets_the_settings_of_its_app(chat: ChatServer) -> None:
    alice = chat.as_client("alice")
    settings = chat.call("GET", "/settings", **alice).json()["data"]
    assert (settings["REGION"], settings["EXTENSION_DOMAIN"]) == ("us", "cometchat.io")
    login = chat.call("PUT", "/me", {"platform": "javascript"}, **alice).json()["data"]
    assert (login["settings"], login["authToken"]) == (settings, alice["authToken"])
    assert refusal(chat.call("GET", "/settings")) == (401, "AUTH_ERR_EMPTY_AUTH_TOKEN")


def test_apps_do_not_know_one_another(chat: ChatServer) -> None:
    assert chat.call("GET", "/users/alice", **OTHER).json()["data"]["name"] == "Alice"
    assert refusal(chat.call("GET", "/users/bob", **OTHER)) == (404, "ERR_UID_NOT_FOUND")
    assert refusal(chat.call("GET", "/groups/team", **OTHER)) == (404, "ERR_GUID_NOT_FOUND")


def test_group_says_who_has_joined(chat: ChatServer) -> None:
    group = chat.call("GET", "/groups/TEAM").json()["data"]
    assert (group["owner"], group["membersCount"]) == ("alice", 3)
    assert "hasJoined" not in group
    bob = chat.call("GET", "/groups/team", **ADMIN, onBehalfOf="bob").json()["data"]
    assert (bob["hasJoined"], bob["scope"]) == (True, "participant")
    dave = chat.call("GET", "/groups/team", **chat.as_client("dave")).json()["data"]
    assert dave["hasJoined"] is False


def test_members_are_listed_by_pages(chat: ChatServer) -> None:
    body = [{"app": "local", "uid": f"u{n}", "name": "U", "groups": ["team"]} for n in range(4)]
    assert chat.raw("POST", "/_control/users", json=body).status_code == 201
    page = chat.call("GET", "/groups/team/members?perPage=3&page=2").json()
    assert [member["uid"] for member in page["data"]] == ["u0", "u1", "u2"]
    assert page["data"][0]["scope"] == "participant"
    pages = page["meta"]["pagination"]
    assert (pages["total"], pages["count"], pages["total_pages"]) == (7, 3, 3)
    stranger = chat.call("GET", "/groups/team/members", **ADMIN, onBehalfOf="dave")
    assert refusal(stranger) == (403, "ERR_GROUP_NOT_JOINED")
    wrong = chat.call("GET", "/groups/team/members?perPage=0")
    assert refusal(wrong) == (400, "ERR_BAD_REQUEST")


def test_conversation_of_a_group_begins_with_its_first_message(chat: ChatServer) -> None:
    path, alice = "/groups/team/conversation", ADMIN | {"onBehalfOf": "alice"}
    not_accessible = (403, "ERR_CONVERSATION_NOT_ACCESSIBLE")
    assert refusal(chat.call("GET", path, **alice)) == not_accessible
    sent = chat.sent(receiver="team", receiverType="group")
    conversation = chat.call("GET", path, **alice).json()["data"]
    assert conversation["lastMessage"]["id"] == sent["id"]
    assert conversation["conversationWith"]["hasJoined"] is True
    assert refusal(chat.call("GET", path, **ADMIN, onBehalfOf="dave")) == not_accessible
    assert refusal(chat.call("GET", path)) == (400, "ERR_BAD_REQUEST")


def test_a_conversation_of_two_counts_what_is_unread(chat: ChatServer) -> None:
    path, bob = "/users/alice/conversation", ADMIN | {"onBehalfOf": "bob"}
    assert refusal(chat.call("GET", path, **bob)) == (403, "ERR_CONVERSATION_NOT_ACCESSIBLE")

    def unread() -> str:
        return str(chat.call("GET", path, **bob).json()["data"]["unreadMessageCount"])

    first = chat.sent(category="message", type="text", data={"text": "Hello"})
    chat.sent()  # a custom message that does not ask to be counted
    assert unread() == "1"
    last = chat.sent(
        data={"customData": {"v": 1}, "metadata": {"incrementUnreadCount": True}},
    )
    shown = chat.call("GET", path, **bob).json()["data"]
    assert (shown["unreadMessageCount"], shown["lastMessage"]["id"]) == ("2", last["id"])
    assert chat.call("POST", f"{path}/read", {"messageId": first["id"]}, **bob).ok
    assert unread() == "1"
    assert refusal(chat.call("POST", f"{path}/read", {"messageId": "999"}, **bob))[0] == 400
    assert chat.call("POST", f"{path}/read", {}, **bob).ok
    assert unread() == "0"


def test_a_list_of_blocks_shows_whom_its_user_has_blocked(chat: ChatServer) -> None:
    path = "/users/bob/blockedusers"
    results = chat.call("POST", path, {"blockedUids": ["ALICE", "bob", "nobody"]}).json()["data"]
    assert results["alice"]["success"] is True
    assert results["bob"]["error"]["code"] == "ERR_CANNOT_BLOCK_SELF"
    assert results["nobody"]["error"]["code"] == "ERR_UID_NOT_FOUND"
    (blocked,) = chat.call("GET", path).json()["data"]
    assert (blocked["uid"], blocked["blockedByMe"]) == ("alice", True)
    assert chat.call("GET", "/users/alice/blockedusers").json()["data"] == []
    unknown = chat.call("GET", f"{path}?direction=both")
    assert refusal(unknown) == (400, "ERR_BAD_REQUEST")
    seen = chat.call("GET", "/users/bob", **ADMIN, onBehalfOf="alice").json()["data"]
    assert (seen["hasBlockedMe"], seen["conversationId"]) == (True, "alice_user_bob")
    chat.call("DELETE", path, {"blockedUids": ["alice"]})
    assert chat.call("GET", path).json()["data"] == []


@pytest.mark.parametrize(
    "options",
    [
        {"data": b"{", "headers": ADMIN | {"Content-Type": "application/json"}},
        {"data": b'{"uid": NaN}', "headers": ADMIN | {"Content-Type": "application/json"}},
        {"data": b'{"uid": "\\ud800"}', "headers": ADMIN | {"Content-Type": "application/json"}},
        {"data": b"[" * 100_000, "headers": ADMIN | {"Content-Type": "application/json"}},
        {"data": b"{}", "headers": ADMIN | {"Content-Type": "text/plain"}},
        {"json": [], "headers": ADMIN},
        {"data": b" " * 2_000_000, "headers": ADMIN | {"Content-Type": "application/json"}},
    ],
)
def test_bodies_that_are_no_json_object_are_refused(
    chat: ChatServer, options: dict[str, object]
) -> None:
    assert refusal(chat.raw("POST", "/v3/users", **options)) == (400, "ERR_BAD_REQUEST")


def test_rate_limit_counts_by_app_and_minute(chat: ChatServer) -> None:
    answer = chat.call("GET", "/users/alice")
    assert (answer.headers["X-Rate-Limit"], answer.headers["X-Rate-Limit-Remaining"]) == (
        "40",
        "39",
    )
    assert chat.call("POST", "/users", {}).headers["X-Rate-Limit"] == "10000"
    chat.seconds += 10
    last = [chat.call("GET", "/users/alice") for _ in range(40)][-1]
    assert refusal(last) == (429, "ERR_TOO_MANY_REQUESTS")
    wait = START // 60 * 60 + 60 - START - 10
    assert last.headers["Retry-After"] == str(wait)
    assert last.headers["X-Rate-Limit-Reset"] == str(START // 60 * 60 + 60)
    assert chat.call("GET", "/users/alice", **OTHER).status_code == 200
    chat.seconds += wait
    assert chat.call("GET", "/users/alice").status_code == 200


def test_faults_speak_cometchats_language(chat: ChatServer) -> None:
    chat.fault("users.*", "status", status=429)
    chat.fault("users.get", "status", status=429, headers={"Retry-After": "7"})
    chat.fault("users.get", "status", status=502)
    limited, own, broken = (chat.call("GET", "/users/alice") for _ in range(3))
    assert refusal(limited) == (429, "ERR_TOO_MANY_REQUESTS")
    assert int(limited.headers["Retry-After"]) > 0
    assert own.headers["Retry-After"] == "7"
    assert refusal(broken) == (502, "ERR_MISSION_FAILED")
    assert chat.call("GET", "/users/alice").status_code == 200


@pytest.mark.parametrize(("kind", "stored"), [("drop_before", 0), ("drop_after", 1)])
def test_dropped_send_is_stored_only_when_dropped_after(
    chat: ChatServer, kind: str, stored: int
) -> None:
    chat.fault("messages.send", kind)
    with pytest.raises(requests.ConnectionError):
        chat.send()
    messages = chat.raw("GET", "/_control/messages?app=local").json()["data"]
    assert len(messages) == stored
    (line,) = chat.raw("GET", "/_control/log").json()["requests"]
    assert (line["fault"], line["status"]) == (kind, None)


def test_refused_request_can_be_dropped_too(chat: ChatServer) -> None:
    chat.fault("messages.send", "drop_after")
    with pytest.raises(requests.ConnectionError):
        chat.send(category="nonsense")


def test_log_tells_what_was_asked(chat: ChatServer) -> None:
    chat.call("GET", "/users?searchKey=al", appid="nobody")
    chat.send("Alice", muid="m-1")
    searched, sent = chat.raw("GET", "/_control/log").json()["requests"]
    assert (searched["method"], searched["app"], searched["status"]) == ("users.list", None, 401)
    assert searched["query"] == {"searchKey": ["al"]}
    assert (sent["method"], sent["app"], sent["path"]) == ("messages.send", "local", "/v3/messages")
    assert (sent["onBehalfOf"], sent["body"]["muid"]) == ("Alice", "m-1")
    assert chat.raw("DELETE", "/_control/log").json() == {"requests": []}
    assert chat.raw("GET", "/_control/log").json() == {"requests": []}


@pytest.mark.parametrize(
    "body",
    [
        None,
        {"app": "local", "uid": "x"},
        {"app": "nobody", "uid": "x", "name": "X"},
        [{"app": "local", "uid": "x", "name": "X"}, {"app": "local", "uid": "X", "name": "X"}],
        [{"app": "local", "uid": "x", "name": "X"}, {"app": "local", "uid": "bob", "name": "X"}],
        {"app": "local", "uid": "x", "name": "X", "groups": "team"},
    ],
)
def test_people_are_added_all_or_none(chat: ChatServer, body: object) -> None:
    answer = chat.raw("POST", "/_control/users", json=body)
    assert answer.status_code == 400
    assert refusal(chat.call("GET", "/users/x")) == (404, "ERR_UID_NOT_FOUND")


def test_people_are_found_by_the_beginning_of_uid_or_name(chat: ChatServer) -> None:
    chat.raw("POST", "/_control/users", json={"app": "local", "uid": "x1", "name": "Alma"})
    found = chat.call("GET", "/users?searchKey=AL").json()["data"]
    assert [user["uid"] for user in found] == ["alice", "x1"]


def test_browsers_of_any_origin_may_call(chat: ChatServer) -> None:
    preflight = chat.raw("OPTIONS", "/v3.0/messages")
    assert preflight.status_code == 204
    allowed = preflight.headers["Access-Control-Allow-Headers"].lower().split(", ")
    assert {"appid", "authtoken", "resource", "sdk", "chatapiversion", "content-type"} <= {*allowed}
    for path in ("/v3/nothing", "/v3/me", "/_faults"):
        assert chat.raw("GET", path).headers["Access-Control-Allow-Origin"] == "*"
