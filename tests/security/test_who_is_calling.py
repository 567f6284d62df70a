"""Who is calling is what CometChat says of the token, for the app that it came with."""

import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import requests

from local.cometchat.server import create_app
from local.template import Template
from scheduling.adapters.cometchat import CometChat
from scheduling.config import ChatConfig
from scheduling.errors import ChatUnavailable
from scheduling.models import AppId, Person, Secret, Tenant, Uid
from tests.e2e.conftest import Town
from tests.fakes import FakeClock
from tests.security.document import ROOT
from tests.stand_ins.chat_server import ChatServer
from tests.stand_ins.serving import served

TEMPLATE = Template.read(ROOT / "template.yaml", {"GoogleClientId": "client"})
#: The routes of chat users, with nothing in particular where an id is asked for.
ROUTES = [
    (route.method, route.path[1:].replace("{shareId}", "0" * 32).replace("{bookingId}", "0" * 32))
    for route in TEMPLATE.routes()
    if route.path.startswith("/v1/") and "{file}" not in route.path
]
TENANT = Tenant(AppId("local"), "us", "Local App", Secret("local-api-key"))
BOB = Person(Uid("bob"), "Bob")


def asked(town: Town) -> int:
    """Count the calls by which CometChat was asked who somebody is."""
    log = requests.get(f"{town.world.cometchat.url}/_control/log", timeout=10).json()["requests"]
    return sum(each["method"] in {"users.me", "auth_tokens.get"} for each in log)


# Over HTTP, against everything


@pytest.mark.e2e
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"appId": "local"},
        {"authToken": "bob_1234567890abcdef"},
        {"appId": "local", "authToken": "x"},
        {"appId": "local", "authToken": "bob_123456 7890abcdef"},
        {"appId": "local", "authToken": "bob_1234567890abcdé".encode()},
        {"appId": "local", "authToken": "../me?x=" + "y" * 600},
        {"appId": "nobodys", "authToken": "bob_1234567890abcdef"},
        {"appId": "local/../other", "authToken": "bob_1234567890abcdef"},
        {"appId": "local.evil.test", "authToken": "bob_1234567890abcdef"},
    ],
    ids=range(10),
)
def test_a_token_or_app_of_impossible_form_is_refused_before_the_chat_is_asked(
    town: Town, headers: dict[str, Any]
) -> None:
    before = asked(town)
    for method, path in ROUTES:
        answer = town.send(method, path, headers=headers, json={} if method != "GET" else None)
        assert (answer.status_code, answer.json()["error"]["code"]) == (401, "UNAUTHENTICATED")
    assert asked(town) == before


@pytest.mark.e2e
def test_a_token_that_the_chat_does_not_know_gets_nowhere(town: Town) -> None:
    headers = {"appId": "local", "authToken": "bob_1234567890abcdef"}
    for method, path in ROUTES:
        answer = town.send(method, path, headers=headers, json={} if method != "GET" else None)
        assert (answer.status_code, answer.json()["error"]["code"]) == (401, "UNAUTHENTICATED")


@pytest.mark.e2e
def test_a_token_counts_for_the_app_that_it_is_of_and_no_other(town: Town) -> None:
    elsewhere = {"appId": "other", "authToken": town.world.token("other", "alice")}
    assert town.send("GET", "v1/connection", headers=elsewhere).status_code == 200
    mixed = {**elsewhere, "appId": "local"}
    assert town.send("GET", "v1/connection", headers=mixed).status_code == 401
    assert town.send("GET", "v1/connection", headers=elsewhere).status_code == 200


@pytest.mark.e2e
def test_nothing_but_the_token_says_who_is_calling(town: Town) -> None:
    host, guest = town.host(), town.person("guest")
    claims = {"uid": host.uid, "onBehalfOf": host.uid, "sender": host.uid, "host": host.uid}
    headers = {"onBehalfOf": host.uid, "uid": host.uid, "Authorization": "Bearer of-the-host"}
    body = {"receiver": "carol", "receiverType": "user", **claims}
    answer = town.send("POST", "v1/share", guest, json=body, headers=headers)
    assert answer.json()["error"]["code"] == "NOT_CONNECTED"
    query = f"v1/connection?uid={host.uid}&onBehalfOf={host.uid}"
    assert town.send("GET", query, guest, headers=headers).json() == {"data": {"state": "none"}}


