"""How hosts want to be booked: one item for each host."""

from scheduling.adapters.dynamodb.preference_item import preferences_from, preferences_item
from scheduling.adapters.dynamodb.table import Key, Table, app_pk, put
from scheduling.models import AppId, Preferences, Uid


def preferences_key(app_id: str, uid: str) -> Key:
    """Return where a host's preferences stand."""
    return app_pk(app_id, "USER", uid), "PREFERENCES"


class PreferenceStore:
    """Kept until the host changes them; disconnecting a calendar does not."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def get(self, app_id: AppId, uid: Uid) -> Preferences:
        """Return a host's, or what holds for everybody."""
        item = self._table.get(preferences_key(app_id, uid))
        return preferences_from(item) if item else Preferences()

    def put(self, app_id: AppId, uid: Uid, preferences: Preferences) -> None:
        """Keep them."""
        self._table.write(put(preferences_key(app_id, uid), preferences_item(preferences)))
