"""Files for browsers: kept for ever under what they hold, and led to from any other version."""

from pathlib import Path

import pytest

from scheduling.core.errors import NotFound
from scheduling.http.assets import MODULE, Assets
from tests.world import ROOT

OURS = Assets(ROOT / "web")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in (
        ("assets/page.css", "body {}"),
        ("assets/types.d.ts", "export {};"),
        ("words/en.json", "{}"),
        ("words/README.md", "not served"),
        ("module/calendar-scheduling.js", '/** Whole. */\n\nimport { b } from "./b.js";\n\nb();\n'),
        ("module/b.js", "/** Part. */\n\nexport function b() {}\n"),
        ("pages/connect.html", "not served"),
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def body(assets: Assets, name: str) -> str:
    return assets.file(assets.version, name).body or ""


def test_a_file_is_kept_for_ever_under_its_version(folder: Path) -> None:
    assets = Assets(folder)
    response = assets.file(assets.version, "page.css")
    assert (response.status_code, response.body) == (200, "body {}")
    assert response.content_type == "text/css; charset=utf-8"
    assert "immutable" in str(response.headers["Cache-Control"])
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Cross-Origin-Resource-Policy"] == "cross-origin"


@pytest.mark.parametrize("version", ["latest", "0123456789abcdef", "x" * 500])
def test_another_version_leads_to_this_one_and_the_way_is_not_kept_for_long(
    folder: Path, version: str
) -> None:
    assets = Assets(folder)
    response = assets.file(version, "page.css")
    assert response.status_code == 302
    assert response.headers["Location"] == f"/assets/{assets.version}/page.css"
    assert "immutable" not in str(response.headers["Cache-Control"])


def test_the_module_is_served_as_one_file_and_languages_by_their_names(folder: Path) -> None:
    assets = Assets(folder)
    assert "function b()" in body(assets, MODULE)
    assert "import" not in body(assets, MODULE)
    assert body(assets, "words-en.json") == "{}"
    assert body(assets, "types.d.ts") == "export {};"


@pytest.mark.parametrize(
    "name",
    [
        "",
        "b.js",
        "nothing.css",
        "words-de.json",
        "words-README.json",
        "README.md",
        "connect.html",
        "..",
        "../pages/connect.html",
        "%2e%2e/pages/connect.html",
        "page.css\n",
        "PAGE.CSS",
    ],
)
@pytest.mark.parametrize("version", ["", "latest"])
def test_what_is_not_there_and_what_is_nobodys_is_not_found_under_any_version(
    folder: Path, name: str, version: str
) -> None:
    assets = Assets(folder)
    with pytest.raises(NotFound):
        assets.file(version or assets.version, name)


@pytest.mark.parametrize(
    "changed", ["assets/page.css", "words/en.json", "module/b.js", "module/calendar-scheduling.js"]
)
def test_whatever_changes_makes_another_version(folder: Path, changed: str) -> None:
    before = Assets(folder).version
    assert Assets(folder).version == before
    with (folder / changed).open("a") as file:
        file.write("\n")
        file.write("// changed\n" if changed.endswith(".js") else " ")
    assert Assets(folder).version != before


def test_a_file_of_another_name_makes_another_version(folder: Path) -> None:
    before = Assets(folder).version
    (folder / "assets/page.css").rename(folder / "assets/pages.css")
    assert Assets(folder).version != before


@pytest.mark.parametrize(
    "name", [MODULE, *(path.name for path in sorted((ROOT / "web/assets").iterdir()))]
)
def test_every_file_of_ours_is_served_with_its_type(name: str) -> None:
    response = OURS.file(OURS.version, name)
    assert response.body
    assert str(response.content_type).startswith(("text/", "image/", "application/"))


@pytest.mark.parametrize("path", sorted((ROOT / "web/words").glob("*.json")), ids=lambda p: p.stem)
def test_every_language_is_served(path: Path) -> None:
    assert body(OURS, f"words-{path.stem}.json") == path.read_text(encoding="utf-8")
