"""Secrets go into Parameter Store and do not come out."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from scheduling.adapters.aws.secret_parameters import NAMES, SecretParameterStore
from scheduling.core.config import ConfigError
from scheduling.models import Secret


@pytest.fixture
def store() -> Iterator[SecretParameterStore]:
    with mock_aws():
        client = boto3.client("ssm")
        yield SecretParameterStore(client, boto3.client("sts"), "/here")
        # A mock around this one, as other tests of the process have, would keep them.
        client.delete_parameters(Names=[f"/here/{name}" for name in NAMES])


def test_what_is_put_is_not_missing_and_is_kept_as_a_secure_string(
    store: SecretParameterStore,
) -> None:
    assert store.missing() == list(NAMES)
    for value in ("one", "another"):
        store.put("calendar-key", Secret(value))
    assert store.missing() == ["base-url", "google-client-secret", "signing-keys"]
    (kept,) = store._ssm.get_parameters(Names=["/here/calendar-key"], WithDecryption=True)[
        "Parameters"
    ]
    assert (kept["Type"], kept["Value"]) == ("SecureString", "another")


def test_what_is_changed_into_what_follows_from_it_comes_out_with_its_instant(
    store: SecretParameterStore,
) -> None:
    store.put("signing-keys", Secret("one another"))
    value, since = store.held("signing-keys")
    assert value == Secret("one another")
    assert since.utcoffset() == timedelta(0)
    with pytest.raises(ConfigError, match="missing parameter: /here/not-there"):
        store.held("not-there")


def test_the_place_names_account_and_region(store: SecretParameterStore) -> None:
    assert store.place() == "account 123456789012, region eu-west-1, under /here"


class Refusing:
    """A client that quotes what it was given."""

    def put_parameter(self, **given: Any) -> None:
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": str(given)}}, "Put")


def test_a_value_that_cannot_be_put_is_not_told() -> None:
    refusing: Any = Refusing()
    store = SecretParameterStore(refusing, None, "/here")
    with pytest.raises(
        ConfigError, match="/here/signing-keys cannot be put: AccessDenied"
    ) as heard:
        store.put("signing-keys", Secret("hidden"))
    assert "hidden" not in repr(heard.value)
    assert heard.value.__suppress_context__
