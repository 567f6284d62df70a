"""A function may do what its code does, and nothing else: policies against the code's reach."""

import functools
import re
from pathlib import Path
from typing import Any

import pytest

from local.template import Template
from scheduling.core import config
from tests.template.reach import Code, Place

ROOT = Path(__file__).parents[2]
CODE = Code(ROOT / "shared" / "scheduling")
TEMPLATE = Template.read(ROOT / "template.yaml", {"GoogleClientId": "client"})
for _name in TEMPLATE.document["Resources"]:
    TEMPLATE.values |= {_name: _name, f"{_name}.Arn": f"arn:{_name}", f"{_name}.StreamArn": _name}
LOGICAL = {function.name: function.logical_id for function in TEMPLATE.functions()}
TABLE = "scheduling.adapters.dynamodb.table"

#: What the code must be allowed, by the method that does it.
#: A transaction is authorised by the actions of its parts.
#: Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html
ON_THE_TABLE: dict[Place, str] = {
    ("Table", "get"): "dynamodb:GetItem",
    ("Table", "get_many"): "dynamodb:BatchGetItem",
    ("Table", "query"): "dynamodb:Query",
    ("Table", "scan"): "dynamodb:Scan",
    ("Table", "scan_app"): "dynamodb:Scan",
    (TABLE, "put"): "dynamodb:PutItem",
    (TABLE, "update"): "dynamodb:UpdateItem",
    (TABLE, "delete"): "dynamodb:DeleteItem",
    (TABLE, "check"): "dynamodb:ConditionCheckItem",
}
ON_THE_INDEX: dict[Place, str] = {("Table", "due"): "dynamodb:Query"}
#: For what purpose is sealed and opened; KMS asks for it in the encryption context.
SEALED_IN: dict[Place, str] = {
    ("TenantStore", "put"): "api-key",
    ("ConnectionStore", "_sealed"): "google-tokens",
    ("SessionStore", "put"): "pending-grant",
}
OPENED_IN: dict[Place, str] = {
    ("TenantStore", "_tenant"): "api-key",
    ("ConnectionStore", "read"): "google-tokens",
    ("SessionStore", "_pending"): "pending-grant",
}
PARAMETERS: dict[Place, str] = {
    ("Parameters", name.replace("-", "_")): name
    for name in ("base-url", "google-client-secret", "signing-keys", "calendar-key")
}
#: What the reading of code cannot know.
NEVER = {
    # Sessions of the booking page have no grant waiting for a yes: nothing to seal or to open.
    ("serve_page", "pending-grant"),
    ("share_availability", "pending-grant"),
    ("book_slot", "pending-grant"),
}


@functools.cache
def reached(folder: str) -> frozenset[Place]:
    return frozenset(CODE.reach(ROOT / "functions" / folder / "app.py"))


def needed(folder: str, actions: dict[Place, str]) -> set[str]:
    found = {action for place, action in actions.items() if place in reached(folder)}
    return {action for action in found if (folder, action) not in NEVER}


def statements(folder: str) -> list[dict[str, Any]]:
    role = dict(TEMPLATE.resources("AWS::IAM::Role"))[f"{LOGICAL[folder]}Role"]
    policies = TEMPLATE.resolve(role["Policies"])
    return [each for policy in policies for each in policy["PolicyDocument"]["Statement"]]


def listed(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]


def allowed(folder: str, resource: str, via: str | None = None) -> set[str]:
    """Return the actions on a resource: those without a condition, or those through a service."""
    found: set[str] = set()
    for statement in statements(folder):
        condition = statement.get("Condition", {}).get("StringEquals", {})
        service = str(condition.get("kms:ViaService", "")).partition(".")[0] or None
        wanted = {"kms:ViaService"} if via else set()
        met = service == via and condition.keys() == wanted
        if met and resource in listed(statement["Resource"]):
            found |= set(listed(statement["Action"]))
    return found


def purposes(folder: str, action: str, resource: str = "arn:Key") -> set[str]:
    """Return for what a function may ask KMS itself to seal or to open."""
    found: set[str] = set()
    for statement in statements(folder):
        condition = statement.get("Condition", {}).get("StringEquals", {})
        if action in listed(statement["Action"]) and resource in listed(statement["Resource"]):
            found |= set(listed(condition.get("kms:EncryptionContext:purpose", [])))
    return found


@pytest.mark.parametrize("folder", sorted(config.FUNCTIONS))
def test_a_function_may_do_in_the_table_what_its_code_does(folder: str) -> None:
    assert allowed(folder, "arn:Table") == needed(folder, ON_THE_TABLE)
    assert allowed(folder, "arn:Table/index/due") == needed(folder, ON_THE_INDEX)


