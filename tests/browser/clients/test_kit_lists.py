"""The lists of CometChat's UI Kits for React, versions 4 to 7, as they are, against the emulator.

Before a list draws anything, its kit asks what is unread, and while it draws it says what was
delivered and read. All of that has to be answered, or the list stays empty.
"""

from pathlib import Path

import pytest
from playwright.sync_api import Page, Response, expect

from tests.browser.clients import people
from tests.browser.clients.bundle import bundle
from tests.browser.clients.conftest import Scene
from tests.browser.npm import OLDER_KITS, UI_KITS, packages

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
KITS = {**OLDER_KITS, **UI_KITS}
#: Connected first: a kit that loads while it connects asks for everything twice.
APP = """
import { CometChat } from "@cometchat/chat-sdk-javascript";
import * as kit from "@cometchat/chat-uikit-react";
import { Fragment } from "react";
import { createRoot } from "react-dom/client";

const { CometChatUIKit, UIKitSettingsBuilder } = kit;
const asked = new URLSearchParams(location.search);
const settings = new UIKitSettingsBuilder()
  .setAppId("local").setRegion("us").setAutoEstablishSocketConnection(false).build();
await CometChatUIKit.init(settings);
await CometChatUIKit.loginWithAuthToken(asked.get("token"));
await new Promise((resolve) => {
  const listener = new CometChat.ConnectionListener({ onConnected: resolve });
  CometChat.addConnectionListener("app", listener);
  CometChat.connect();
});
CometChat.removeConnectionListener("app");
const other = asked.get("other");
const around = kit.CometChatProvider ? <kit.CometChatProvider plugins={[]} /> : <Fragment />;
const quiet = { disableSoundForMessages: true }; // sounds come from CometChat's own hosts
const list = other
  ? <kit.CometChatMessageList user={await CometChat.getUser(other)} {...quiet} />
  : <kit.CometChatConversations {...quiet} />;
createRoot(document.querySelector("main")).render(
  <around.type {...around.props}>
    <div style={{ height: "900px", width: "600px" }}>{list}</div>
  </around.type>,
);
"""


@pytest.mark.parametrize("version", list(KITS))
def test_a_kit_lists_conversations_and_messages(scene: Scene, tmp_path: Path, version: str) -> None:
    (tmp_path / "node_modules").symlink_to(packages(*KITS[version]))
    entry = tmp_path / "app.jsx"
    entry.write_text(APP)
    scene.app.files["bundle.js"] = bundle(entry)
    body = '<main></main><script type="module" src="/bundle.js"></script>'
    address = f"{scene.app.page('chat', body)}?token={scene.ben.headers['authToken']}"
    scene.post(category="message", type="text", data={"text": "Do look"})
    refused: list[str] = []

    def hear(response: Response) -> None:
        if not response.ok:
            refused.append(f"{response.status} {response.request.method} {response.url}")

    def visit(more: str = "") -> Page:
        page = scene.page()
        page.on("response", hear)
        page.goto(address + more)
        return page

    conversations = visit()
    expect(conversations.get_by_text("Ada", exact=True).first).to_be_visible()
    expect(conversations.get_by_text("Do look")).to_be_visible()
    expect(conversations.get_by_text("1", exact=True)).to_be_visible()
    messages = visit(f"&other={scene.ada.uid}")
    expect(messages.get_by_text("Do look")).to_be_visible()
    unread = f"users/{scene.ada.uid}/messages?unread=1&count=1"
    people.wait_for(lambda: scene.chat("GET", unread, scene.ben) == [])
    again = visit()
    expect(again.get_by_text("Do look")).to_be_visible()
    expect(again.get_by_text("1", exact=True)).to_have_count(0)
    scene.post(category="message", type="text", data={"text": "Once more"})
    for page in (conversations, messages):
        expect(page.get_by_text("Once more")).to_be_visible()
    assert refused == []
    assert scene.complaints == []
