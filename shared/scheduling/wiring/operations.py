"""What the operator's command works with."""

import functools
import os
from pathlib import Path
from typing import TYPE_CHECKING

from scheduling.core.config import WEB_DIR, ChatConfig, GoogleConfig, ParametersConfig
from scheduling.operations.diagnose import Diagnostics
from scheduling.operations.provision import SecretProvisioning
from scheduling.operations.rotate_keys import KeyRotation
from scheduling.operations.tenants import TenantAdministration
from scheduling.wiring import ports

if TYPE_CHECKING:
    from scheduling.adapters.aws.secret_parameters import SecretParameterStore


def stack_environment(name: str) -> dict[str, str]:
    """Return the environment that the functions of a deployed stack have."""
    import boto3

    from scheduling.adapters.aws.stack import environment_of

    return environment_of(boto3.client("cloudformation"), name)


def chosen(name: str, otherwise: str | None = None) -> str | None:
    """Return what the surroundings have chosen for an option."""
    return os.environ.get(name, otherwise)


def find_deployment(stack: str | None, web: Path) -> None:
    """Take a stack's environment for this process's own, and the pages from a folder."""
    os.environ[WEB_DIR] = str(web)
    if stack:
        os.environ.update(stack_environment(stack))


def silence_logs() -> None:
    """Log nothing but errors: a command's output is for the person who gave it."""
    os.environ["POWERTOOLS_LOG_LEVEL"] = "ERROR"


def seal_errors() -> tuple[type[Exception], ...]:
    """Return what is raised when the sealing key cannot be used, or is another one."""
    from aws_encryption_sdk.exceptions import AWSEncryptionSDKClientError

    from scheduling.adapters.aws.sealing import SealBroken

    return SealBroken, AWSEncryptionSDKClientError


def _secret_parameters(prefix: str) -> "SecretParameterStore":
    import boto3

    from scheduling.adapters.aws.secret_parameters import SecretParameterStore

    return SecretParameterStore(boto3.client("ssm"), boto3.client("sts"), prefix)


def provisioning(prefix: str) -> SecretProvisioning:
    """Build the provisioning of secrets under a prefix, where no stack need be yet."""
    return SecretProvisioning(_secret_parameters(prefix))


def key_rotation() -> KeyRotation:
    """Build the rotation of the key that signs links."""
    prefix = ParametersConfig.from_env(os.environ).prefix
    return KeyRotation(ports().clock, _secret_parameters(prefix))


@functools.cache
def tenant_administration() -> TenantAdministration:
    """Build the administration of apps."""
    return TenantAdministration(
        clock=ports().clock, registry=ports().tenants, connections=ports().connections
    )


@functools.cache
def diagnostics() -> Diagnostics:
    """Build the diagnostics, which ask the vendors and our own address."""
    from scheduling.adapters.inspection import VendorInspection

    inspection = VendorInspection(
        GoogleConfig.from_env(os.environ),
        ChatConfig.from_env(os.environ),
        ports().parameters,
    )
    prefix = ParametersConfig.from_env(os.environ).prefix
    return Diagnostics(_secret_parameters(prefix), inspection)