@pytest.mark.parametrize("folder", sorted(config.FUNCTIONS))
def test_a_function_may_seal_and_open_as_its_code_does_and_for_its_purposes_alone(
    folder: str,
) -> None:
    assert allowed(folder, "arn:Key") == set(), "for whatever purpose"
    assert purposes(folder, "kms:GenerateDataKey") == needed(folder, SEALED_IN)
    assert purposes(folder, "kms:Decrypt") == needed(folder, OPENED_IN)


def test_every_purpose_for_which_something_is_sealed_has_its_place_here() -> None:
    """A new kind of secret would open for nobody, or for whoever reads some other one."""
    text = "".join(each.read_text() for each in (ROOT / "shared/scheduling").rglob("*.py"))
    named = set(re.findall(r'"purpose": "([a-z-]+)"', text))
    assert named == set(SEALED_IN.values()) == set(OPENED_IN.values())


@pytest.mark.parametrize("folder", sorted(config.FUNCTIONS))
def test_a_function_has_a_role_of_its_own_that_logs_into_its_group_alone(folder: str) -> None:
    function = dict(TEMPLATE.resources("AWS::Serverless::Function"))[LOGICAL[folder]]
    assert TEMPLATE.resolve(function["Role"]) == f"arn:{LOGICAL[folder]}Role"
    assert "Policies" not in function, "SAM would make a role of its own, with policies of AWS"
    group = LOGICAL[folder].removesuffix("Function") + "Logs"
    assert allowed(folder, f"arn:{group}") == {"logs:CreateLogStream", "logs:PutLogEvents"}
    logging = [each for each in statements(folder) if "logs:" in str(each["Action"])]
    assert [each["Resource"] for each in logging] == [f"arn:{group}"]


def test_send_invite_reads_the_stream_and_hands_on_what_it_cannot_work_on() -> None:
    """With a role of one's own, SAM adds none of this."""
    assert allowed("send_invite", TEMPLATE.values["Table.StreamArn"]) == {
        "dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator",
        "dynamodb:ListStreams",
    }  # fmt: skip
    assert allowed("send_invite", "arn:UnsentInvites") == {"sqs:SendMessage"}
    # Whoever sends to an encrypted queue needs both.
    # Source: Amazon SQS Developer Guide, "Key management", read 2026-11.
    assert allowed("send_invite", "arn:Key", "sqs") == {"kms:GenerateDataKey", "kms:Decrypt"}


@pytest.mark.parametrize("folder", sorted(config.FUNCTIONS))
def test_whoever_reads_the_encrypted_table_may_open_its_key(folder: str) -> None:
    """DynamoDB asks KMS in the caller's name; no local engine does, so nothing else would tell."""
    assert allowed(folder, "arn:Key", "dynamodb") == {"kms:Decrypt"}


@pytest.mark.parametrize("folder", sorted(config.FUNCTIONS))
def test_a_function_that_names_our_address_is_published_anew_with_another_domain(
    folder: str,
) -> None:
    """Lambda publishes no version of a function of which nothing but the description changed.

    Source: AWS Lambda API Reference, PublishVersion, read 2026-11.
    """
    reads = ("Parameters", "base_url") in reached(folder)
    assert (config.DOMAIN_NAME in config.FUNCTIONS[folder]) is reads


@pytest.mark.parametrize("folder", sorted(config.FUNCTIONS))
def test_a_function_reads_the_parameters_that_its_code_asks_for(folder: str) -> None:
    given = {
        arn.rpartition("/")[2]
        for statement in statements(folder)
        if listed(statement["Action"]) == ["ssm:GetParameters"]
        for arn in listed(statement["Resource"])
    }
    assert given == needed(folder, PARAMETERS)


def test_the_mapping_of_methods_names_what_is_there() -> None:
    """A method that was renamed would be reached by nobody, and every policy would shrink."""
    for owner, name in ON_THE_TABLE | ON_THE_INDEX | SEALED_IN | OPENED_IN | PARAMETERS:
        defined = CODE.modules[owner].functions if owner in CODE.modules else None
        methods = (
            [] if defined else [getattr(node, "name", "") for node in CODE.classes[owner].body]
        )
        assert name in (defined or methods), (owner, name)


def test_every_call_to_dynamodb_has_its_action_in_the_mapping() -> None:
    """A new way into the table has to be placed here, or its policy would be forgotten."""
    text = (ROOT / "shared/scheduling/adapters/dynamodb/table.py").read_text()
    called = set(re.findall(r"self\._client\.(\w+)\(", text)) - {"get_paginator"}
    reads = {"get_item", "batch_get_item", "query"}
    writes = {"put_item", "update_item", "delete_item", "transact_write_items"}
    assert called == reads | writes
