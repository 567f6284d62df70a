"""`make demo`: the four steps without a browser, each told with its result.

Alice connects her calendar, shares it with Bob, Bob books, and the invite arrives. A local run at
PORT is used if there is one; otherwise one is started on free ports and ended afterwards.
"""

import argparse
import contextlib
import json
import os
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import requests

from local import facts
from local.browser import Browser, NoSuchForm, Page
from local.world import LocalWorld, RunningWorld, WorldFailed

APP = "local"
HOST, GUEST = "alice", "bob"
HOST_ACCOUNT = "alice@example.com"
_INVITE_SECONDS = 30
_GLANCE_SECONDS = 0.2
_REQUEST_SECONDS = 40


class StepFailed(Exception):
    """A step did not give what it should; the message says what it gave."""


class Person:
    """A chat user who calls the extension, and reads messages, as a chat client does."""

    def __init__(self, world: RunningWorld, uid: str) -> None:
        self.uid = uid
        self._world = world
        self.headers = {"appId": APP, "authToken": world.token(APP, uid)}

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """Call a route.

        Raises:
            StepFailed: It answered with an error.
        """
        answer = requests.request(
            method,
            f"{self._world.url}/{path}",
            json=body,
            headers=self.headers,
            timeout=_REQUEST_SECONDS,
        )
        try:
            return answer.json()["data"]
        except (ValueError, KeyError) as why:
            raise StepFailed(
                f"{method} {path} answered {answer.status_code}: {answer.text}"
            ) from why

    def messages(self, kind: str, other: str) -> list[dict[str, Any]]:
        """Read the messages of one type in the conversation with somebody, oldest first."""
        answer = requests.get(
            f"{self._world.cometchat.url}/v3/users/{other}/messages",
            params={"type": kind, "category": "custom"},
            headers={"appid": APP, "apikey": facts.API_KEYS[APP], "onBehalfOf": self.uid},
            timeout=_REQUEST_SECONDS,
        )
        answer.raise_for_status()
        found: list[dict[str, Any]] = answer.json()["data"]
        return [message for message in found if message.get("type") == kind]


def connect(world: RunningWorld, person: Person, account: str = HOST_ACCOUNT) -> dict[str, Any]:
    """Connect a calendar as a person does: open the link, press the buttons, say yes twice.

    Raises:
        StepFailed: It is not connected in the end.
    """
    browser = Browser()
    try:
        return_url = world.demo_url
        link = person.call("POST", "v1/connect", {"returnUrl": return_url})["connectUrl"]
        page = browser.open(link)
        page = browser.submit(page, page.form("/connect/" + link.rpartition("/")[2]))
        page = browser.submit(page, page.form("/connect/google"))
        page = consent(world, browser, page, account)
        if any(form.action == "/connect/confirm" for form in page.forms):  # not for the same again
            browser.submit(page, page.form("/connect/confirm"))
    finally:
        browser.close()
    connection: dict[str, Any] = person.call("GET", "v1/connection")
    if connection["state"] != "connected":
        raise StepFailed(f"The calendar is not connected: {connection}")
    return connection


def consent(world: RunningWorld, browser: Browser, page: Page, account: str) -> Page:
    """Choose the account and grant everything, on Google's pages."""
    for _ in range(4):
        if not page.url.startswith(world.google.url):
            return page
        form = page.forms[0] if page.forms else page.form("/account")
        if form.button("continue"):
            page = browser.submit(page, form, "continue", tick=True)
        else:
            page = browser.submit(page, form, account)
    raise StepFailed(f"Google's pages do not end: {page.url}: {page.text[:300]}")


def wait_for_invite(guest: Person, host: Person, booking_id: str) -> dict[str, Any]:
    """Wait until the guest has the message with the invite.

    Raises:
        StepFailed: It did not come.
    """
    end = time.monotonic() + _INVITE_SECONDS
    while time.monotonic() < end:
        for message in guest.messages("extension_calendar_invite", host.uid):
            if message["data"]["customData"]["bookingId"] == booking_id:
                return message
        time.sleep(_GLANCE_SECONDS)
    raise StepFailed(f"No invite for {booking_id} came within {_INVITE_SECONDS} s.")


