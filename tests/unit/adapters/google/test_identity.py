"""Google's keys are read in either of their forms, and an id token is believed only by them."""

import base64
from typing import Any

import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import rsa

from scheduling.adapters.google import identity
from scheduling.core.errors import CalendarUnavailable

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key()
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
