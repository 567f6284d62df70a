from datetime import UTC, datetime
from pathlib import Path

import pytest

from scheduling.adapters.ics_file import IcsFile
from scheduling.core.catalogue import Catalogue
from scheduling.models import BookingState, Person, Uid
from scheduling.rules import invite_links
from tests.builders import a_booking
from tests.readers import by_icalendar, by_ics, physical_lines, property_names

WORDS = Catalogue(Path(__file__).parents[3] / "web" / "words")
FILES = IcsFile(WORDS)
NAMES = [
    *("BEGIN", "VERSION", "PRODID", "CALSCALE", "METHOD"),
    *("BEGIN", "SUMMARY", "DTSTART", "DTEND", "DTSTAMP", "UID", "SEQUENCE", "DESCRIPTION"),
    *("STATUS", "TRANSP", "END", "END"),
]


def test_file_of_an_ordinary_meeting() -> None:
    assert physical_lines(FILES.render(a_booking(note="Bring: cake; tea, milk\nSee you!"))) == [
        b"BEGIN:VCALENDAR",
        b"VERSION:2.0",
        b"PRODID:-//Calendar Scheduling for CometChat//Calendar Scheduling//EN",
        b"CALSCALE:GREGORIAN",
        b"METHOD:PUBLISH",
        b"BEGIN:VEVENT",
        b"SUMMARY:Intro call",
        b"DTSTART:20261124T140000Z",
        b"DTEND:20261124T143000Z",
        b"DTSTAMP:20261123T080000Z",
        b"UID:event@google.com",
        b"SEQUENCE:0",
        b"DESCRIPTION:You are meeting Alice. If something comes up\\, say so in the c",
        b" hat.\\n\\nBring: cake\\; tea\\, milk\\nSee you!",
        b"STATUS:CONFIRMED",
        b"TRANSP:OPAQUE",
        b"END:VEVENT",
        b"END:VCALENDAR",
    ]


def test_cancelled_meeting_has_the_same_uid_and_a_higher_sequence() -> None:
    file = FILES.render(a_booking(sequence=1, state=BookingState.CANCELLED))
    calendar, event = by_icalendar(file)
    assert calendar["METHOD"] == "CANCEL"
    assert event["STATUS"] == "CANCELLED"
    assert event["UID"] == "event@google.com"
    assert event["SEQUENCE"] == 1


def test_same_booking_gives_the_same_bytes() -> None:
    assert FILES.render(a_booking()) == FILES.render(a_booking())


def test_both_libraries_read_the_same_times() -> None:
    file = FILES.render(a_booking(time_zone="Asia/Kathmandu"))
    _, event = by_icalendar(file)
    other = by_ics(file)
    start, end = datetime(2026, 11, 24, 14, tzinfo=UTC), datetime(2026, 11, 24, 14, 30, tzinfo=UTC)
    assert (event.start, event.end) == (start, end)
    assert (other.begin.datetime, other.end.datetime) == (start, end)


@pytest.mark.parametrize(
    "typed",
    [
        "x\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:evil",
        "x\nATTENDEE:mailto:mallory@example.com",
        "x\rX-EVIL:1",
        "x\u2028X-EVIL:1",
        "x\x85X-EVIL:1",
        "x\\nX-EVIL:1",
        'x";X-EVIL=1:',
        "x\x00\x07\x1b\x7f\ud800",
    ],
)
def test_nothing_typed_becomes_a_property(typed: str) -> None:
    booking = a_booking(title=typed, note=typed, host=Person(Uid("alice"), typed))
    assert property_names(FILES.render(booking)) == NAMES


def test_backslashes_are_no_ends_of_lines() -> None:
    file = FILES.render(a_booking(title=r"C:\New\names, all; of \\ them"))
    assert rb"SUMMARY:C:\\New\\names\, all\; of \\\\ them" in physical_lines(file)
    assert by_icalendar(file)[1]["SUMMARY"] == r"C:\New\names, all; of \\ them"


def test_text_of_the_guests_language_is_in_the_file() -> None:
    _, event = by_icalendar(FILES.render(a_booking(locale="de")))
    assert str(event["DESCRIPTION"]).startswith("Du triffst Alice.")


def test_no_tag_opens_in_the_text_of_a_file_or_of_a_message() -> None:
    """A calendar that imports it may read it as HTML."""
    booking = a_booking(note="<b>1 < 2</b>", host=Person(Uid("alice"), "<a href=//evil.test>"))
    _, event = by_icalendar(FILES.render(booking))
    heard = str(invite_links.message_ics(booking, WORDS)["description"])
    for text in (str(event["DESCRIPTION"]), heard):
        assert "< a href=//evil.test>" in text
        assert text.endswith("< b>1 < 2< /b>")


def test_nobodys_address_is_in_the_file() -> None:
    file = FILES.render(a_booking())
    assert b"ORGANIZER" not in file
    assert b"ATTENDEE" not in file
    assert b"mailto" not in file
