"""The integration guide's components in CometChat's UI Kit for React, both versions, whole.

The kits come from npm by name. What the guide says is checked against the kit's own types, bundled
as an app's build would do it, and drawn by the kit's own message list, which reads its messages
from the emulator.
"""

import json
import time
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from local import demo_drive
from local.world import LocalWorld
from tests.browser.clients import people
from tests.browser.clients.bundle import bundle, node
from tests.browser.clients.conftest import Scene, book_any
from tests.browser.clients.guide import runs, snippet
from tests.browser.npm import TYPESCRIPT, UI_KITS, package, packages

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
SECONDS = 30

GLUE = """
import { CometChat } from "@cometchat/chat-sdk-javascript";
import { CometChatUIKit, UIKitSettingsBuilder } from "@cometchat/chat-uikit-react";
import { createRoot } from "react-dom/client";
import { Messages } from "./messages";
import { OfferFreeTimes } from "./offer";

const asked = new URLSearchParams(location.search);
const settings = new UIKitSettingsBuilder()
  .setAppId("local").setRegion("us").setAutoEstablishSocketConnection(false).build();
await CometChatUIKit.init(settings);
await CometChatUIKit.loginWithAuthToken(asked.get("token")!);
const user = await CometChat.getUser(asked.get("other")!);
const chat = <div style={{ height: "1400px", width: "600px" }}><Messages user={user} /></div>;
createRoot(document.querySelector("main")!).render(
  asked.has("offer") ? <OfferFreeTimes user={user} /> : chat,
);
"""
CONFIG = {
    "strict": True,
    "noEmit": True,
    "skipLibCheck": True,
    "target": "es2022",
    "module": "esnext",
    "moduleResolution": "bundler",
    "jsx": "react-jsx",
    "lib": ["es2022", "dom", "dom.iterable"],
    "types": [],
}


def _build(version: str, world: LocalWorld, folder: Path) -> Path:
    """Check and bundle what the guide says, with a kit, as an app's build does; give the bundle."""
    (folder / "node_modules").symlink_to(packages(*UI_KITS[version]))
    (folder / "messages.tsx").write_text(snippet(f"kit-{version}.tsx", world))
    for name in ("calendar-cards.tsx", "offer.tsx"):
        (folder / name).write_text(snippet(name, world))
    (folder / "main.tsx").write_text(GLUE)
    files = {"compilerOptions": CONFIG, "files": ["messages.tsx", "offer.tsx"]}
    (folder / "tsconfig.json").write_text(json.dumps(files))
    node(folder, package(TYPESCRIPT) / "bin" / "tsc", "--project", ".")
    return bundle(folder / "main.tsx")


@runs("calendar-cards.tsx", "kit-v6.tsx", "kit-v7.tsx", "offer.tsx")
@pytest.mark.parametrize("version", list(UI_KITS))
def test_the_kits_own_message_list_draws_the_cards(
    scene: Scene, tmp_path: Path, version: str
) -> None:
    ada, ben = scene.ada, scene.ben
    scene.app.files["bundle.js"] = _build(version, scene.world, tmp_path)
    body = '<main></main><script type="module" src="/bundle.js"></script>'
    address = scene.app.page("chat", body)

    hers = scene.page()
    hers.goto(f"{address}?token={ada.headers['authToken']}&other={ben.uid}&offer")
    hers.get_by_role("button", name="Share").click()
    expect(hers.get_by_role("status").first).to_have_text(f"Shared with {ben.uid}.")
    (offer,) = ben.messages("extension_calendar_availability", ada.uid)
    share_id = offer["data"]["customData"]["shareId"]

    def his_chat() -> Page:
        page = scene.page()
        page.goto(f"{address}?token={ben.headers['authToken']}&other={ada.uid}")
        return page

    card = his_chat().locator("calendar-availability")
    expect(card).to_contain_text("Free times of Ada")
    book_any(card)

    booking_id = ben.call("GET", f"v1/shares/{share_id}")["booking"]["bookingId"]
    demo_drive.wait_for_invite(ben, ada, booking_id)
    later = ben.call("GET", f"v1/shares/{share_id}")["slots"][-1]
    ben.call("POST", f"v1/bookings/{booking_id}/reschedule", {"startsAt": later})
    older, newer = _invites(scene, 2)
    his = his_chat()
    expect(his.get_by_text(older)).to_be_visible()
    expect(his.locator("calendar-invite")).to_have_count(1)
    expect(his.locator("calendar-invite")).to_contain_text("Meeting moved")
    expect(his.get_by_text(newer)).to_have_count(0)

    nora = people.host_who_lost(scene.world, "Nora")
    noras = scene.page()
    noras.goto(f"{address}?token={nora.headers['authToken']}&other=app_system")
    notice = noras.locator("calendar-connect")
    expect(notice).to_contain_text("Your calendar needs connecting again")
    expect(notice.get_by_role("button", name="Connect again")).to_be_visible()


def _invites(scene: Scene, wanted: int) -> list[str]:
    """Wait until Ben has so many invites; give their sentences, oldest first."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        found = scene.ben.messages("extension_calendar_invite", scene.ada.uid)
        if len(found) == wanted:
            return [each["data"]["text"] for each in found]
        time.sleep(0.2)
    raise AssertionError(f"{wanted} invites did not come.")
