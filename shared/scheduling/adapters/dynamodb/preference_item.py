"""How a host wants to be booked, as a part of an item."""

from datetime import time, timedelta
from typing import Any

from scheduling.models import Preferences


def preferences_item(preferences: Preferences) -> dict[str, Any]:
    """Return preferences as an item holds them."""
    hours = preferences.hours
    item: dict[str, Any] = {
        "bufferSeconds": [
            int(preferences.buffer_before.total_seconds()),
            int(preferences.buffer_after.total_seconds()),
        ],
        "noticeSeconds": int(preferences.notice.total_seconds()),
    }
    if hours is not None:
        item["hours"] = {
            str(day): [[f"{opens:%H:%M}", f"{closes:%H:%M}"] for opens, closes in spans]
            for day, spans in hours.items()
        }
    return item


def preferences_from(item: dict[str, Any]) -> Preferences:
    """Read preferences."""
    before, after = item["bufferSeconds"]
    hours = item.get("hours")
    return Preferences(
        buffer_before=timedelta(seconds=before),
        buffer_after=timedelta(seconds=after),
        notice=timedelta(seconds=item["noticeSeconds"]),
        hours=None
        if hours is None
        else {
            int(day): tuple(
                (time.fromisoformat(opens), time.fromisoformat(closes)) for opens, closes in spans
            )
            for day, spans in hours.items()
        },
    )
