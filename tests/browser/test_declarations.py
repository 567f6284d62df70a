"""The TypeScript declarations fit the module, and an app's code compiles with them."""

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext

from tests.browser.cards import place
from tests.browser.fake_extension import FakeExtension
from tests.browser.npm import TYPESCRIPT, package
from tests.browser.test_web_files import ENGLISH, WEB

DECLARATIONS = WEB / "assets" / "calendar-scheduling.d.ts"
SAMPLE = Path(__file__).parent / "sample.ts"


def _declared(kind: str) -> str:
    """Return what is declared within a class or an interface."""
    found = re.search(
        rf"(?:class|interface) {kind}\b[^{{]*{{(.*?)\n}}", DECLARATIONS.read_text(), re.DOTALL
    )
    assert found is not None
    return found[1]


def test_an_apps_code_compiles(tmp_path: Path) -> None:
    node = shutil.which("node")
    assert node
    for path in (DECLARATIONS, SAMPLE):
        shutil.copy(path, tmp_path)
    options = ("--strict", "--noEmit", "--target", "es2022", "--module", "nodenext")
    compiler = package(TYPESCRIPT) / "bin" / "tsc"
    done = subprocess.run(  # noqa: S603 - our own command
        [node, str(compiler), *options, "sample.ts"],
        cwd=tmp_path,
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.stdout == ""
    assert done.returncode == 0


def test_every_error_code_is_declared() -> None:
    codes = {key.removeprefix("card.error.") for key in ENGLISH if key.startswith("card.error.")}
    listed = re.search(r"type ErrorCode =(.*?);", DECLARATIONS.read_text(), re.DOTALL)
    assert listed is not None
    assert set(re.findall(r'"([A-Z_]+)"', listed[1])) == codes


@pytest.mark.browser
def test_every_export_method_property_and_event_is_declared(
    visit: Callable[..., BrowserContext], extension: FakeExtension
) -> None:
    extension.put("GET v1/connection", {"state": "none"})
    page, _ = place(visit(), extension, "calendar-connect")
    written = DECLARATIONS.read_text()
    exported = page.evaluate("() => Object.keys(scheduling)")
    names = re.findall(r"export (?:class|function) (\w+)", written)
    assert sorted(exported) == sorted(names)
    methods = page.evaluate(
        "() => Object.getOwnPropertyNames(scheduling.CalendarScheduling.prototype)"
    )
    declared = re.findall(r"^  (\w+)\(", _declared("CalendarScheduling"), re.MULTILINE)
    assert sorted(methods) == sorted(declared)
    for tag, kind in re.findall(r'"(calendar-\w+)": (\w+)Element;', written):
        mine = _declared(f"{kind}Element") + _declared("CardElement")
        properties, attributes = page.evaluate(
            """(tag) => {
                const kind = customElements.get(tag);
                return [kind.properties, kind.observedAttributes];
            }""",
            tag,
        )
        assert all(re.search(rf"^  {name}\??:", mine, re.MULTILINE) for name in properties), tag
        assert all(f"`{name}`" in mine for name in attributes), tag
    sent = set().union(
        *(
            re.findall(r'CustomEvent\("(calendar-[a-z]+)"', path.read_text())
            for path in WEB.rglob("*.js")
        )
    )
    assert sent == set(re.findall(r'"(calendar-\w+)": CustomEvent<', written))
