"""The websocket of users' clients: what is sent arrives at once, and receipts are said here.

CometChat publishes nothing of it, so this is what JavaScript SDK 4.2.0 sends and understands. A
client opens with `{"type": "auth", "appId", "deviceId", "body": {"auth"}}`, where `auth` is the
`jwt` that `/me` answered, and gets `body` `{"code": "200", "status": "OK"}`. From then on

* `{"action": "ping"}` is answered by `{"action": "pong"}`,
* `{"type": "receipts", "body": {"action": "read" or "delivered", "messageId"}}` marks what the user
  received up to that message, and is passed on to the other people of the conversation,
* each stored message comes as `{"type": "message", "body": message}`, to its sender's other devices
  too.

What is not known is assumed: who has no right `auth` gets `code` 401 and is hung up on; a receipt
for what one may not read is dropped. Nobody hears who types or who is online.
"""

import asyncio
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from local.cometchat import receipts
from local.cometchat.refusals import Refusal
from local.cometchat.store import ChatApp, Message

_MARKS = {"read": receipts.mark_read, "delivered": receipts.mark_delivered}


@dataclass(eq=False)
class _Client:
    """One device of a user, with what is still to be sent to it; None ends the connection."""

    app: ChatApp
    uid: str
    device: str
    frames: asyncio.Queue[Any] = field(default_factory=asyncio.Queue)


class Sockets:
    """All open websockets."""

    def __init__(self) -> None:
        self._apps: Mapping[str, ChatApp] = {}
        self._clients: list[_Client] = []

    def serve(self, apps: Mapping[str, ChatApp]) -> None:
        """Serve these apps from now on; who is connected to others is hung up on."""
        self.hang_up()
        self._apps = apps
        for app in apps.values():
            app.listeners.append(self._publish)

    def add_routes(self, app: web.Application) -> None:
        """Take connections at the root, as CometChat's websocket hosts do."""

        async def end(_app: web.Application) -> None:
            self.hang_up()

        app.router.add_get("/", self._join)
        app.on_shutdown.append(end)

    def hang_up(self) -> None:
        """End every connection, once what is under way is sent."""
        for client in self._clients:
            client.frames.put_nowait(None)

    async def _join(self, request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse()
        if not socket.can_prepare(request):
            raise web.HTTPNotFound
        await socket.prepare(request)
        client = self._admit(_event(await socket.receive()))
        if client is None:
            if not socket.closed:
                await socket.send_json({"type": "auth", "body": {"code": "401", "status": "ERROR"}})
            await socket.close()
            return socket
        self._clients.append(client)
        client.frames.put_nowait(_frame(client, "auth", {"code": "200", "status": "OK"}))
        writer = asyncio.create_task(_send(socket, client))
        try:
            async for said in socket:
                self._hear(client, _event(said))
        finally:
            self._clients.remove(client)
            writer.cancel()
        return socket

    def _admit(self, event: Mapping[str, Any]) -> _Client | None:
        app = self._apps.get(str(event.get("appId")))
        body = event.get("body")
        if app is None or event.get("type") != "auth" or not isinstance(body, dict):
            return None
        uid = app.uid_of_jwt(str(body.get("auth")))
        return _Client(app, uid, str(event.get("deviceId"))) if uid is not None else None

    def _hear(self, client: _Client, event: Mapping[str, Any]) -> None:
        body = event.get("body")
        if event.get("action") == "ping":
            client.frames.put_nowait({"action": "pong"})
        elif event.get("type") == "receipts" and isinstance(body, dict):
            self._mark(client, body)

    def _mark(self, client: _Client, body: Mapping[str, Any]) -> None:
        app, action = client.app, str(body.get("action"))
        try:
            message = app.message(str(body.get("messageId")))
        except Refusal:
            return
        if action not in _MARKS or not app.may_read(client.uid, message):
            return
        _MARKS[action](app, client.uid, message.conversation_id, message.id)
        user = app.user(client.uid).as_entity()
        marked = {"action": action, "messageId": str(message.id), "timestamp": app.now()}
        receiver = message.receiver if message.receiver_type == "group" else message.sender
        frame = _frame(client, "receipts", marked | {"user": user})
        frame |= {"receiver": receiver, "receiverType": message.receiver_type}
        self._spread(app, message, frame)

    def _publish(self, app: ChatApp, message: Message) -> None:
        frame = {
            "appId": app.app_id,
            "receiver": message.receiver,
            "receiverType": message.receiver_type,
            "deviceId": message.device,
            "sender": message.sender,
            "type": "message",
            "body": message.as_json(),
        }
        self._spread(app, message, frame)

    def _spread(self, app: ChatApp, message: Message, frame: Mapping[str, Any]) -> None:
        """Send an event to everybody in a message's conversation but the device it is from."""
        for client in self._clients:
            concerned = client.app is app and app.may_read(client.uid, message)
            if concerned and client.device != frame["deviceId"]:
                client.frames.put_nowait(frame)


def _frame(client: _Client, kind: str, body: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "appId": client.app.app_id,
        "deviceId": client.device,
        "sender": client.uid,
        "type": kind,
        "body": body,
    }


def _event(said: Any) -> Mapping[str, Any]:
    """Read what a client sent; what is no JSON object is an event of no kind."""
    try:
        event = json.loads(said.data)
    except (TypeError, ValueError, RecursionError):
        return {}
    return event if isinstance(event, dict) else {}


async def _send(socket: web.WebSocketResponse, client: _Client) -> None:
    with suppress(ConnectionError):  # the client may go at any time
        while (frame := await client.frames.get()) is not None:
            await socket.send_json(frame)
    await socket.close()
