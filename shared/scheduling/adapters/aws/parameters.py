"""Addresses and secrets from AWS Systems Manager Parameter Store, read once for each environment.

Names under the prefix: `base-url` (made by the template), `google-client-secret`, `signing-keys`
(space-separated, oldest first, the last one signs) and `calendar-key` (never rotated: claims stand
under names derived from it), which the operator makes as SecureString.
"""

from functools import cached_property
from typing import TYPE_CHECKING

from scheduling.core.config import ConfigError
from scheduling.models import Secret

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient


class Parameters:
    """What a function may know, by name; each is fetched when first asked for.

    Args:
        client: Of Parameter Store.
        prefix: Under which all of it lies.
        domain_name: A domain of the deployment's own, which needs no asking; empty if none.
    """

    def __init__(self, client: "SSMClient", prefix: str, domain_name: str = "") -> None:
        self._client = client
        self._prefix = prefix
        self._domain_name = domain_name

    def _read(self, name: str) -> Secret:
        full = f"{self._prefix}/{name}"
        answer = self._client.get_parameters(Names=[full], WithDecryption=True)
        if not answer["Parameters"]:
            raise ConfigError(f"missing parameter: {full}")
        return Secret(answer["Parameters"][0]["Value"])

    @cached_property
    def base_url(self) -> str:
        """The address of this deployment, without a slash at its end."""
        if self._domain_name:
            return f"https://{self._domain_name}"
        return self._read("base-url").reveal().rstrip("/")

    @cached_property
    def google_client_secret(self) -> Secret:
        """The OAuth client's secret."""
        return self._read("google-client-secret")

    @cached_property
    def signing_keys(self) -> tuple[Secret, ...]:
        """The keys that sign links, oldest first."""
        return tuple(Secret(key) for key in self._read("signing-keys").reveal().split())

    @cached_property
    def calendar_key(self) -> bytes:
        """The key under which Google accounts are named."""
        return self._read("calendar-key").reveal().encode()
