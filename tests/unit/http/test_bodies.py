"""What is not of the documented form is refused by the field's name, and never repeated."""

from pathlib import Path
from typing import Any

import pytest

from scheduling.bookings.requests import BookRequest
from scheduling.core.catalogue import Catalogue
from scheduling.core.errors import InvalidRequest
from scheduling.http import bodies
from scheduling.http.fields import Fields

SHARE = {"receiver": "bob", "receiverType": "user"}
WORDS = Catalogue(Path(__file__).parents[3] / "web" / "words")
BOOK = {"shareId": "0" * 32, "startsAt": "2026-11-24T14:00:00Z"}


def book_request(fields: Fields) -> BookRequest:
    return bodies.book_request(fields, WORDS)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"receiver": None}, "receiver"),
        ({"receiver": ""}, "receiver"),
        ({"receiver": 7}, "receiver"),
        ({"receiver": "b b"}, "receiver"),
        ({"receiver": "böb"}, "receiver"),
        ({"receiver": "x" * 101}, "receiver"),
        ({"receiverType": "everyone"}, "receiverType"),
        ({"receiverType": ["user"]}, "receiverType"),
        ({"durationMinutes": 7}, "durationMinutes"),
        ({"durationMinutes": 0}, "durationMinutes"),
        ({"durationMinutes": 485}, "durationMinutes"),
        ({"durationMinutes": -30}, "durationMinutes"),
        ({"durationMinutes": 30.5}, "durationMinutes"),
        ({"durationMinutes": True}, "durationMinutes"),
        ({"durationMinutes": "soon"}, "durationMinutes"),
        ({"title": "x" * 201}, "title"),
        ({"title": {}}, "title"),
        ({"idempotencyKey": 1}, "idempotencyKey"),
        ({"idempotencyKey": "\ud800"}, "idempotencyKey"),
    ],
)
def test_a_share_is_refused_by_field(change: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidRequest) as refusal:
        bodies.share_request(Fields({**SHARE, **change}))
    assert refusal.value.field == field


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"shareId": "short"}, "shareId"),
        ({"shareId": "Z" * 32}, "shareId"),
        ({"startsAt": "tomorrow"}, "startsAt"),
        ({"startsAt": "2026-11-24T14:00:00"}, "startsAt"),
        ({"startsAt": 1764000000}, "startsAt"),
        ({"note": "x" * 1001}, "note"),
    ],
)
def test_a_booking_is_refused_by_field(change: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidRequest) as refusal:
        book_request(Fields({**BOOK, **change}))
    assert refusal.value.field == field


def test_uids_are_lower_cased_as_the_chat_does() -> None:
    assert bodies.share_request(Fields({**SHARE, "receiver": "BoB"})).receiver.id == "bob"


def test_what_people_type_keeps_its_script_and_loses_control_characters() -> None:
    title = "  \x00שלום 👩‍👩‍👧 \x07 नमस्ते\ud800  "
    assert book_request(Fields({**BOOK, "title": title})).title == "שלום 👩‍👩‍👧 नमस्ते"


def test_a_title_has_one_line_and_a_note_keeps_its_lines() -> None:
    typed = "one\r\ntwo\u2028three\x85four"
    read = book_request(Fields({**BOOK, "title": typed, "note": typed}))
    assert read.title == "one two three four"
    assert read.note == "one\ntwo\nthree\nfour"


def test_a_fingerprint_tells_requests_apart_and_ignores_the_key() -> None:
    one = book_request(Fields({**BOOK, "idempotencyKey": "a"}))
    same = book_request(Fields({**BOOK, "idempotencyKey": "b"}))
    other = book_request(Fields({**BOOK, "note": "a note"}))
    assert one.fingerprint() == same.fingerprint() != other.fingerprint()


@pytest.mark.parametrize(
    "unknown",
    [
        *("Etc/Unknown", "Foo/Bar", "../../etc/passwd", "right/Europe/Berlin", "posixrules"),
        *("localtime", "Factory", "Europe/Newland", "GMT+99", 7, [], {"zone": "UTC"}, "x" * 500),
    ],
)
def test_a_zone_that_is_not_known_is_replaced_and_named(unknown: object) -> None:
    read = book_request(Fields({**BOOK, "timeZone": unknown}))
    assert (read.time_zone, read.unknown_hints) == ("", ("timeZone",))


@pytest.mark.parametrize("named", ["Europe/Berlin", "US/Pacific", "Etc/GMT-3", "GMT+03:00", "EST"])
def test_a_zone_a_link_and_an_offset_are_taken(named: str) -> None:
    read = book_request(Fields({**BOOK, "timeZone": named}))
    assert (bool(read.time_zone), read.unknown_hints) == (True, ())


@pytest.mark.parametrize(
    ("hint", "taken"),
    [
        ("en-US-u-mu-celsius", "en-US"),
        ("de-DE-u-co-phonebk", "de-DE"),
        ("en_US@rg=gbzzzz", "en-US"),
        ("de_AT.UTF-8", "de-AT"),
        ("ar-Arab-EG", "ar-Arab-EG"),
        ("es-419", "es-419"),
        ("HI", "hi"),
    ],
)
def test_a_language_is_known_whatever_follows_its_tag(hint: str, taken: str) -> None:
    read = book_request(Fields({**BOOK, "locale": hint}))
    assert (read.locale, read.unknown_hints) == (taken, ())
    assert bodies.share_request(Fields({**SHARE, "locale": hint})).locale == taken


@pytest.mark.parametrize("hint", ["english please", "x-klingon", "C", "pt-BR", 5, "-"])
def test_a_language_that_we_do_not_speak_is_english_and_named(hint: object) -> None:
    read = book_request(Fields({**BOOK, "locale": hint}))
    assert (read.locale, read.unknown_hints) == ("en", ("locale",))
    assert bodies.share_request(Fields({**SHARE, "locale": hint})).locale in {"", "pt-BR"}


def test_no_hint_is_nothing_to_replace() -> None:
    for nothing in (None, "", "\x00", " "):
        read = book_request(Fields({**BOOK, "timeZone": nothing, "locale": nothing}))
        assert (read.time_zone, read.locale, read.unknown_hints) == ("", "", ())


@pytest.mark.parametrize(
    "wrong",
    [
        {"bufferBeforeMinutes": 7},
        {"bufferAfterMinutes": -5},
        {"bufferAfterMinutes": 125},
        {"noticeMinutes": True},
        {"hours": []},
        {"hours": {"funday": []}},
        {"hours": {"mon": [["9:00", "10:00"]]}},
        {"hours": {"mon": [["10:00", "09:00"]]}},
        {"hours": {"mon": [["09:00", "11:00"], ["10:00", "12:00"]]}},
        {"hours": {"mon": [["09:00"]]}},
        {"hours": {"mon": ["09:00-10:00"]}},
        {"hours": {"mon": [["09:00", "24:30"]]}},
        {"hours": {"mon": "09:00"}},
    ],
)
def test_what_is_not_of_the_documented_form_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequest):
        bodies.preferences(Fields(wrong))
