"""What the docs state is what the code does."""

import re
import subprocess
from pathlib import Path

from scheduling import config, errors
from scheduling.models import MOVES

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()


def leaves(kind: type[errors.SchedulingError]) -> list[type[errors.SchedulingError]]:
    return [kind, *(leaf for each in kind.__subclasses__() for leaf in leaves(each))]


ERRORS = leaves(errors.SchedulingError)


def test_the_tree_in_the_docstring_is_the_tree_of_classes() -> None:
    drawn = re.findall(r"^ *(\w+) (\d{3}) ([A-Z_]+)$", errors.__doc__ or "", re.MULTILINE)
    assert sorted(drawn) == sorted((each.__name__, str(each.status), each.code) for each in ERRORS)


def test_the_readme_lists_every_error_with_its_status() -> None:
    listed = set(re.findall(r"^\| `([A-Z_]+)` \| (\d{3}) \|", README, re.MULTILINE))
    assert listed == {(each.code, str(each.status)) for each in ERRORS}


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
        for command in re.findall(r"(?:`|^|\s)make ([a-z-]+)", page.read_text(), re.MULTILINE):
            assert re.search(rf"^{command}:", rules, re.MULTILINE), (page.name, command)


def test_links_between_the_docs_lead_somewhere() -> None:
    for page in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *ROOT.glob("docs/**/*.md")]:
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text()):
            assert (page.parent / target).exists(), (page.name, target)


def test_the_bookings_page_lists_the_states_and_moves_of_the_code() -> None:
    page = (ROOT / "docs/booking.md").read_text()
    listed = re.findall(r"^\| [a-z ]+ \| (not there|`\w+`) \| `(\w+)` \|", page, re.MULTILINE)
    assert {(to, origin.strip("`")) for origin, to in listed} == {
        (to.value, origin.value if origin else "not there")
        for to, origins in MOVES.items()
        for origin in origins
    }


def test_what_packages_or_deploys_has_the_sam_cli_installed_first() -> None:
    for command in ("build", "validate", "test", "deploy-local", "e2e RUNTIME=lambda"):
        known = subprocess.run(  # noqa: S603
            ["make", "--print-data-base", "--question", *command.split()],  # noqa: S607
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        ).stdout
        (needs,) = re.findall(rf"^{command.split()[0]}: (.+)$", known, re.MULTILINE)
        assert "local/tools/sam/.venv/.ready" in needs.split(), command
