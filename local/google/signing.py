"""The key that signs identity tokens, and its public side in both of Google's shapes."""

import base64
import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID

_KEY_BITS = 2048


class SigningKey:
    """An RSA key made at the start, certified by itself."""

    def __init__(self) -> None:
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=_KEY_BITS)
        name = x509.Name(
            [x509.NameAttribute(NameOID.COMMON_NAME, "federated-signon.emulator.invalid")]
        )
        now = datetime.now(UTC)
        self._certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(self._key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=365))
            .sign(self._key, hashes.SHA256())
        )
        der = self._certificate.public_bytes(serialization.Encoding.DER)
        #: Names the key in the header of a token, as hex like Google's.
        self.key_id = hashlib.sha1(der, usedforsecurity=False).hexdigest()

    def sign(self, claims: Mapping[str, Any]) -> str:
        """Make a JWT of these claims, signed with RS256."""
        header = {"alg": "RS256", "kid": self.key_id, "typ": "JWT"}
        signed = f"{_json64(header)}.{_json64(claims)}"
        signature = self._key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256())
        return f"{signed}.{base64url(signature)}"

    def verify(self, token: str) -> dict[str, Any] | None:
        """Read the claims of a token that this key signed; None if it did not."""
        signed, _, signature = token.rpartition(".")
        try:
            self._key.public_key().verify(
                _from64(signature), signed.encode(), padding.PKCS1v15(), hashes.SHA256()
            )
            claims: dict[str, Any] = json.loads(_from64(signed.partition(".")[2]))
        except Exception:  # noqa: BLE001 - whatever is wrong with it, it is not our token
            return None
        return claims

    def pem_map(self) -> dict[str, str]:
        """Return `{kid: PEM certificate}`, the shape of `/oauth2/v1/certs`."""
        pem = self._certificate.public_bytes(serialization.Encoding.PEM)
        return {self.key_id: pem.decode()}

    def jwks(self) -> dict[str, Any]:
        """Return the JSON Web Key Set, the shape of `/oauth2/v3/certs`."""
        numbers = self._key.public_key().public_numbers()
        modulus = numbers.n.to_bytes((numbers.n.bit_length() + 7) // 8)
        key = {
            "kty": "RSA",
            "use": "sig",
            "alg": "RS256",
            "kid": self.key_id,
            "n": base64url(modulus),
            "e": base64url(numbers.e.to_bytes(3)),
        }
        return {"keys": [key]}


def base64url(data: bytes) -> str:
    """Encode without padding, as JOSE and PKCE want it."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def access_token_hash(access_token: str) -> str:
    """Compute `at_hash`: the left half of the token's SHA-256."""
    return base64url(hashlib.sha256(access_token.encode()).digest()[:16])


def _json64(value: Mapping[str, Any]) -> str:
    return base64url(json.dumps(value, separators=(",", ":")).encode())


def _from64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
