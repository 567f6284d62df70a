"""The environment, typed: read once by `wiring`, every problem named, no value ever shown."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

TABLE_NAME = "TABLE_NAME"
SEALING_KEY_ARN = "SEALING_KEY_ARN"
PARAMETERS_PREFIX = "PARAMETERS_PREFIX"
GOOGLE_CLIENT_ID = "GOOGLE_CLIENT_ID"
WEB_DIR = "WEB_DIR"
LIMITS_FACTOR = "LIMITS_FACTOR"
DOMAIN_NAME = "DOMAIN_NAME"

_TABLE = frozenset({TABLE_NAME, PARAMETERS_PREFIX})
_PAGES = _TABLE | {SEALING_KEY_ARN, WEB_DIR, DOMAIN_NAME}
_CALENDAR = _PAGES | {GOOGLE_CLIENT_ID}
_LIMITED = _CALENDAR | {LIMITS_FACTOR}

#: What each function needs of its environment; the template gives exactly this.
FUNCTIONS: Mapping[str, frozenset[str]] = {
    "connect_calendar": _LIMITED,
    "oauth_callback": _LIMITED,
    "share_availability": _LIMITED,
    "book_slot": _LIMITED,
    "send_invite": _PAGES,
    "serve_invite": _TABLE | {WEB_DIR},
    "serve_page": _PAGES,
    "reconcile": _CALENDAR,
}


class ConfigError(Exception):
    """Variables are missing or of no use; the message lists their names."""


def _required(environ: Mapping[str, str], *names: str) -> list[str]:
    missing = [name for name in names if not environ.get(name)]
    if missing:
        raise ConfigError("missing environment variables: " + ", ".join(sorted(missing)))
    return [environ[name] for name in names]


@dataclass(frozen=True, slots=True)
class TableConfig:
    """Where things are kept."""

    table_name: str

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Self:
        """Read it, or raise `ConfigError`."""
        return cls(*_required(environ, TABLE_NAME))


@dataclass(frozen=True, slots=True)
class SealConfig:
    """The KMS keys of sealed tokens and API keys, oldest first: the last one seals, all open."""

    key_arns: tuple[str, ...]

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Self:
        """Read it, or raise `ConfigError`."""
        (listed,) = _required(environ, SEALING_KEY_ARN)
        return cls(tuple(listed.split()))


@dataclass(frozen=True, slots=True)
class ParametersConfig:
    """The path in Parameter Store under which addresses and secrets lie.

    Args:
        prefix: The path.
        domain_name: Of this deployment, in place of the address that lies there; empty if none.
    """

    prefix: str
    domain_name: str = ""

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Self:
        """Read it, or raise `ConfigError`."""
        (prefix,) = _required(environ, PARAMETERS_PREFIX)
        return cls(prefix, environ.get(DOMAIN_NAME, ""))


@dataclass(frozen=True, slots=True)
class WebConfig:
    """The folder of pages, assets and words."""

    folder: Path

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Self:
        """Read it, or raise `ConfigError`."""
        return cls(Path(*_required(environ, WEB_DIR)))


@dataclass(frozen=True, slots=True)
class LimitsConfig:
    """How many times the limits of `scheduling.access.limits` one user may do."""

    factor: int

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Self:
        """Read it, or raise `ConfigError`."""
        (text,) = _required(environ, LIMITS_FACTOR)
        factor = int(text) if text.isascii() and text.isdigit() else 0
        if not factor:
            raise ConfigError(f"not a whole number from 1 on: {LIMITS_FACTOR}")
        return cls(factor)


@dataclass(frozen=True)
class GoogleConfig:
    """The OAuth client, and Google's hosts; only local runs and tests set other hosts.

    Source: https://accounts.google.com/.well-known/openid-configuration for the first three;
    google-auth's `id_token` for the certificates, a map of key id to PEM; the discovery document
    of Calendar v3 for the last, which `googleapiclient` takes as the whole base (read 2026-11).
    """

    client_id: str
    auth_url: str = "https://accounts.google.com/o/oauth2/v2/auth"
    token_url: str = "https://oauth2.googleapis.com/token"  # noqa: S105 - an address, no password
    revoke_url: str = "https://oauth2.googleapis.com/revoke"
    certs_url: str = "https://www.googleapis.com/oauth2/v1/certs"
    calendar_url: str = "https://www.googleapis.com/calendar/v3/"

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Self:
        """Read it, or raise `ConfigError`."""
        (client_id,) = _required(environ, GOOGLE_CLIENT_ID)
        return cls(
            client_id=client_id,
            auth_url=environ.get("GOOGLE_AUTH_URL", cls.auth_url),
            token_url=environ.get("GOOGLE_TOKEN_URL", cls.token_url),
            revoke_url=environ.get("GOOGLE_REVOKE_URL", cls.revoke_url),
            certs_url=environ.get("GOOGLE_CERTS_URL", cls.certs_url),
            calendar_url=environ.get("GOOGLE_CALENDAR_URL", cls.calendar_url),
        )


@dataclass(frozen=True)
class ChatConfig:
    """CometChat's hosts, with `{app_id}` and `{region}` to fill in; local runs set others.

    Source: https://www.cometchat.com/docs/rest-api/chat-apis for the API's host; the JavaScript SDK
    4.2.0 for the client's (read 2026-11).
    """

    api_url: str = "https://{app_id}.api-{region}.cometchat.io/v3"
    client_url: str = "https://{app_id}.apiclient-{region}.cometchat.io/v3.0"

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Self:
        """Read it; nothing is required."""
        return cls(
            api_url=environ.get("COMETCHAT_API_URL", cls.api_url),
            client_url=environ.get("COMETCHAT_CLIENT_URL", cls.client_url),
        )
