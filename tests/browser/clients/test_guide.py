"""Every piece of code of the integration guide runs, as it stands there, against the local run.

Only names of the example are replaced: the extension's address and the app's id.
"""

import json
import os
import re
import subprocess
from pathlib import Path

import jsonschema
import pytest
from playwright.sync_api import expect

from local import facts
from tests.browser.clients import cloud, guide, test_guide_chat, test_guide_kits
from tests.browser.clients.conftest import Scene
from tests.browser.clients.guide import runs, snippet
from tests.browser.test_web_files import WEB
from tests.security.document import DOCUMENT

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
SECONDS = 30
#: The modules with the other pieces.
OTHERS = (test_guide_chat, test_guide_kits)


def test_every_piece_of_code_has_a_name_and_is_run() -> None:
    assert all(re.fullmatch(r"\w+ name=[\w.-]+", head) for head in guide.HEADS)
    assert len(guide.SNIPPETS) == len(guide.HEADS)
    assert all(hasattr(module, "snippet") for module in OTHERS)
    assert set(guide.SNIPPETS) == guide.RUN


def _shell(code: str, folder: Path, **environ: str) -> str:
    done = subprocess.run(  # noqa: S603 - our own document's commands
        ["bash", "-euc", code],  # noqa: S607
        cwd=folder,
        env={"PATH": os.environ["PATH"], "CURL_HOME": str(folder), **environ},
        check=True,
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )
    return done.stdout


@runs("token", "connection", "connection-answer", "page", "page-answer")
def test_the_calls_answer_as_they_say(scene: Scene, tmp_path: Path) -> None:
    app, world = {"APP_ID": "local"}, scene.world
    with cloud.tls_to(world.addresses.port + 2) as port:
        host = f"local.api-{facts.APP_REGION}.cometchat.io"
        there = f'insecure\nconnect-to = "{host}:443:127.0.0.1:{port}"\n'
        (tmp_path / ".curlrc").write_text(there)
        key = {"COMETCHAT_API_KEY": facts.API_KEYS["local"], "CHAT_UID": scene.ben.uid}
        minted = json.loads(_shell(snippet("token"), tmp_path, **app, **key))["data"]
    assert minted["uid"] == scene.ben.uid
    app["AUTH_TOKEN"] = minted["authToken"]
    found = _shell(snippet("connection", world), tmp_path, **app)
    assert json.loads(found) == json.loads(snippet("connection-answer"))
    code = snippet("page", world)
    answer = json.loads(_shell(code, tmp_path, **app, SHARE_ID=scene.share()))["data"]
    shown = json.loads(snippet("page-answer", world))["data"]
    assert set(answer) == set(shown)
    assert all(each["pageUrl"].startswith(f"{world.url}/book/") for each in (answer, shown))


@runs("AvailabilityMessage", "InviteMessage", "NoticeMessage")
@pytest.mark.parametrize("name", ["AvailabilityMessage", "InviteMessage", "NoticeMessage"])
def test_the_messages_are_of_the_documented_form(name: str) -> None:
    documented = {"$ref": f"#/components/schemas/{name}", "components": DOCUMENT["components"]}
    jsonschema.Draft202012Validator(documented).validate(json.loads(snippet(name)))


@runs("copy", "words.js")
@pytest.mark.parametrize("elsewhere", [False, True])
def test_a_copied_folder_needs_the_extension_for_its_routes_alone(
    scene: Scene, tmp_path: Path, *, elsewhere: bool
) -> None:
    files = scene.app.files
    _shell(snippet("copy", scene.world), tmp_path)
    copied = {path.name: path for path in (tmp_path / "public/calendar-scheduling").iterdir()}
    assert "calendar-scheduling.d.ts" in copied
    files.update({f"calendar-scheduling/{name}": path for name, path in copied.items()})
    if elsewhere:
        files["own.js"] = snippet("words.js")
        for path in (WEB / "words").glob("*.json"):
            files[f"languages/calendar/{path.name}"] = path
            del files[f"calendar-scheduling/words-{path.name}"]
    page = scene.page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    script = '<script type="module" src="/own.js"></script>' if elsewhere else ""
    page.goto(scene.app.page("chat", f'<main lang="de"></main>{script}'))
    page.wait_for_load_state("networkidle")
    scene.place(page, "/calendar-scheduling/calendar-scheduling.js", shareId=scene.share())
    expect(page.locator("calendar-availability")).to_contain_text("Freie Zeiten von Ada")
    others = [each for each in asked if not each.startswith((scene.app.address, "data:"))]
    assert others
    assert all(each.startswith(f"{scene.world.url}/v1/") for each in others)
    assert scene.complaints == []


@runs("policy")
def test_the_policy_is_enough(scene: Scene) -> None:
    page = scene.open("", head=snippet("policy", scene.world))
    scene.place(page, shareId=scene.share())
    card = page.locator("calendar-availability")
    expect(card).to_contain_text("Free times of Ada")
    radius = "(card) => getComputedStyle(card.shadowRoot.querySelector('.card')).borderRadius"
    assert card.evaluate(radius) != "0px"
    assert scene.complaints == []


@runs("looks.css")
def test_the_looks_are_all_that_there_are_and_reach_the_card(scene: Scene) -> None:
    css = snippet("looks.css")
    sheet = (WEB / "assets" / "calendar-scheduling.css").read_text()
    assert set(re.findall(r"(--calendar-[a-z-]+):", css)) == set(
        re.findall(r"var\(\s*(--calendar-[a-z-]+)", sheet)
    )
    page = scene.open(f'<style>{css}</style><main class="chat"></main>')
    scene.place(page, shareId=scene.share())
    card = page.locator("calendar-availability")
    expect(card.get_by_role("grid")).to_be_visible()  # the whole week, with room for it
    seen = card.evaluate(
        """(card) => {
            const { backgroundColor, borderRadius, fontFamily, color } =
                getComputedStyle(card.shadowRoot.querySelector(".card"));
            return [backgroundColor, borderRadius, fontFamily, color];
        }"""
    )
    assert seen == ["rgb(255, 253, 247)", "6px", "Georgia, serif", "rgb(27, 27, 31)"]


@runs("languages")
def test_a_card_speaks_the_language_around_it_in_the_zone_that_is_named(scene: Scene) -> None:
    page = scene.open(snippet("languages").replace("the-share-id", scene.share()))
    scene.place(page)
    card = page.locator("calendar-availability")
    expect(card).to_contain_text("Freie Zeiten von Ada")
    expect(card.get_by_role("combobox")).to_have_value("Asia/Tokyo")
