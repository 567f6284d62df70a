"""Every answer of the security page names a test, and the tests that it names are there."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/security.md").read_text()
#: What each boundary is asked, by letter.
STRIDE = set("STRIDE")

BOUNDARIES = dict(re.findall(r"^### (\d\. .+?)\n(.+?)(?=^##)", PAGE, re.MULTILINE | re.DOTALL))
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE)))


def answers(section: str) -> list[list[str]]:
    rows = re.findall(r"^\| [STRIDE] \|.*\|$", section, re.MULTILINE)
    return [[cell.strip() for cell in row.strip("|").split(" | ")] for row in rows]


@cache
def functions_of(file: str) -> frozenset[str]:
    path = ROOT / file
    tree = ast.parse(path.read_text()) if path.is_file() else ast.Module([], [])
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def test_every_test_that_the_page_names_is_there() -> None:
    assert len(NAMED) > len(BOUNDARIES)
    assert all(test.startswith("test_") for _, test in NAMED)
    assert [(file, test) for file, test in NAMED if test not in functions_of(file)] == []


@pytest.mark.parametrize("boundary", sorted(BOUNDARIES))
def test_every_boundary_has_an_answer_for_each_letter_and_a_test_for_each_answer(
    boundary: str,
) -> None:
    rows = answers(BOUNDARIES[boundary])
    assert {row[0] for row in rows} == STRIDE
    for _, threat, answer, proof in rows:
        assert threat
        assert answer
        assert re.fullmatch(r"(`tests/[\w/]+\.py::\w+`(, )?)+", proof), threat


def test_every_boundary_of_the_diagram_has_its_section() -> None:
    drawn = re.search(r"```mermaid\n(.+?)```", PAGE, re.DOTALL)
    assert drawn
    assert set(re.findall(r'"(\d):', drawn[1])) == {name[0] for name in BOUNDARIES}
