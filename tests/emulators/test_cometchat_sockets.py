"""The CometChat emulator's websocket: who may open one, and what is heard and said there."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest

from local.cometchat.server import create_app
from tests.emulators.chat_server import ADMIN, ChatServer
from tests.emulators.serving import served

pytestmark = pytest.mark.integration
SECONDS = 5
Socket = aiohttp.ClientWebSocketResponse


@pytest.fixture(scope="module")
def chat_server() -> Iterator[ChatServer]:
    server = ChatServer()
    with served(lambda _address: create_app(now=server.now)) as server.address:
        yield server


@pytest.fixture
def chat(chat_server: ChatServer) -> ChatServer:
    chat_server.reset()
    return chat_server


def auth(jwt: str, device: str = "phone", app: str = "local") -> dict[str, Any]:
    return {"type": "auth", "appId": app, "deviceId": device, "body": {"auth": jwt}}


def jwt_of(chat: ChatServer, uid: str) -> str:
    return str(chat.call("GET", "/me", **chat.as_client(uid)).json()["data"]["jwt"])


@asynccontextmanager
async def connected(chat: ChatServer, uid: str, device: str = "phone") -> AsyncIterator[Socket]:
    async with aiohttp.ClientSession() as session, session.ws_connect(chat.address) as socket:
        await socket.send_json(auth(jwt_of(chat, uid), device))
        assert (await heard(socket))["body"] == {"code": "200", "status": "OK"}
        yield socket


async def heard(socket: Socket) -> dict[str, Any]:
    event: dict[str, Any] = await socket.receive_json(timeout=SECONDS)
    return event


async def nothing_more(socket: Socket) -> None:
    """Make sure that the answer to a ping is all that still comes."""
    await socket.send_json({"action": "ping", "ack": "true"})
    assert await heard(socket) == {"action": "pong"}


def run(scene: Callable[[], Awaitable[None]]) -> None:
    async def whole() -> None:
        await asyncio.wait_for(scene(), SECONDS * 3)

    asyncio.run(whole())


def test_a_message_arrives_with_both_people_but_not_on_the_device_it_is_from(
    chat: ChatServer,
) -> None:
    async def scene() -> None:
        async with (
            connected(chat, "bob") as bobs,
            connected(chat, "alice", "laptop") as laptop,
            connected(chat, "alice", "phone") as phone,
            connected(chat, "dave") as daves,
        ):
            client = chat.as_client("alice") | {"resource": "laptop"}
            body = {"receiver": "bob", "receiverType": "user", "category": "message"}
            said = body | {"type": "text", "data": {"text": "Tea?"}}
            sent = chat.call("POST", "/messages", said, **client).json()["data"]
            for socket in (bobs, phone):
                event = await heard(socket)
                assert (event["type"], event["sender"]) == ("message", "alice")
                assert event["body"] == sent
            for socket in (laptop, daves):
                await nothing_more(socket)

    run(scene)


def test_what_the_app_sends_arrives_in_the_group_alone(chat: ChatServer) -> None:
    async def scene() -> None:
        async with connected(chat, "carol") as carols, connected(chat, "dave") as daves:
            sent = chat.sent("alice", receiver="team", receiverType="group")
            chat.call("DELETE", f"/messages/{sent['id']}", **ADMIN)
            assert (await heard(carols))["body"]["id"] == sent["id"]
            assert (await heard(carols))["body"]["data"]["action"] == "deleted"
            await nothing_more(daves)

    run(scene)


def test_a_receipt_marks_up_to_its_message_and_is_heard_by_the_other(chat: ChatServer) -> None:
    for _ in range(2):
        chat.sent("alice", category="message", type="text", data={"text": "Hi"})
    path, bob = "/users/alice/conversation", ADMIN | {"onBehalfOf": "bob"}

    def unread() -> str:
        return str(chat.call("GET", path, **bob).json()["data"]["unreadMessageCount"])

    async def scene() -> None:
        async with connected(chat, "bob") as bobs, connected(chat, "alice", "laptop") as alices:
            for action, left in (("delivered", "2"), ("read", "1")):
                body = {"action": action, "messageId": "1"}
                await bobs.send_json({"type": "receipts", "appId": "local", "body": body})
                event = await heard(alices)
                assert (event["type"], event["sender"]) == ("receipts", "bob")
                assert (event["receiver"], event["receiverType"]) == ("alice", "user")
                assert event["body"]["user"]["uid"] == "bob"
                assert event["body"] | body == event["body"]
                assert unread() == left
            await nothing_more(bobs)

    run(scene)
    shown = chat.call("GET", "/messages/1").json()["data"]
    assert (shown["deliveredAt"], shown["readAt"]) == (chat.seconds, chat.seconds)


def test_a_receipt_for_what_one_may_not_read_is_dropped(chat: ChatServer) -> None:
    chat.sent("alice", category="message", type="text", data={"text": "Hi"})

    async def scene() -> None:
        async with connected(chat, "dave") as daves, connected(chat, "alice", "laptop") as alices:
            for body in (
                {"action": "read", "messageId": "1"},
                {"action": "read", "messageId": "77"},
                {"action": "burnt", "messageId": "1"},
                None,
            ):
                await daves.send_json({"type": "receipts", "body": body})
            for noise in ("[]", "{", '"ping"'):
                await daves.send_str(noise)
            await nothing_more(daves)
            await nothing_more(alices)

    run(scene)
    assert "readAt" not in chat.call("GET", "/messages/1").json()["data"]


@pytest.mark.parametrize(
    "said", [auth("nobody's"), auth("", app="other"), {"action": "ping"}, "auth"]
)
def test_who_does_not_prove_who_they_are_is_hung_up_on(chat: ChatServer, said: Any) -> None:
    async def scene() -> None:
        async with aiohttp.ClientSession() as session, session.ws_connect(chat.address) as socket:
            await socket.send_json(said)
            assert (await heard(socket))["body"]["code"] == "401"
            assert (await socket.receive(SECONDS)).type is aiohttp.WSMsgType.CLOSE

    run(scene)


def test_a_jwt_is_of_one_app_and_dies_with_its_auth_token(chat: ChatServer) -> None:
    alice = chat.as_client("alice")
    jwt = chat.call("PUT", "/me", {}, **alice).json()["data"]["jwt"]

    async def refused(app: str) -> None:
        async with aiohttp.ClientSession() as session, session.ws_connect(chat.address) as socket:
            await socket.send_json(auth(jwt, app=app))
            assert (await heard(socket))["body"]["code"] == "401"

    run(lambda: refused("other"))
    chat.call("DELETE", f"/users/alice/auth_tokens/{alice['authToken']}")
    run(lambda: refused("local"))


def test_a_reset_hangs_up_on_everybody(chat: ChatServer) -> None:
    async def scene() -> None:
        async with connected(chat, "bob") as bobs:
            chat.reset()
            assert (await bobs.receive(SECONDS)).type is aiohttp.WSMsgType.CLOSE

    run(scene)


def test_the_root_is_no_page(chat: ChatServer) -> None:
    answer = chat.raw("GET", "/")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "ERR_API_NOT_FOUND")


def test_the_settings_say_where_the_websocket_is(chat: ChatServer) -> None:
    settings = chat.call("GET", "/settings", **chat.as_client("bob")).json()["data"]
    expected = ("local.websocket-us.cometchat.io", "443")
    assert (settings["CHAT_HOST"], settings["CHAT_WSS_PORT"]) == expected
