"""The docs say what the field says: no word of theirs is one that we left for a standard one."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "layers/README.md")),
    *sorted(ROOT.glob("local/*/README.md")),
    *sorted(ROOT.glob("docs/**/*.md")),
    ROOT / "docs/openapi.yaml",
]
#: What was left -> the field's word.
LEFT = {
    r"anew": "again",
    r"stand-ins?": "emulator",
    r"(?:last|second) (?:yes|no)": "final confirmation, final refusal",
    r"patien(?:ce|tly)": "retry",
    r"doorways?": "one-time links",
    r"aftercare|look(?:s|ed|ing)? after": "follow-up, conflict check",
    r"settl(?:e|es|ed|er|ing)": "recover, recovery",
    r"mortals?": "crash workers",
    r"generations?": "revision",
    r"(?:grants?|consents?) that waits?": "pending authorization",
}
#: Code has its own names, and `make cost` its own words, which are in `benchmarks/`.
ASIDE = re.compile(
    r"^ *```.*?^ *```$|`[^`\n]+`|<!-- (\w+) -->.*?<!-- /\1 -->", re.DOTALL | re.MULTILINE
)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_page_has_no_word_that_was_left(page: Path) -> None:
    text = page.read_text()
    prose = ASIDE.sub("", text) if page.suffix == ".md" else text
    found = [
        f"{words[0]} -> {standard}"
        for left, standard in LEFT.items()
        for words in re.finditer(rf"\b(?:{left})\b", prose, re.IGNORECASE)
    ]
    assert found == []
