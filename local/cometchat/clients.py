"""The endpoints that only a user's client calls: who am I, and the app's settings."""

from collections.abc import Mapping
from typing import Any

from local.cometchat.callers import Call, read_object

Answer = dict[str, Any]


class Clients:
    """Answers with the settings that an SDK asks for.

    Args:
        settings: Replaces or adds settings, for example `EXTENSION_DOMAIN`.
    """

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._settings = dict(settings)

    async def me(self, call: Call) -> Answer:
        """`GET /me`, and `PUT /me`, which an SDK calls to log in."""
        await read_object(call.request)  # a device registers; only that it is JSON matters here
        user = call.app.user(call.require_uid())
        token = call.token or ""  # a client has one
        jwt = call.app.issue_jwt(token)
        more = {"authToken": token, "jwt": jwt, "settings": self._of(call)}
        return {"data": user.as_json() | more}

    async def begin_session(self, call: Call) -> Answer:
        """`POST /user_sessions`, by which an SDK counts its users; nothing is kept of it."""
        await read_object(call.request)
        return {"data": {"success": True}}

    async def settings(self, call: Call) -> Answer:
        """`GET /settings`."""
        return {"data": self._of(call)}

    def _of(self, call: Call) -> dict[str, Any]:
        host = call.request.host
        known = {
            "REGION": call.app.region,
            "CHAT_API_VERSION": "v3.0",
            "EXTENSION_DOMAIN": "cometchat.io",
            "CLIENT_API_HOST": host,
            "ADMIN_API_HOST": host,
            "CHAT_HOST": f"{call.app.app_id}.websocket-{call.app.region}.cometchat.io",
            "CHAT_WSS_PORT": "443",
            "MODE": "DEFAULT",
            "ANALYTICS_PING_DISABLED": True,
            "extensions": [],
            "settingsHash": "local",
        }
        return known | self._settings
