"""The one catalogue of words: messages, pages and cards read the same files.

A file for each language under `web/words/`, flat: a key, a sentence. `{name}` stands for a value;
nothing in a value is ever interpreted.
"""

import json
import re
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path

from scheduling.times import zone

#: The language that has every key.
FALLBACK = "en"
_PLACEHOLDER = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Words:
    """Says things in a reader's language.

    Args:
        folder: has `<language>.json`.
    """

    folder: Path

    @cached_property
    def _catalogues(self) -> dict[str, dict[str, str]]:
        return {
            path.stem: json.loads(path.read_text(encoding="utf-8"))
            for path in sorted(self.folder.glob("*.json"))
        }

    def locales(self) -> tuple[str, ...]:
        """Give the languages that there are."""
        return tuple(self._catalogues)

    def say(self, key: str, locale: str, **values: object) -> str:
        """Give a sentence in a language; else in its base language, else in English.

        Raises:
            KeyError: no catalogue has the key, or a value is missing.
        """
        sentence = self._sentence(key, locale.replace("_", "-"))
        return _PLACEHOLDER.sub(lambda found: str(values[found[1]]), sentence)

    def _sentence(self, key: str, locale: str) -> str:
        for name in (locale.lower(), locale.split("-", maxsplit=1)[0].lower()):
            if key in self._catalogues.get(name, {}):
                return self._catalogues[name][key]
        return self._catalogues[FALLBACK][key]

    def day(self, instant: datetime, locale: str, time_zone: str = "UTC") -> str:
        """Give a date as people write it, such as `Tue 24 Nov 2026`, in a zone."""
        wall = instant.astimezone(zone(time_zone))
        return self.say(
            "time.day",
            locale,
            weekday=self.say(f"time.weekday.{wall.isoweekday()}", locale),
            day=wall.day,
            month=self.say(f"time.month.{wall.month}", locale),
            year=wall.year,
        )

    def span(self, start: datetime, end: datetime, locale: str, time_zone: str) -> str:
        """Give a meeting's time, such as `Tue 24 Nov 2026, 15:00–15:30 (Europe/Madrid)`."""
        first, last = (each.astimezone(zone(time_zone)) for each in (start, end))
        until = f"{last:%H:%M}"
        if last.date() != first.date():
            until = f"{self.day(end, locale, time_zone)}, {until}"
        return self.say(
            "time.span",
            locale,
            day=self.day(start, locale, time_zone),
            start=f"{first:%H:%M}",
            end=until,
            zone=time_zone,
        )
