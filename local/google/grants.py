"""What users granted to clients, and the codes and tokens that stand for it.

Everything is looked up by its secret and belongs to one user and one client. Ending a grant ends
all of it at once, codes on their way included.
"""

import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

CODE_LIFETIME = timedelta(minutes=10)
#: Google keeps this many refresh tokens for one account and client; one more ends the oldest.
REFRESH_TOKEN_LIMIT = 100


@dataclass(frozen=True)
class AuthorizationCode:
    """A code on its way from the browser to the token endpoint."""

    email: str
    client_id: str
    redirect_uri: str
    scopes: frozenset[str]
    challenge: str | None
    challenge_method: str
    nonce: str | None
    #: Whether the exchange will hand out a refresh token.
    brings_refresh_token: bool
    access_type: str
    expires_at: datetime


@dataclass(frozen=True)
class Token:
    """An access token or a refresh token."""

    email: str
    client_id: str
    scopes: frozenset[str]
    access_type: str
    #: None is for ever.
    expires_at: datetime | None


class Grants:
    """All grants, codes and tokens, in memory."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._granted: dict[tuple[str, str], frozenset[str]] = {}
        self._codes: dict[str, AuthorizationCode] = {}
        self._access_tokens: dict[str, Token] = {}
        self._refresh_tokens: dict[str, Token] = {}

    def granted(self, email: str, client_id: str) -> frozenset[str]:
        """Tell what the user has granted to the client up to now."""
        return self._granted.get((email, client_id), frozenset())

    def grant(self, email: str, client_id: str, scopes: Iterable[str]) -> None:
        """Note what the user grants to the client, in place of what was granted before."""
        self._granted[email, client_id] = frozenset(scopes)

    def add_code(self, code: AuthorizationCode) -> str:
        """Hand out a code."""
        secret = f"4/0A{secrets.token_urlsafe(52)}"
        self._codes[secret] = code
        return secret

    def spend_code(self, secret: str) -> AuthorizationCode | None:
        """Take a code for good; None if it is unknown, spent or too old."""
        code = self._codes.pop(secret, None)
        return code if code and code.expires_at > self._now() else None

    def add_access_token(self, token: Token) -> str:
        """Hand out an access token."""
        secret = f"ya29.a0A{secrets.token_urlsafe(150)}"
        self._access_tokens[secret] = token
        return secret

    def add_refresh_token(self, token: Token) -> str:
        """Hand out a refresh token; past the limit, the oldest of this user and client dies."""
        theirs = [
            secret
            for secret, other in self._refresh_tokens.items()
            if (other.email, other.client_id) == (token.email, token.client_id)
        ]
        for secret in theirs[: max(0, len(theirs) - REFRESH_TOKEN_LIMIT + 1)]:
            del self._refresh_tokens[secret]
        secret = f"1//0{secrets.token_urlsafe(70)}"
        self._refresh_tokens[secret] = token
        return secret

    def access_token(self, secret: str) -> Token | None:
        """Look up an access token that lives."""
        return self._living(self._access_tokens.get(secret))

    def refresh_token(self, secret: str) -> Token | None:
        """Look up a refresh token that lives."""
        return self._living(self._refresh_tokens.get(secret))

    def expire_access_tokens(self) -> int:
        """End all access tokens; tell how many there were."""
        count = len(self._access_tokens)
        self._access_tokens.clear()
        return count

    def end(self, email: str, client_id: str | None = None) -> bool:
        """End what the user granted to the client, or to every client; tell if there was any."""

        def is_theirs(of: AuthorizationCode | Token) -> bool:
            return of.email == email and client_id in {None, of.client_id}

        codes = [secret for secret, code in self._codes.items() if is_theirs(code)]
        access = [secret for secret, token in self._access_tokens.items() if is_theirs(token)]
        refresh = [secret for secret, token in self._refresh_tokens.items() if is_theirs(token)]
        granted = [key for key in self._granted if key[0] == email and client_id in {None, key[1]}]
        for secret in codes:
            del self._codes[secret]
        for secret in access:
            del self._access_tokens[secret]
        for secret in refresh:
            del self._refresh_tokens[secret]
        for key in granted:
            del self._granted[key]
        return bool(codes or access or refresh or granted)

    def _living(self, token: Token | None) -> Token | None:
        if token is None or (token.expires_at is not None and token.expires_at <= self._now()):
            return None
        return token
