"""A function may do what its code does, and nothing else: policies against the code's reach."""

import functools
import re
from pathlib import Path
from typing import Any

import pytest

from local.template import Template
from scheduling import config
from tests.template.reach import Code, Place

ROOT = Path(__file__).parents[2]
CODE = Code(ROOT / "shared" / "scheduling")
TEMPLATE = Template.read(ROOT / "template.yaml", {"GoogleClientId": "client"})
for _name in TEMPLATE.document["Resources"]:
    TEMPLATE.values |= {_name: _name, f"{_name}.Arn": f"arn:{_name}", f"{_name}.StreamArn": _name}
LOGICAL = {function.name: function.logical_id for function in TEMPLATE.functions()}
TABLE = "scheduling.adapters.table"

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
ON_THE_KEY: dict[Place, str] = {
    ("Seal", "seal"): "kms:GenerateDataKey",
    ("Seal", "open"): "kms:Decrypt",
}
PARAMETERS: dict[Place, str] = {
    ("Parameters", name.replace("-", "_")): name
    for name in ("base-url", "google-client-secret", "signing-keys", "calendar-key")
}
#: What the reading of code cannot know.
NEVER = {
    # Sessions of the booking page have no grant waiting for a yes: nothing to seal.
    ("serve_page", "kms:GenerateDataKey"),
}


@functools.cache
def reached(folder: str) -> frozenset[Place]:
    return frozenset(CODE.reach(ROOT / "functions" / folder / "app.py"))


def needed(folder: str, actions: dict[Place, str]) -> set[str]:
    found = {action for place, action in actions.items() if place in reached(folder)}
    return {action for action in found if (folder, action) not in NEVER}


def statements(folder: str) -> list[dict[str, Any]]:
    properties = dict(TEMPLATE.resources("AWS::Serverless::Function"))[LOGICAL[folder]]
    policies = TEMPLATE.resolve(properties["Policies"])
    return [statement for policy in policies for statement in policy["Statement"]]


def listed(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]


def allowed(folder: str, resource: str, via: str | None = None) -> set[str]:
    """Give the actions on a resource: those without a condition, or those through a service."""
    found: set[str] = set()
    for statement in statements(folder):
        service = statement.get("Condition", {}).get("StringEquals", {}).get("kms:ViaService", "")
        if resource in listed(statement["Resource"]) and (service.partition(".")[0] or None) == via:
            found |= set(listed(statement["Action"]))
    return found


@pytest.mark.parametrize("folder", sorted(config.FUNCTIONS))
def test_a_function_may_do_in_the_table_what_its_code_does(folder: str) -> None:
    assert allowed(folder, "arn:Table") == needed(folder, ON_THE_TABLE)
    assert allowed(folder, "arn:Table/index/due") == needed(folder, ON_THE_INDEX)


@pytest.mark.parametrize("folder", sorted(config.FUNCTIONS))
def test_a_function_may_seal_and_open_as_its_code_does(folder: str) -> None:
    assert allowed(folder, "arn:Key") == needed(folder, ON_THE_KEY)


@pytest.mark.parametrize("folder", sorted(config.FUNCTIONS))
def test_whoever_reads_the_encrypted_table_may_open_its_key(folder: str) -> None:
    """DynamoDB asks KMS in the caller's name; no local engine does, so nothing else would tell."""
    assert "kms:Decrypt" in allowed(folder, "arn:Key") | allowed(folder, "arn:Key", "dynamodb")


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
    for owner, name in ON_THE_TABLE | ON_THE_INDEX | ON_THE_KEY | PARAMETERS:
        defined = CODE.modules[owner].functions if owner in CODE.modules else None
        methods = (
            [] if defined else [getattr(node, "name", "") for node in CODE.classes[owner].body]
        )
        assert name in (defined or methods), (owner, name)


def test_every_call_to_dynamodb_has_its_action_in_the_mapping() -> None:
    """A new way into the table has to be placed here, or its policy would be forgotten."""
    text = (ROOT / "shared/scheduling/adapters/table.py").read_text()
    called = set(re.findall(r"self\._client\.(\w+)\(", text)) - {"get_paginator"}
    reads = {"get_item", "batch_get_item", "query"}
    writes = {"put_item", "update_item", "delete_item", "transact_write_items"}
    assert called == reads | writes
