"""The composition root: the use cases of this environment, over real adapters."""

import functools
from collections.abc import Mapping
from typing import Any

from scheduling.core.clock import Clock
from scheduling.models import AppId
from scheduling.wiring import snapshots
from scheduling.wiring.assemble import UseCases, assemble
from scheduling.wiring.deployed import DeployedPorts

__all__ = ["clock", "owed_message", "ports", "use_cases"]


@functools.cache
def ports() -> DeployedPorts:
    """Return the ports of this environment; no adapter is built yet."""
    return DeployedPorts()


@functools.cache
def use_cases() -> UseCases:
    """Return the use cases of this environment; none is built yet."""
    return assemble(ports())


def clock() -> Clock:
    """Return the clock."""
    return ports().clock


def owed_message(record: Mapping[str, Any]) -> tuple[AppId, str, int]:
    """Name the owed message of a record of the table's stream: its app, owner and number."""
    from scheduling.adapters.dynamodb.outbox_store import named

    return named(record)


snapshots.register(ports, use_cases)
