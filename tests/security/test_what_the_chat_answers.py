"""Who is calling, as the adapter reads it: whatever CometChat may say, nobody slips in."""

import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from local.cometchat.server import create_app
from scheduling.adapters.cometchat.chat import CometChat
from scheduling.core.config import ChatConfig
from scheduling.core.errors import ChatUnavailable
from scheduling.models import AppId, Person, Secret, Tenant, Uid
from tests.emulators.chat_server import ChatServer
from tests.emulators.serving import served
from tests.fakes import FakeClock

pytestmark = pytest.mark.integration

TENANT = Tenant(AppId("local"), "us", "Local App", Secret("local-api-key"))
BOB = Person(Uid("bob"), "Bob")


class Chat:
    """The adapter, and the emulator behind it."""

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
        """Return the calls since the last look."""
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
