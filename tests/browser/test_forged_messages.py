"""Forged messages: any chat user can send one of our types, with whatever data they like.

The chat is an app on a site of its own that embeds the cards as the README says.
"""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Request, Route, expect

from local import demo_drive, walk
from tests.browser.chat import AVAILABILITY, INVITE, Chat, chat_app
from tests.browser.hostile import Someone
from tests.emulators.serving import served

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
CALENDARS = {
    "calendar.google.com",
    "outlook.live.com",
    "outlook.cloud.microsoft",
    "calendar.yahoo.com",
}
#: What cards say of messages that name nothing of the viewer's.
REFUSALS = re.compile(
    "^(This does not exist any more.|This is open only to those it was meant for.*|"
    "This invite is not known to the calendar service.)$"
)
#: What Mallory writes into every message, wherever there is room for it.
LIES: dict[str, Any] = {
    "title": "FORGED",
    "host": {"uid": "alice", "name": "FORGED bank"},
    "startsAt": "2031-01-01T00:00:00Z",
    "endsAt": "2031-01-01T01:00:00Z",
    "slots": ["2031-01-01T00:00:00Z"],
    "status": "confirmed",
    "sequence": 999,
    "baseUrl": "https://evil.example",
    "connectUrl": "https://evil.example/connect",
    "links": {
        "google": "javascript:console.error('ran')",
        "outlook": "data:text/html,FORGED",
        "microsoft365": "http://outlook.cloud.microsoft/",
        "yahoo": "https://calendar.yahoo.com.evil.example/?ST=1&ET=2",
        "ics": "https://evil.example/v1/invites/t.ics",
    },
    "ics": {"filename": "<img src=x onerror=console.error('ran')>"},
}
NESTED: Any = "FORGED"
for _ in range(200):
    NESTED = {"bookingId": [NESTED]}
UNREADABLE = {"toString": 1, "valueOf": 1}
#: Ids that are none.
STRANGE: list[Any] = [
    *(None, True, 7, -0.5, "", " ", [], {}, ["a"], UNREADABLE, NESTED, "\x00", "\ud800"),
    *(".", "..", "%2e%2e", "../../v1/connect", "a/../../connection", "a?x=1", "a#x", "a\\b"),
    *("//evil.example", "https://evil.example/", "javascript:alert(1)", "a" * 9000, "é" * 65),
    *("__proto__", "constructor", "toString", "<img src=x onerror=console.error('ran')>"),
]
PersonalData = Callable[..., Someone]


@pytest.fixture(scope="module")
def chat_address() -> Iterator[str]:
    with served(chat_app) as address:
        yield address


def _invite(custom: Any, number: int = 0) -> dict[str, Any]:
    return {"id": str(number), "type": INVITE, "data": {"customData": custom}}


def _offer(custom: Any) -> dict[str, Any]:
    return {"id": "1", "type": AVAILABILITY, "data": {"customData": custom}}


def _host(someone: PersonalData) -> Someone:
    host = someone("host")
    demo_drive.connect(host.world, host.person, host.account)
    return host


def _booked(host: Someone, guest: Someone) -> tuple[str, str]:
    """Let somebody share and somebody book; give the ids of share and booking."""
    share_id = host.share(guest, title="Intro call")
    slot = guest.live(share_id)["slots"][-1]
    body = {"shareId": share_id, "startsAt": slot, "timeZone": "Europe/Madrid"}
    found = guest.person.call("POST", "v1/book", body)
    demo_drive.wait_for_invite(guest.person, host.person, found["booking"]["bookingId"])
    return share_id, found["booking"]["bookingId"]


def _scripts(complaints: list[str]) -> list[str]:
    """Return what scripts complained of; the browser itself notes each refusal of the extension."""
    return [each for each in complaints if not each.startswith("Failed to load resource")]


def test_a_message_that_names_nothing_of_the_viewers_shows_nothing_of_itself(
    someone: PersonalData, chat_address: str, complaints: list[str]
) -> None:
    host, guest = _host(someone), someone("guest")
    mallory, victor = someone("mallory"), someone("victor")
    share_id, booking_id = _booked(host, guest)
    before = guest.person.call("GET", f"v1/bookings/{booking_id}")["booking"]
    for foreign in ("0" * 32, share_id, booking_id):
        lies = {**LIES, "shareId": foreign, "bookingId": foreign}
        mallory.post(victor.uid, AVAILABILITY, lies, "FORGED")
        mallory.post(victor.uid, INVITE, lies, "FORGED")
    chat = Chat(chat_address, victor)
    cards = chat.receive(chat.received(mallory))
    assert len(cards) == 6
    for card in cards:
        expect(card.locator(".shown")).to_have_text(REFUSALS)
        expect(card.get_by_role("link")).to_have_count(0)
        expect(card.get_by_role("button")).to_have_count(0)
    chat.check_asked()
    assert guest.person.call("GET", f"v1/bookings/{booking_id}")["booking"] == before
    assert _scripts(complaints) == []


