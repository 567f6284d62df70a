"""The one catalogue of words: messages, pages and cards read the same files.

A file for each language under `web/words/`, flat: a key, a sentence. `{name}` stands for a value,
which is put in as one clean line; nothing in a value is ever interpreted.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path

from scheduling.core import texts
from scheduling.core.times import format_offset, is_shown_twice
from scheduling.core.zones import usable, zone

#: The language that has every key.
FALLBACK = "en"
_TAG = re.compile(
    r"([A-Za-z]{2,3})(?:[-_]([A-Za-z]{4}))?(?:[-_]([A-Za-z]{2}|[0-9]{3}))?(?![A-Za-z0-9])", re.ASCII
)
#: One part of an `Accept-Language`.
_RANGE = re.compile(r"(?P<range>[A-Za-z0-9*-]+)\s*(?:;\s*q=(?P<weight>[01](?:\.[0-9]{0,3})?))?")
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

    def language(self, hint: str) -> str | None:
        """Return the tag of a hint in whose language we speak; None for any other."""
        tag = language_tag(hint)
        spoken = tag is not None and tag.split("-")[0] in self._catalogues
        return tag if spoken else None

    def preferred(self, accepted: str) -> str:
        """Return the language that an `Accept-Language` prefers of ours (RFC 9110, 12.5.4).

        The highest weight wins; of equal ones the first. English if nothing of it is ours.
        """
        best, weight = FALLBACK, 0.0
        for part in accepted.split(","):
            found = _RANGE.fullmatch(part.strip())
            language = self.language(found["range"]) if found else None
            wanted = float(found["weight"] or 1) if found else 0.0
            if language is not None and wanted > weight:
                best, weight = language.split("-")[0], wanted
        return best

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
        wall = instant.astimezone(zone(time_zone))
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
        there, name = zone(time_zone), usable(time_zone)
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


def language_tag(hint: str) -> str | None:
    """Return language, script and region of what names a language, such as `de-DE`; None for none.

    What follows says nothing of words: extensions (`-u-mu-celsius`), POSIX's encoding and modifier
    (`.UTF-8`, `@rg=gbzzzz`). Source: RFC 5646, 2.1; Unicode LDML, "Unicode locale identifier".
    """
    found = _TAG.match(hint.strip())
    if found is None:
        return None
    language, script, region = found.groups()
    parts = (language.lower(), (script or "").title(), (region or "").upper())
    return "-".join(part for part in parts if part)


def _languages(locale: str) -> Iterator[str]:
    """Return where to look: `de-at`, `de`, then English."""
    name = locale.lower().replace("_", "-")
    while name:
        yield name
        name, _, _ = name.rpartition("-")
    yield FALLBACK
