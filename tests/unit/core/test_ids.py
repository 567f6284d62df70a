"""Ids: the same for a repeat, another for anything else, and of a form that everybody takes."""

import re

import pytest

from scheduling.core import ids

#: What Google takes for an event's id: base32hex in small letters, 5 to 1,024 of them.
GOOGLES = re.compile(r"[a-v0-9]{5,1024}")


def test_a_derived_id_depends_on_each_part_and_on_where_one_ends() -> None:
    assert ids.derived("ab", "c") == ids.derived("ab", "c")
    known = {ids.derived(*parts) for parts in (("ab", "c"), ("a", "bc"), ("abc",), ("ab", "c", ""))}
    assert len(known) == 4


@pytest.mark.parametrize(
    "made",
    [
        ids.derived("é", "\U0001f98a"),
        ids.random_id(),
        ids.booking_id("app", "bob", "share", "2026-11-24T14:00:00Z", 0),
        ids.hold_id("app", "share", "bob"),
        ids.event_id("booking", 0),
        ids.calendar_id(b"key", "subject"),
    ],
    ids=["derived", "random", "booking", "hold", "event", "calendar"],
)
def test_every_id_has_the_form_that_google_takes_and_one_length(made: str) -> None:
    assert GOOGLES.fullmatch(made)
    assert len(made) == 32


def test_random_ids_are_never_the_same() -> None:
    assert len({ids.random_id() for _ in range(100)}) == 100


def test_a_booking_is_named_by_what_it_is() -> None:
    asked = ("app", "bob", "share", "2026-11-24T14:00:00Z", 0)
    others = [
        ("other", *asked[1:]),
        ("app", "carol", *asked[2:]),
        ("app", "bob", "another", *asked[3:]),
        (*asked[:3], "2026-11-24T14:15:00Z", 0),
        (*asked[:4], 1),
    ]
    names = {ids.booking_id(*each) for each in [asked, asked, *others]}
    assert len(names) == len(others) + 1


def test_the_next_event_of_a_booking_has_another_id_and_a_hold_is_no_booking() -> None:
    assert ids.event_id("booking", 0) != ids.event_id("booking", 1)
    assert ids.hold_id("app", "share", "bob") != ids.hold_id("app", "share", "carol")


def test_a_google_account_is_named_by_the_deployments_key() -> None:
    here = ids.calendar_id(b"key", "subject")
    assert here == ids.calendar_id(b"key", "subject")
    assert here != ids.calendar_id(b"another key", "subject")
    assert here != ids.calendar_id(b"key", "another subject")


@pytest.mark.parametrize(
    ("text", "uid"),
    [
        ("Alice", "alice"),
        ("a_b-1", "a_b-1"),
        ("x" * 100, "x" * 100),
        ("x" * 101, None),
        ("", None),
        ("a b", None),
        ("älice", None),
        ("a/../b", None),
        ("alice\n", None),
        # Its small letter is two characters.
        ("\u0130", None),
    ],
)
def test_a_uid_is_kept_as_the_chat_keeps_it(text: str, uid: str | None) -> None:
    assert ids.chat_uid(text) == uid


def test_a_key_is_named_by_its_route_without_being_kept() -> None:
    name = ids.key_name("book", "a-key-of-a-client")
    assert name.startswith("book#")
    assert "a-key-of-a-client" not in name
    assert name != ids.key_name("reschedule", "a-key-of-a-client")
    assert name != ids.key_name("book", "another")
    assert ids.hashed("secret") == ids.hashed("secret") != ids.hashed("Secret")
