"""What the card tests share: a page with one card, and answers as the extension gives them."""

from typing import Any

from playwright.sync_api import BrowserContext, Locator, Page

from tests.browser.fake_extension import FakeExtension

ALICE = {"uid": "alice", "name": "Alice"}
BOB = {"uid": "bob", "name": "Bob"}
#: Tuesday, 14:00 in London, 9:00 in New York, 15:00 in Berlin.
START, NEXT, END = "2026-11-24T14:00:00Z", "2026-11-24T14:15:00Z", "2026-11-24T14:30:00Z"


def share(**changes: Any) -> dict[str, Any]:
    """Return an answer of `GET v1/shares/s1`."""
    return {
        "shareId": "s1",
        "host": ALICE,
        "receiver": "bob",
        "receiverType": "user",
        "role": "guest",
        "title": "Intro call",
        "from": "2026-11-23T08:00:00Z",
        "to": "2026-11-30T08:00:00Z",
        "timeZone": "Europe/Berlin",
        "busy": [["2026-11-24T15:00:00Z", "2026-11-24T16:30:00Z"]],
        "truncated": False,
        "stepMinutes": 15,
        "durations": [30],
        "slots": [START, NEXT, "2026-11-24T18:00:00Z", "2026-11-25T09:00:00Z"],
        "status": "open",
        **changes,
    }


def times(**changes: Any) -> dict[str, Any]:
    """Return an answer of `GET v1/bookings/b1/times`: the meeting's own time is free for it."""
    slots = [START, NEXT, "2026-11-24T18:00:00Z", "2026-11-25T09:00:00Z"]
    return {"slots": slots, "timeZone": "Europe/Berlin", **changes}


def booked(address: str, *, status: str = "confirmed", **changes: Any) -> dict[str, Any]:
    """Return an answer of `POST v1/book` and `GET v1/bookings/b1`."""
    start = "startdt=2026-11-24T14%3A00%3A00Z"
    return {
        "booking": {
            "bookingId": "b1",
            "shareId": "s1",
            "status": status,
            "sequence": 0,
            "startsAt": START,
            "endsAt": END,
            "timeZone": "Europe/Berlin",
            "title": "Intro call",
            "host": ALICE,
            "guest": BOB,
        },
        "invite": {
            "links": {
                "google": "https://calendar.google.com/calendar/render?action=TEMPLATE",
                "outlook": f"https://outlook.live.com/calendar/0/action/compose?{start}",
                "microsoft365": f"https://outlook.cloud.microsoft/calendar/deeplink/compose?{start}",
                "yahoo": "https://calendar.yahoo.com/?v=60&ST=20261124T150000&ET=20261124T153000",
                "ics": f"{address}/v1/invites/t.ics",
                **changes,
            }
        },
    }


def place(
    context: BrowserContext, extension: FakeExtension, tag: str, lang: str = "en", **given: Any
) -> tuple[Page, Locator]:
    """Open a page with one card of a kind."""
    page = context.new_page()
    page.goto(f"{extension.address}/?lang={lang}")
    page.wait_for_function("window.client")
    page.evaluate(
        """([tag, given]) => {
            const card = document.createElement(tag);
            document.body.append(Object.assign(card, given, { client: window.client }));
        }""",
        [tag, given],
    )
    return page, page.locator(tag)
