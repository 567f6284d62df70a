"""How a host wants to be booked: buffers, notice and open hours, for shares made from now on."""

from dataclasses import dataclass
from datetime import time
from typing import Any

from scheduling.http.fields import WEEKDAYS
from scheduling.http.forms import PreferenceForm
from scheduling.models import Caller, Preferences, Session
from scheduling.ports import HostPreferences


@dataclass(frozen=True, slots=True)
class Preferring:
    """Shows and keeps a host's preferences."""

    preferences: HostPreferences

    def show(self, caller: Caller) -> dict[str, Any]:
        """Give the caller's own."""
        return _as_json(self.preferences.get(caller.app_id, caller.uid))

    def change(self, caller: Caller, preferences: Preferences) -> dict[str, Any]:
        """Keep them in place of those before; shares that were made stay as they are."""
        self.preferences.put(caller.app_id, caller.uid, preferences)
        return _as_json(preferences)

    def form(self, session: Session) -> PreferenceForm:
        """Give the page's form, for the host in whose browser it is."""
        return PreferenceForm.of(self.preferences.get(session.app_id, session.person.uid))

    def take(self, session: Session, form: PreferenceForm) -> None:
        """Keep what the page's form says, as `change` does.

        Raises:
            InvalidRequest: the form is `wrong`.
        """
        self.preferences.put(session.app_id, session.person.uid, form.preferences())


def _as_json(preferences: Preferences) -> dict[str, Any]:
    hours = preferences.hours
    return {
        "bufferBeforeMinutes": int(preferences.buffer_before.total_seconds() // 60),
        "bufferAfterMinutes": int(preferences.buffer_after.total_seconds() // 60),
        "noticeMinutes": int(preferences.notice.total_seconds() // 60),
        "hours": None
        if hours is None
        else {
            WEEKDAYS[day]: [[f"{opens:%H:%M}", _end(closes)] for opens, closes in spans]
            for day, spans in sorted(hours.items())
        },
    }


def _end(closes: time) -> str:
    return f"{closes:%H:%M}" if closes > time.min else "24:00"
