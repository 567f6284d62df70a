"""Secrets are made once, and never again where others are derived from them."""

import pytest

from scheduling.models import Secret
from scheduling.operations.provision import CLIENT_SECRET, MADE, SecretProvisioning
from tests.fakes import FakeParameters

GIVEN = Secret("googles-secret")


def provisioning(**values: str) -> SecretProvisioning:
    kept = {name.replace("_", "-"): Secret(value) for name, value in values.items()}
    return SecretProvisioning(FakeParameters(kept))


def held(made: SecretProvisioning, name: str) -> str:
    return made.parameters.held(name)[0].reveal()


def test_what_is_not_there_is_made_and_what_was_given_is_put() -> None:
    made = provisioning()
    assert made.wanting() == [CLIENT_SECRET, *MADE]
    assert made.prepare(GIVEN) == [CLIENT_SECRET, *MADE]
    assert held(made, CLIENT_SECRET) == "googles-secret"
    assert made.wanting() == []


def test_what_is_made_is_long_random_and_each_its_own() -> None:
    one, other = provisioning(), provisioning()
    one.prepare(GIVEN)
    other.prepare(GIVEN)
    values = {held(each, name) for each in (one, other) for name in MADE}
    assert len(values) == 4
    assert all(len(value) == 64 for value in values)


def test_a_key_that_is_there_stays_whatever_else_is_put() -> None:
    made = provisioning(calendar_key="c", signing_keys="s")
    assert made.prepare(GIVEN) == [CLIENT_SECRET]
    assert made.prepare(Secret("another")) == [CLIENT_SECRET]
    assert made.prepare(None) == []
    assert [held(made, name) for name in (CLIENT_SECRET, *MADE)] == ["another", "s", "c"]


def test_without_a_client_secret_nothing_at_all_is_put() -> None:
    made = provisioning()
    with pytest.raises(ValueError, match=CLIENT_SECRET):
        made.prepare(None)
    assert made.wanting() == [CLIENT_SECRET, *MADE]


def test_the_address_is_the_stacks_to_put() -> None:
    made = provisioning(signing_keys="s", calendar_key="c", google_client_secret="g")
    assert "base-url" in made.parameters.missing()
    assert made.wanting() == []
