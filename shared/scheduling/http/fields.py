"""A body or a query, read field by field.

`Fields` names the field that is wrong and why, and never repeats what was sent.
"""

import re
from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any

from scheduling.core import texts
from scheduling.core.errors import InvalidRequest
from scheduling.core.ids import chat_uid
from scheduling.core.times import parse_instant
from scheduling.models import Hours
from scheduling.rules.availability import LONGEST, SHORTEST

#: As much of a hint as is looked at.
HINT_MAX = 100
#: How many open hours a day may have, one after the other.
SPANS_MAX = 6
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_ID = re.compile(r"[a-v0-9]{32}", re.ASCII)
_WALL = re.compile(r"([01][0-9]|2[0-3]|24(?=:00)):([0-5][0-9])", re.ASCII)
#: A surrogate without its other half: JSON can write it, UTF-8 cannot.
_HALF = re.compile("[\ud800-\udfff]")


def _wall_minutes(text: object) -> int:
    """Read `09:30` as minutes of the day; `24:00` is its end.

    Raises:
        ValueError: not of that form.
    """
    found = _WALL.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        raise ValueError("not a time of day")
    return int(found[1]) * 60 + int(found[2])


class Fields:
    """A body or a query, read field by field; what is absent or null gives the default."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values

    def _text(self, name: str, longest: int) -> str | None:
        value = self._values.get(name)
        if value is None:
            return None
        if not isinstance(value, str):
            raise InvalidRequest(name, "has to be a text")
        if len(value) > longest:
            raise InvalidRequest(name, f"may have at most {longest} characters")
        return value

    def _required(self, name: str, value: str | None) -> str:
        if not value:
            raise InvalidRequest(name, "is required")
        return value

    def lines(self, name: str, longest: int) -> str:
        """Return what a person typed, clean, or `""`."""
        return texts.clean(self._text(name, longest) or "")

    def line(self, name: str, longest: int) -> str:
        """Return what a person typed, clean and on one line, or `""`."""
        return texts.line(self._text(name, longest) or "")

    def uid(self, name: str) -> str:
        """Return a uid or guid, lower-cased as CometChat does."""
        value = chat_uid(self._required(name, self._text(name, 100)))
        if value is None:
            raise InvalidRequest(name, "is not a uid or guid of CometChat")
        return value

    def id(self, name: str) -> str:
        """Return an id of ours."""
        value = self._required(name, self._text(name, 100))
        if not _ID.fullmatch(value):
            raise InvalidRequest(name, "is not an id that this service gave")
        return value

    def choice(self, name: str, *choices: str) -> str:
        """Return one of the choices."""
        value = self._required(name, self._text(name, 100))
        if value not in choices:
            raise InvalidRequest(name, "has to be one of: " + ", ".join(choices))
        return value

    def instant(self, name: str) -> datetime:
        """Return an instant, from RFC 3339 with an offset or Z."""
        value = self._required(name, self._text(name, 40))
        try:
            return parse_instant(value)
        except ValueError as error:
            reason = "has to be an RFC 3339 date-time with an offset or Z"
            raise InvalidRequest(name, reason) from error

    def instant_if_any(self, name: str) -> datetime | None:
        """Return an instant, or None where nothing is said."""
        return None if self._values.get(name) is None else self.instant(name)

    def minutes(self, name: str) -> timedelta | None:
        """Return a length in minutes: 5 minutes to 8 hours, in steps of 5; queries write digits."""
        value = self._values.get(name)
        if isinstance(value, str) and re.fullmatch(r"\d{1,4}", value, re.ASCII):
            value = int(value)
        if value is None:
            return None
        shortest, longest = int(SHORTEST.total_seconds()), int(LONGEST.total_seconds())
        whole = isinstance(value, int) and not isinstance(value, bool)
        if not whole or value * 60 % shortest or not shortest <= value * 60 <= longest:
            raise InvalidRequest(name, "has to be 5 to 480 minutes, in steps of 5")
        return timedelta(minutes=value)

    def length(self, name: str, longest: timedelta) -> timedelta:
        """Return a length in minutes from none to `longest`, in steps of 5."""
        value = self._values.get(name)
        if value is None:
            return timedelta(0)
        most = int(longest.total_seconds() // 60)
        whole = isinstance(value, int) and not isinstance(value, bool)
        if not whole or value % 5 or not 0 <= value <= most:
            raise InvalidRequest(name, f"has to be 0 to {most} minutes, in steps of 5")
        return timedelta(minutes=value)

    def hours(self, name: str) -> Hours | None:
        """Read open hours: `{"mon": [["09:00", "12:30"], ["13:30", "24:00"]], ...}`; None for all.

        A day that is left out is closed.
        """
        value = self._values.get(name)
        if value is None:
            return None
        form = 'has to be like {"mon": [["09:00", "17:00"]]}, each day in order'
        if not isinstance(value, dict) or not set(value) <= set(WEEKDAYS):
            raise InvalidRequest(name, form)
        hours: dict[int, tuple[tuple[time, time], ...]] = {}
        for day, spans in value.items():
            try:
                read = [(_wall_minutes(opens), _wall_minutes(closes)) for opens, closes in spans]
            except (TypeError, ValueError) as error:
                raise InvalidRequest(name, form) from error
            minutes = [each for span in read for each in span]
            if sorted(set(minutes)) != minutes or len(read) > SPANS_MAX:
                raise InvalidRequest(name, form)
            hours[WEEKDAYS.index(day)] = tuple(
                (time(opens // 60, opens % 60), time(closes // 60 % 24, closes % 60))
                for opens, closes in read
            )
        return hours

    def hint(self, name: str) -> str:
        """Return what is only a hint for words, whatever it is; `""` for none.

        A hint is never a reason to refuse: whoever reads it replaces what is not known.
        """
        value = self._values.get(name)
        return "" if value is None else texts.line(str(value))[:HINT_MAX]

    def opaque(self, name: str, longest: int) -> str:
        """Return a text that is only compared or handed back, or `""`; never half a character."""
        value = self._text(name, longest) or ""
        if _HALF.search(value):
            raise InvalidRequest(name, "has to be a text")
        return value
