"""What has to lie in Parameter Store before a deployment can serve anybody."""

import secrets
from dataclasses import dataclass

from scheduling.models import Secret
from scheduling.ports.operations import SecretParameters

CLIENT_SECRET = "google-client-secret"  # noqa: S105 - a name
#: What is made here: nobody ever has to see it.
MADE = ("signing-keys", "calendar-key")
_BYTES = 32


@dataclass(frozen=True, slots=True)
class SecretProvisioning:
    """Puts secrets in place, and never again what others are derived from."""

    parameters: SecretParameters

    def wanting(self) -> list[str]:
        """Name the secrets that are not there."""
        return [name for name in self.parameters.missing() if name in {CLIENT_SECRET, *MADE}]

    def prepare(self, client_secret: Secret | None) -> list[str]:
        """Put the client's secret if one is given, and make what is not there; name what was put.

        Raises:
            ValueError: Google's client secret is neither there nor given.
        """
        wanting = self.wanting()
        if client_secret is None and CLIENT_SECRET in wanting:
            raise ValueError(CLIENT_SECRET)
        put = [] if client_secret is None else [(CLIENT_SECRET, client_secret)]
        put += [(name, Secret(secrets.token_hex(_BYTES))) for name in MADE if name in wanting]
        for name, value in put:
            self.parameters.put(name, value)
        return [name for name, _ in put]
