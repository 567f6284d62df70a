"""A snapshot holds code and nothing else; what comes out of it is built for each environment."""

import importlib
import pkgutil
import random
import sys
from types import SimpleNamespace
from typing import Any

import pytest
import snapshot_restore_py

from scheduling import adapters, wiring
from scheduling.wiring import snapshots


def hooked(hooks: list[Any]) -> list[tuple[Any, tuple[Any, ...]]]:
    return [(hook, arguments) for hook, arguments, _ in hooks]


def test_lambda_prepares_and_renews_what_wiring_has_built() -> None:
    assert (snapshots.prepare, ()) in hooked(snapshot_restore_py.get_before_snapshot())
    renewed = (snapshots.renew, (wiring.ports, wiring.use_cases))
    assert renewed in hooked(snapshot_restore_py.get_after_restore())


def test_every_adapter_is_imported_before_the_snapshot_those_of_sub_packages_too() -> None:
    snapshots.prepare()
    names = {each.name for each in pkgutil.walk_packages(adapters.__path__, "scheduling.adapters.")}
    assert "scheduling.adapters.dynamodb.booking_store" in names
    assert names <= set(sys.modules)


@pytest.mark.usefixtures("deployed")
def test_preparing_builds_nothing() -> None:
    before = wiring.ports.cache_info().currsize, wiring.use_cases.cache_info().currsize
    snapshots.prepare()
    assert before == (0, 0)
    assert wiring.ports.cache_info().currsize == wiring.use_cases.cache_info().currsize == 0


@pytest.mark.usefixtures("deployed")
def test_what_was_built_before_is_built_again() -> None:
    ports, use_cases = wiring.ports(), wiring.use_cases()
    assert (wiring.ports(), wiring.use_cases()) == (ports, use_cases)
    snapshots.renew(wiring.ports, wiring.use_cases)
    assert wiring.ports() is not ports
    assert wiring.use_cases() is not use_cases
    assert wiring.use_cases().ports is wiring.ports()


def test_two_that_are_restored_draw_no_random_numbers_alike() -> None:
    drawn = []
    for _ in range(2):
        random.seed(4711)
        snapshots.renew()
        drawn.append(random.random())  # noqa: S311 - it is the jitter that is looked at
    assert drawn[0] != drawn[1]


def test_credentials_that_the_default_session_keeps_are_forgotten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    boto3 = importlib.import_module("boto3")
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", SimpleNamespace())
    snapshots.renew()
    assert boto3.DEFAULT_SESSION is None
