"""Google's consent: the address, the code exchange with PKCE, the id token, revocation.

Source: https://developers.google.com/identity/protocols/oauth2/web-server and
https://developers.google.com/identity/openid-connect/openid-connect, read 2026-11.
`include_granted_scopes` is left out: an earlier, wider grant must not be merged into this one.
"""

import base64
import hashlib
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import requests
from google.auth.exceptions import GoogleAuthError, TransportError
from google.oauth2 import id_token

from scheduling.adapters.google.service import TIMEOUT, is_no_answer, transport
from scheduling.core.config import GoogleConfig
from scheduling.core.errors import CalendarUnavailable
from scheduling.core.ids import calendar_id
from scheduling.models import CalendarId, Grant, Secret, TokenSet
from scheduling.ports import Clock, ConsentRefused
from scheduling.rules.consent import ISSUER, NEEDED_SCOPES

_SCOPES = ("openid", "email", *sorted(NEEDED_SCOPES))
_ISSUERS = {ISSUER, "accounts.google.com"}
#: Seconds by which Google's clock may differ from ours.
_SKEW = 10


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
    ) -> None:
        self._config = config
        self._secret = secret
        self._redirect_uri = redirect_uri
        self._calendar_key = calendar_key
        self._clock = clock
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
            raise ConsentRefused
        granted = _object(answer)
        if not granted.get("refresh_token") or not granted.get("access_token"):
            # Without the first one the connection would end with the hour.
            raise ConsentRefused
        claims = self._claims(str(granted.get("id_token", "")), nonce)
        return Grant(
            calendar_id=CalendarId(calendar_id(self._calendar_key, claims["sub"])),
            email=claims["email"],
            scopes=frozenset(str(granted.get("scope", "")).split()),
            tokens=TokenSet(
                refresh_token=Secret(str(granted["refresh_token"])),
                access_token=Secret(str(granted["access_token"])),
                expires_at=asked_at + _lifetime(granted.get("expires_in")),
            ),
        )

    def _claims(self, token: str, nonce: str) -> Mapping[str, Any]:
        try:
            claims: Mapping[str, Any] = id_token.verify_token(
                token,
                transport(self._session),
                audience=self._config.client_id,
                certs_url=self._config.certs_url,
                clock_skew_in_seconds=_SKEW,
            )
        except TransportError as error:
            raise CalendarUnavailable from error
        except (GoogleAuthError, ValueError) as error:
            raise ConsentRefused from error
        if claims.get("iss") not in _ISSUERS or claims.get("nonce") != nonce:
            raise ConsentRefused
        # Whose calendar it is, and how the last page names it.
        if not all(claims.get(name) and isinstance(claims[name], str) for name in ("sub", "email")):
            raise ConsentRefused
        return claims


class GoogleRevocation:
    """The end of a grant; needs no secret of ours."""

    def __init__(self, config: GoogleConfig) -> None:
        self._config = config
        self._session = requests.Session()

    def revoke(self, tokens: TokenSet) -> None:
        """End the grant; 400 is Google's word for one that has ended already."""
        answer = _post(self._session, self._config.revoke_url, token=tokens.refresh_token.reveal())
        if answer.status_code not in {requests.codes.ok, requests.codes.bad_request}:
            raise CalendarUnavailable


def _lifetime(seconds: Any) -> timedelta:
    """Read for how long an access token is good; without a word it is refreshed before its use."""
    return timedelta(seconds=seconds if isinstance(seconds, int) else 0)


def _object(answer: requests.Response) -> dict[str, Any]:
    try:
        found = answer.json()
    except requests.JSONDecodeError:
        found = None
    if not isinstance(found, dict):
        raise CalendarUnavailable
    return found


def _post(session: requests.Session, url: str, **form: str) -> requests.Response:
    try:
        answer = session.post(url, data=form, timeout=TIMEOUT, allow_redirects=False)
    except requests.RequestException:
        # Not chained: the exception of a request holds its body, and with it secrets.
        raise CalendarUnavailable from None
    if is_no_answer(answer.status_code):
        raise CalendarUnavailable
    return answer
