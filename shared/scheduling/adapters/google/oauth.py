"""Google's consent: the address, the code exchange with PKCE, the id token, revocation.

A code is spent once: Google's keys are fetched before it is, so that nothing but its answer can
fail afterwards. What the answer grants and cannot be used is handed on, to be given back.

| the token endpoint says | it means here |
|---|---|
| a code that is used, old, or of another browser | `ConsentRefused`, `STALE` |
| the account is not let in | `ConsentRefused`, `FORBIDDEN` |
| our client is not as it has to be | `ConsentRefused`, `SETUP`, counted as `GoogleRefusedUs` |
| 200 without a refresh token | `ConsentRefused`, `SHORT`, with what is to be given back |
| 200 with an id token that does not hold | `ConsentRefused`, `STALE`, with the same |
| 5xx, 429, no answer, one that is none, a redirect | `CalendarUnavailable` |

Source: https://developers.google.com/identity/protocols/oauth2/web-server and
https://developers.google.com/identity/openid-connect/openid-connect, read 2026-11.
`include_granted_scopes` is left out: an earlier, wider grant must not be merged into this one.
"""

import base64
import hashlib
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, NoReturn
from urllib.parse import urlencode

import requests

from scheduling.adapters.google import identity, oauth_errors, transport
from scheduling.adapters.google.error_reasons import Meaning
from scheduling.core.config import GoogleConfig
from scheduling.core.errors import CalendarUnavailable
from scheduling.core.ids import calendar_id
from scheduling.models import (
    CalendarId,
    ConsentRefusal,
    Grant,
    Secret,
    TokenSet,
    UnusedGrant,
)
from scheduling.ports import Clock, ConsentRefused, Metrics
from scheduling.rules.consent import ISSUER, NEEDED_SCOPES

_SCOPES = ("openid", "email", *sorted(NEEDED_SCOPES))
_ISSUERS = {ISSUER, "accounts.google.com"}
_REFUSALS = {
    Meaning.GONE: ConsentRefusal.STALE,
    Meaning.UNKNOWN: ConsentRefusal.STALE,
    Meaning.GRANT_ENDED: ConsentRefusal.FORBIDDEN,
    Meaning.OPERATOR: ConsentRefusal.SETUP,
    Meaning.FAULT: ConsentRefusal.SETUP,
}


