"""The page of bookings: its promises are proven, its transitions and lengths are the code's."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from scheduling.bookings import follow_up
from scheduling.core import retry
from scheduling.messages import outbox
from scheduling.models import TRANSITIONS
from scheduling.rules import transitions

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/booking.md").read_text()
PROMISES = re.findall(r"^\| (I\d) \| (.+?) \| (.+?) \|$", PAGE, re.MULTILINE)
LEGAL = {
    (origin.value if origin else "", to.value)
    for to, origins in TRANSITIONS.items()
    for origin in origins
}


def test_the_promises_are_numbered_and_each_is_proven_by_tests() -> None:
    assert [number for number, *_ in PROMISES] == ["I1", "I2", "I3", "I4", "I5", "I6"]
    for number, _, proof in PROMISES:
        folders = re.findall(r"`(tests/[a-z_/]+)`", proof)
        assert folders, number
        assert all(list((ROOT / folder).glob("test_*.py")) for folder in folders), number


def test_whoever_refers_to_a_promise_refers_to_one_that_there_is() -> None:
    numbers = {number for number, *_ in PROMISES}
    pages = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]
    texts = [page.read_text() for page in pages if page.name != "booking.md"]
    named = {number for text in texts for number in re.findall(r"\bI\d+\b", text)}
    assert named
    assert named <= numbers


def test_the_table_lists_the_states_and_transitions_of_the_code() -> None:
    listed = re.findall(r"^\| [a-z ]+ \| (not there|`\w+`) \| `(\w+)` \|", PAGE, re.MULTILINE)
    assert {(origin.strip("`").replace("not there", ""), to) for origin, to in listed} == LEGAL


def test_the_diagram_shows_the_states_and_transitions_of_the_code() -> None:
    drawn = re.findall(r"^ +(\[\*\]|\w+) --> (\w+): .+$", PAGE, re.MULTILINE)
    assert {(origin.replace("[*]", ""), to) for origin, to in drawn} == LEGAL


@pytest.mark.parametrize(
    ("sentence", "length", "unit"),
    [
        ("a lease to its own deadline and {} seconds more", transitions.LEASE_MARGIN, 1),
        ("no claim sooner than {} seconds after the lease", transitions.SETTLE_AFTER, 1),
        ("an owed message, held for {} seconds", outbox.LEASE, 1),
        ("asked for at each run for {} minutes", follow_up.WATCH_EACH_RUN, 60),
    ],
)
def test_a_length_is_that_of_the_code(sentence: str, length: timedelta, unit: int) -> None:
    assert sentence.format(int(length.total_seconds()) // unit) in PAGE


def test_tries_and_whole_hours_and_minutes_are_those_of_the_code() -> None:
    assert "makes three tries at most" in PAGE
    assert retry.TRIES == 3
    assert "once after an hour" in PAGE
    assert timedelta(hours=1) == follow_up.WATCH_ONCE_MORE
    assert "A minute after a meeting was confirmed" in PAGE
    assert timedelta(minutes=1) == transitions.CLASH_AFTER
