"""Whose grant it is: an id token that Google signed for us, by its keys in either form."""

import base64
import json
import time
from collections.abc import Mapping
from typing import Any

import pytest
import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from google.auth import crypt, jwt

from scheduling.adapters.google import identity
from scheduling.adapters.google.identity import NotGoogles
from scheduling.core.errors import CalendarUnavailable

CLIENT = "client.apps.googleusercontent.com"
KEY = rsa.generate_private_key(65537, 2048)
OTHER = rsa.generate_private_key(65537, 2048)


def pem(key: rsa.RSAPrivateKey) -> str:
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return public.decode()


def number(value: int) -> str:
    raw = value.to_bytes((value.bit_length() + 7) // 8)
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def web_key(key: rsa.RSAPrivateKey = KEY, **changes: Any) -> dict[str, Any]:
    public = key.public_key().public_numbers()
    made = {"kty": "RSA", "use": "sig", "kid": "one", "n": number(public.n), "e": number(public.e)}
    return {name: value for name, value in (made | changes).items() if value is not None}


def signed(key: rsa.RSAPrivateKey = KEY, **changes: Any) -> str:
    """Return an id token."""
    now = int(time.time())
    claims = {"aud": CLIENT, "iat": now, "exp": now + 3600, "sub": "alice", **changes}
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )
    signer = crypt.RSASigner.from_string(private, key_id="one")  # type: ignore[no-untyped-call]
    token: bytes = jwt.encode(signer, claims)  # type: ignore[no-untyped-call]
    return token.decode()


class FakeSession:
    """Answers once, as it is told."""

    def __init__(self, body: Any, status: int = 200, *, breaks: bool = False) -> None:
        self._answer = requests.Response()
        self._answer.status_code = status
        self._answer._content = (body if isinstance(body, str) else json.dumps(body)).encode()
        self._breaks = breaks
        self.asked: dict[str, Any] = {}

    def get(self, url: str, **more: Any) -> requests.Response:
        self.asked = {"url": url, **more}
        if self._breaks:
            raise requests.ConnectionError
        return self._answer


def keys(session: Any) -> Mapping[str, str]:
    return identity.signing_keys(session, "https://google.test/certs")


def test_keys_are_read_from_a_set_and_from_a_map_and_are_the_same() -> None:
    assert keys(FakeSession({"keys": [web_key()]})) == {"one": pem(KEY)}
    assert keys(FakeSession({"one": pem(KEY)})) == {"one": pem(KEY)}


def test_keys_that_are_not_for_rsa_signatures_are_left_out() -> None:
    listed = [
        web_key(kid="for encryption", use="enc"),
        web_key(kid="elliptic", kty="EC"),
        web_key(kid=None),
        web_key(kid="broken", n="!"),
        web_key(kid="partial", e=None),
        "no key",
        web_key(use=None),
    ]
    assert set(keys(FakeSession({"keys": listed}))) == {"one"}


@pytest.mark.parametrize(
    "session",
    [
        FakeSession({"keys": []}),
        FakeSession({}),
        FakeSession([]),
        FakeSession("<html>"),
        FakeSession({"one": "no PEM"}),
        FakeSession({"one": pem(KEY)}, status=503),
        FakeSession({"one": pem(KEY)}, status=302),
        FakeSession({}, breaks=True),
    ],
)
def test_an_answer_without_a_key_is_no_answer(session: FakeSession) -> None:
    with pytest.raises(CalendarUnavailable):
        keys(session)
    assert session.asked["allow_redirects"] is False


def test_a_token_that_google_signed_for_us_says_who_it_is() -> None:
    assert identity.verified(signed(), {"one": pem(KEY)}, CLIENT)["sub"] == "alice"


@pytest.mark.parametrize(
    "token",
    [
        signed(OTHER),
        signed(aud="another-client"),
        signed(exp=int(time.time()) - 60),
        signed(iat=int(time.time()) + 600, exp=int(time.time()) + 4000),
        signed()[:-8] + "AAAAAAAA",
        signed().rpartition(".")[0] + ".",
        "",
        "a.b.c",
        "no token",
    ],
)
def test_a_token_that_does_not_hold_says_nothing(token: str) -> None:
    with pytest.raises(NotGoogles):
        identity.verified(token, {"one": pem(KEY)}, CLIENT)


def test_a_token_of_a_key_that_google_does_not_publish_does_not_hold() -> None:
    with pytest.raises(NotGoogles):
        identity.verified(signed(), {"another": pem(KEY)}, CLIENT)


def test_the_word_of_a_token_that_does_not_hold_can_be_read_by_that_name_alone() -> None:
    assert identity.unverified_claims(signed(OTHER, sub="mallory"))["sub"] == "mallory"
    assert identity.unverified_claims("no token") == {}
