"""Whatever people type, and wherever they live: links and files say the same meeting."""

from datetime import datetime
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from scheduling.adapters.ics_file import IcsFile
from scheduling.core import texts
from scheduling.core import zones as core_zones
from scheduling.core.catalogue import Catalogue
from scheduling.core.times import Interval
from scheduling.models import Booking, Person, Uid
from scheduling.rules import invite_links
from tests.builders import a_booking
from tests.readers import (
    by_icalendar,
    by_ics,
    compact_utc,
    link_fields,
    physical_lines,
    property_names,
)
from tests.strategies import ZONES, durations, instants

WORDS = Catalogue(Path(__file__).parents[2] / "web" / "words")
FILE = "https://scheduling.test/v1/invites/token.ics"
FILES = IcsFile(WORDS)
ORDINARY = property_names(FILES.render(a_booking()))

#: Pieces that break what is put together carelessly.
PIECES = st.sampled_from(
    [
        *("\r\nX-EVIL:1", "\n ", "\r", "\u2028", "\x85", "\x00", "\x1e", "\ud800", "\u202e"),
        *(
            "👨\u200d👩\u200d👧",
            "🇩🇪",
            "👍🏽",
            "e\u0301",
            "中",
            "مكالمة",
            "नमस्ते",
            "\ufeff",
            "\uffff",
        ),
        *(
            ",",
            ";",
            ":",
            "\\",
            "\\n",
            "\\N",
            '"',
            "^'",
            "%0D%0A",
            "&ctz=X",
            "+",
            "{host}",
            "<b>",
            "#",
        ),
    ]
)
#: Any code points at all, lone surrogates too.
ANYTHING = st.text(st.characters(exclude_categories=()), max_size=60)


def typed(longest: int) -> st.SearchStrategy[str]:
    mixed = st.lists(st.one_of(PIECES, ANYTHING), max_size=30).map("".join)
    long = st.builds(lambda part, text: (part + text) * 100, PIECES, ANYTHING)
    return st.one_of(mixed, long).map(lambda text: text[:longest])


@st.composite
def bookings(draw: st.DrawFn) -> Booking:
    start = draw(instants(5))
    return a_booking(
        slot=Interval(start, start + draw(durations())),
        title=draw(typed(200)),
        note=draw(typed(1000)),
        host=Person(Uid("alice"), draw(typed(100))),
        time_zone=draw(st.sampled_from(ZONES)),
        locale=draw(st.sampled_from(WORDS.locales())),
        ical_uid=draw(st.from_regex(r"[a-v0-9]{5,80}@google\.com", fullmatch=True)),
        sequence=draw(st.integers(0, 99)),
    )


@given(bookings())
def test_every_link_is_short_and_says_the_same_instants(booking: Booking) -> None:
    links = invite_links.links(booking, FILE, WORDS)
    assert all(len(link.encode()) <= 1_200 for link in links.values())
    bounds = (booking.slot.start, booking.slot.end)

    google = link_fields(links["google"])
    start, end = google["dates"].split("/")
    assert (compact_utc(start), compact_utc(end)) == bounds

    for name in ("outlook", "microsoft365"):
        fields = link_fields(links[name])
        read = (fields["startdt"], fields["enddt"])
        assert all(each.endswith("Z") for each in read)
        assert tuple(map(datetime.fromisoformat, read)) == bounds
        assert fields["path"] == "/calendar/action/compose"


@given(bookings())
def test_yahoo_gets_wall_time_of_the_zone_that_its_text_names(booking: Booking) -> None:
    fields = link_fields(invite_links.links(booking, FILE, WORDS)["yahoo"])
    assert f"({booking.time_zone})" in fields["DESC"].splitlines()[0]
    zone = core_zones.zone(booking.time_zone)
    start, end = (datetime.fromisoformat(fields[name]) for name in ("ST", "ET"))
    # A clock that goes back shows the same time twice: one of the two is meant.
    assert booking.slot.start in {start.replace(tzinfo=zone, fold=each) for each in (0, 1)}
    assert end > start
    backward = booking.slot.end.astimezone(zone).replace(tzinfo=None) <= start
    ends = {end.replace(tzinfo=zone, fold=each) for each in (0, 1)}
    assert booking.slot.end in ends or backward


@given(bookings())
def test_what_links_say_is_a_beginning_of_what_was_typed(booking: Booking) -> None:
    links = invite_links.links(booking, FILE, WORDS)
    for name, field in (("google", "text"), ("outlook", "subject"), ("yahoo", "TITLE")):
        shown = link_fields(links[name])[field]
        assert shown == invite_links.title(booking) or (
            shown
            == texts.cut(invite_links.title(booking), texts.percent_size(shown), texts.percent_size)
        )
        assert invite_links.title(booking).startswith(shown.removesuffix("…"))


@given(bookings())
def test_file_is_of_the_form_that_rfc_5545_asks_for(booking: Booking) -> None:
    file = FILES.render(booking)
    assert all(len(line) <= 75 for line in physical_lines(file))
    for line in physical_lines(file):
        line.decode("utf-8")
    assert property_names(file) == ORDINARY
    assert not any(octet < 0x20 or octet == 0x7F for octet in file.replace(b"\r\n", b""))


@given(bookings())
def test_both_libraries_read_the_meeting_back(booking: Booking) -> None:
    file = FILES.render(booking)
    summary, text = invite_links.title(booking), invite_links.description(booking, WORDS)

    calendar, event = by_icalendar(file)
    assert calendar["METHOD"] == "PUBLISH"
    assert (event.start, event.end) == (booking.slot.start, booking.slot.end)
    assert (event["UID"], event["SEQUENCE"]) == (booking.ical_uid, booking.sequence)
    assert (event["SUMMARY"], event["DESCRIPTION"]) == (summary, text)
    assert not event.errors

    other = by_ics(file)
    assert (other.begin.datetime, other.end.datetime) == (booking.slot.start, booking.slot.end)
    assert other.uid == booking.ical_uid
    assert other.name == summary or "\\" in summary
    assert other.description == text or "\\" in text


@given(typed(200), st.integers(0, 400))
def test_cut_text_fits_and_ends_between_characters(text: str, room: int) -> None:
    whole = texts.clean(text)
    shown = texts.cut(whole, room, texts.percent_size)
    assert texts.percent_size(shown) <= room
    if shown not in (whole, ""):
        kept = shown.removesuffix(texts.ELLIPSIS)
        assert whole.startswith(kept)
        assert not kept.endswith("\u200d")


@given(typed(300))
def test_clean_text_is_one_that_stays_clean(text: str) -> None:
    once = texts.clean(text)
    assert texts.clean(once) == once
    assert once.encode("utf-8").decode("utf-8") == once
    assert len(once.splitlines()) <= once.count("\n") + 1
