"""The top level and the functions are what they are said to be."""

import re
import subprocess
from pathlib import Path

from scheduling.core import config
from tests.lanes import LANES, lane_of

ROOT = Path(__file__).parents[2]

TOP_LEVEL = {
    "functions", "layers", "shared", "tests", "template.yaml", "samconfig.toml",
    "requirements.txt", "README.md", "local", "web", "docs", "benchmarks", "pyproject.toml",
    "Makefile", "CHANGELOG.md", "CONTRIBUTING.md",
}  # fmt: skip


def test_the_top_level_holds_what_the_design_lists_and_dotfiles() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],  # noqa: S607
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    top = {path.split("/")[0] for path in listed if (ROOT / path).exists()}
    assert {name for name in top if not name.startswith(".")} == TOP_LEVEL


def test_a_function_folder_holds_one_module_and_every_function_says_what_it_needs() -> None:
    folders = {path.name for path in (ROOT / "functions").iterdir() if path.is_dir()}
    assert folders == set(config.FUNCTIONS)
    for folder in folders:
        files = {path.name for path in (ROOT / "functions" / folder).iterdir()}
        assert files - {"__pycache__"} == {"app.py"}


def test_runtime_pins_are_exact_and_hold_no_test_tool() -> None:
    lines = (ROOT / "layers/dependencies/requirements.txt").read_text().splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]
    assert all(line.count("==") == 1 for line in pins)
    names = {line.partition("==")[0].lower() for line in pins}
    assert not names & {"pytest", "moto", "hypothesis", "ruff", "mypy", "ics", "aiohttp"}
    assert {"boto3", "google-api-python-client", "google-auth", "requests"} <= names


def test_the_root_requirements_build_on_the_runtime_pins_and_pin_everything() -> None:
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    wanted = [line for line in lines if line and not line.startswith("#")]
    assert wanted[0] == "-r layers/dependencies/requirements.txt"
    assert all(line.count("==") == 1 for line in wanted[1:])


def test_commands_that_need_the_sam_cli_install_it() -> None:
    """A name means nothing to make before the line that gives it a meaning."""
    listed = re.search(r"^include (.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert listed
    asking = [path for path in listed[1].split() if "$(SAM)" in (ROOT / path).read_text()]
    assert {"local/lambda.mk", "local/tools/audit.mk"} < set(asking)
    assert asking[0] == "local/tools/build.mk"


def test_every_lane_of_tests_is_a_folder_that_there_is() -> None:
    assert set(LANES) <= {path.name for path in (ROOT / "tests").iterdir() if path.is_dir()}
    assert lane_of("tests/races/test_x.py::test_y[a::b]") == lane_of(
        "tests/browser/test_z.py::test_y"
    )
    assert lane_of("tests/unit/test_x.py::test_y") == "tests/unit/test_x.py"
