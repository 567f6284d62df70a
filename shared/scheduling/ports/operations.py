"""What only the operator's command asks of the world: registry, secrets, questions."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from scheduling.models import AppId, Secret, Tenant
from scheduling.ports.stores import Tenants


class Registry(Tenants, Protocol):
    """The registry of apps, as it is changed."""

    def put(self, tenant: Tenant) -> None:
        """Add an app, or change it."""
        ...

    def remove(self, app_id: AppId) -> None:
        """Serve the app no more; functions that are warm forget it within a minute."""
        ...

    def all(self) -> list[Tenant]:
        """List all apps by id."""
        ...


class SecretParameters(Protocol):
    """What lies in Parameter Store under the deployment's prefix.

    Values go in; one comes out only to be changed into what follows from it.
    """

    def missing(self) -> list[str]:
        """Return the names of what a function reads and is not there."""
        ...

    def put(self, name: str, value: Secret) -> None:
        """Make a parameter, or change it."""
        ...

    def held(self, name: str) -> tuple[Secret, datetime]:
        """Return a parameter's value, and when it was put.

        Raises:
            ConfigError: it is not there.
        """
        ...

    def place(self) -> str:
        """Say which account and region they lie in."""
        ...


@dataclass(frozen=True, slots=True)
class Refusal:
    """What a vendor has against a request: its code, and its own sentence, which may be empty."""

    code: str
    words: str = ""


class Inspection(Protocol):
    """Questions that show whether everything is set up; none of them changes anything.

    Raises, each method: `ChatUnavailable` or `CalendarUnavailable` if nothing was learnt.
    """

    def chat_refusal(self, tenant: Tenant) -> Refusal | None:
        """Say what CometChat has against the app's key, or against the uid that signs notices."""
        ...

    def client_refusal(self) -> Refusal | None:
        """Say what Google has against the OAuth client."""
        ...

    def redirect_refusal(self) -> Refusal | None:
        """Say what Google has against our consent address."""
        ...

    def front_answers(self) -> bool:
        """Say whether our own address answers as this product does."""
        ...

    def base_url(self) -> str:
        """Return our own address."""
        ...
