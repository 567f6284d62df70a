"""IANA time zones: those of the pinned tzdata, the same on every machine.

A zone's name is a hint for words, wherever it comes from: what is not known is replaced, never
refused. So nothing here fails for a name.
"""

import functools
import io
import pkgutil
import re
from collections.abc import Mapping
from zoneinfo import ZoneInfo

UTC_NAME = "UTC"
#: In tzdata, and no place's: "local time zone must be set".
_NO_PLACE = {"Factory"}
#: How others write a fixed offset where they have no name: `GMT+03:00`, `UTC-5`, `+0530`.
_OFFSET = re.compile(r"(?:GMT|UTC|UT|Z)?([+-])(\d{1,2})(?::?([0-5]\d))?", re.ASCII)
#: Zones of a fixed offset that is no whole hour; no clock is turned there.
_BETWEEN_HOURS: Mapping[str, str] = {
    "+03:30": "Asia/Tehran",
    "+04:30": "Asia/Kabul",
    "+05:30": "Asia/Kolkata",
    "+05:45": "Asia/Kathmandu",
    "+06:30": "Asia/Yangon",
    "+08:45": "Australia/Eucla",
    "+09:30": "Australia/Darwin",
    "-09:30": "Pacific/Marquesas",
}


@functools.cache
def names() -> frozenset[str]:
    """Return the names of all zones and links.

    The list is tzdata's own: a machine's folder has `posixrules`, `localtime` and `right/...` too.
    """
    listed = pkgutil.get_data("tzdata", "zones")
    assert listed is not None
    return frozenset(listed.decode("ascii").split()) - _NO_PLACE


def known(name: str) -> str | None:
    """Return the zone that a name stands for: itself, or one of its offset; None if unknown."""
    if name in names():
        return name
    found = _OFFSET.fullmatch(name.strip().upper())
    if found is None:
        return None
    sign, hours, minutes = found[1], int(found[2]), found[3] or "00"
    if minutes == "00":
        # In these names the sign is turned round: Etc/GMT-3 is three hours ahead of UTC.
        turned = "-" if sign == "+" else "+"
        fixed = f"Etc/GMT{turned}{hours}"
        return fixed if fixed in names() else None
    return _BETWEEN_HOURS.get(f"{sign}{hours:02}:{minutes}")


def usable(name: str) -> str:
    """Return the zone that a name stands for; UTC if it is unknown."""
    return known(name) or UTC_NAME


def zone(name: str) -> ZoneInfo:
    """Return the zone that a name stands for; UTC if it is unknown.

    A name was good when it was taken in, by whatever tzdata there was: nothing that was kept, and
    no message that is owed, may fail for it later.
    """
    return _loaded(usable(name))


@functools.cache
def _loaded(name: str) -> ZoneInfo:
    data = pkgutil.get_data("tzdata", f"zoneinfo/{name}")
    assert data is not None
    return ZoneInfo.from_file(io.BytesIO(data), key=name)