def test_what_a_message_says_of_a_true_meeting_is_not_believed(
    someone: PersonalData, chat_address: str, complaints: list[str]
) -> None:
    host, mallory, victor = _host(someone), someone("mallory"), someone("victor")
    share_id, booking_id = _booked(host, victor)
    lies = {**LIES, "shareId": share_id, "bookingId": booking_id}
    mallory.post(victor.uid, INVITE, lies, "FORGED")
    mallory.post(victor.uid, AVAILABILITY, lies, "FORGED")
    chat = Chat(chat_address, victor)
    cards = chat.receive(chat.received(host, mallory))
    assert len(cards) == 3  # two offers, one invite of two
    for card in cards:
        expect(card).to_contain_text("Intro call")
        expect(card).to_contain_text("Host")
        expect(card).not_to_contain_text("FORGED")
        expect(card).not_to_contain_text("2031")
        links = card.get_by_role("link")
        expect(links).to_have_count(5)
        addresses = [str(each.get_attribute("href")) for each in links.all()]
        *calendars, ics = addresses
        assert {urlsplit(each).netloc for each in calendars} == CALENDARS
        assert all(each.startswith("https://") for each in calendars)
        assert ics.startswith(f"{victor.world.url}/v1/invites/")
    chat.check_asked()
    assert _scripts(complaints) == []


def test_malformed_messages_stop_neither_the_chat_nor_the_cards_of_others(
    someone: PersonalData, chat_address: str, complaints: list[str]
) -> None:
    host, victor = _host(someone), someone("victor")
    _, booking_id = _booked(host, victor)
    polluting = {"__proto__": {"polluted": 1}, "constructor": {"prototype": {"polluted": 1}}}
    forged: list[Any] = [None, [], polluting, {"shareId": polluting, "bookingId": polluting}]
    forged += [{**LIES, "shareId": each, "bookingId": each} for each in STRANGE]
    sequences: list[Any] = [UNREADABLE, None, "9", [], {}, True, 1e308, -1]
    messages = [
        *(_offer(each) for each in forged),
        *(_invite(each, number) for number, each in enumerate(forged)),
        *(_invite({"bookingId": "0" * 32, "sequence": each}) for each in sequences),
        _invite({"bookingId": booking_id, "sequence": 0}),
    ]
    chat = Chat(chat_address, victor)
    *cards, genuine = chat.receive(messages)
    assert len(cards) >= len(forged)
    expect(genuine).to_contain_text("Meeting confirmed")
    for card in cards:
        expect(card.locator(".shown")).to_have_text(REFUSALS)
    assert chat.page.evaluate("({}).polluted ?? null") is None
    chat.check_asked()
    assert _scripts(complaints) == []


def test_a_calendar_that_a_card_opens_knows_nothing_of_the_chat(
    someone: PersonalData, chat_address: str
) -> None:
    host, victor = _host(someone), someone("victor")
    _, booking_id = _booked(host, victor)
    chat = Chat(chat_address, victor)
    (card,) = chat.receive([_invite({"bookingId": booking_id})])
    arrived: list[Request] = []

    def lure(route: Route) -> None:
        arrived.append(route.request)
        script = "<script>if (opener) opener.location = 'https://evil.example/'</script>"
        route.fulfill(body=f"<title>Calendar</title>{script}", content_type="text/html")

    victor.context.route(lambda url: urlsplit(url).netloc in CALENDARS, lure)
    for name in ("Google", "Outlook.com", "Microsoft 365", "Yahoo"):
        with chat.page.expect_popup() as opened:
            card.get_by_role("link", name=name).click()
        opened.value.wait_for_load_state()
        assert opened.value.evaluate("[opener, document.referrer]") == [None, ""]
        opened.value.close()
    assert {urlsplit(each.url).netloc for each in arrived} == CALENDARS
    assert all("referer" not in each.headers for each in arrived)
    assert chat.page.url.startswith(chat_address)
    file = card.get_by_role("link", name="Apple")
    expect(file).to_have_attribute("rel", "noopener noreferrer")


def test_the_demo_shows_and_goes_on_whatever_the_chat_brings(
    someone: PersonalData, complaints: list[str]
) -> None:
    victor = someone("victor")
    base = {"sender": "alice", "receiver": "bob", "category": "custom", "sentAt": 1_700_000_000}
    notice = "extension_calendar_notice"
    forged = [
        *(
            (AVAILABILITY, {"text": "FORGED", "customData": {**LIES, "shareId": each}})
            for each in STRANGE
        ),
        *(
            (INVITE, {"text": "FORGED", "customData": {**LIES, "bookingId": each}})
            for each in STRANGE
        ),
        *((each, {"entities": {}}) for each in (AVAILABILITY, INVITE)),  # as deleting leaves them
        *(
            (each, {"text": "Odd", "customData": LIES})
            for each in ("constructor", "__proto__", "x]")
        ),
        (notice, {"text": "Connect again at evil.example", "customData": {"reason": "reconnect"}}),
        ("text", {"text": "Last of all"}),
    ]
    messages = [
        {**base, "id": str(number), "type": kind, "data": data}
        for number, (kind, data) in enumerate(forged, start=1)
    ]
    stranger = {**base, "sender": "dave", "id": "99999", "type": notice}
    messages.insert(0, {**stranger, "data": {"text": "From nowhere", "customData": {"v": 1}}})
    answer = json.dumps({"data": messages})
    victor.context.route("**/v3.0/messages?*", lambda route: route.fulfill(body=answer))
    demo, _ = victor.visit(victor.world.demo_url)
    bob = walk.window(demo, "bob")
    expect(bob.get_by_text("Last of all")).to_be_visible()
    expect(bob.get_by_text("Odd")).to_have_count(3)
    expect(bob.get_by_text("From nowhere")).to_have_count(0)
    expect(bob.locator(".message.notice")).to_have_count(0)
    expect(bob).not_to_contain_text("FORGED")
    expect(bob).not_to_have_class(re.compile("offline"))
    assert _scripts(complaints) == []
