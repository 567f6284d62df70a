"""CometChat's own JavaScript SDK lists conversations and messages, and says what was read.

What it asks of a server for that, and how it reads the answers, is its own code; the emulator is
held to it here.
"""

from typing import Any

import pytest
from playwright.sync_api import Page

from local.demo_drive import Person
from tests.browser.clients import people
from tests.browser.clients.conftest import Scene

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
TEXT = {"category": "message", "type": "text"}
#: What a page reads off a conversation with the SDK's own getters.
READ = """(each) => ({
  id: each.getConversationId(), kind: each.getConversationType(),
  unread: each.getUnreadMessageCount(), lastRead: each.getLastReadMessageId(),
  with: each.getConversationWith().getName(), latest: each.getLatestMessageId(),
  last: each.getLastMessage() && String(each.getLastMessage().getId()),
})"""
CONNECT = """() => new Promise((resolve) => {
  CometChat.addConnectionListener(
    "test", new CometChat.ConnectionListener({ onConnected: () => resolve() }),
  );
  CometChat.connect();
})"""


@pytest.fixture
def ben(scene: Scene) -> Page:
    """A page in which Ben is logged in: he got a share and a text of Ada, and a text of Cleo."""
    scene.share()
    scene.post(**TEXT, data={"text": "Do look"})
    cleo = people.person(scene.world, "Cleo")
    _say(scene, cleo, scene.ben.uid, "From another chat")
    return scene.log_in(scene.ben)


def _say(scene: Scene, sender: Person, receiver: str, text: str, kind: str = "user") -> None:
    message = {**TEXT, "receiver": receiver, "receiverType": kind, "data": {"text": text}}
    scene.chat("POST", "messages", sender, message)


def _conversations(page: Page, more: str = "") -> dict[str, dict[str, Any]]:
    """List conversations, by whom they are with; two may be of one second, in any order."""
    found: list[dict[str, Any]] = page.evaluate(
        f"""async () => {{
            const builder = new CometChat.ConversationsRequestBuilder().setLimit(30);
            return (await builder{more}.build().fetchNext()).map({READ});
        }}"""
    )
    return {each["with"]: each for each in found}


def _texts(page: Page, uid: str, more: str = "") -> list[str]:
    found: list[str] = page.evaluate(
        f"""async (uid) => {{
            const builder = new CometChat.MessagesRequestBuilder().setUID(uid).setLimit(30);
            const messages = await builder{more}.build().fetchPrevious();
            return messages.map((each) => each.getText?.() ?? each.getType());
        }}""",
        uid,
    )
    return found


def _count(page: Page, call: str) -> Any:
    return page.evaluate(f"() => CometChat.{call}")


def test_the_list_of_conversations_has_names_last_words_and_what_is_unread(
    ben: Page, scene: Scene
) -> None:
    found = _conversations(ben)
    assert set(found) == {"Ada", "Cleo"}
    assert [(each["kind"], each["lastRead"]) for each in found.values()] == [("user", "")] * 2
    assert (found["Ada"]["unread"], found["Cleo"]["unread"]) == (2, 1)
    assert found["Ada"]["last"] == found["Ada"]["latest"]
    pages = ben.evaluate(
        """async () => {
            const request = new CometChat.ConversationsRequestBuilder().setLimit(1).build();
            const names = [];
            for (const wanted of [1, 1, 0]) {
                const page = await request.fetchNext();
                if (page.length !== wanted) return page.length;
                names.push(...page.map((each) => each.getConversationWith().getName()));
            }
            return names;
        }"""
    )
    assert set(pages) == {"Ada", "Cleo"}
    assert _conversations(ben, ".setConversationType('group')") == {}
    asked = ".setUnread(true).setSearchKeyword('Ada').withTags(true).withUserAndGroupTags(true)"
    assert set(_conversations(ben, asked)) == {"Ada"}
    assert scene.complaints == []


def test_older_messages_come_page_by_page(ben: Page, scene: Scene) -> None:
    scene.post(**TEXT, data={"text": "Please"})
    texts = ben.evaluate(
        """async (uid) => {
            const request = new CometChat.MessagesRequestBuilder().setUID(uid).setLimit(1).build();
            const pages = [];
            for (let number = 0; number < 4; number += 1)
                pages.push((await request.fetchPrevious()).map((each) => each.getText?.() ?? ""));
            return pages;
        }""",
        scene.ada.uid,
    )
    assert texts == [["Please"], ["Do look"], [""], []]
    assert scene.complaints == []


