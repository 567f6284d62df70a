"""Seal secrets for the table with the AWS Encryption SDK, under a KMS key.

The encryption context names the tenant and the owner: a blob that was moved to another item names
the wrong one and does not open. Data keys are cached for minutes, which spares calls to KMS.

KMS rotates the material of a key by itself. To change the key, a new one is put behind the old: it
seals from then on, and what the old one sealed still opens.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import aws_encryption_sdk
import botocore.session
from aws_encryption_sdk import CachingCryptoMaterialsManager, CommitmentPolicy
from aws_encryption_sdk.exceptions import AWSEncryptionSDKClientError
from cryptography.exceptions import InvalidSignature, InvalidTag

#: What the SDK raises for a blob that is not whole: its own errors, and those beneath it.
_BROKEN = (AWSEncryptionSDKClientError, InvalidSignature, InvalidTag, UnicodeDecodeError)
_CACHE_SECONDS = 300.0
_CACHE_ENTRIES = 100
_MESSAGES_PER_KEY = 1000


class SealBroken(Exception):
    """A sealed blob does not open: damaged, or not sealed for this owner."""


class Seal:
    """Seals small JSON values for one owner each.

    Args:
        key_arns: oldest first; the last one seals, all are accepted for opening.
        session: by which KMS is asked.
    """

    def __init__(self, key_arns: Sequence[str], session: botocore.session.Session) -> None:
        self._client = aws_encryption_sdk.EncryptionSDKClient(
            commitment_policy=CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT,
            max_encrypted_data_keys=1,
        )
        self._sealing = _materials(key_arns[-1:], session)
        self._opening = _materials(key_arns, session) if len(key_arns) > 1 else self._sealing

    def seal(self, value: Any, context: Mapping[str, str]) -> bytes:
        """Seal a JSON value for the owner that the context names."""
        blob, _ = self._client.encrypt(
            source=json.dumps(value).encode(),
            materials_manager=self._sealing,
            encryption_context=dict(context),
        )
        return bytes(blob)

    def open(self, blob: bytes, context: Mapping[str, str]) -> Any:
        """Open what was sealed for this owner.

        Raises:
            SealBroken: damaged, sealed for another, or KMS does not open it.
        """
        try:
            opened, header = self._client.decrypt(source=blob, materials_manager=self._opening)
        except _BROKEN as error:
            raise SealBroken("a sealed value does not open") from error
        if any(header.encryption_context.get(key) != value for key, value in context.items()):
            raise SealBroken("a sealed value belongs to another owner")
        return json.loads(opened)


def _materials(
    key_arns: Sequence[str], session: botocore.session.Session
) -> CachingCryptoMaterialsManager:
    provider = aws_encryption_sdk.StrictAwsKmsMasterKeyProvider(
        key_ids=list(dict.fromkeys(key_arns)), botocore_session=session
    )
    return CachingCryptoMaterialsManager(
        master_key_provider=provider,
        cache=aws_encryption_sdk.LocalCryptoMaterialsCache(_CACHE_ENTRIES),
        max_age=_CACHE_SECONDS,
        max_messages_encrypted=_MESSAGES_PER_KEY,
    )
