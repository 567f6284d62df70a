"""What the docs state is what the code does."""

import json
import re
import subprocess
from pathlib import Path

from scheduling.core import config, errors
from scheduling.http.refusals import STATUSES
from scheduling.models import TRANSITIONS

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()


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
    for page in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *ROOT.glob("docs/**/*.md")]:
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
    for page in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *ROOT.glob("docs/**/*.md")]:
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text()):
            assert (page.parent / target).exists(), (page.name, target)


def test_the_bookings_page_lists_the_states_and_moves_of_the_code() -> None:
    page = (ROOT / "docs/booking.md").read_text()
    listed = re.findall(r"^\| [a-z ]+ \| (not there|`\w+`) \| `(\w+)` \|", page, re.MULTILINE)
    assert {(to, origin.strip("`")) for origin, to in listed} == {
        (to.value, origin.value if origin else "not there")
        for to, origins in TRANSITIONS.items()
        for origin in origins
    }


def test_every_error_has_a_status_and_no_status_is_of_none() -> None:
    assert set(STATUSES) == {each.code for each in ERRORS}
