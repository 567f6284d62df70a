"""How a host wants to be booked: buffers, minimum notice and open hours, for shares made later."""

from dataclasses import dataclass

from scheduling.models import AppId, Preferences, Uid
from scheduling.ports import HostPreferences


@dataclass(frozen=True, slots=True)
class PreferenceEditor:
    """Reads and replaces a host's preferences."""

    preferences: HostPreferences

    def get(self, app_id: AppId, uid: Uid) -> Preferences:
        """Return a host's own; those that hold for everybody where nothing was said."""
        return self.preferences.get(app_id, uid)

    def replace(self, app_id: AppId, uid: Uid, preferences: Preferences) -> Preferences:
        """Keep them in place of those before; shares that were made stay as they are."""
        self.preferences.put(app_id, uid, preferences)
        return preferences
