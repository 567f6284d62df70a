import json
import re
from datetime import UTC, datetime
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
