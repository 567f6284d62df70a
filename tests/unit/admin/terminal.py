"""The operator's program at a terminal, over a world."""

import io
import sys
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from scheduling import wiring
from scheduling.admin.program import main
from scheduling.models import AppId, Secret, Tenant
from scheduling.operations.diagnose import Diagnostics
from scheduling.operations.provision import SecretProvisioning
from scheduling.operations.tenants import TenantAdministration
from scheduling.wiring import operations
from tests.fakes import FakeInspection, FakeParameters
from tests.world import World

KEY, OTHER_KEY = "0123456789abcdef-rest-key", "fedcba9876543210-rest-key"
NEW = ("add", "--app-id", "new", "--region", "eu", "--name", "New App", "--api-key-stdin")


@dataclass
class Terminal:
    """Runs the program on a world, and keeps what it said."""

    world: World
    monkeypatch: pytest.MonkeyPatch
    captured: pytest.CaptureFixture[str]
    parameters: FakeParameters = field(default_factory=FakeParameters)
    inspection: FakeInspection = field(default_factory=FakeInspection)
    #: Everything that was said so far.
    said: str = ""

    def __post_init__(self) -> None:
        world, parameters = self.world, self.parameters
        parts: dict[str, Callable[[], object]] = {
            "tenant_administration": lambda: TenantAdministration(
                world.clock, world.tenants, world.connections
            ),
            "diagnostics": lambda: Diagnostics(parameters, self.inspection),
        }
        self.monkeypatch.setattr(
            operations, "provisioning", lambda _prefix: SecretProvisioning(parameters)
        )
        for name, part in parts.items():
            self.monkeypatch.setattr(operations, name, part)
        self.monkeypatch.setattr(wiring, "ports", lambda: world)
        self.monkeypatch.setattr(wiring, "use_cases", lambda: world.use_cases)

    def run(self, *arguments: str, stdin: str = "") -> tuple[int, str]:
        """Return the exit status, and what was said."""
        self.monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        try:
            status = main(arguments)
        except SystemExit as ended:
            status = int(ended.code or 0)
        out = "".join(self.captured.readouterr())
        self.said += out
        return status, out

    def app(self, app_id: str) -> Tenant | None:
        return self.world.tenants.get(AppId(app_id))


def complete(terminal: Terminal) -> None:
    """Put everything in place."""
    terminal.parameters.values = {name: Secret("-") for name in terminal.parameters.missing()}
