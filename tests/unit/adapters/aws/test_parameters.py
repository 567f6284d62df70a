"""Addresses and secrets: read once from Parameter Store, by name, and never shown."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from moto import mock_aws

from scheduling.access.links import LinkPurpose, Links
from scheduling.adapters.aws.parameters import Parameters
from scheduling.core.config import ConfigError
from scheduling.core.errors import LinkInvalid
from scheduling.models import Secret
from tests.builders import NOW

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient

OLD, NEW, NEWEST = "old-key-of-twenty-bytes", "new-key-of-twenty-bytes", "newest-key-of-many-bytes"
VALUES = {
    "base-url": "https://here.test/",
    "google-client-secret": "GOCSPX-secret",
    "signing-keys": f"{OLD} {NEW}",
    "calendar-key": "the-calendar-key",
}
_NUMBERS = itertools.count()


@dataclass
class Store:
    """Parameter Store, filled under a prefix that is this test's own."""

    client: "SSMClient"
    prefix: str
    #: The names that were asked for, call by call.
    asked: list[list[str]] = field(default_factory=list)

    def put(self, name: str, value: str) -> None:
        """Make a parameter, or change it."""
        self.client.put_parameter(
            Name=f"{self.prefix}/{name}", Value=value, Type="SecureString", Overwrite=True
        )

    def note(self, **call: Any) -> None:
        """Note a call."""
        self.asked.append(call["params"]["Names"])

    def read(self) -> Parameters:
        """Read as a new environment of a function does."""
        return Parameters(self.client, self.prefix)

    def links(self) -> Links:
        """Sign as a new environment of a function does."""
        read = self.read()
        return Links(read.base_url, read.signing_keys)


@pytest.fixture
def store() -> Iterator[Store]:
    with mock_aws():
        made = Store(boto3.client("ssm"), f"/calendar-scheduling/{next(_NUMBERS)}")
        for name, value in VALUES.items():
            made.put(name, value)
        made.client.meta.events.register("provide-client-params.ssm.GetParameters", made.note)
        yield made


def test_each_value_is_read_under_the_prefix(store: Store) -> None:
    parameters = store.read()
    assert parameters.base_url == "https://here.test"
    assert parameters.google_client_secret == Secret("GOCSPX-secret")
    assert parameters.signing_keys == (Secret(OLD), Secret(NEW))
    assert parameters.calendar_key == b"the-calendar-key"


def test_a_secret_comes_decrypted_and_is_never_shown(store: Store) -> None:
    parameters = store.read()
    assert parameters.google_client_secret.reveal() == "GOCSPX-secret"
    shown = f"{parameters.google_client_secret!r} {parameters.signing_keys} {parameters!r}"
    assert not any(value in shown for value in ("GOCSPX", OLD, NEW))


def test_a_domain_of_ones_own_is_the_address_and_nobody_is_asked_for_it(store: Store) -> None:
    parameters = Parameters(store.client, store.prefix, "calendar.example.com")
    assert parameters.base_url == "https://calendar.example.com"
    assert store.asked == []


def test_nothing_is_read_before_it_is_asked_for_and_then_once(store: Store) -> None:
    parameters = store.read()
    assert store.asked == []
    for _ in range(3):
        assert parameters.calendar_key
        assert parameters.base_url
    assert store.asked == [[f"{store.prefix}/calendar-key"], [f"{store.prefix}/base-url"]]


def test_a_running_environment_keeps_what_it_read_and_a_new_one_reads_anew(store: Store) -> None:
    running = store.read()
    assert running.google_client_secret == Secret("GOCSPX-secret")
    store.put("google-client-secret", "GOCSPX-another")
    assert running.google_client_secret == Secret("GOCSPX-secret")
    assert store.read().google_client_secret == Secret("GOCSPX-another")


@pytest.mark.parametrize("name", VALUES)
def test_a_missing_parameter_is_named_and_asked_for_again(store: Store, name: str) -> None:
    store.client.delete_parameter(Name=f"{store.prefix}/{name}")
    parameters, attribute = store.read(), name.replace("-", "_")
    with pytest.raises(ConfigError) as refusal:
        getattr(parameters, attribute)
    assert str(refusal.value) == f"missing parameter: {store.prefix}/{name}"
    store.put(name, "made-meanwhile")
    assert getattr(parameters, attribute)


def test_two_signing_keys_are_accepted_and_the_last_one_signs(store: Store) -> None:
    def token(links: Links) -> str:
        return links.token(LinkPurpose.CONNECT, {"u": "alice"}, NOW + timedelta(minutes=10))

    def holds(links: Links, token: str) -> bool:
        try:
            return links.read(LinkPurpose.CONNECT, token, NOW) == {"u": "alice"}
        except LinkInvalid:
            return False

    signed = {}
    accepted = {}
    for keys in (OLD, f"{OLD} {NEW}", f"{NEW}\n{NEWEST}\n"):
        store.put("signing-keys", keys)
        links = store.links()
        signed[keys] = token(links)
        accepted[keys] = [holds(links, each) for each in signed.values()]
    assert list(accepted.values()) == [[True], [True, True], [False, True, True]]
    store.put("signing-keys", NEW)
    assert holds(store.links(), signed[f"{OLD} {NEW}"])
