"""One composition: every use case is built once, when asked for, over whatever ports there are."""

import inspect
from functools import cached_property
from typing import Any

import pytest

from scheduling.models import UNDER_WORK
from scheduling.wiring.assemble import Ports, UseCases, assemble
from scheduling.wiring.deployed import DeployedPorts
from tests.world import World

NAMES = sorted(name for name, each in vars(UseCases).items() if isinstance(each, cached_property))
PORTS = sorted(name for name, each in vars(Ports).items() if isinstance(each, property))


class Lacking:
    """Ports of which some are not there, as in a function's own environment."""

    def __init__(self, world: World, *lacking: str) -> None:
        self._world = world
        self._lacking = lacking

    def __getattr__(self, name: str) -> Any:
        if name in self._lacking:
            pytest.fail(f"nobody may ask for {name} here")
        return getattr(self._world, name)


def over(world: World, *lacking: str) -> UseCases:
    ports: Any = Lacking(world, *lacking)
    return assemble(ports)


def test_nothing_is_built_before_it_is_asked_for(world: World) -> None:
    over(world, *PORTS)


@pytest.mark.parametrize("name", NAMES)
def test_a_use_case_is_built_once_and_everybody_has_the_same(world: World, name: str) -> None:
    use_cases = over(world)
    assert getattr(use_cases, name) is getattr(use_cases, name)


def test_the_worker_has_a_step_for_every_state_that_is_worked_on(world: World) -> None:
    assert set(world.use_cases.worker.steps) == UNDER_WORK


def test_what_serves_nobody_needs_no_limits(world: World) -> None:
    """The environment of `reconcile` and of the stream has none."""
    use_cases = over(world, "limits_factor", "usage")
    for name in ("reconciler", "delivery", "eraser"):
        assert getattr(use_cases, name)


def test_what_serves_files_signs_nothing_and_asks_no_vendor(world: World) -> None:
    files = over(world, "links", "chat", "calendar", "oauth", "connections").invite_files
    assert files.links is world.invite_file_links


@pytest.mark.parametrize("ports", [World, DeployedPorts])
def test_fakes_and_adapters_stand_for_the_same_ports(world: World, ports: type) -> None:
    there = set(dir(world)) if ports is World else {name for name, _ in inspect.getmembers(ports)}
    assert set(PORTS) <= there
    assert len(PORTS) > 20
