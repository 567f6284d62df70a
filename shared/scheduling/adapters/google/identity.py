"""Whose grant it is: the id token, by the keys that Google publishes, in either of its two forms.

`GOOGLE_CERTS_URL` may name a map of key id to PEM certificate, as google-auth expects it, or a JSON
Web Key Set, as OpenID Connect discovery names it (`jwks_uri`).
Source: https://developers.google.com/identity/openid-connect/openid-connect (validating an ID
token), https://accounts.google.com/.well-known/openid-configuration, RFC 7517 and 7518, 6.3.1; read
2026-11.
"""

import base64
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers
from google.auth import jwt
from google.auth.exceptions import GoogleAuthError

from scheduling.adapters.google import transport
from scheduling.core.errors import CalendarUnavailable

#: Seconds by which Google's clock may differ from ours.
_SKEW = 10
_PEM = "-----BEGIN "


class NotGoogles(Exception):
    """An id token that Google did not make for us, or that is over."""


def signing_keys(session: requests.Session, url: str) -> dict[str, str]:
    """Return Google's public keys as they are now, by key id, in PEM.

    Raises:
        CalendarUnavailable: no answer, or one without a key.
    """
    try:
        answer = session.get(url, timeout=transport.TIMEOUT, allow_redirects=False)
        body = answer.json() if answer.status_code == HTTPStatus.OK else None
    except requests.RequestException:
        raise CalendarUnavailable from None
    listed = body.get("keys") if isinstance(body, dict) else None
    keys = _of_set(listed) if isinstance(listed, list) else _of_map(body)
    if not keys:
        raise CalendarUnavailable
    return keys


def _of_map(body: Any) -> dict[str, str]:
    pairs = body.items() if isinstance(body, dict) else ()
    return {name: pem for name, pem in pairs if isinstance(pem, str) and pem.startswith(_PEM)}


def _of_set(listed: list[Any]) -> dict[str, str]:
    """Read the keys of a JSON Web Key Set that are for RSA signatures."""
    keys = {}
    for each in listed:
        if not isinstance(each, dict) or each.get("kty") != "RSA":
            continue
        if each.get("use", "sig") != "sig" or not isinstance(each.get("kid"), str):
            continue
        try:
            numbers = RSAPublicNumbers(_number(each["e"]), _number(each["n"]))
            key = numbers.public_key()
        except (KeyError, TypeError, ValueError):
            continue
        pem = key.public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        keys[each["kid"]] = pem.decode("ascii")
    return keys


def _number(text: str) -> int:
    """Read a Base64urlUInt of RFC 7518."""
    return int.from_bytes(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))


def verified(token: str, keys: Mapping[str, str], client_id: str) -> Mapping[str, Any]:
    """Return the claims of an id token that Google signed for us and that lasts.

    Raises:
        NotGoogles: it does not hold.
    """
    try:
        claims: Mapping[str, Any] = jwt.decode(  # type: ignore[no-untyped-call]
            token, certs=keys, audience=client_id, clock_skew_in_seconds=_SKEW
        )
    except (GoogleAuthError, TypeError, ValueError) as error:
        raise NotGoogles from error
    return claims


def unverified_claims(token: str) -> Mapping[str, Any]:
    """Return the claims of an id token by its own word; none of one that cannot be read."""
    try:
        claims: Mapping[str, Any] = jwt.decode(token, verify=False)  # type: ignore[no-untyped-call]
    except (GoogleAuthError, ValueError):
        return {}
    return claims
