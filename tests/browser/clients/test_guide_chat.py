"""The integration guide's plain JavaScript: two people meet with it."""

import json
from dataclasses import replace
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from local import demo_drive
from local.demo_drive import Person
from tests.browser.clients import people
from tests.browser.clients.conftest import SDK, Scene, book_any
from tests.browser.clients.guide import SNIPPETS, runs, snippet

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
CHAT = f"""<main></main>{SDK}<script type="module">
import {{ showConversation }} from "/chat.js";
import {{ tellApp }} from "/events.js";
window.heard = [];
tellApp(document.body, (...what) => window.heard.push(what));
const listen = CometChat.addMessageListener.bind(CometChat);
let listener;
CometChat.addMessageListener = (name, given) => {{
  listener = given;
  return listen(name, given);
}};
const all = (other) =>
  new CometChat.MessagesRequestBuilder().setUID(other).setLimit(50).build().fetchPrevious();
let seen = [];
window.show = async (who) => {{
  document.querySelector("main").replaceChildren();
  await showConversation(document.querySelector("main"), who);
  seen = (await all(who.other)).map((each) => each.getId());
}};
// What the chat's socket would bring.
window.deliver = async (other) => {{
  for (const message of await all(other)) {{
    if (seen.includes(message.getId())) continue;
    seen.push(message.getId());
    const kind = message.getCategory() === "custom" ? "Custom" : "Text";
    listener[`on${{kind}}MessageReceived`](message);
  }}
}};
</script>"""
OFFER = """([viewer, authToken, other]) => import("/scheduling.js").then(({ Scheduling }) =>
    document.body.append(new Scheduling({ viewer, authToken }).offer(other)))"""


def _chat(scene: Scene, viewer: Person) -> Page:
    """Open the app's chat as one of the two."""
    for name in ("scheduling.js", "chat.js", "events.js"):
        scene.app.files[name] = snippet(name, scene.world)
    page = scene.log_in(viewer, CHAT)
    page.wait_for_function("() => window.show !== undefined")
    return page


def _show(page: Page, viewer: Person, other: Person) -> None:
    who = {"viewer": viewer.uid, "authToken": viewer.headers["authToken"], "other": other.uid}
    page.evaluate("(who) => window.show(who)", who)


@runs("scheduling.js", "chat.js", "events.js")
def test_two_people_meet_in_a_chat_of_plain_javascript(scene: Scene) -> None:
    ada, ben = scene.ada, scene.ben
    scene.post(category="message", type="text", data={"text": "<b>Tea?</b>"})
    hers = _chat(scene, ada)
    hers.evaluate(OFFER, [ada.uid, ada.headers["authToken"], ben.uid])
    panel = hers.locator("calendar-share")
    panel.get_by_label("Title").fill("Intro call")
    panel.get_by_role("button", name="Share").click()
    expect(panel).to_have_count(0)
    assert hers.evaluate("window.heard[0][0]") == "shared"

    his = _chat(scene, ben)
    _show(his, ben, ada)
    expect(his.get_by_text("<b>Tea?</b>")).to_be_visible()
    card = his.locator("calendar-availability")
    book_any(card)
    assert his.evaluate("window.heard.map(([what]) => what)") == ["booked"]
    share_id = card.get_attribute("share-id")
    booking = ben.call("GET", f"v1/shares/{share_id}")["booking"]
    demo_drive.wait_for_invite(ben, ada, booking["bookingId"])
    _show(his, ben, ada)
    invite = his.locator("calendar-invite")
    expect(invite).to_contain_text("Intro call")
    expect(invite.get_by_role("link")).to_have_count(5)
    assert scene.complaints == []


