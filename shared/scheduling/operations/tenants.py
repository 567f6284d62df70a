"""Which apps this deployment serves: added, changed, removed, by whoever operates it."""

from dataclasses import dataclass, fields
from datetime import timedelta

from scheduling.connections.disconnect import Disconnector
from scheduling.models import AppId, Tenant, Uid
from scheduling.ports import Clock, Connections
from scheduling.ports.operations import Registry

#: How long the bookings of one host may take to settle; `reconcile` goes on where that is not long.
_PATIENCE = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class TenantAdministration:
    """Changes the registry. What is asked for again changes nothing again."""

    clock: Clock
    registry: Registry
    connections: Connections

    def changes(self, wanted: Tenant) -> list[str]:
        """Name the fields in which an app differs from what is registered; all of a new one."""
        known = self.registry.get(wanted.app_id)
        return [
            each.name
            for each in fields(wanted)
            if known is None or getattr(known, each.name) != getattr(wanted, each.name)
        ]

    def hosts(self, app_id: AppId) -> list[Uid]:
        """List the app's users whose calendars are connected, registered or not."""
        return self.connections.hosts(app_id)

    def disconnect_all(self, app_id: AppId, disconnector: Disconnector) -> list[Uid]:
        """End the connections of all hosts of an app; give those whose bookings still settle."""
        for uid in self.hosts(app_id):
            disconnector.disconnect(app_id, uid, self.clock.now() + _PATIENCE)
        return self.hosts(app_id)
