"""Instants and intervals: aware, UTC, half-open."""

from datetime import UTC, datetime

import pytest

from scheduling.core.times import Interval, parse_instant


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-24T14:00:00",
        "2026-11-24",
        "2026-W48-2T14:00Z",
        "20261124T140000Z",
        "2026-11-24T14:00:00+2",
        "2026-11-24T25:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59Z",
        "1969-12-31T23:59:59Z",
        "now",
        "",
    ],
)
def test_what_names_no_instant_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"RFC 3339|hour must be|calendar can hold"):
        parse_instant(text)


def test_an_interval_is_aware_and_not_empty() -> None:
    noon = datetime(2026, 11, 24, 12, tzinfo=UTC)
    with pytest.raises(ValueError, match="ends after it starts"):
        Interval(noon, noon)
    with pytest.raises(ValueError, match="aware and UTC"):
        Interval(noon.replace(tzinfo=None), noon)
