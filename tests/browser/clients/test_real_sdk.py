"""CometChat's own JavaScript SDK reads our messages and calls our routes, in a browser.

It is fetched by name, never committed. For it the local run is CometChat's cloud (`cloud.py`): it
logs in at the emulator, and its `callExtension` reaches the extension where it would look for one
of CometChat's own, over TLS and with whatever CORS the browser demands.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Page, Request

from local import demo_drive
from local.demo_drive import Person
from tests.browser.clients import cloud
from tests.browser.clients.conftest import Scene

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
SLUG = "calendar-scheduling"
#: What a page reads off a message with the SDK's own getters.
READ = """(message) => ({
  kind: message.constructor === window.CometChat.CustomMessage ? "CustomMessage" : "other",
  category: message.getCategory(), type: message.getType(), id: String(message.getId()),
  sender: message.getSender().getUid(), senderName: message.getSender().getName(),
  receiver: message.getReceiverId(), muid: message.getMuid(), tags: message.getTags(),
  custom: message.getCustomData(), metadata: message.getMetadata(),
  text: message.getConversationText(), updates: message.willUpdateConversation(),
})"""


@dataclass
class Client:
    """A page in which somebody is logged in with the SDK."""

    page: Page
    requests: list[Request]

    def extension(self, method: str, path: str, data: Any = None) -> tuple[bool, Any]:
        """Call the extension; give whether the promise was kept, and what came of it."""
        kept, answer = self.page.evaluate(
            """(call) => CometChat.callExtension(...call).then(
                (answer) => [true, answer],
                (error) => [false, JSON.parse(JSON.stringify(error))],
            )""",
            [SLUG, method, path, data],
        )
        return kept, answer

    def conversation(self, other: Person) -> list[dict[str, Any]]:
        """Read the messages with somebody, tags included."""
        found: list[dict[str, Any]] = self.page.evaluate(
            f"""async (uid) => {{
                const request = new CometChat.MessagesRequestBuilder()
                    .setUID(uid).setLimit(30).withTags(true).build();
                return (await request.fetchPrevious()).map({READ});
            }}""",
            other.uid,
        )
        return found


@pytest.fixture
def log_in(scene: Scene) -> Callable[[Person], Client]:
    """Log people in, each in a browser of their own."""

    def log_in(person: Person) -> Client:
        page = scene.log_in(person)
        requests: list[Request] = []
        page.on("request", lambda request: requests.append(request))  # noqa: PLW0108 - marked
        return Client(page, requests)

    return log_in


def test_the_sdk_goes_the_whole_way_and_reads_both_messages(
    log_in: Callable[[Person], Client], scene: Scene
) -> None:
    ada, ben = scene.ada, scene.ben
    hers, his = log_in(ada), log_in(ben)
    asked = {"receiver": ben.uid, "receiverType": "user", "title": "Tea — שלום"}
    kept, shared = hers.extension("POST", "v1/share", asked)
    assert kept, shared

    (offer,) = his.conversation(ada)
    assert offer["kind"] == "CustomMessage"
    assert (offer["category"], offer["type"]) == ("custom", "extension_calendar_availability")
    assert (offer["sender"], offer["senderName"], offer["receiver"]) == (ada.uid, "Ada", ben.uid)
    assert offer["id"] == shared["messageId"]
    assert offer["custom"]["shareId"] == shared["shareId"]
    assert offer["custom"]["busy"] == shared["availability"]["busy"]
    assert "Ada" in offer["text"]
    assert "Tea — שלום" in offer["text"]
    assert (offer["updates"], offer["metadata"]["incrementUnreadCount"]) == (True, True)
    mirrored = offer["metadata"]["@injected"]["extensions"][SLUG]
    assert mirrored["shareId"] == shared["shareId"]
    assert offer["muid"] == offer["custom"]["outboxId"]
    assert offer["tags"] == [SLUG, f"{SLUG}:{offer['muid']}"]

    kept, view = his.extension("GET", f"v1/shares/{shared['shareId']}")
    assert kept, view
    request = {"shareId": shared["shareId"], "startsAt": view["slots"][-1], "idempotencyKey": "one"}
    kept, booked = his.extension("POST", "v1/book", request)
    assert kept, booked
    assert booked["booking"]["status"] == "confirmed"
    demo_drive.wait_for_invite(ben, ada, booked["booking"]["bookingId"])
    invite = his.conversation(ada)[-1]
    assert invite["type"] == "extension_calendar_invite"
    assert invite["custom"]["bookingId"] == booked["booking"]["bookingId"]
    assert invite["custom"]["links"] == booked["invite"]["links"]
    assert (invite["updates"], invite["metadata"]["incrementUnreadCount"]) == (True, True)
    assert scene.complaints == []


def test_the_conversation_shows_our_sentence_and_counts_both_messages_as_unread(
    log_in: Callable[[Person], Client], scene: Scene
) -> None:
    ada, ben = scene.ada, scene.ben
    shared = ada.call("POST", "v1/share", {"receiver": ben.uid, "receiverType": "user"})
    slot = ben.call("GET", f"v1/shares/{shared['shareId']}")["slots"][-8]
    booking = ben.call("POST", "v1/book", {"shareId": shared["shareId"], "startsAt": slot})
    heard = demo_drive.wait_for_invite(ben, ada, booking["booking"]["bookingId"])
    seen = log_in(ben).page.evaluate(
        """async (uid) => {
            const conversation = await CometChat.getConversation(uid, "user");
            const last = conversation.getLastMessage();
            const unread = conversation.getUnreadMessageCount();
            return [unread, last.getConversationText(), last.getType()];
        }""",
        ada.uid,
    )
    assert seen == [2, heard["data"]["text"], "extension_calendar_invite"]


def test_a_raw_message_as_push_or_a_webhook_brings_it_becomes_a_custom_message(
    log_in: Callable[[Person], Client], scene: Scene
) -> None:
    ada, ben = scene.ada, scene.ben
    ada.call("POST", "v1/share", {"receiver": ben.uid, "receiverType": "user"})
    (raw,) = ben.messages("extension_calendar_availability", ada.uid)
    read = log_in(ben).page.evaluate(
        f"async (raw) => ({READ})(await CometChat.CometChatHelper.processMessage(raw))", raw
    )
    assert (read["kind"], read["type"]) == ("CustomMessage", "extension_calendar_availability")
    assert read["custom"] == raw["data"]["customData"]
    assert read["text"] == raw["data"]["text"]


def test_an_error_rejects_with_our_code_sentence_and_details(
    log_in: Callable[[Person], Client], scene: Scene
) -> None:
    client = log_in(scene.ben)
    kept, error = client.extension("POST", "v1/book", {"shareId": "?"})
    assert not kept
    assert error["code"] == "INVALID_REQUEST"
    assert error["details"] == {"field": "shareId"}
    kept, error = client.extension("POST", "v1/share", {"receiver": "bob", "receiverType": "user"})
    assert not kept
    assert error["code"] == "NOT_CONNECTED"
    assert error["details"]["connectUrl"].startswith(scene.world.url)


def test_the_sdks_headers_verbs_and_slashes_pass_the_browsers_checks(
    log_in: Callable[[Person], Client], scene: Scene
) -> None:
    client = log_in(scene.ben)
    wanted = {"bufferBeforeMinutes": 10, "noticeMinutes": 60}
    kept, answer = client.extension("PUT", "/v1/preferences", wanted)
    assert kept, answer
    kept, answer = client.extension("GET", "/v1/preferences")
    assert kept, answer
    assert {name: answer[name] for name in wanted} == wanted
    asked = [each for each in client.requests if cloud.EXTENSION_HOST in each.url]
    assert {each.method for each in asked} == {"PUT", "GET"}
    for each in asked:
        headers = each.all_headers()
        assert headers["origin"] == scene.app.address
        assert headers["sdk"] == "javascript@4.2.0"
        assert {"appid", "authtoken", "resource", "chatapiversion"} <= set(headers)


def test_our_module_keeps_the_newest_of_the_sdks_own_messages(
    log_in: Callable[[Person], Client], scene: Scene
) -> None:
    ada, ben = scene.ada, scene.ben
    shared = ada.call("POST", "v1/share", {"receiver": ben.uid, "receiverType": "user"})
    slots = ben.call("GET", f"v1/shares/{shared['shareId']}")["slots"]
    body = {"shareId": shared["shareId"], "startsAt": slots[-20]}
    booking_id = ben.call("POST", "v1/book", body)["booking"]["bookingId"]
    demo_drive.wait_for_invite(ben, ada, booking_id)
    ben.call("POST", f"v1/bookings/{booking_id}/reschedule", {"startsAt": slots[-30]})
    client = log_in(ben)
    expect_invites = """async (uid) => {
        const request = new CometChat.MessagesRequestBuilder()
            .setUID(uid).setLimit(30).setTypes(["extension_calendar_invite"]).build();
        return (await request.fetchPrevious()).length === 2;
    }"""
    client.page.wait_for_function(expect_invites, arg=ada.uid, timeout=60_000)
    kept = client.page.evaluate(
        """async ([uid, module]) => {
            const { latestInvites } = await import(module);
            const request = new CometChat.MessagesRequestBuilder().setUID(uid).setLimit(30).build();
            const messages = latestInvites(await request.fetchPrevious());
            return messages.map((each) => [each.getType(), each.getCustomData().sequence ?? null]);
        }""",
        [ada.uid, scene.module],
    )
    assert kept == [["extension_calendar_availability", None], ["extension_calendar_invite", 1]]
