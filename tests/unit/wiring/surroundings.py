"""What the template gives to functions, and what lies in Parameter Store for them."""

import itertools
from collections.abc import Mapping

import boto3

from scheduling.core import config

PREFIX = "/wiring-of-tests"
VALUES: Mapping[str, str] = {
    "TABLE_NAME": "a-table",
    "SEALING_KEY_ARN": "arn:aws:kms:eu-west-1:123456789012:key/k",
    "PARAMETERS_PREFIX": PREFIX,
    "GOOGLE_CLIENT_ID": "client.apps.googleusercontent.com",
    "WEB_DIR": "web",
    "LIMITS_FACTOR": "2",
    "DOMAIN_NAME": "calendar.example.com",
}
SECRETS: Mapping[str, str] = {
    "google-client-secret": "a-client-secret",
    "signing-keys": "a-signing-key-for-tests",
    "calendar-key": "a-calendar-key-for-tests",
}


def environment(function: str | None = None) -> dict[str, str]:
    """Return a function's variables; all that there are for none."""
    names = config.FUNCTIONS[function] if function else {*itertools.chain(VALUES)}
    return {name: VALUES[name] for name in names}


def put_secrets() -> None:
    """Put into Parameter Store what an operator does."""
    client = boto3.client("ssm")
    for name, value in SECRETS.items():
        client.put_parameter(
            Name=f"{PREFIX}/{name}", Value=value, Type="SecureString", Overwrite=True
        )
