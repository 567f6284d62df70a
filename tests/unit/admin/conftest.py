"""A terminal at which the operator's program runs."""

import pytest

from tests.unit.admin.terminal import Terminal
from tests.world import World


@pytest.fixture
def terminal(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Terminal:
    return Terminal(world, monkeypatch, capsys)
