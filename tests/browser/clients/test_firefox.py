"""The card in Firefox: opened, a time picked, booked; where Firefox is installed."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.browser.clients.conftest import Scene
from tests.browser.npm import PUPPETEER, package

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
SECONDS = 120
SCRIPT = Path(__file__).parent / "firefox.mjs"


def test_a_guest_books_in_firefox(scene: Scene) -> None:
    node, firefox = shutil.which("node"), shutil.which("firefox-esr") or shutil.which("firefox")
    assert node
    assert firefox, "Firefox is missing: apt-get install firefox-esr"
    client = {
        "baseUrl": scene.world.url,
        "appId": "local",
        "authToken": scene.ben.headers["authToken"],
    }
    address = scene.app.page(
        "firefox",
        f"""<calendar-availability share-id="{scene.share()}"></calendar-availability>
        <script type="module">
        import {{ CalendarScheduling }} from "{scene.module}";
        const client = new CalendarScheduling({json.dumps(client)});
        document.querySelector("calendar-availability").client = client;
        </script>""",
    )
    puppeteer = package(PUPPETEER) / "lib" / "esm" / "puppeteer" / "puppeteer-core.js"
    done = subprocess.run(  # noqa: S603 - our own command
        [node, str(SCRIPT), str(puppeteer), firefox, address],
        check=False,
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    assert "Meeting confirmed" in seen["told"]
    assert "Intro call" in seen["told"]
    assert seen["complaints"] == []
