"""How a host wants to be booked, as the form of a page shows it and sends it back.

A form that is shown and sent unchanged says the same as before. Fields by name: `open` (`any`,
`within`); for each weekday `mon` (a ticked box) with `mon-from-1`, `mon-to-1` and so on;
`notice`, `before` and `after` in minutes.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import time, timedelta
from itertools import groupby
from typing import Any

from scheduling.core.errors import InvalidRequest
from scheduling.http import bodies
from scheduling.http.fields import SPANS_MAX, WEEKDAYS, Fields
from scheduling.models import Preferences

#: Times as an `<input type="time">` holds them; an end of `00:00` is midnight.
Spans = tuple[tuple[str, str], ...]

#: What is proposed to a host who has said nothing.
_OFFICE: Spans = (("09:00", "17:00"),)
_OFFICE_DAYS = range(5)

_NOTICES = (0, 60, 120, 240, 720, 1440, 2880)
_BUFFERS = (0, 5, 10, 15, 30, 45, 60, 120)
_MIDNIGHT, _DAY_END = "00:00", "24:00"
_DIGITS = re.compile(r"\d{1,4}", re.ASCII)
_NO_NUMBER = -1


@dataclass(frozen=True, slots=True)
class DayFields:
    """One weekday of the form."""

    name: str
    #: 1 is Monday.
    number: int
    ticked: bool
    spans: Spans


@dataclass(frozen=True, slots=True)
class OpenDays:
    """Weekdays of equal hours that follow one another; 1 is Monday, an end may be `24:00`."""

    first: int
    last: int
    spans: Spans


@dataclass(frozen=True, slots=True)
class PreferenceForm:
    """What the form's fields hold; lengths are minutes, -1 for what is no number."""

    open: str
    days: tuple[DayFields, ...]
    notice: int
    before: int
    after: int
    #: The field that keeps a sent form from being kept: `open`, a weekday, or a length.
    wrong: str = ""

    @classmethod
    def of(cls, preferences: Preferences) -> "PreferenceForm":
        """Return the form that shows what is kept."""
        hours = preferences.hours
        days = []
        for index, name in enumerate(WEEKDAYS):
            kept = (hours or {}).get(index, ())
            ticked = bool(kept) if hours is not None else index in _OFFICE_DAYS
            spans = tuple((_wall(opens), _wall(closes)) for opens, closes in kept) or _OFFICE
            days.append(DayFields(name, index + 1, ticked, spans))
        return cls(
            open="any" if hours is None else "within",
            days=tuple(days),
            notice=_minutes(preferences.notice),
            before=_minutes(preferences.buffer_before),
            after=_minutes(preferences.buffer_after),
        )

    @classmethod
    def sent(cls, values: Mapping[str, str]) -> "PreferenceForm":
        """Return the form as it was sent, and which field is wrong, if one is."""
        form = cls(
            open=values.get("open", ""),
            days=tuple(_sent_day(values, index) for index in range(len(WEEKDAYS))),
            notice=_number(values.get("notice", "0")),
            before=_number(values.get("before", "0")),
            after=_number(values.get("after", "0")),
        )
        try:
            form.preferences()
        except InvalidRequest as error:
            return replace(form, wrong=error.field)
        return form

    def preferences(self) -> Preferences:
        """Return what the form says.

        Raises:
            InvalidRequest: it says nothing that can be kept; `field` is then this form's `wrong`.
        """
        within = Fields({"open": self.open}).choice("open", "any", "within") == "within"
        said: dict[str, Any] = {
            "noticeMinutes": self.notice,
            "bufferBeforeMinutes": self.before,
            "bufferAfterMinutes": self.after,
            "hours": self._hours() if within else None,
        }
        return bodies.preferences(Fields(said))

    def _hours(self) -> dict[str, list[list[str]]]:
        hours: dict[str, list[list[str]]] = {}
        for day in (each for each in self.days if each.ticked):
            typed = [[opens, _end(closes)] for opens, closes in day.spans if opens or closes]
            if not typed:
                raise InvalidRequest(day.name, "has no hours")
            # Each day by itself, so that a refusal names it.
            Fields({day.name: {day.name: typed}}).hours(day.name)
            hours[day.name] = typed
        if not hours:
            raise InvalidRequest("open", "has no day")
        return hours

    @property
    def wrong_day(self) -> int | None:
        """The weekday that is wrong, 1 for Monday; None for none or another field."""
        return WEEKDAYS.index(self.wrong) + 1 if self.wrong in WEEKDAYS else None

    @property
    def notices(self) -> list[int]:
        """The lengths of notice to choose from, in minutes."""
        return _choices(_NOTICES, self.notice)

    @property
    def buffers(self) -> dict[str, list[int]]:
        """The lengths to choose from for the field of each buffer, in minutes."""
        return {
            "before": _choices(_BUFFERS, self.before),
            "after": _choices(_BUFFERS, self.after),
        }

    def open_days(self) -> Iterator[OpenDays]:
        """Return the ticked weekdays, joined where they follow one another with equal hours."""
        ends = [
            (day.number, tuple((opens, _end(closes)) for opens, closes in day.spans))
            for day in self.days
            if day.ticked
        ]
        # Days that follow one another stand equally far from their place in the list.
        runs = groupby(enumerate(ends), lambda at: (at[1][0] - at[0], at[1][1]))
        for (_, spans), run in runs:
            numbers = [number for _, (number, _) in run]
            yield OpenDays(numbers[0], numbers[-1], spans)


def _sent_day(values: Mapping[str, str], index: int) -> DayFields:
    name = WEEKDAYS[index]
    fields = [(f"{name}-from-{place}", f"{name}-to-{place}") for place in range(1, SPANS_MAX + 1)]
    spans = tuple(
        (values.get(opens, ""), values.get(closes, ""))
        for opens, closes in fields
        if opens in values or closes in values
    )
    return DayFields(name, index + 1, ticked=name in values, spans=spans or (("", ""),))


def _wall(at: time) -> str:
    return f"{at:%H:%M}"


def _end(closes: str) -> str:
    return _DAY_END if closes == _MIDNIGHT else closes


def _minutes(length: timedelta) -> int:
    return int(length.total_seconds() // 60)


def _number(text: str) -> int:
    return int(text) if _DIGITS.fullmatch(text) else _NO_NUMBER


def _choices(usual: tuple[int, ...], chosen: int) -> list[int]:
    return sorted({*usual, chosen} - {_NO_NUMBER})
