import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from scheduling.core.catalogue import Catalogue

CATALOGUES = Path(__file__).parents[3] / "web" / "words"


@pytest.fixture
def words(tmp_path: Path) -> Catalogue:
    catalogues = {
        "en": {"hello": "Hello {name}", "bye": "Bye", "colour": "Colour"},
        "de": {"hello": "Hallo {name}", "bye": "Tschüss"},
        "de-at": {"hello": "Servus {name}"},
    }
    for name, catalogue in catalogues.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(catalogue), encoding="utf-8")
    return Catalogue(tmp_path)


@pytest.fixture
def ours() -> Catalogue:
    return Catalogue(CATALOGUES)


def test_locales_are_the_files(words: Catalogue) -> None:
    assert words.locales() == ("de", "de-at", "en")


@pytest.mark.parametrize("locale", ["de-AT", "de_AT", "DE-at", "de-AT-1996"])
def test_region_has_its_own_words(words: Catalogue, locale: str) -> None:
    assert words.translate("hello", locale, name="Bob") == "Servus Bob"


@pytest.mark.parametrize("locale", ["de", "de-CH"])
def test_region_without_words_has_those_of_its_language(words: Catalogue, locale: str) -> None:
    assert words.translate("hello", locale, name="Bob") == "Hallo Bob"


def test_key_that_a_region_lacks_comes_from_its_language(words: Catalogue) -> None:
    assert words.translate("bye", "de-AT") == "Tschüss"


@pytest.mark.parametrize("locale", ["de", "fr", "", "../../etc/passwd", "en\x00"])
def test_key_that_a_language_lacks_comes_in_english(words: Catalogue, locale: str) -> None:
    assert words.translate("colour", locale) == "Colour"


def test_unknown_key_is_refused(words: Catalogue) -> None:
    with pytest.raises(KeyError, match="nothing"):
        words.translate("nothing", "en")


def test_missing_value_is_refused(words: Catalogue) -> None:
    with pytest.raises(KeyError, match="name"):
        words.translate("hello", "en")


def test_value_that_no_placeholder_wants_is_left_out(words: Catalogue) -> None:
    assert words.translate("bye", "en", name="Bob") == "Bye"


@pytest.mark.parametrize(
    "name", ["{name}", "{key}", "{0.__class__}", "{name.__class__}", "%s", "\\1", "<b>", "a" * 9]
)
def test_nothing_in_a_value_is_interpreted(words: Catalogue, name: str) -> None:
    assert words.translate("hello", "en", name=name) == f"Hello {name}"


def test_value_is_put_in_as_one_clean_line(words: Catalogue) -> None:
    assert (
        words.translate("hello", "en", name="Bob\r\n\u202eof\x00 Madrid") == "Hello Bob of Madrid"
    )


def test_key_and_locale_are_names_of_values_too(tmp_path: Path) -> None:
    (tmp_path / "en.json").write_text('{"both": "{key} {locale}"}', encoding="utf-8")
    assert Catalogue(tmp_path).translate("both", "en", key="a", locale="b") == "a b"


def test_each_file_is_read_once(words: Catalogue) -> None:
    words.translate("bye", "en")
    for path in words.folder.iterdir():
        path.unlink()
    assert words.translate("bye", "de") == "Tschüss"


def test_time_is_told_in_the_zone_that_it_names(ours: Catalogue) -> None:
    start, end = datetime(2026, 11, 24, 14, tzinfo=UTC), datetime(2026, 11, 24, 14, 30, tzinfo=UTC)
    said = ours.span(start, end, "en", "Europe/Madrid")
    assert said == "Tue 24 Nov 2026, 15:00–15:30 (Europe/Madrid)"


def test_time_over_midnight_names_both_days(ours: Catalogue) -> None:
    start, end = datetime(2026, 12, 31, 18, tzinfo=UTC), datetime(2026, 12, 31, 19, tzinfo=UTC)
    said = ours.span(start, end, "en", "Asia/Kolkata")
    assert said == "Thu 31 Dec 2026, 23:30–Fri 1 Jan 2027, 00:30 (Asia/Kolkata)"


def test_time_in_a_zone_that_is_no_longer_known_is_told_in_utc(ours: Catalogue) -> None:
    start, end = datetime(2026, 11, 24, 14, tzinfo=UTC), datetime(2026, 11, 24, 14, 30, tzinfo=UTC)
    assert ours.span(start, end, "en", "Europe/Atlantis") == "Tue 24 Nov 2026, 14:00–14:30 (UTC)"


