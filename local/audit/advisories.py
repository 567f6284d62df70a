"""Known weaknesses of the pinned packages, as PyPI tells them to pip-audit.

They are known outside only: where that cannot be asked, nothing is known, and that is said.
"""

from pathlib import Path

from local import tool_venv
from local.audit.findings import Finding, NoAnswer
from local.audit.tools import VENVS, answer, run
from local.facts import ROOT

_SECONDS = "5"


def pins() -> list[Path]:
    """List every file that pins packages; the first is what is deployed."""
    return [
        ROOT / "layers" / "dependencies" / "requirements.txt",
        ROOT / "requirements.txt",
        *sorted(VENVS.glob("*/requirements.txt")),
    ]


def pip_audit(files: list[Path]) -> list[Finding]:
    """Ask for each package of each file; a package is a place.

    Raises:
        NoAnswer: Of a package nothing could be learned; no other file is asked about then.
    """
    program = tool_venv.install(VENVS / "audit", "bandit and pip-audit").parent / "pip-audit"
    # The closures are pinned whole, so nothing has to be resolved, and nothing is installed.
    options = ("--no-deps", "--disable-pip", "--progress-spinner", "off", "--timeout", _SECONDS)
    found: list[Finding] = []
    for file in files:
        done = run([program, *options, "--format", "json", "--requirement", file])
        try:
            said = answer(done)
        except NoAnswer:
            *_, last = (done.stderr.strip() or "nothing was said").splitlines()
            raise NoAnswer(f"no data for {file.relative_to(ROOT)}: {last}") from None
        found += read(said, str(file.relative_to(ROOT)))
    return found


def read(said: dict[str, list[dict[str, object]]], file: str) -> list[Finding]:
    """Return the weaknesses in an answer of pip-audit's about one file.

    Raises:
        NoAnswer: Packages were left out, which pip-audit itself takes for a clean result.
    """
    asked = said["dependencies"]
    skipped = [each for each in asked if "skip_reason" in each]
    if skipped or not asked:
        why = skipped[0]["skip_reason"] if skipped else "there is nothing in it"
        raise NoAnswer(f"no data for {len(skipped)} of {len(asked)} packages of {file}: {why}")
    return [
        Finding(str(weakness["id"]), str(each["name"]), f"{each['version']} in {file}")
        for each in asked
        for weakness in _weaknesses(each)
    ]


def _weaknesses(package: dict[str, object]) -> list[dict[str, object]]:
    known = package["vulns"]
    assert isinstance(known, list)
    return known