class GoogleOAuth:
    """The web-server flow, by hand: one address and two posts."""

    def __init__(
        self,
        config: GoogleConfig,
        *,
        secret: Secret,
        redirect_uri: str,
        calendar_key: bytes,
        clock: Clock,
        metrics: Metrics | None = None,
    ) -> None:
        self._config = config
        self._secret = secret
        self._redirect_uri = redirect_uri
        self._calendar_key = calendar_key
        self._clock = clock
        self._metrics = metrics
        self._session = requests.Session()

    def authorization_url(
        self, state: str, verifier: Secret, nonce: str, login_hint: str | None
    ) -> str:
        """Return the consent's address; it always asks, since only then a refresh token comes."""
        challenge = hashlib.sha256(verifier.reveal().encode()).digest()
        query = {
            "client_id": self._config.client_id,
            "redirect_uri": self._redirect_uri,
            "response_type": "code",
            "scope": " ".join(_SCOPES),
            "access_type": "offline",
            "prompt": "consent" if login_hint else "consent select_account",
            "state": state,
            "nonce": nonce,
            "code_challenge": base64.urlsafe_b64encode(challenge).decode("ascii").rstrip("="),
            "code_challenge_method": "S256",
        }
        if login_hint:
            query["login_hint"] = login_hint
        return f"{self._config.auth_url}?{urlencode(query)}"

    def exchange(self, code: str, verifier: Secret, nonce: str) -> Grant:
        """Turn a code into a grant: token endpoint, then the id token's signature and claims."""
        keys = identity.signing_keys(self._session, self._config.certs_url)
        asked_at = self._clock.now()
        answer = _post(
            self._session,
            self._config.token_url,
            client_id=self._config.client_id,
            client_secret=self._secret.reveal(),
            code=code,
            grant_type="authorization_code",
            redirect_uri=self._redirect_uri,
            code_verifier=verifier.reveal(),
        )
        if answer.status_code != requests.codes.ok:
            self._refuse(answer)
        granted = _object(answer)
        if granted is None:
            raise CalendarUnavailable(repeatable=False)
        tokens = TokenSet(
            refresh_token=Secret(_text(granted, "refresh_token")),
            access_token=Secret(_text(granted, "access_token")),
            expires_at=asked_at + _lifetime(granted.get("expires_in")),
        )
        token = _text(granted, "id_token")
        unused = self._unused(token, tokens)
        if not tokens.refresh_token.reveal():
            # The connection would end with the hour.
            raise ConsentRefused(ConsentRefusal.SHORT, unused)
        claims = self._claims(token, keys, nonce)
        if claims is None or not tokens.access_token.reveal():
            raise ConsentRefused(ConsentRefusal.STALE, unused)
        return Grant(
            calendar_id=self._calendar_id(claims["sub"]),
            email=claims["email"],
            scopes=frozenset(_text(granted, "scope").split()),
            tokens=tokens,
        )

    def _refuse(self, answer: requests.Response) -> NoReturn:
        refusal = oauth_errors.Refusal.read(answer.status_code, answer.headers, _object(answer))
        meaning = refusal.meaning(oauth_errors.Request.EXCHANGE)
        error = transport.unavailable(meaning, refusal.retry_after, refusal.known, self._metrics)
        if meaning in _REFUSALS:
            raise ConsentRefused(_REFUSALS[meaning])
        raise CalendarUnavailable(
            retry_after=error.asked_seconds, repeatable=refusal.nothing_done
        ) from None

    def _claims(self, token: str, keys: Mapping[str, str], nonce: str) -> Mapping[str, Any] | None:
        """Return an id token's claims if it holds, was asked for here, and says all we need."""
        try:
            claims = identity.verified(token, keys, self._config.client_id)
        except identity.NotGoogles:
            return None
        if claims.get("iss") not in _ISSUERS or claims.get("nonce") != nonce:
            return None
        # Whose calendar it is, and how the last page names it.
        return claims if _text(claims, "sub") and _text(claims, "email") else None

    def _unused(self, token: str, tokens: TokenSet) -> UnusedGrant | None:
        """Return what came in an answer that may turn out to be of no use; None if nothing did.

        Whose account it is, is taken from the id token though it may not hold. It came over TLS
        from Google itself (OpenID Connect Core 1.0, 3.1.3.7, 6), and all that hangs on it is
        whether this very grant is given back: it connects nothing.
        """
        if not (tokens.refresh_token.reveal() or tokens.access_token.reveal()):
            return None
        sub = _text(identity.unverified_claims(token), "sub")
        return UnusedGrant(self._calendar_id(sub) if sub else None, tokens)

    def _calendar_id(self, sub: str) -> CalendarId:
        return CalendarId(calendar_id(self._calendar_key, sub))


class GoogleRevocation:
    """The end of a grant; needs no secret of ours."""

    def __init__(self, config: GoogleConfig) -> None:
        self._config = config
        self._session = requests.Session()

    def revoke(self, tokens: TokenSet) -> None:
        """End the grant, by either token: each stands for all of it."""
        token = tokens.refresh_token.reveal() or tokens.access_token.reveal()
        answer = _post(self._session, self._config.revoke_url, token=token)
        if answer.status_code == requests.codes.ok:
            return
        refusal = oauth_errors.Refusal.read(answer.status_code, answer.headers, _object(answer))
        if refusal.meaning(oauth_errors.Request.REVOKE) is not Meaning.GONE:
            raise CalendarUnavailable(retry_after=refusal.retry_after)


def _lifetime(seconds: Any) -> timedelta:
    """Read for how long an access token is good; without a word it is refreshed before its use."""
    return timedelta(seconds=seconds if isinstance(seconds, int) else 0)


def _text(found: Mapping[str, Any], name: str) -> str:
    value = found.get(name)
    return value if isinstance(value, str) else ""


def _object(answer: requests.Response) -> dict[str, Any] | None:
    try:
        found = answer.json()
    except requests.JSONDecodeError:
        return None
    return found if isinstance(found, dict) else None


def _post(session: requests.Session, url: str, **form: str) -> requests.Response:
    try:
        return session.post(url, data=form, timeout=transport.TIMEOUT, allow_redirects=False)
    except requests.RequestException as error:
        # Not chained: the exception of a request holds its body, and with it secrets.
        not_sent = transport.was_not_sent(error)
    raise CalendarUnavailable(repeatable=not_sent)