@pytest.mark.parametrize(
    ("zone", "start", "minutes", "said"),
    [
        ("Europe/Berlin", "2026-10-25T00:45Z", 30, "02:45 (UTC+2)–02:15 (UTC+1)"),
        ("Europe/Berlin", "2026-10-25T00:00Z", 30, "02:00 (UTC+2)–02:30 (UTC+2)"),
        ("Europe/Berlin", "2026-10-25T01:00Z", 30, "02:00 (UTC+1)–02:30 (UTC+1)"),
        ("Europe/Berlin", "2026-10-24T23:45Z", 30, "01:45–02:15 (UTC+2)"),
        ("Europe/Berlin", "2026-10-25T01:45Z", 30, "02:45 (UTC+1)–03:15"),
        # 3:00 comes once, though 2:59 comes twice; an hour that is left out names none of its own.
        ("Europe/Berlin", "2026-10-25T02:00Z", 30, "03:00–03:30"),
        ("Europe/Berlin", "2026-10-24T23:30Z", 15, "01:30–01:45"),
        ("Europe/Berlin", "2026-03-29T00:45Z", 30, "01:45–03:15"),
        ("America/Los_Angeles", "2026-11-01T08:00Z", 60, "01:00 (UTC-7)–01:00 (UTC-8)"),
        ("America/St_Johns", "2026-11-01T04:00Z", 15, "01:30 (UTC-2:30)–01:45 (UTC-2:30)"),
        ("Europe/London", "2026-10-25T01:15Z", 30, "01:15 (UTC+0)–01:45 (UTC+0)"),
        # Half an hour comes twice, and two hours.
        ("Australia/Lord_Howe", "2026-04-04T14:45Z", 30, "01:45 (UTC+11)–01:45 (UTC+10:30)"),
        ("Australia/Lord_Howe", "2026-04-04T14:00Z", 15, "01:00–01:15"),
        ("Antarctica/Troll", "2026-10-25T00:30Z", 60, "02:30 (UTC+2)–01:30 (UTC+0)"),
        # The last hour of a day comes twice, and the first one.
        ("Africa/Cairo", "2026-10-29T21:45Z", 30, "23:45 (UTC+2)–Fri 30 Oct 2026, 00:15"),
        ("Atlantic/Azores", "2026-10-24T23:45Z", 30, "23:45–Sun 25 Oct 2026, 00:15 (UTC+0)"),
    ],
)
def test_time_that_a_clock_shows_twice_is_told_with_its_offset(
    ours: Catalogue, zone: str, start: str, minutes: int, said: str
) -> None:
    begins = datetime.fromisoformat(start)
    ends = begins + timedelta(minutes=minutes)
    _, _, heard = ours.span(begins, ends, "en", zone).partition(", ")
    assert heard == f"{said} ({zone})"


@pytest.mark.parametrize("locale", Catalogue(CATALOGUES).locales())
def test_every_language_tells_the_two_passes_of_an_hour_apart(ours: Catalogue, locale: str) -> None:
    start = datetime(2026, 10, 25, 0, 45, tzinfo=UTC)
    said = ours.span(start, start + timedelta(minutes=30), locale, "Europe/Berlin")
    assert re.search(r"02:45 \(UTC\+2\)\W*–\W*02:15 \(UTC\+1\)\W* \(Europe/Berlin\)", said)


def test_written_from_right_to_left_no_offset_turns_what_follows_it(ours: Catalogue) -> None:
    """Letters from left to right would take the next digits with them (Unicode annex 9, W7)."""
    start = datetime(2026, 10, 25, 0, 45, tzinfo=UTC)
    said = ours.span(start, start + timedelta(minutes=30), "ar", "Europe/Berlin")
    assert said.count(")\u200f") == 2


def test_day_is_told_in_the_readers_language(ours: Catalogue) -> None:
    instant = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)
    assert ours.day(instant, "de") == "So, 1. März 2026"
    assert ours.day(instant, "de-AT", "Europe/Vienna") == "Mo, 2. März 2026"


@pytest.mark.parametrize("month", range(1, 13))
@pytest.mark.parametrize("locale", Catalogue(CATALOGUES).locales())
def test_every_month_has_a_name(ours: Catalogue, locale: str, month: int) -> None:
    assert "2026" in ours.day(datetime(2026, month, 1, tzinfo=UTC), locale)


@pytest.mark.parametrize("path", sorted(CATALOGUES.glob("*.json")), ids=lambda path: path.stem)
def test_catalogue_is_flat_sorted_and_says_what_english_says(path: Path) -> None:
    pairs = json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=list)
    keys = [key for key, _ in pairs]
    assert keys == sorted(set(keys))
    english = json.loads((CATALOGUES / "en.json").read_text(encoding="utf-8"))
    placeholders = {
        name: {key: set(re.findall(r"\{(\w+)\}", said)) for key, said in catalogue.items()}
        for name, catalogue in (("this", dict(pairs)), ("english", english))
    }
    assert placeholders["this"] == placeholders["english"]
    assert all(said.strip() == said != "" for said in dict(pairs).values())


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("en;q=0.1, de;q=0.9", "de"),
        ("de, en;q=0.9", "de"),
        ("pt-BR, fr;q=0.5, en;q=0.4", "fr"),
        ("de;q=0, en;q=0.1", "en"),
        ("fr;q=0.7,de;q=0.7", "fr"),
        ("*", "en"),
        ("", "en"),
        ("de-AT-u-co-phonebk;q=0.3", "de"),
        ("hi ; q=1.0 , ar;q=1", "hi"),
        ("de;q=high, ;;, es;q=0.01", "es"),
    ],
)
def test_the_language_that_a_browser_prefers_is_spoken(
    ours: Catalogue, accepted: str, language: str
) -> None:
    """RFC 9110, 12.5.4: weights count, not the order in which languages are listed."""
    assert ours.preferred(accepted) == language
