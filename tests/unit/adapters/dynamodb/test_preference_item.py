"""How a host wants to be booked, as a part of an item."""

from datetime import time, timedelta

import pytest

from scheduling.adapters.dynamodb.preference_item import preferences_from, preferences_item
from scheduling.adapters.dynamodb.table import from_wire, to_wire
from scheduling.models import Preferences


@pytest.mark.parametrize(
    "kept",
    [
        Preferences(),
        Preferences(hours={}),
        Preferences(
            buffer_before=timedelta(minutes=5),
            buffer_after=timedelta(hours=2),
            notice=timedelta(days=1),
            hours={
                0: ((time(9), time(12, 30)), (time(13, 30), time(17, 5))),
                5: (),
                6: ((time.min, time.min),),
            },
        ),
    ],
)
def test_preferences_come_back_as_they_went(kept: Preferences) -> None:
    assert preferences_from(from_wire(to_wire(preferences_item(kept)))) == kept


def test_any_hour_is_told_from_none() -> None:
    assert "hours" not in preferences_item(Preferences())
    assert preferences_item(Preferences(hours={}))["hours"] == {}
