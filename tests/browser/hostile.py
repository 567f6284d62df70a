"""Mallory: a site of hers, the people whom she attacks, and what she gets to hear.

Her site listens on 127.0.0.1, which to a browser is another site than the extension's `localhost`;
under the name `localhost` the same server is the extension's own site, though another origin.
"""

from dataclasses import dataclass, field
from html import escape
from typing import Any

import requests
from aiohttp import web
from playwright.sync_api import BrowserContext, Page, Response, expect

from local.demo_drive import Person
from local.world import LocalWorld

SECONDS = 30
#: Runs, and tells her so, wherever a text is read as HTML.
SCRIPT = "<img src=x onerror=console.error('ran')><script>console.error('ran')</script>"


@dataclass
class Heard:
    """One request to her."""

    path: str
    headers: dict[str, str]
    body: str


@dataclass
class HostileSite:
    """Serves whatever a test writes, and notes who comes by."""

    #: Another site than the extension.
    address: str = ""
    #: The extension's site, another origin.
    neighbour: str = ""
    heard: list[Heard] = field(default_factory=list)
    _pages: dict[str, str] = field(default_factory=dict)

    def app(self, address: str) -> web.Application:
        """Make the server."""
        self.address, self.neighbour = address, address.replace("127.0.0.1", "localhost")
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._answer)
        return app

    def page(self, html: str) -> str:
        """Put a page up; give its path."""
        path = f"/page{len(self._pages)}"
        self._pages[path] = f'<!doctype html><meta charset="utf-8"><title>Win a prize</title>{html}'
        return path

    def posting(self, action: str, **fields: str) -> str:
        """Put up a page that sends a form as soon as it is opened; give its path."""
        inputs = "".join(
            f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'
            for name, value in fields.items()
        )
        form = f'<form method="post" action="{escape(action)}">{inputs}</form>'
        return self.page(f"{form}<script>document.forms[0].submit()</script>")

    async def _answer(self, request: web.Request) -> web.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.heard.append(Heard(request.path, headers, await request.text()))
        html = self._pages.get(request.path, "")
        return web.Response(text=html, content_type="text/html", status=200 if html else 404)


@dataclass
class Someone:
    """A chat user with a browser and a Google account of their own."""

    world: LocalWorld
    person: Person
    context: BrowserContext
    account: str

    @classmethod
    def new(cls, world: LocalWorld, context: BrowserContext, uid: str, name: str) -> "Someone":
        """Make one; the account's address begins with the uid."""
        account = f"{uid}@example.com"
        world.add_account(account)
        user = {"app": "local", "uid": uid, "name": name}
        _post(f"{world.cometchat.url}/_control/users", user)
        return cls(world, Person(world, uid), context, account)

    @property
    def uid(self) -> str:
        return self.person.uid

    def connect_link(self) -> str:
        """Ask for a link to the connect page."""
        return str(self.person.call("POST", "v1/connect", {})["connectUrl"])

    def page_link(self, share_id: str) -> str:
        """Ask for a link to the booking page of a share."""
        return str(self.person.call("POST", f"v1/shares/{share_id}/page")["pageUrl"])

    def share(self, guest: "Someone", **fields: str) -> str:
        """Share free times with somebody; give the share's id."""
        body = {"receiver": guest.uid, "receiverType": "user", **fields}
        return str(self.person.call("POST", "v1/share", body)["shareId"])

    def live(self, share_id: str) -> dict[str, Any]:
        """Look at a share."""
        found: dict[str, Any] = self.person.call("GET", f"v1/shares/{share_id}")
        return found

    def connection(self) -> dict[str, str]:
        """Ask which calendar is connected."""
        found: dict[str, str] = self.person.call("GET", "v1/connection")
        return found

    def follow(self, link: str) -> Page:
        """Open a one-time link in this browser, and press its button."""
        page = self.context.new_page()
        page.goto(link)
        page.get_by_role("button", name="Continue", exact=True).click()
        return page

    def begin(self) -> Page:
        """Open the connect page by a link of one's own, and go to Google."""
        page = self.follow(self.connect_link())
        page.get_by_role("button", name="Continue with Google").click()
        expect(page.get_by_role("button", name=self.account)).to_be_visible()
        return page

    def visit(self, address: str) -> tuple[Page, Response]:
        """Go to an address in a tab of its own."""
        page = self.context.new_page()
        answer = page.goto(address)
        assert answer is not None
        return page, answer

    def lure(self, address: str, until: str) -> Page:
        """Go to a page of Mallory's that leads on by itself, and wait for where it leads."""
        page = self.context.new_page()
        page.goto(address, wait_until="commit")
        page.wait_for_url(until)
        return page

    def post(self, receiver: str, kind: str, custom: Any, text: str = "Hello") -> None:
        """Send a custom message, as any chat user can: of any type, with any data."""
        headers = {"appid": "local", "authtoken": self.person.headers["authToken"]}
        message = {
            "receiver": receiver,
            "receiverType": "user",
            "category": "custom",
            "type": kind,
            "data": {"text": text, "customData": custom},
        }
        _post(f"{self.world.cometchat.url}/v3.0/messages", message, headers)


def _post(url: str, body: Any, headers: dict[str, str] | None = None) -> None:
    answer = requests.post(url, json=body, headers=headers, timeout=SECONDS)
    assert answer.ok, answer.text
