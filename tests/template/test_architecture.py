"""The page of the architecture is what the code is: rooms, ways, functions, files, words."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from scheduling.core import config

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "shared" / "scheduling"
PAGE = (ROOT / "docs/architecture.md").read_text()
SOURCES = [path.read_text() for path in sorted(PACKAGE.rglob("*.py"))]
#: The words that are ours; the field has no other for them.
OURS = {"claim", "hold", "share", "outbox", "seal", "due", "room", "worker", "revision", "notice"}


def chapter(title: str) -> str:
    _, heading, rest = PAGE.partition(f"\n## {title}\n")
    assert heading, f"there is no chapter {title}"
    return rest.partition("\n## ")[0]


def drawing(title: str) -> str:
    found = re.search(r"^```\n(.+?)^```$", chapter(title), re.MULTILINE | re.DOTALL)
    assert found, f"there is no drawing under {title}"
    return found[1]


def rows(title: str) -> list[list[str]]:
    lines = [line for line in chapter(title).splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines[1:]]


def layers() -> list[list[str]]:
    """Return the rooms of each line, as import-linter holds them."""
    settings: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())
    contracts = settings["tool"]["importlinter"]["contracts"]
    (contract,) = [each for each in contracts if each["type"] == "layers"]
    return [line.split(" | ") for line in contract["layers"]]


def files(path: str) -> list[Path]:
    """Return the files of a path, which begins at the top or at `shared/scheduling`."""
    return [*ROOT.glob(path), *PACKAGE.glob(path)]


def test_the_picture_has_the_rooms_of_the_contract_in_its_order() -> None:
    boxes = re.split(r"^├─+┤$", drawing("The rooms"), flags=re.MULTILINE)
    assert [re.findall(r"^│ (\w+) +\w", box, re.MULTILINE) for box in boxes] == layers()


def test_every_room_of_the_picture_is_there_and_the_reverse() -> None:
    entries = [path for path in PACKAGE.iterdir() if not path.name.startswith("__")]
    there = {path.stem for path in entries if path.is_dir() or path.suffix == ".py"}
    assert there == {room for line in layers() for room in line}


@pytest.mark.parametrize("title", ["The way of a request", "The way of a message"])
def test_every_station_of_a_way_is_there(title: str) -> None:
    drawn = drawing(title)
    stations = re.findall(r"[a-z_]+/[a-z_/]+\.py", drawn)
    assert len(stations) > 5
    assert [path for path in stations if not files(path)] == []
    for kind, method in re.findall(r"\b([A-Z]\w+)\.([a-z_]+)\b", drawn):
        defined = re.compile(rf"^class {kind}\b.*?^    def {method}\(", re.MULTILINE | re.DOTALL)
        assert any(defined.search(source) for source in SOURCES), f"{kind}.{method}"


def test_every_function_has_its_row_and_the_reverse() -> None:
    assert {row[0].strip("`") for row in rows("The functions")} == set(config.FUNCTIONS)


def places(cell: str) -> list[tuple[str, list[str]]]:
    """Read "`file`: `NAME`, `NAME`; `file`" as files, each with the names to look for in it."""
    found = []
    for part in cell.split("; "):
        path, *names = re.findall(r"`([^`]+)`", part)
        found.append((path, names))
    return found


@pytest.mark.parametrize(
    ("change", "cell"), [(row[0], row[1]) for row in rows("Where to change what")]
)
def test_what_is_to_be_changed_is_where_the_page_says(change: str, cell: str) -> None:
    for path, names in places(cell):
        found = files(path)
        assert found, f"{change}: there is no {path}"
        texts = [file.read_text() for file in found if file.is_file()]
        for name in names:
            word = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)")
            assert any(word.search(text) for text in texts), f"{change}: {path} has no {name}"


def test_the_page_says_of_twenty_changes_where_they_are_made() -> None:
    changes = [row[0] for row in rows("Where to change what")]
    assert len(changes) == len(set(changes)) >= 20


def test_the_glossary_has_the_words_that_are_ours() -> None:
    words = {word for row in rows("Glossary") for word in row[0].split(", ")}
    assert words >= OURS
