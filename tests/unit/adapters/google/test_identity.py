"""Google's keys are read in either of their forms, and an id token is believed only by them."""

import base64
import time
from collections.abc import Callable
from typing import Any

import pytest
import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from google.auth import crypt, jwt

from scheduling.adapters.google import identity
from scheduling.core.errors import CalendarUnavailable

PRIVATE, OTHER = (rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2))
KEY = PRIVATE.public_key()
NUMBERS = KEY.public_numbers()
PEM = "-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----"


def number(value: int) -> str:
    raw = value.to_bytes((value.bit_length() + 7) // 8)
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


JWK = {"kty": "RSA", "use": "sig", "kid": "a", "n": number(NUMBERS.n), "e": number(NUMBERS.e)}


class Published(requests.Session):
    """Answers what it is told to."""

    def __init__(self, body: Any, status: int = 200) -> None:
        super().__init__()
        self.body, self.status = body, status

    def get(self, *_: Any, **__: Any) -> Any:
        answer = requests.Response()
        answer.status_code = self.status
        answer.json = lambda **_: self.body  # type: ignore[method-assign]
        return answer


def test_a_map_of_certificates_and_a_key_set_are_both_read() -> None:
    assert identity.signing_keys(Published({"a": PEM}), "https://google.test") == {"a": PEM}
    found = identity.signing_keys(Published({"keys": [JWK]}), "https://google.test")
    assert found["a"].startswith("-----BEGIN PUBLIC KEY-----")


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        None,
        {"keys": []},
        {"keys": [{**JWK, "kty": "EC"}]},
        {"keys": [{**JWK, "use": "enc"}]},
        {"keys": [{"kty": "RSA", "kid": "a"}]},
        {"a": "no certificate"},
    ],
)
def test_where_no_key_is_published_nothing_is_concluded(body: Any) -> None:
    with pytest.raises(CalendarUnavailable):
        identity.signing_keys(Published(body), "https://google.test")
    with pytest.raises(CalendarUnavailable):
        identity.signing_keys(Published({"a": PEM}, status=500), "https://google.test")


def test_a_token_that_google_did_not_sign_is_none_of_googles() -> None:
    with pytest.raises(identity.NotGoogles):
        identity.verified("no.token.at-all", {"a": PEM}, "client")
    assert identity.unverified_claims("no token") == {}


def signed(key: rsa.RSAPrivateKey = PRIVATE, **changes: Any) -> str:
    """Return an id token for our client."""
    now = int(time.time())
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )
    claims = {"aud": "client", "iat": now, "exp": now + 3600, "sub": "alice", **changes}
    signer = crypt.RSASigner.from_string(private, key_id="a")  # type: ignore[no-untyped-call]
    token: bytes = jwt.encode(signer, claims)  # type: ignore[no-untyped-call]
    return token.decode()


def published() -> dict[str, str]:
    return identity.signing_keys(Published({"keys": [JWK]}), "https://google.test")


def test_a_token_that_google_signed_for_us_says_who_it_is() -> None:
    assert identity.verified(signed(), published(), "client")["sub"] == "alice"


@pytest.mark.parametrize(
    "made",
    [
        lambda: signed(OTHER),
        lambda: signed(aud="another"),
        lambda: signed(exp=int(time.time()) - 60),
        lambda: signed(iat=int(time.time()) + 600, exp=int(time.time()) + 4000),
        lambda: signed().rpartition(".")[0] + ".",
    ],
)
def test_a_token_that_does_not_hold_says_nothing_but_by_its_own_word(
    made: Callable[[], str],
) -> None:
    token = made()
    with pytest.raises(identity.NotGoogles):
        identity.verified(token, published(), "client")
    assert identity.unverified_claims(token)["sub"] == "alice"


def test_a_token_of_a_key_that_google_does_not_publish_does_not_hold() -> None:
    with pytest.raises(identity.NotGoogles):
        identity.verified(signed(), {"b": published()["a"]}, "client")
