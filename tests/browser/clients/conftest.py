"""An app that embeds us, CometChat's cloud around it, and two of its people."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import requests
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from local import facts
from local.demo_drive import Person
from local.world import LocalWorld
from tests.browser.clients import cloud, people
from tests.browser.clients.foreign_app import ForeignApp
from tests.browser.conftest import PATIENCE_MS
from tests.browser.npm import COMETCHAT_SDK, package
from tests.emulators.serving import served

SDK = '<script src="/sdk.js"></script>'
_SECONDS = 30
_PLACE = """([module, client, given]) => import(module).then(({ CalendarScheduling }) => {
    const card = document.querySelector("calendar-availability")
        ?? document.createElement("calendar-availability");
    Object.assign(card, given, { client: new CalendarScheduling(client) });
    if (!card.isConnected) (document.querySelector("main") ?? document.body).append(card);
})"""


@pytest.fixture(scope="module")
def browser(local_world: LocalWorld) -> Iterator[Browser]:
    """In place of the usual one: a browser for which the local run is CometChat's cloud."""
    expect.set_options(timeout=PATIENCE_MS)
    with cloud.browser_at(local_world) as browser:
        yield browser


@dataclass
class Scene:
    """An app's site, with `/sdk.js`, its host Ada with a calendar, and her guest Ben."""

    world: LocalWorld
    app: ForeignApp
    ada: Person
    ben: Person
    #: What pages complained of.
    complaints: list[str]
    _visit: Callable[..., BrowserContext]

    @property
    def module(self) -> str:
        """Where the extension serves its module."""
        return f"{self.world.url}/assets/latest/calendar-scheduling.js"

    def page(self) -> Page:
        """Return a page in a browser of its own."""
        return self._visit(ignore_https_errors=True).new_page()

    def open(self, body: str, head: str = "") -> Page:
        """Open a page of the app."""
        page = self.page()
        page.goto(self.app.page("chat", body, head))
        return page

    def log_in(self, person: Person, body: str = SDK) -> Page:
        """Open a page of the app that has the SDK, as somebody who is logged in."""
        page = self.open(body)
        page.evaluate(cloud.LOG_IN, person.headers["authToken"])
        return page

    def share(self) -> str:
        """Let Ada share her free times with Ben; give the share's id."""
        body = {"receiver": self.ben.uid, "receiverType": "user", "title": "Intro call"}
        return str(self.ada.call("POST", "v1/share", body)["shareId"])

    def post(self, **message: Any) -> None:
        """Let Ada send a message to Ben, as a chat client does."""
        whole = {"receiver": self.ben.uid, "receiverType": "user", **message}
        self.chat("POST", "messages", self.ada, whole)

    def chat(self, verb: str, path: str, caller: Person | None, body: Any = None) -> Any:
        """Call the chat API as somebody's client, or as the app's server for None."""
        key = {"appId": "local", "apiKey": facts.API_KEYS["local"]}
        answer = requests.request(
            verb,
            f"{self.world.cometchat.url}/v3.0/{path}",
            headers=caller.headers if caller else key,
            json=body,
            timeout=_SECONDS,
        )
        answer.raise_for_status()
        return answer.json()["data"]

    def place(self, page: Page, module: str = "", **given: Any) -> None:
        """Return Ben's client to the page's availability card, which is made if there is none."""
        token = self.ben.headers["authToken"]
        client = {"baseUrl": self.world.url, "appId": "local", "authToken": token}
        page.evaluate(_PLACE, [module or self.module, client, given])


def book_any(card: Locator) -> None:
    """Book a free time with a card; which are free depends on the tests before."""
    card.get_by_role("tab").nth(3).click()
    card.locator(".times .slot:visible").last.click()
    card.get_by_role("button", name="Book").click()
    expect(card).to_contain_text("Meeting confirmed")


@pytest.fixture
def scene(
    visit: Callable[..., BrowserContext], local_world: LocalWorld, complaints: list[str]
) -> Iterator[Scene]:
    app = ForeignApp(files={"sdk.js": package(COMETCHAT_SDK) / "CometChat.js"})
    ada, ben = people.host(local_world), people.person(local_world, "Ben")
    with served(app.app):
        yield Scene(local_world, app, ada, ben, complaints, visit)
