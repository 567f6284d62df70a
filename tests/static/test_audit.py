"""What the tools of others object to is mended or accepted for a reason, and they do object."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from local.audit import __main__ as command
from local.audit import advisories
from local.audit.findings import Acceptance, Finding, NoAnswer, accepted, outlived, unanswered
from local.audit.tools import TOOLS, Subject, translated
from local.facts import ROOT, TEMPLATE

#: Each tool is installed on first use, which takes its time.
pytestmark = [pytest.mark.static, pytest.mark.timeout(600)]

_FUNCTION = "AWS::Lambda::Function"
_POLICIES = {"AWS::IAM::Policy", "AWS::IAM::ManagedPolicy", "AWS::IAM::RolePolicy"}

#: What is made wrong for each tool, and the finding that it must lead to.
FAULTS = {
    "bandit": ("", "", Finding("B307", "shared/opened.py", "")),
    "sam": ("TimeToLiveSpecification:", "TimeToLive:", Finding("validate", "template", "")),
    "cfn-lint": (
        "StreamViewType: KEYS_ONLY",
        "StreamViewType: KEYS",
        Finding("E3030", "Table", ""),
    ),
    "checkov": ("      KmsMasterKeyId: !Ref Key\n", "", Finding("CKV_AWS_27", "UnsentInvites", "")),
    "cfn-guard": (
        "EnableKeyRotation: true",
        "EnableKeyRotation: false",
        Finding("kms_key_rotation_enabled_check", "Key", ""),
    ),
}


def ours(tool: str) -> list[Acceptance]:
    return [each for each in accepted() if each.tool == tool]


@pytest.mark.parametrize("tool", sorted(TOOLS))
def test_a_tool_objects_to_nothing_but_what_is_accepted(tool: str) -> None:
    found = TOOLS[tool](Subject())
    assert unanswered(found, ours(tool)) == []
    assert outlived(found, ours(tool)) == [], "accepted, and not there any more: take it out"


@pytest.mark.parametrize("tool", sorted(TOOLS))
def test_a_tool_objects_to_what_is_made_wrong(tool: str, tmp_path: Path) -> None:
    before, after, wanted = FAULTS[tool]
    template = tmp_path / "template.yaml"
    text = TEMPLATE.read_text()
    assert before in text
    template.write_text(text.replace(before, after, 1))
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared" / "opened.py").write_text("def opened(text):\n    return eval(text)\n")
    found = unanswered(TOOLS[tool](Subject(template, tmp_path)), ours(tool))
    assert (wanted.rule, wanted.place) in {(each.rule, each.place) for each in found}


@pytest.mark.parametrize("tool", sorted(set(TOOLS) - {"bandit", "sam"}))
def test_what_a_tool_cannot_read_is_no_clean_result(tool: str, tmp_path: Path) -> None:
    template = tmp_path / "template.yaml"
    template.write_text("Resources: [\n")
    try:
        found = TOOLS[tool](Subject(template))
    except NoAnswer:
        return
    assert unanswered(found, ours(tool))


def test_no_policy_of_the_template_as_cloudformation_has_it_is_for_everything() -> None:
    """Whatever SAM adds to the template counts as well: policies of AWS for a whole account."""
    resources = json.loads(translated(TEMPLATE))["Resources"]
    roles = {name: each for name, each in resources.items() if each["Type"] == "AWS::IAM::Role"}
    functions = {name for name, each in resources.items() if each["Type"] == _FUNCTION}
    assert set(roles) == {f"{name}Role" for name in functions}
    assert not [name for name, each in resources.items() if each["Type"] in _POLICIES]
    for name, role in roles.items():
        assert "ManagedPolicyArns" not in role["Properties"], name
        for policy in role["Properties"]["Policies"]:
            for statement in policy["PolicyDocument"]["Statement"]:
                assert '"*"' not in json.dumps(statement["Resource"]), name
                assert "*" not in json.dumps(statement["Action"]), name


def test_a_finding_elsewhere_is_not_accepted_with_the_others() -> None:
    known = [Acceptance("bandit", "B311", ("shared/table.py", "local/*"), "jitter")]
    here, there = (
        Finding("B311", place, "weak") for place in ("local/race/row.py", "shared/ids.py")
    )
    assert unanswered([here, there], known) == [there]
    assert outlived([here, there], known) == ["B311 at shared/table.py"]


def test_every_acceptance_is_of_a_known_tool_and_gives_a_sentence_as_its_reason() -> None:
    for each in accepted():
        assert each.tool in {*TOOLS, "pip-audit"}
        assert re.fullmatch(r"[A-Z].{15,}\.", each.why), each
        assert each.where


def test_packages_that_nothing_is_known_of_are_no_clean_result() -> None:
    known: dict[str, object] = {"name": "requests", "version": "2.0", "vulns": []}
    skipped: dict[str, object] = {"name": "urllib3", "skip_reason": "not found"}
    with pytest.raises(NoAnswer, match=r"no data for 1 of 2 packages of pins\.txt: not found"):
        advisories.read({"dependencies": [known, skipped]}, "pins.txt")
    with pytest.raises(NoAnswer, match="nothing in it"):
        advisories.read({"dependencies": []}, "pins.txt")
    assert advisories.read({"dependencies": [known]}, "pins.txt") == []


def test_a_known_weakness_of_a_package_is_a_finding() -> None:
    weakness = {"id": "PYSEC-2026-1", "fix_versions": ["2.1"]}
    package: dict[str, object] = {"name": "requests", "version": "2.0", "vulns": [weakness]}
    assert advisories.read({"dependencies": [package]}, "pins.txt") == [
        Finding("PYSEC-2026-1", "requests", "2.0 in pins.txt")
    ]


def test_every_file_that_pins_packages_is_asked_about() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "*requirements.txt"],  # noqa: S607
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    assert {str(path.relative_to(ROOT)) for path in advisories.pins()} == set(listed)


def test_a_tool_without_an_answer_fails_the_command_and_says_so() -> None:
    def silent() -> list[Finding]:
        raise NoAnswer("no data for 37 of 37 packages")

    lines, well = command.look("pip-audit", silent, [])
    assert not well
    assert "NO ANSWER" in lines[0]
    assert "no data for 37 of 37 packages" in lines[1]


def test_a_finding_that_nobody_accepted_fails_the_command_and_is_told() -> None:
    lines, well = command.look("bandit", lambda: [Finding("B307", "shared/ids.py", "eval")], [])
    assert not well
    assert lines[1:] == ["  B307 at shared/ids.py: eval"]
