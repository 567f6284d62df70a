"""Seal secrets for the table with the AWS Encryption SDK, under a KMS key.

The encryption context names the tenant and the owner: a blob that was moved to another item names
the wrong one and does not open. Data keys are cached for minutes, which spares calls to KMS.
"""

import json
from collections.abc import Mapping
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
    """Seals small JSON values for one owner each."""

    def __init__(self, key_arn: str, session: botocore.session.Session) -> None:
        self._client = aws_encryption_sdk.EncryptionSDKClient(
            commitment_policy=CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT,
            max_encrypted_data_keys=1,
        )
        provider = aws_encryption_sdk.StrictAwsKmsMasterKeyProvider(
            key_ids=[key_arn], botocore_session=session
        )
        self._materials = CachingCryptoMaterialsManager(
            master_key_provider=provider,
            cache=aws_encryption_sdk.LocalCryptoMaterialsCache(_CACHE_ENTRIES),
            max_age=_CACHE_SECONDS,
            max_messages_encrypted=_MESSAGES_PER_KEY,
        )

    def seal(self, value: Any, context: Mapping[str, str]) -> bytes:
        """Seal a JSON value for the owner that the context names."""
        blob, _ = self._client.encrypt(
            source=json.dumps(value).encode(),
            materials_manager=self._materials,
            encryption_context=dict(context),
        )
        return bytes(blob)

    def open(self, blob: bytes, context: Mapping[str, str]) -> Any:
        """Open what was sealed for this owner.

        Raises:
            SealBroken: damaged, sealed for another, or KMS does not open it.
        """
        try:
            opened, header = self._client.decrypt(source=blob, materials_manager=self._materials)
        except _BROKEN as error:
            raise SealBroken("a sealed value does not open") from error
        if any(header.encryption_context.get(key) != value for key, value in context.items()):
            raise SealBroken("a sealed value belongs to another owner")
        return json.loads(opened)
