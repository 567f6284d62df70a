"""The browser module is joined from its sources as a browser would have run them."""

import re
from collections import Counter
from pathlib import Path

import pytest

from scheduling.http.assets import MODULE
from scheduling.http.browser_module import joined

SOURCES = Path(__file__).parents[3] / "web" / "module"
TAKEN = re.compile(r'^(?:im|ex)port \{([^}]*)\} from "\./([a-z-]+\.js)"', re.MULTILINE)
GIVEN = re.compile(r"^export (?:async )?\w+ (\w+)", re.MULTILINE)


def written(folder: Path, **sources: str) -> Path:
    """Write sources, and return the one called entry."""
    for name, source in sources.items():
        (folder / f"{name}.js").write_text(source)
    return folder / "entry.js"


def test_what_is_imported_stands_once_and_before_whoever_imports_it(tmp_path: Path) -> None:
    entry = written(
        tmp_path,
        entry='/** Whole. */\n\nimport { b } from "./b.js";\nimport {\n  c,\n} from "./c.js";\n\n'
        'export { c } from "./c.js";\n\nb();\n',
        b='import { c } from "./c.js";\n\nexport function b() {\n  c();\n}\n',
        c='/** Exports nothing "from" anywhere. */\n\nexport async function c() {}\n',
    )
    assert joined(entry) == (
        '/** Whole. */\n\n/** Exports nothing "from" anywhere. */\n\nasync function c() {}\n\n'
        "function b() {\n  c();\n}\n\nb();\n\nexport { c };\n"
    )


@pytest.mark.parametrize(
    "line",
    [
        'import whole from "./b.js";',
        'import * as all from "./b.js";',
        'import "./b.js";',
        'import { b } from "package";',
        "export default function () {}",
        'export * from "./b.js";',
        "export { b };",
    ],
)
def test_a_form_that_cannot_be_joined_is_refused_by_name(tmp_path: Path, line: str) -> None:
    entry = written(tmp_path, entry=f"/** Whole. */\n\n{line}\n", b="export const b = 1;\n")
    with pytest.raises(ValueError, match=r"entry\.js cannot be joined: (import|export)"):
        joined(entry)


def test_no_two_sources_have_one_name_at_their_top() -> None:
    declared = re.compile(r"^(?:async )?(?:class|const|function|let) (\w+)", re.MULTILINE)
    names = Counter(declared.findall(joined(SOURCES / MODULE)))
    assert len(names) > 50
    assert {name for name, times in names.items() if times > 1} == set()


def test_a_name_is_taken_from_the_source_that_has_it_and_by_that_name() -> None:
    for path in SOURCES.glob("*.js"):
        for names, source in TAKEN.findall(path.read_text()):
            given = set(GIVEN.findall((SOURCES / source).read_text()))
            assert set(re.findall(r"\w+", names)) <= given, path.name