def test_what_comes_later_appears_and_an_invite_takes_the_place_of_the_one_before(
    scene: Scene,
) -> None:
    ada, ben = scene.ada, scene.ben
    cleo = replace(scene, ada=people.person(scene.world, "Cleo"))
    share_id = scene.share()
    page = _chat(scene, ben)
    _show(page, ben, ada)
    card = page.locator("calendar-availability")
    expect(card).to_contain_text("Free times of Ada")
    start, *_, later = ben.call("GET", f"v1/shares/{share_id}")["slots"]
    booking = ben.call("POST", "v1/book", {"shareId": share_id, "startsAt": start})["booking"]
    path = f"v1/bookings/{booking['bookingId']}"
    demo_drive.wait_for_invite(ben, ada, booking["bookingId"])
    page.evaluate("(other) => deliver(other)", ada.uid)
    invite = page.locator("calendar-invite")
    expect(invite).to_contain_text("Meeting confirmed")
    ben.call("POST", f"{path}/reschedule", {"startsAt": later})
    people.wait_for(lambda: len(ben.messages("extension_calendar_invite", ada.uid)) == 2)
    scene.post(category="message", type="text", data={"text": "See you then"})
    cleo.post(category="message", type="text", data={"text": "From another chat"})
    page.evaluate("(other) => deliver(other)", cleo.ada.uid)
    page.evaluate("(other) => deliver(other)", ada.uid)
    expect(page.get_by_text("See you then")).to_be_visible()
    expect(invite).to_have_count(1)
    expect(invite).to_contain_text("Meeting moved")
    expect(page.get_by_text("From another chat")).to_have_count(0)
    assert scene.complaints == []


def test_a_host_connects_again_from_the_notice(scene: Scene) -> None:
    nora = people.host_who_lost(scene.world, "Nora")
    page = _chat(scene, nora)
    who = {"viewer": nora.uid, "authToken": nora.headers["authToken"], "other": "app_system"}
    page.evaluate("(who) => window.show(who)", who)
    expect(page.get_by_text("You can now share free times.")).to_be_visible()
    card = page.locator("calendar-connect")
    expect(card).to_contain_text("Your calendar needs connecting again")
    with page.expect_popup() as opened:
        card.get_by_role("button", name="Connect again").click()
    opened.value.wait_for_url(f"{scene.world.url}/**")
    assert scene.complaints == []


def test_a_forged_message_shows_nothing_of_what_it_says(scene: Scene) -> None:
    forged = json.loads(SNIPPETS["InviteMessage"]) | {"title": "Send me your password"}
    kind = {"category": "custom", "type": "extension_calendar_invite"}
    scene.post(**kind, data={"customData": forged})
    page = _chat(scene, scene.ben)
    _show(page, scene.ben, scene.ada)
    card = page.locator("calendar-invite")
    expect(card).to_contain_text("This invite is not known")
    expect(card).not_to_contain_text("password")
    expect(card.get_by_role("link")).to_have_count(0)


@runs("by-hand.js")
def test_the_client_alone_books_another_time_if_the_first_is_taken(scene: Scene) -> None:
    mine, cleo = scene.share(), people.person(scene.world, "Cleo")
    body = {"receiver": cleo.uid, "receiverType": "user"}
    theirs = scene.ada.call("POST", "v1/share", body)["shareId"]
    taken = cleo.call("GET", f"v1/shares/{theirs}")["slots"][-40]
    cleo.call("POST", "v1/book", {"shareId": theirs, "startsAt": taken})
    scene.app.files["by-hand.js"] = snippet("by-hand.js", scene.world)

    def remember(route: Route) -> None:
        answer = route.fetch()
        seen: dict[str, Any] = answer.json()
        seen["data"]["slots"] = [taken, *seen["data"]["slots"]]
        route.fulfill(response=answer, json=seen)

    page = scene.open("")
    page.route(f"{scene.world.url}/v1/shares/{mine}", remember)
    booked = page.evaluate(
        "(request) => import('/by-hand.js').then(({ bookFirst }) => bookFirst(request))",
        {"appId": "local", "authToken": scene.ben.headers["authToken"], "shareId": mine},
    )
    assert booked["booking"]["status"] == "confirmed"
    assert booked["booking"]["startsAt"] != taken


@runs("sdk.js")
def test_the_sdk_reaches_a_hosted_extension(scene: Scene) -> None:
    scene.app.files["ours.js"] = snippet("sdk.js")
    page = scene.log_in(scene.ben)
    found = page.evaluate("() => import('/ours.js').then((our) => our.connectionOfUser())")
    assert found == {"state": "none"}