@pytest.mark.e2e
def test_no_header_chooses_a_host_to_call_or_to_lead_to(town: Town) -> None:
    with socket.create_server(("127.0.0.1", 0)) as trap:
        trap.setblocking(False)
        where = f"127.0.0.1:{trap.getsockname()[1]}"
        named = ("Host", "Forwarded", "X-Forwarded-Host", "X-Forwarded-For", "Origin", "Referer")
        more = ("region", "resource", "sdk", "chatApiVersion", "apiHost", "clientHost")
        headers = dict.fromkeys((*named, *more), where)
        caller = town.person("caller")
        answer = town.send("POST", "v1/connect", caller, headers=headers, json={})
        assert answer.json()["data"]["connectUrl"].startswith(f"{town.world.url}/connect/")
        for app_id in (where, f"{where}/", f"local@{where}", f"x.{where}"):
            answer = town.send("GET", "v1/connection", caller, headers={"appId": app_id})
            assert answer.status_code == 401
        with pytest.raises(BlockingIOError):
            trap.accept()


@pytest.mark.e2e
@pytest.mark.parametrize(
    ("fault", "seconds"),
    [
        ({"kind": "drop_before"}, "5"),
        ({"kind": "status", "status": 500}, "5"),
        ({"kind": "status", "status": 429, "headers": {"Retry-After": "17"}}, "17"),
        ({"kind": "status", "status": 200, "body": "<html>Welcome to the hotel</html>"}, "5"),
    ],
)
def test_while_the_chat_is_down_nobody_is_let_in_and_is_told_when_to_come_again(
    town: Town, fault: dict[str, Any], seconds: str
) -> None:
    caller = town.person("caller")
    town.world.cometchat.add_fault(match="*", times=0, **fault)
    for method, path in ROUTES:
        answer = town.send(method, path, caller, json={} if method != "GET" else None)
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "CHAT_UNAVAILABLE")
        assert answer.headers["Retry-After"] == seconds


# The adapter, against whatever CometChat may say


class Chat:
    """The adapter, and the stand-in behind it."""

    def __init__(self, server: ChatServer) -> None:
        self.server = server
        self.clock = FakeClock()
        urls = ChatConfig(f"{server.address}/v3", f"{server.address}/v3.0")
        self.adapter = CometChat(urls, self.clock)
        self.token = server.as_client("bob")["authToken"]

    def who(self, token: str = "", tenant: Tenant = TENANT) -> Person | None:
        """Ask who a token is."""
        return self.adapter.whoami(tenant, token or self.token)

    def says(self, body: Any, status: int = 200, match: str = "users.me", times: int = 1) -> None:
        """CometChat answers this."""
        self.server.fault(match, "status", status=status, body=body, times=times)

    def without_me(self) -> None:
        """The client's host knows no `/me` any more."""
        self.says({"error": {"code": "ERR_API_NOT_FOUND"}}, status=404, times=0)

    def log(self) -> list[dict[str, Any]]:
        """Give the calls since the last look."""
        found: list[dict[str, Any]] = self.server.raw("GET", "/_control/log").json()["requests"]
        self.server.raw("DELETE", "/_control/log")
        return found


@pytest.fixture(scope="module")
def server() -> Iterator[ChatServer]:
    made = ChatServer()
    with served(lambda _: create_app(now=made.now)) as made.address:
        yield made


@pytest.fixture
def chat(server: ChatServer) -> Iterator[Chat]:
    server.raw("DELETE", "/_faults")
    server.reset()
    made = Chat(server)
    made.log()
    yield made
    made.adapter.close()


@pytest.mark.parametrize(
    "body",
    [
        {"data": None},
        {"data": []},
        {"data": "bob"},
        {"data": {}},
        {"data": {"uid": None, "name": "Bob"}},
        {"data": {"uid": 7}},
        {"data": {"uid": ["alice"]}},
        {"data": {"uid": ""}},
        {"data": {"uid": "bob#SHARE"}},
        {"data": {"uid": "../alice"}},
        {"data": {"uid": "b" * 101}},
        {"data": {"uid": "alice", "authToken": "alice_1764000000ffffffffffffffff"}},
        {"error": "no", "data": {"uid": "bob"}},
        {"error": {"code": "ERR_SOMETHING_NEW"}, "data": {"uid": "bob"}},
        {"uid": "bob"},
        ["bob"],
        "bob",
    ],
)
def test_an_answer_of_another_form_lets_nobody_in_and_is_not_kept(chat: Chat, body: Any) -> None:
    chat.says(body)
    with pytest.raises(ChatUnavailable):
        chat.who()
    assert chat.who() == BOB


@pytest.mark.parametrize("status", [201, 302, 404])
def test_a_user_comes_with_200_alone(chat: Chat, status: int) -> None:
    chat.says({"data": {"uid": "alice", "name": "Alice"}}, status=status)
    with pytest.raises(ChatUnavailable):
        chat.who()


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"data": {"uid": "bob", "name": "Bob", "deactivatedAt": 1764000000}}, 200),
        ({"error": {"code": "ERR_UID_NOT_FOUND"}}, 404),
        ({"error": {"code": "AUTH_ERR_AUTH_TOKEN_NOT_FOUND"}}, 400),
        ({"error": {"code": "AUTH_ERR_INVALID_APPID"}}, 401),
        ({"error": {"code": "ERR_SOMETHING_NEW"}}, 401),
        ({"data": {"uid": "alice"}}, 403),
    ],
)
def test_a_deactivated_user_and_a_dead_token_are_nobody(
    chat: Chat, body: dict[str, Any], status: int
) -> None:
    chat.says(body, status=status)
    assert chat.who() is None
    assert chat.who() == BOB, "a no is not kept"


