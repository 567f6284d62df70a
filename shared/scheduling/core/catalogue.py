"""The one catalogue of words: messages, pages and cards read the same files.

A file for each language under `web/words/`, flat: a key, a sentence. `{name}` stands for a value,
which is put in as one clean line; nothing in a value is ever interpreted.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from functools import cached_property
from pathlib import Path

from scheduling.core import texts
from scheduling.core.times import format_offset, is_shown_twice, zone

#: The language that has every key.
FALLBACK = "en"
_PLACEHOLDER = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Catalogue:
    """Says things in a reader's language.

    Args:
        folder: has `<language>.json`, in lower case: `de.json`, `pt-br.json`.
    """

    folder: Path

    @cached_property
    def _catalogues(self) -> dict[str, dict[str, str]]:
        return {
            path.stem: json.loads(path.read_text(encoding="utf-8"))
            for path in sorted(self.folder.glob("*.json"))
        }

    def locales(self) -> tuple[str, ...]:
        """Return the languages that there are."""
        return tuple(sorted(self._catalogues))

    def translate(self, key: str, locale: str, /, **values: object) -> str:
        """Return a sentence in a language; else in its base language, else in English.

        Raises:
            KeyError: no catalogue has the key, or a value is missing.
        """
        sentence = self._sentence(key, locale)
        return _PLACEHOLDER.sub(lambda found: texts.line(str(values[found[1]])), sentence)

    def _sentence(self, key: str, locale: str) -> str:
        for name in _languages(locale):
            if key in self._catalogues.get(name, {}):
                return self._catalogues[name][key]
        raise KeyError(key)

    def day(self, instant: datetime, locale: str, time_zone: str = "UTC") -> str:
        """Return a date as people write it, such as `Tue 24 Nov 2026`, in a zone."""
        wall = instant.astimezone(known_zone(time_zone)[0])
        return self.translate(
            "time.day",
            locale,
            weekday=self.translate(f"time.weekday.{wall.isoweekday()}", locale),
            day=wall.day,
            month=self.translate(f"time.month.{wall.month}", locale),
            year=wall.year,
        )

    def span(self, start: datetime, end: datetime, locale: str, time_zone: str) -> str:
        """Return a meeting's time, such as `Tue 24 Nov 2026, 15:00–15:30 (Europe/Madrid)`."""
        there, name = known_zone(time_zone)
        first, last = start.astimezone(there), end.astimezone(there)
        until = self._clock(last, locale)
        if last.date() != first.date():
            until = f"{self.day(end, locale, time_zone)}, {until}"
        return self.translate(
            "time.span",
            locale,
            day=self.day(start, locale, time_zone),
            start=self._clock(first, locale),
            end=until,
            zone=name,
        )

    def _clock(self, wall: datetime, locale: str) -> str:
        """Return a time of day, with its offset where the zone's clock shows it twice that day."""
        shown = f"{wall:%H:%M}"
        if not is_shown_twice(wall):
            return shown
        return self.translate("time.twice", locale, time=shown, offset=format_offset(wall))


def _languages(locale: str) -> Iterator[str]:
    """Return where to look: `de-at`, `de`, then English."""
    name = locale.lower().replace("_", "-")
    while name:
        yield name
        name, _, _ = name.rpartition("-")
    yield FALLBACK


def known_zone(time_zone: str) -> tuple[tzinfo, str]:
    """Return a zone and its name; UTC for one that this machine no longer knows.

    A name was good when it was taken in. A message that is owed must not fail for it later.
    """
    try:
        return zone(time_zone), time_zone
    except ValueError:
        return UTC, "UTC"
