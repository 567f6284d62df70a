"""A chat app on a site of its own, which embeds the cards as any app does."""

import json
import re
from typing import Any
from urllib.parse import urlencode, urlsplit

from aiohttp import web
from playwright.sync_api import Locator, Page, Request

from tests.browser.hostile import Someone

AVAILABILITY, INVITE = "extension_calendar_availability", "extension_calendar_invite"
CHAT = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Chat</title>
<link rel="icon" href="data:,"><body><script type="module">
const { baseUrl, authToken, uid } = Object.fromEntries(new URLSearchParams(location.hash.slice(1)));
const scheduling = await import(`${baseUrl}/assets/latest/calendar-scheduling.js`);
const client = new scheduling.CalendarScheduling({ baseUrl, appId: "local", authToken });
window.receive = (messages) => {
    for (const { type, data } of scheduling.latestInvites(messages)) {
        const invite = type === "extension_calendar_invite";
        const card = document.createElement(invite ? "calendar-invite" : "calendar-availability");
        const { customData } = data;
        const told = invite ? { customData, viewer: uid } : { shareId: customData?.shareId };
        document.body.append(Object.assign(card, { client, ...told }));
    }
};
</script></body></html>"""


def chat_app(_: str) -> web.Application:
    """Make its server."""

    async def page(_: web.Request) -> web.Response:
        return web.Response(text=CHAT, content_type="text/html")

    app = web.Application()
    app.router.add_get("/", page)
    return app


class Chat:
    """The chat as somebody sees it, with everything that their browser asks for."""

    def __init__(self, address: str, viewer: Someone) -> None:
        self.asked: list[Request] = []
        self.address, self.viewer = address, viewer
        viewer.context.on("request", lambda each: self.asked.append(each))  # noqa: PLW0108 - marked
        self.page: Page = viewer.context.new_page()
        self.page.set_viewport_size({"width": 600, "height": 15_000})
        mine = {"baseUrl": viewer.world.url, "uid": viewer.uid}
        mine["authToken"] = viewer.person.headers["authToken"]
        self.page.goto(f"{address}/#{urlencode(mine)}")
        self.page.wait_for_function("() => window.receive !== undefined")

    def receive(self, messages: list[dict[str, Any]]) -> list[Locator]:
        """Show messages; give a card for each that is shown."""
        self.page.evaluate("(messages) => receive(JSON.parse(messages))", json.dumps(messages))
        return self.page.locator("calendar-availability, calendar-invite").all()

    def received(self, *senders: Someone) -> list[dict[str, Any]]:
        """Return the messages that the chat delivered, of both types."""
        mine = self.viewer.person
        return [
            each
            for sender in senders
            for kind in (AVAILABILITY, INVITE)
            for each in mine.messages(kind, sender.uid)
        ]

    def check_asked(self) -> None:
        """Nobody but the chat and the extension was asked, and only the latter got the token."""
        extension = self.viewer.world.url
        token = self.viewer.person.headers["authToken"]
        for each in self.asked:
            assert each.url.startswith((f"{extension}/", f"{self.address}/", "data:")), each.url
            heard = str(each.all_headers()) + (each.post_data or "")
            assert token not in heard or each.url.startswith(f"{extension}/v1/")
            if each.url.startswith(f"{extension}/v1/"):
                assert re.fullmatch(r"/v1/(shares|bookings)/\w{1,64}", urlsplit(each.url).path)