def drive(world: RunningWorld) -> None:
    """Go the four steps.

    Raises:
        StepFailed: One did not give what it should.
    """
    host, guest = Person(world, HOST), Person(world, GUEST)
    if not world.events(HOST_ACCOUNT):
        _plan_tomorrow(world)
    connection = connect(world, host)
    _tell(1, "connect", f"{connection['email']}, {connection['timeZone']}")

    shared = host.call("POST", "v1/share", {"receiver": GUEST, "receiverType": "user"})
    message = _own(
        guest.messages("extension_calendar_availability", HOST), "shareId", shared["shareId"]
    )
    busy = shared["availability"]["busy"]
    _tell(2, "share", f"message {shared['messageId']} to {GUEST}, {len(busy)} busy times")
    _show(message["data"]["text"])

    live = guest.call("GET", f"v1/shares/{shared['shareId']}")
    if not live["slots"]:
        raise StepFailed("No slot is free.")
    wanted = {"shareId": shared["shareId"], "startsAt": live["slots"][0]}
    booked = guest.call("POST", "v1/book", {**wanted, "timeZone": "Europe/Madrid"})["booking"]
    _tell(3, "book", f"{booked['startsAt']} to {booked['endsAt']}, {booked['status']}")

    invite = wait_for_invite(guest, host, booked["bookingId"])
    links = invite["data"]["customData"]["links"]
    _tell(4, "invite", f"message {invite['id']} to {GUEST}")
    _show(invite["data"]["text"])
    for name, url in links.items():
        _show(f"{name}: {url}")
    answer = requests.get(links["ics"], timeout=_REQUEST_SECONDS)
    if not answer.ok or not answer.text.startswith("BEGIN:VCALENDAR"):
        raise StepFailed(f"The .ics file is none: {answer.status_code} {answer.text[:200]}")
    _show(f"the .ics file has {len(answer.content)} bytes, {answer.headers['content-type']}")


def _plan_tomorrow(world: RunningWorld) -> None:
    """Put two meetings into an empty calendar, so that there is something to be busy with."""
    day = (datetime.now(UTC) + timedelta(days=1)).date()
    world.add_event(HOST_ACCOUNT, f"{day}T09:00:00Z", f"{day}T10:30:00Z", "Planning")
    world.add_event(HOST_ACCOUNT, f"{day}T13:00:00Z", f"{day}T14:00:00Z", "Dentist")


def _own(messages: list[dict[str, Any]], key: str, wanted: str) -> dict[str, Any]:
    for message in messages:
        if message["data"]["customData"][key] == wanted:
            return message
    raise StepFailed(f"The message with {key} {wanted} did not arrive: {json.dumps(messages)}")


def _tell(number: int, step: str, result: str) -> None:
    print(f"{number}. {step:8} {result}", flush=True)


def _show(text: str) -> None:
    print(f"            {text}", flush=True)


@contextlib.contextmanager
def _world(port: int) -> Iterator[RunningWorld]:
    running = RunningWorld(port)
    if running.is_up():
        print(f"Using the local run at {running.url}.", flush=True)
        yield running
        return
    print("Starting a local run for this demo ...", flush=True)
    with LocalWorld() as own:
        yield own


def main() -> int:
    """Drive the demo; 0 when all four steps gave what they should."""
    parser = argparse.ArgumentParser(prog="python -m local.demo_drive", description=__doc__)
    port = os.environ.get("PORT") or str(facts.DEFAULT_PORT)
    parser.add_argument("--port", type=int, default=port, help="of a local run that is up already")
    try:
        with _world(parser.parse_args().port) as world:
            drive(world)
    except (StepFailed, NoSuchForm, WorldFailed) as why:
        print(why, file=sys.stderr)
        return 1
    print("All four steps are done.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
