"""What no CometChat has: a hand behind the curtain, for people and tests. Below `/_control`."""

from typing import Any

from aiohttp import web

from local.cometchat.callers import read_json
from local.cometchat.refusals import Refusal, invalid
from local.cometchat.store import ChatApp
from local.cometchat.world import World

_USER_FIELDS = {"app", "uid", "name", "groups"}


class Control:
    """The routes below `/_control`."""

    def __init__(self, world: World) -> None:
        self._world = world

    def add_routes(self, app: web.Application) -> None:
        """Add all of them."""
        app.router.add_get("/_control/log", self.read_log)
        app.router.add_delete("/_control/log", self.clear_log)
        app.router.add_get("/_control/messages", self.read_messages)
        app.router.add_post("/_control/users", self.add_users)
        app.router.add_post("/_control/reset", self.reset)

    async def read_log(self, _request: web.Request) -> web.Response:
        """List the API requests since the start, oldest first."""
        return web.json_response({"requests": list(self._world.log)})

    async def clear_log(self, _request: web.Request) -> web.Response:
        """Forget the requests."""
        self._world.log.clear()
        return web.json_response({"requests": []})

    async def read_messages(self, request: web.Request) -> web.Response:
        """List all messages of one app, tags included, oldest first."""
        messages = self._app(request.query.get("app")).messages.values()
        return web.json_response({"data": [each.as_json(with_tags=True) for each in messages]})

    async def add_users(self, request: web.Request) -> web.Response:
        """Add one user or a list of them, all or none; `groups` are those they join."""
        body = await read_json(request)
        wanted = body if isinstance(body, list) else [body]
        for user in wanted:
            self._check(user)
        if len({(user["app"], user["uid"].lower()) for user in wanted}) < len(wanted):
            raise invalid(uid="A uid is named twice.")
        added = []
        for user in wanted:
            app = self._app(user["app"])
            person = app.add_user(user["uid"], user["name"])
            for guid in user.get("groups", []):
                app.join(app.group(guid), person.uid)
            added.append(person.as_json())
        return web.json_response({"data": added}, status=201)

    async def reset(self, _request: web.Request) -> web.Response:
        """Put everything back to the start, faults too."""
        self._world.reset()
        return web.json_response({})

    def _app(self, app_id: object) -> ChatApp:
        app = self._world.apps.get(app_id) if isinstance(app_id, str) else None
        if app is None:
            raise invalid(app=f"The app must be one of {', '.join(self._world.apps)}.")
        return app

    def _check(self, user: Any) -> None:
        """Refuse what cannot be added, before the first of a list is."""
        if not isinstance(user, dict) or not {"app", "uid", "name"} <= user.keys() <= _USER_FIELDS:
            raise invalid(body="A user is an object of app, uid, name and, if wanted, groups.")
        app = self._app(user["app"])
        # Tried on an app that is thrown away: the rules of users stand in one place.
        ChatApp("", "", "", app.now).add_user(user["uid"], user["name"])
        if user["uid"].lower() in app.users:
            raise Refusal("ERR_UID_ALREADY_EXISTS", uid=user["uid"].lower())
        guids = user.get("groups", [])
        if not isinstance(guids, list) or not all(isinstance(guid, str) for guid in guids):
            raise invalid(groups="The groups must be a list of GUIDs.")
        for guid in guids:
            app.group(guid)