def test_unread_messages_are_counted_for_each_user_and_group(scene: Scene) -> None:
    ada = people.person(scene.world, "Ada", "team")
    ben = people.person(scene.world, "Ben", "team")
    page = scene.log_in(ben)
    page.evaluate("() => CometChat.markConversationAsRead('team', 'group')")
    for text in ("One", "Two"):
        _say(scene, ada, ben.uid, text)
    _say(scene, ada, "team", "To all", "group")
    of_users, of_groups = {ada.uid: 2}, {"team": 1}
    for hide in ("", "true"):
        assert _count(page, f"getUnreadMessageCount({hide})") == {
            "users": of_users,
            "groups": of_groups,
        }
        assert _count(page, f"getUnreadMessageCountForAllUsers({hide})") == of_users
        assert _count(page, f"getUnreadMessageCountForAllGroups({hide})") == of_groups
    assert _count(page, f"getUnreadMessageCountForUser('{ada.uid}')") == of_users
    assert _count(page, "getUnreadMessageCountForGroup('team')") == of_groups
    block = {"blockedUids": [ada.uid]}
    scene.chat("POST", f"users/{ben.uid}/blockedusers", None, block)
    nothing: dict[str, Any] = {"users": {}, "groups": {}}
    assert _count(page, "getUnreadMessageCount(true)") == nothing
    assert _count(page, "getUnreadMessageCount(false)")["users"] == of_users
    assert _texts(page, ada.uid, ".hideMessagesFromBlockedUsers(true)") == []
    assert _conversations(page, ".setConversationType('user')") == {}
    blocked = ".setConversationType('user').setIncludeBlockedUsers(true).setWithBlockedInfo(true)"
    assert set(_conversations(page, blocked)) == {"Ada"}
    assert scene.complaints == []


def test_a_read_conversation_has_nothing_unread(ben: Page, scene: Scene) -> None:
    uid = scene.ada.uid
    whole = ["extension_calendar_availability", "Do look"]
    assert _texts(ben, uid, ".setUnread(true)") == whole
    for mark in ("Delivered", "Read"):
        call = f"markConversationAs{mark}('{uid}', 'user')"
        assert _count(ben, call) == f"Conversation marked as {mark.lower()} successfully."
    assert _texts(ben, uid, ".setUnread(true)") == []
    assert _texts(ben, uid) == whole
    assert _count(ben, f"getUnreadMessageCountForUser('{uid}')") == {}
    ada = _conversations(ben)["Ada"]
    assert (ada["unread"], ada["lastRead"]) == (0, ada["last"])
    assert scene.complaints == []


def test_receipts_of_single_messages_reach_their_sender(ben: Page, scene: Scene) -> None:
    hers = scene.log_in(scene.ada)
    for page in (ben, hers):
        page.evaluate(CONNECT)
    hers.evaluate(
        """() => {
            window.receipts = [];
            const hear = (receipt) => receipts.push([
                receipt.getReceiptType(), receipt.getSender().getUid(), receipt.getMessageId(),
            ]);
            CometChat.addMessageListener("test", new CometChat.MessageListener({
                onMessagesDelivered: hear, onMessagesRead: hear,
            }));
        }"""
    )
    first, second = ben.evaluate(
        """async (uid) => {
            const request = new CometChat.MessagesRequestBuilder().setUID(uid).setLimit(30).build();
            window.messages = await request.fetchPrevious();
            await CometChat.markAsDelivered(messages[1]);
            await CometChat.markAsRead(messages[0]);
            return messages.map((each) => String(each.getId()));
        }""",
        scene.ada.uid,
    )
    hers.wait_for_function("() => window.receipts.length === 2")
    ben_uid = scene.ben.uid
    expected = [["delivery", ben_uid, second], ["read", ben_uid, first]]
    assert hers.evaluate("() => window.receipts") == expected
    seen = hers.evaluate(
        """async (uid) => {
            const request = new CometChat.MessagesRequestBuilder().setUID(uid).setLimit(30).build();
            const messages = await request.fetchPrevious();
            return messages.map((each) => [each.getDeliveredAt() > 0, each.getReadAt() > 0]);
        }""",
        ben_uid,
    )
    assert seen == [[True, True], [True, False]]
    assert _texts(ben, scene.ada.uid, ".setUnread(true)") == ["Do look"]
    again = ben.evaluate(f"async () => ({READ})(await CometChat.markMessageAsUnread(messages[0]))")
    assert (again["with"], again["unread"], again["lastRead"]) == ("Ada", 2, "")
    assert scene.complaints == []


def test_our_messages_arrive_at_once_as_custom_messages(ben: Page, scene: Scene) -> None:
    ben.evaluate(CONNECT)
    ben.evaluate(
        """() => CometChat.addMessageListener("test", new CometChat.MessageListener({
            onCustomMessageReceived: (message) => { window.heard = message; },
        }))"""
    )
    share_id = scene.share()
    ben.wait_for_function("() => window.heard !== undefined")
    heard = ben.evaluate(
        "() => [heard.getType(), heard.getSender().getUid(), heard.getCustomData().shareId]"
    )
    assert heard == ["extension_calendar_availability", scene.ada.uid, share_id]
    assert scene.complaints == []
