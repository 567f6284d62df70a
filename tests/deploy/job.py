"""The whole job, step by step, each step named: which one fails tells what was missing."""

import time
from collections.abc import Callable

import requests

from local import demo_drive
from local.browser import Browser, NoSuchForm, Page
from local.demo_drive import StepFailed
from tests.e2e.conftest import Town

_SECONDS = 40


class Job:
    """One host and one guest, who are new in town, on their way.

    Args:
        town: Where they live.
        patience_seconds: How long the guest waits for the invite.
    """

    def __init__(self, town: Town, patience_seconds: float = 30) -> None:
        self._town = town
        self._patience = patience_seconds
        self._host, self._guest = town.person("host"), town.person("guest")
        self._share_id = self._booking_id = ""
        self._browser = Browser()
        self._at_google: Page | None = None
        self.steps: dict[str, Callable[[], None]] = {
            "connect": self._connect,
            "come back from Google": self._come_back,
            "share": self._share,
            "open the page": self._open_page,
            "book": self._book,
            "be invited": self._be_invited,
            "take the file": self._take_file,
            "look after the rest": self._look_after,
        }

    def run(self, last: str = "look after the rest") -> str | None:
        """Go the steps up to one; give the name of the one that fails, or None."""
        try:
            for name, step in self.steps.items():
                try:
                    step()
                except (StepFailed, NoSuchForm, RuntimeError):
                    return name
                if name == last:
                    break
            return None
        finally:
            self._browser.close()

    def _connect(self) -> None:
        asked = {"returnUrl": self._town.world.demo_url}
        link = self._host.call("POST", "v1/connect", asked)["connectUrl"]
        page = self._browser.open(link)
        page = self._browser.submit(page, page.form("/connect/" + link.rpartition("/")[2]))
        self._at_google = self._browser.submit(page, page.form("/connect/google"))

    def _come_back(self) -> None:
        assert self._at_google is not None
        page = demo_drive.consent(
            self._town.world, self._browser, self._at_google, demo_drive.HOST_ACCOUNT
        )
        self._browser.submit(page, page.form("/connect/confirm"))
        if self._host.call("GET", "v1/connection")["state"] != "connected":
            raise StepFailed(page.text)

    def _share(self) -> None:
        self._share_id = self._town.share(self._host, self._guest)["shareId"]

    def _open_page(self) -> None:
        url = self._guest.call("POST", f"v1/shares/{self._share_id}/page")["pageUrl"]
        page = self._browser.open(url)
        page = self._browser.submit(page, page.forms[0] if page.forms else page.form("/book"))
        if page.status != requests.codes.ok:
            raise StepFailed(page.text)

    def _book(self) -> None:
        slot = self._town.slots(self._guest, self._share_id)[0]
        body = {"shareId": self._share_id, "startsAt": slot}
        self._booking_id = self._guest.call("POST", "v1/book", body)["booking"]["bookingId"]

    def _be_invited(self) -> None:
        end = time.monotonic() + self._patience
        while not self._links():
            if time.monotonic() > end:
                raise StepFailed("no invite")
            time.sleep(0.2)

    def _links(self) -> dict[str, str]:
        for message in self._guest.messages("extension_calendar_invite", self._host.uid):
            if message["data"]["customData"]["bookingId"] == self._booking_id:
                links: dict[str, str] = message["data"]["customData"]["links"]
                return links
        return {}

    def _take_file(self) -> None:
        answer = requests.get(self._links()["ics"], timeout=_SECONDS)
        if not answer.text.startswith("BEGIN:VCALENDAR"):
            raise StepFailed(answer.text)

    def _look_after(self) -> None:
        self._town.world.invoke("reconcile", {})

    def is_invited_in_the_end(self) -> bool:
        """Wait for the invite for as long as it takes."""
        return bool(demo_drive.wait_for_invite(self._guest, self._host, self._booking_id))
