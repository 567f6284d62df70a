"""The deployment's secrets in Parameter Store, as whoever deploys puts them there."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from scheduling.core.config import ConfigError
from scheduling.models import Secret

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient

#: What functions read under the prefix.
NAMES = ("base-url", "google-client-secret", "signing-keys", "calendar-key")


class SecretParameterStore:
    """SecureString parameters under one prefix."""

    def __init__(self, ssm: "SSMClient", sts: Any, prefix: str) -> None:
        self._ssm = ssm
        self._sts = sts
        self._prefix = prefix

    def missing(self) -> list[str]:
        """Return the names of what a function reads and is not there; no value is decrypted."""
        names = {f"{self._prefix}/{name}": name for name in NAMES}
        answer = self._ssm.get_parameters(Names=list(names), WithDecryption=False)
        return [names[full] for full in names if full in answer["InvalidParameters"]]

    def put(self, name: str, value: Secret) -> None:
        """Make a parameter, or change it.

        Raises:
            ConfigError: it cannot be put; the value is not told.
        """
        full = f"{self._prefix}/{name}"
        try:
            self._ssm.put_parameter(
                Name=full, Value=value.reveal(), Type="SecureString", Overwrite=True
            )
        except ClientError as error:
            # Not chained: AWS may quote the value.
            code = error.response["Error"]["Code"]
            raise ConfigError(f"{full} cannot be put: {code}") from None

    def held(self, name: str) -> tuple[Secret, datetime]:
        """Return a parameter's value, and when it was put.

        Raises:
            ConfigError: it is not there.
        """
        full = f"{self._prefix}/{name}"
        found = self._ssm.get_parameters(Names=[full], WithDecryption=True)["Parameters"]
        if not found:
            raise ConfigError(f"missing parameter: {full}")
        return Secret(found[0]["Value"]), found[0]["LastModifiedDate"].astimezone(UTC)

    def place(self) -> str:
        """Say which account and region, for people to compare."""
        account = self._sts.get_caller_identity()["Account"]
        return f"account {account}, region {self._ssm.meta.region_name}, under {self._prefix}"
