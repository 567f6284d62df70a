"""Who exists at the Google emulator: three accounts and the clients that may ask them."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

CLIENT_ID = "local-client"
CLIENT_SECRET = "local-secret"
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


@dataclass(frozen=True)
class Account:
    """A Google account; nobody needs a password here."""

    email: str
    #: The stable id of the account, the only valid key for it.
    sub: str
    name: str
    #: The zone of its calendar as it was at the start, an IANA name.
    time_zone: str
    #: The Workspace domain; None for a consumer account.
    hosted_domain: str | None = None


ACCOUNTS = (
    Account("alice@example.com", "104729581730265518301", "Alice Adler", "Europe/Berlin"),
    Account("bob@example.com", "111320964487102938475", "Bob Bueno", "Europe/Madrid"),
    Account(
        "carol@example.com",
        "117650392284716605592",
        "Carol Chen",
        "America/New_York",
        hosted_domain="example.com",
    ),
)


@dataclass(frozen=True)
class Client:
    """An OAuth client of type "web application", as registered in the Cloud console."""

    client_id: str
    secret: str = field(repr=False)
    redirect_uris: frozenset[str]
    name: str = "Calendar Scheduling"

    def __post_init__(self) -> None:
        for uri in self.redirect_uris:
            _check_redirect_uri(uri)


def _check_redirect_uri(uri: str) -> None:
    """Refuse what the Cloud console refuses to register.

    Source: "Using OAuth 2.0 for Web Server Applications", redirect URI validation rules.
    """
    parts = urlsplit(uri)
    host = parts.hostname or ""
    if parts.scheme != "https" and not (parts.scheme == "http" and host in _LOOPBACK):
        raise ValueError(f"A redirect URI must be https, or http on this machine: {uri}")
    if parts.fragment or "#" in uri or "*" in uri or "@" in parts.netloc or "\\" in uri:
        raise ValueError(f"A redirect URI has no fragment, wildcard or user name: {uri}")
    if host.replace(".", "").isdigit() and host not in _LOOPBACK:
        raise ValueError(f"A redirect URI names a host, not an IP address: {uri}")