def test_who_is_active_may_be_told_so(chat: Chat) -> None:
    chat.says({"data": {"uid": "BOB", "name": "Bob", "deactivatedAt": 0}})
    assert chat.who() == BOB


@pytest.mark.parametrize(
    ("name", "shown"),
    [("x" * 500, "x" * 100), (7, "bob"), (None, "bob"), (" \n", "bob"), ("B\nb\u202e", "B b")],
)
def test_a_name_is_one_short_line(chat: Chat, name: Any, shown: str) -> None:
    chat.says({"data": {"uid": "bob", "name": name}})
    assert chat.who() == Person(Uid("bob"), shown)


def test_an_answer_is_kept_under_a_hash_for_a_minute_and_for_its_app_alone(chat: Chat) -> None:
    assert chat.who() == BOB
    chat.clock.pass_(seconds=59)
    assert chat.who() == BOB
    assert len(chat.log()) == 1
    kept = repr(vars(chat.adapter._people))
    assert "bob" in kept
    assert chat.token not in kept
    other = replace(TENANT, app_id=AppId("other"), api_key=Secret("other-api-key"))
    assert chat.who(tenant=other) is None
    chat.server.call("DELETE", "/users/bob/auth_tokens")
    chat.clock.pass_(seconds=1)
    assert chat.who() is None


def test_what_is_kept_does_not_grow_without_end(chat: Chat) -> None:
    for number in range(4001):
        chat.adapter._people.keep(BOB, str(number))
    assert len(chat.adapter._people._kept) <= 2000


def test_where_the_client_host_has_no_me_the_token_itself_is_looked_up(chat: Chat) -> None:
    chat.without_me()
    assert chat.who() == BOB
    assert [each["method"] for each in chat.log()] == ["users.me", "auth_tokens.get", "users.get"]
    assert chat.who() == BOB
    assert chat.log() == []


@pytest.mark.parametrize(
    "token",
    ["bob_1764000000ffffffffffffffff", "no-underscore-in-it", "_1764000000ffffff", "bob_"],
)
def test_a_looked_up_token_that_is_not_there_is_nobodys(chat: Chat, token: str) -> None:
    chat.without_me()
    assert chat.who(token) is None


def test_a_looked_up_token_is_the_users_to_whom_it_was_given(chat: Chat) -> None:
    chat.without_me()
    mine = chat.token.partition("_")[2]
    assert chat.who(f"alice_{mine}") is None
    for answer in (
        {"uid": "alice", "authToken": chat.token},
        {"uid": "bob", "authToken": chat.token + "0"},
        {"uid": "bob"},
        [{"uid": "bob", "authToken": chat.token}],
    ):
        chat.says({"data": answer}, match="auth_tokens.get")
        assert chat.who() is None
    gone = {"error": {"code": "ERR_UID_NOT_FOUND"}}
    chat.says(gone, status=404, match="users.get")
    assert chat.who() is None
    assert chat.who() == BOB


@pytest.mark.parametrize(
    "token",
    [
        "bob_/../../alice/x",
        "bob_?perPage=1",
        "bob_#fragment",
        "bob_%2e%2e%2fx",
        "bob_..;x",
    ],
)
def test_a_token_is_one_part_of_a_path_whatever_it_is_made_of(chat: Chat, token: str) -> None:
    chat.without_me()
    assert chat.who(token) is None
    _, call = chat.log()
    assert (call["method"], call["query"]) == ("auth_tokens.get", {})
    assert call["path"] == f"/v3/users/bob/auth_tokens/{token}"


@pytest.mark.parametrize("token", ["../me_1764000000", "a/b_1764000000", "a?b_17640", "%2e_12345"])
def test_what_cannot_be_a_uid_is_not_looked_up(chat: Chat, token: str) -> None:
    chat.without_me()
    assert chat.who(token) is None
    assert [each["method"] for each in chat.log()] == ["users.me"]


def test_no_call_follows_a_redirect_to_another_host(chat: Chat) -> None:
    reached = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as trap:
        trap.settimeout(0.5)
        where = {"Location": f"http://127.0.0.1:{trap.getsockname()[1]}/me"}
        chat.server.fault("users.me", "status", status=307, headers=where, body={})
        with pytest.raises(ChatUnavailable):
            chat.who()
        try:
            trap.accept()
            reached.set()
        except TimeoutError:
            pass
    assert not reached.is_set()
