"""What a deployed stack tells of itself: the environment that its functions have."""

from typing import Any

from botocore.exceptions import ClientError

from scheduling.core.config import (
    GOOGLE_CLIENT_ID,
    PARAMETERS_PREFIX,
    SEALING_KEY_ARN,
    TABLE_NAME,
    ConfigError,
)

#: Variable -> the stack's output, or else its parameter, of this name.
_SOURCES = {
    TABLE_NAME: "TableName",
    SEALING_KEY_ARN: "SealingKeyArn",
    PARAMETERS_PREFIX: "ParametersPrefix",
    GOOGLE_CLIENT_ID: "GoogleClientId",
}


def environment_of(client: Any, name: str) -> dict[str, str]:
    """Read a stack's outputs and parameters.

    Raises:
        ConfigError: there is no such stack here, or it is another product's.
    """
    try:
        (stack,) = client.describe_stacks(StackName=name)["Stacks"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "ValidationError":
            raise
        raise ConfigError(f"no stack {name} in this account and region") from None
    values = {
        each["ParameterKey"]: each.get("ParameterValue", "") for each in stack.get("Parameters", [])
    }
    values |= {each["OutputKey"]: each["OutputValue"] for each in stack.get("Outputs", [])}
    lacking = [part for part in _SOURCES.values() if part not in values]
    if lacking:
        raise ConfigError(f"the stack {name} tells no {', '.join(lacking)}")
    return {variable: values[part] for variable, part in _SOURCES.items()}
