"""What a deployed stack tells of itself."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from scheduling.adapters.aws.stack import environment_of
from scheduling.core.config import ConfigError


class Stacks:
    """CloudFormation with one stack, or none."""

    def __init__(self, **stack: Any) -> None:
        self._stack = stack

    def describe_stacks(self, *, StackName: str) -> Any:  # noqa: N803
        if not self._stack:
            raise ClientError(
                {"Error": {"Code": "ValidationError", "Message": f"no {StackName}"}}, "Describe"
            )
        return {"Stacks": [self._stack]}


OUTPUTS = [
    {"OutputKey": "TableName", "OutputValue": "a-table"},
    {"OutputKey": "SealingKeyArn", "OutputValue": "arn:key"},
]
PARAMETERS = [
    {"ParameterKey": "GoogleClientId", "ParameterValue": "client"},
    {"ParameterKey": "ParametersPrefix", "ParameterValue": "/there"},
]


def test_outputs_and_parameters_of_a_stack_are_the_environment() -> None:
    assert environment_of(Stacks(Outputs=OUTPUTS, Parameters=PARAMETERS), "ours") == {
        "TABLE_NAME": "a-table",
        "SEALING_KEY_ARN": "arn:key",
        "PARAMETERS_PREFIX": "/there",
        "GOOGLE_CLIENT_ID": "client",
    }


@pytest.mark.parametrize(
    ("stacks", "words"),
    [
        (Stacks(), "no stack ours in this account and region"),
        (Stacks(Outputs=OUTPUTS), "the stack ours tells no ParametersPrefix, GoogleClientId"),
    ],
)
def test_a_stack_that_is_none_of_ours_is_told(stacks: Stacks, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        environment_of(stacks, "ours")
