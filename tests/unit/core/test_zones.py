"""Zones are those of the pinned tzdata, on every machine; a name that is none is replaced."""

import zoneinfo
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from scheduling.core import zones

WINTER = datetime(2026, 1, 15, tzinfo=UTC)


@pytest.mark.parametrize("name", ["right/Europe/Berlin", "posix/UTC", "posixrules", "localtime"])
def test_what_a_machine_has_beside_the_zones_is_none(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / name
    place.parent.mkdir(parents=True, exist_ok=True)
    found = next(Path(each, "Asia/Tokyo") for each in zoneinfo.TZPATH if Path(each).exists())
    place.write_bytes(found.read_bytes())
    monkeypatch.setattr(zoneinfo, "TZPATH", (str(tmp_path),))
    assert zones.known(name) is None
    assert zones.zone(name).utcoffset(WINTER) == timedelta(0)


@pytest.mark.parametrize("name", ["", "Etc/Unknown", "Factory", "Mars/Olympus", "GMT+25", "../UTC"])
def test_a_name_that_is_none_is_utc_and_never_an_error(name: str) -> None:
    assert zones.known(name) is None
    assert (zones.usable(name), zones.zone(name).key) == ("UTC", "UTC")


@pytest.mark.parametrize(
    ("name", "hours"),
    [
        ("GMT+03:00", 3),
        ("GMT-5", -5),
        ("UTC+14", 14),
        ("+0530", 5.5),
        ("gmt+5:45", 5.75),
        ("UTC-09:30", -9.5),
        ("GMT+00:00", 0),
    ],
)
def test_an_offset_is_a_zone_of_that_offset_all_year(name: str, hours: float) -> None:
    there = zones.zone(name)
    for month in (1, 4, 7, 10):
        instant = datetime(2026, month, 15, tzinfo=UTC).astimezone(there)
        assert instant.utcoffset() == timedelta(hours=hours)
    assert zones.known(name) in zones.names()


def test_every_name_that_is_listed_is_a_zone() -> None:
    assert all(zones.zone(name).key == name for name in zones.names())
    assert {"Europe/Berlin", "US/Pacific", "UTC", "Etc/GMT-14"} <= zones.names()
