"""What the operator's command works with: found by the stack, or by what surrounds it."""

import os
from pathlib import Path
from typing import Any

import boto3
import pytest

from scheduling import wiring
from scheduling.adapters.aws.sealing import SealBroken
from scheduling.core.config import ConfigError
from scheduling.operations.rotate_keys import Step
from scheduling.wiring import operations
from tests.unit.adapters.aws.test_stack import OUTPUTS, PARAMETERS, Stacks
from tests.unit.wiring.surroundings import PREFIX

pytestmark = pytest.mark.usefixtures("deployed")


def test_a_stack_tells_what_this_process_then_works_with(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def client(service: str) -> Any:
        asked.append(service)
        return Stacks(Outputs=OUTPUTS, Parameters=PARAMETERS)

    monkeypatch.setattr(boto3, "client", client)
    operations.find_deployment("ours", Path("the-pages"))
    assert asked == ["cloudformation"]
    assert (os.environ["TABLE_NAME"], os.environ["PARAMETERS_PREFIX"]) == ("a-table", "/there")
    assert os.environ["WEB_DIR"] == "the-pages"


def test_without_a_stack_the_surroundings_are_left_as_they_are() -> None:
    before = {**os.environ, "WEB_DIR": "the-pages"}
    operations.find_deployment(None, Path("the-pages"))
    assert dict(os.environ) == before


def test_an_option_is_what_the_surroundings_say_or_another_value() -> None:
    assert operations.chosen("PARAMETERS_PREFIX", "/other") == PREFIX
    assert operations.chosen("NOT_SET", "/other") == "/other"
    assert operations.chosen("NOT_SET") is None


def test_a_command_says_nothing_but_what_it_says_itself() -> None:
    operations.silence_logs()
    assert os.environ["POWERTOOLS_LOG_LEVEL"] == "ERROR"


def test_a_seal_that_does_not_open_is_one_of_its_errors() -> None:
    assert SealBroken in operations.seal_errors()


def test_secrets_are_put_under_a_prefix_where_no_stack_need_be() -> None:
    os.environ.pop("PARAMETERS_PREFIX")
    assert operations.provisioning("/nobodys").wanting() == [
        "google-client-secret",
        "signing-keys",
        "calendar-key",
    ]
    assert operations.provisioning(PREFIX).wanting() == []


def test_keys_are_those_under_the_deployments_prefix() -> None:
    rotation = operations.key_rotation()
    assert rotation.take(Step.ADD, dry_run=True)
    assert [key.reveal() for key in rotation.look().keys] == ["a-signing-key-for-tests"]
    os.environ.pop("PARAMETERS_PREFIX")
    with pytest.raises(ConfigError, match="PARAMETERS_PREFIX"):
        operations.key_rotation()


def test_apps_are_those_of_the_deployments_table() -> None:
    administration = operations.tenant_administration()
    assert administration is operations.tenant_administration()
    assert administration.registry is wiring.ports().tenants


def test_diagnostics_know_our_address_and_ask_nobody_before_they_are_told_to() -> None:
    diagnostics = operations.diagnostics()
    assert diagnostics is operations.diagnostics()
    assert diagnostics.inspection.base_url() == "https://calendar.example.com"
    assert diagnostics.parameters.missing() == ["base-url"]
