"""What the docs state is what the code does."""

import json
import re
import subprocess
from pathlib import Path

from scheduling.core import config, errors
from scheduling.http.refusals import STATUSES

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "layers/README.md")),
    *sorted(ROOT.glob("local/*/README.md")),
    *sorted(ROOT.glob("docs/**/*.md")),
]
LINK = re.compile(r"\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)")
FILE = re.compile(r"`([\w.-]+/[\w./-]*\.(?:css|html|js|json|md|mk|py|toml|yaml))`")
#: Made by a command that the page names.
MADE = {"local/env.json"}
#: What `make cost` writes into its page, from names in `benchmarks/`.
COMPUTED = re.compile(r"<!-- (\w+) -->.*?<!-- /\1 -->", re.DOTALL)


def leaves(kind: type[errors.SchedulingError]) -> list[type[errors.SchedulingError]]:
    return [kind, *(leaf for each in kind.__subclasses__() for leaf in leaves(each))]


ERRORS = leaves(errors.SchedulingError)


def test_the_tree_in_the_docstring_is_the_tree_of_classes() -> None:
    drawn = re.findall(r"^ *(\w+) ([A-Z_]+)$", errors.__doc__ or "", re.MULTILINE)
    assert sorted(drawn) == sorted((each.__name__, each.code) for each in ERRORS)


def test_the_readme_lists_every_error_with_its_status() -> None:
    listed = set(re.findall(r"^\| `([A-Z_]+)` \| (\d{3}) \|", README, re.MULTILINE))
    assert listed == {(each.code, str(STATUSES[each.code].value)) for each in ERRORS}


def test_the_readme_lists_every_variable() -> None:
    needed = {name for names in config.FUNCTIONS.values() for name in names}
    for name in needed:
        assert f"| `{name}` |" in README


def test_the_readme_lists_every_route() -> None:
    template = (ROOT / "template.yaml").read_text()
    for method, path in re.findall(r'Method: (\w+), Path: "(/v1/[^"]+)"', template):
        assert f"| `{method} {path}` |" in README


def test_every_command_of_the_readme_is_one_of_makes() -> None:
    makefiles = [ROOT / "Makefile", *ROOT.glob("local/**/*.mk")]
    rules = "\n".join(path.read_text() for path in makefiles)
    for page in PAGES:
        for command in re.findall(r"(?:`|^|\s)make ([a-z0-9-]+)", page.read_text(), re.MULTILINE):
            assert re.search(rf"^{command}:", rules, re.MULTILINE), (page.name, command)


def test_the_list_of_commands_has_every_one_that_is_explained() -> None:
    makefiles = [ROOT / "Makefile", *ROOT.glob("local/**/*.mk")]
    rules = "\n".join(path.read_text() for path in makefiles)
    explained = re.findall(r"^([^\s:#]+):[^=\n]*## ", rules, re.MULTILINE)
    said = subprocess.run(
        ["make", "--no-print-directory", "help"],  # noqa: S607 - whichever make there is
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert sorted(line.split()[0] for line in said.stdout.splitlines()) == sorted(explained)


def test_the_readme_quotes_pages_by_their_own_words() -> None:
    words = json.loads((ROOT / "web/words/en.json").read_text()).values()
    troubles = README.partition("\n## Troubleshooting\n")[2]
    quoted = re.findall(r"^\| a page says \*([^*]+)\* \|", troubles, re.MULTILINE)
    assert quoted
    assert set(quoted) <= set(words)


def test_links_between_the_docs_lead_somewhere() -> None:
    for page in PAGES:
        for target, anchor in LINK.findall(page.read_text()):
            there = page.parent / target if target else page
            assert there.exists(), (page.name, target)
            if anchor and there.suffix == ".md":
                assert anchor in anchors(there.read_text()), (page.name, target, anchor)


def anchors(page: str) -> set[str]:
    """Return what the headings of a page are called in addresses, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", page, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", each.lower()).replace(" ", "-") for each in headings}


def test_every_file_that_the_docs_name_is_there() -> None:
    for page in PAGES:
        text = COMPUTED.sub("", page.read_text())
        for path in FILE.findall(text):
            places = [ROOT / path, ROOT / "shared/scheduling" / path, page.parent / path]
            assert path in MADE or any(place.exists() for place in places), (page.name, path)
        for path in re.findall(r"`(tests/[\w/]+)`", text):
            assert (ROOT / path).exists(), (page.name, path)


def test_every_module_that_the_docs_name_is_there() -> None:
    for page in PAGES:
        for name in re.findall(r"(?:`|-m )(scheduling(?:\.[a-z_]+)+)", page.read_text()):
            path = ROOT / "shared" / name.replace(".", "/")
            modules = [path, path.with_suffix(".py"), path.parent.with_suffix(".py")]
            assert any(module.exists() for module in modules), (page.name, name)


def test_contributing_explains_every_folder_of_tests_and_the_reverse() -> None:
    page = (ROOT / "CONTRIBUTING.md").read_text()
    listed = re.findall(r"^\| `tests/([a-z0-9_]+)` \|", page, re.MULTILINE)
    there = [path.parent.name for path in ROOT.glob("tests/*/__init__.py")]
    assert set(listed) == set(there)


def test_decisions_are_numbered_and_say_how_to_go_back() -> None:
    pages = sorted((ROOT / "docs/decisions").glob("*.md"))
    assert [int(page.name[:4]) for page in pages] == list(range(1, len(pages) + 1))
    for page in pages:
        text = page.read_text()
        headings = re.findall(r"^## (.+)$", text, re.MULTILINE)
        assert headings == ["Context", "Decision", "Consequences", "How to reverse"], page.name
        superseded = r"superseded by \[ADR \d{4}\]\(\d{4}-[a-z0-9-]+\.md\)"
        assert re.search(rf"^Status: (accepted|{superseded}), ", text, re.MULTILINE), page.name


def test_every_error_has_a_status_and_no_status_is_of_none() -> None:
    assert set(STATUSES) == {each.code for each in ERRORS}
