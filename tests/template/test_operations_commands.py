"""Every command of the document for whoever is on call can be given as it stands."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore import xform_name

from local.template import Template
from scheduling.adapters.dynamodb.table import DUE_SHARDS
from scheduling.admin.program import parser
from scheduling.operations.rotate_keys import LINKS_OUTLIVE

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/operations.md").read_text()
TEMPLATE = Template.read(ROOT / "template.yaml", {"GoogleClientId": "client"})
BLOCKS = re.findall(r"^ *```sh\n(.*?)^ *```$", PAGE, re.MULTILINE | re.DOTALL)
#: Those within sentences; what begins with a capital stands for the reader's own.
INLINE = re.findall(r"`((?:admin|aws) [^`]+)`", PAGE)
#: Notes how it was called, and answers as a table that is there.
PROGRAM = f"""#!{sys.executable} -S
import json, sys
with open("calls", "a") as calls:
    calls.write(json.dumps(sys.argv) + chr(10))
print("ACTIVE" if "Table.TableStatus" in sys.argv else "a-name")
"""


@pytest.fixture(scope="module")
def called(tmp_path_factory: pytest.TempPathFactory) -> list[list[str]]:
    """Return the document's commands as programs see them, from a shell that knows nothing yet."""
    folder = tmp_path_factory.mktemp("on-call")
    for name in (".venv/bin/python", "local/tools/sam/.venv/bin/sam", "bin/aws", "bin/make"):
        program = folder / name
        program.parent.mkdir(parents=True, exist_ok=True)
        program.write_text(PROGRAM)
        program.chmod(0o755)
    done = subprocess.run(
        ["/bin/bash", "-eu"],
        cwd=folder,
        env={"PATH": f"{folder}/bin:/usr/bin:/bin"},
        input="\n".join([*BLOCKS, *INLINE]),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    lines = [json.loads(line) for line in (folder / "calls").read_text().splitlines()]
    return [[Path(program).name, *words] for program, *words in lines]


def arguments(called: list[list[str]], program: str) -> list[list[str]]:
    return [words for name, *words in called if name == program]


def test_the_operators_command_is_called_as_it_can_be(called: list[list[str]]) -> None:
    given = [words[2:] for words in arguments(called, "python")]
    for words in given:
        if words != ["--help"]:
            assert parser().parse_args(words).command == words[0]
    names = {words[0] for words in given}
    assert {"rotate-signing-key", "restore", "erase", "check", "reseal", "secrets"} <= names


def test_aws_is_called_by_operations_and_options_that_there_are(called: list[list[str]]) -> None:
    given = arguments(called, "aws")
    assert {"cloudformation", "dynamodb", "events", "lambda", "sqs"} == {each[0] for each in given}
    client: Any = boto3.client
    for service, operation, *rest in given:
        model = client(service).meta.service_model
        (name,) = [each for each in model.operation_names if xform_name(each, "-") == operation]
        shape = model.operation_model(name).input_shape
        options = {f"--{xform_name(member, '-')}" for member in shape.members}
        required = {f"--{xform_name(member, '-')}" for member in shape.required_members}
        used = {word for word in rest if word.startswith("--")}
        assert required <= used <= options | {"--query", "--output"}, operation


def test_every_function_is_stopped_and_started_again(called: list[list[str]]) -> None:
    given = [(words[1], words[3]) for words in arguments(called, "aws") if words[0] == "lambda"]
    assert ("put-function-concurrency", "a-name") in given
    assert ("delete-function-concurrency", "a-name") in given
    assert "AWS::Lambda::Function" in BLOCKS[0]


def test_what_the_stack_is_asked_for_is_there() -> None:
    outputs = set(re.findall(r"\$\(output (\w+)\)", PAGE))
    resources = set(re.findall(r"\$\(resource (\w+)\)", PAGE))
    assert {"TableName", "UnsentInvitesUrl"} <= outputs <= set(TEMPLATE.document["Outputs"])
    assert {"ReconcileFunction"} <= resources <= set(TEMPLATE.document["Resources"])


def test_whoever_counts_what_is_owed_counts_every_shard() -> None:
    listed = re.search(r"for shard in ([\d ]+);", PAGE)
    assert listed
    assert [int(shard) for shard in listed[1].split()] == list(range(DUE_SHARDS))


def test_the_page_says_for_how_long_a_key_outlives_its_last_signature() -> None:
    assert f"From {LINKS_OUTLIVE.days} days after the promotion on" in PAGE
