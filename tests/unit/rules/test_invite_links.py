import json
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from scheduling.core.catalogue import Catalogue
from scheduling.core.times import Interval
from scheduling.models import Person, Uid
from scheduling.rules import invite_links
from tests.builders import a_booking
from tests.readers import link_fields

WORDS = Catalogue(Path(__file__).parents[3] / "web" / "words")
FILE = "https://scheduling.test/v1/invites/token.ics"
WORST = {
    "cjk": "会" * 300,
    "emoji": "🙂" * 300,
    "families": "👨\u200d👩\u200d👧" * 100,
    "arabic": "مكالمة " * 50,
    "marks": "e" + "\u0301" * 300,
    "percent": "%" * 400,
}


def test_links_of_an_ordinary_meeting() -> None:
    assert invite_links.links(a_booking(note="See you!"), FILE, WORDS) == {
        "google": (
            "https://calendar.google.com/calendar/render?action=TEMPLATE"
            "&dates=20261124T140000Z/20261124T143000Z&text=Intro%20call"
            "&details=You%20are%20meeting%20Alice.%20If%20something%20comes%20up%2C%20say%20so"
            "%20in%20the%20chat.%0A%0ASee%20you%21"
        ),
        "outlook": (
            "https://outlook.live.com/calendar/0/action/compose"
            "?path=/calendar/action/compose&rru=addevent"
            "&startdt=2026-11-24T14:00:00Z&enddt=2026-11-24T14:30:00Z&subject=Intro%20call"
            "&body=You%20are%20meeting%20Alice.%20If%20something%20comes%20up%2C%20say%20so"
            "%20in%20the%20chat.%0A%0ASee%20you%21"
        ),
        "microsoft365": (
            "https://outlook.cloud.microsoft/calendar/deeplink/compose"
            "?path=/calendar/action/compose&rru=addevent"
            "&startdt=2026-11-24T14:00:00Z&enddt=2026-11-24T14:30:00Z&subject=Intro%20call"
            "&body=You%20are%20meeting%20Alice.%20If%20something%20comes%20up%2C%20say%20so"
            "%20in%20the%20chat.%0A%0ASee%20you%21"
        ),
        "yahoo": (
            "https://calendar.yahoo.com/?v=60&ST=20261124T150000&ET=20261124T153000"
            "&TITLE=Intro%20call"
            "&DESC=Tue%2024%20Nov%202026%2C%2015%3A00%E2%80%9315%3A30%20%28Europe%2FMadrid%29"
            "%0AYou%20are%20meeting%20Alice.%20If%20something%20comes%20up%2C%20say%20so"
            "%20in%20the%20chat.%0A%0ASee%20you%21"
        ),
        "ics": FILE,
    }


def test_no_tag_opens_in_the_text_of_a_link() -> None:
    host = Person(Uid("alice"), "<a href=//evil.test>Alice</a>")
    links = invite_links.links(a_booking(host=host, note="<!-- 1 < 2 <3 <?x"), FILE, WORDS)
    for name, field in (("google", "details"), ("outlook", "body"), ("yahoo", "DESC")):
        text = link_fields(links[name])[field]
        assert "< a href=//evil.test>Alice< /a>" in text
        assert text.endswith("< !-- 1 < 2 <3 < ?x")


def test_utc_links_do_not_change_with_the_guests_zone() -> None:
    here = invite_links.links(a_booking(), FILE, WORDS)
    there = invite_links.links(a_booking(time_zone="Asia/Kathmandu"), FILE, WORDS)
    assert {name for name in here if here[name] != there[name]} == {"yahoo"}
    assert link_fields(there["yahoo"])["ST"] == "20261124T194500"


def test_no_link_has_what_calendars_misread() -> None:
    links = invite_links.links(a_booking(title="1 + 1 & more", note="a+b"), FILE, WORDS)
    for link in links.values():
        assert "+" not in link
        assert "ctz" not in link
        assert "outlook.office.com" not in link
    assert not link_fields(links["yahoo"])["ST"].endswith("Z")
    assert link_fields(links["outlook"])["subject"] == "1 + 1 & more"


@pytest.mark.parametrize(
    ("zone", "start", "end", "wall"),
    [
        # Clocks go back in the middle: the end reads 01:15, before the start.
        ("America/New_York", "2026-11-01T05:45", "2026-11-01T06:15", ("0145", "0215")),
        # Clocks go forward in the middle: an hour is left out.
        ("America/New_York", "2026-03-08T06:30", "2026-03-08T07:30", ("0130", "0330")),
        ("Australia/Lord_Howe", "2026-04-04T14:45", "2026-04-04T15:15", ("0145", "0215")),
    ],
)
def test_yahoo_gets_an_end_after_the_start_when_clocks_change(
    zone: str, start: str, end: str, wall: tuple[str, str]
) -> None:
    first, last = (datetime.fromisoformat(each).replace(tzinfo=UTC) for each in (start, end))
    booking = a_booking(slot=Interval(first, last), time_zone=zone)
    fields = link_fields(invite_links.links(booking, FILE, WORDS)["yahoo"])
    assert (fields["ST"][9:13], fields["ET"][9:13]) == wall


@pytest.mark.parametrize(
    ("start", "said"),
    [
        ("2026-10-25T00:15", "02:15 (UTC+2)–02:45 (UTC+2)"),
        ("2026-10-25T00:45", "02:45 (UTC+2)–02:15 (UTC+1)"),
        ("2026-10-25T01:15", "02:15 (UTC+1)–02:45 (UTC+1)"),
    ],
)
def test_yahoos_text_says_which_of_two_equal_wall_times_is_meant(start: str, said: str) -> None:
    first = datetime.fromisoformat(start).replace(tzinfo=UTC)
    booking = a_booking(
        slot=Interval(first, first + timedelta(minutes=30)), time_zone="Europe/Berlin"
    )
    fields = link_fields(invite_links.links(booking, FILE, WORDS)["yahoo"])
    assert fields["DESC"].splitlines()[0] == f"Sun 25 Oct 2026, {said} (Europe/Berlin)"


def test_zone_that_is_no_longer_known_leaves_utc() -> None:
    booking = a_booking(time_zone="Europe/Atlantis")
    fields = link_fields(invite_links.links(booking, FILE, WORDS)["yahoo"])
    assert fields["ST"] == "20261124T140000"
    assert "(UTC)" in fields["DESC"]


@pytest.mark.parametrize("worst", WORST.values(), ids=WORST)
def test_links_stay_short_and_keep_their_times_at_their_worst(worst: str) -> None:
    booking = a_booking(title=worst, note=worst, host=Person(Uid("alice"), worst))
    links = invite_links.links(booking, FILE, WORDS)
    assert max(map(len, links.values())) <= 1_200
    assert "dates=20261124T140000Z/20261124T143000Z" in links["google"]
    fields = link_fields(links["yahoo"])
    assert fields["DESC"].startswith("Tue 24 Nov 2026, 15:00–15:30 (Europe/Madrid)")
    title = fields["TITLE"]
    assert title.endswith("…")
    assert worst.startswith(title.removesuffix("…"))


def test_text_is_cut_before_the_title() -> None:
    links = invite_links.links(a_booking(title="会" * 100, note="n" * 1000), FILE, WORDS)
    assert link_fields(links["google"])["text"] == "会" * 100
    assert link_fields(links["google"])["details"].endswith("…")


def test_links_can_be_made_shorter_for_a_small_message() -> None:
    booking = a_booking(title="会" * 100, note="n" * 1000)
    links = invite_links.links(booking, FILE, WORDS, limit=400)
    assert all(len(link) <= 400 for link in links.values())


def test_details_of_an_ordinary_meeting() -> None:
    assert invite_links.message_ics(a_booking(note="See you!", sequence=2), WORDS) == {
        "method": "PUBLISH",
        "uid": "event@google.com",
        "sequence": 2,
        "dtstamp": "20261123T080000Z",
        "dtstart": "20261124T140000Z",
        "dtend": "20261124T143000Z",
        "summary": "Intro call",
        "description": (
            "You are meeting Alice. If something comes up, say so in the chat.\n\nSee you!"
        ),
        "filename": "invite.ics",
    }


@pytest.mark.parametrize("worst", WORST.values(), ids=WORST)
def test_details_stay_small_at_their_worst(worst: str) -> None:
    details = invite_links.message_ics(a_booking(title=worst, note=worst * 3), WORDS)
    texts = (details["summary"], details["description"])
    assert sum(len(json.dumps(each)) for each in texts) <= 1_204


def test_stamp_is_in_utc_wherever_it_was_taken() -> None:
    instant = datetime(2026, 11, 23, 12, tzinfo=timezone(timedelta(hours=2)))
    assert invite_links.stamped_at(a_booking(last_modified=instant)).tzinfo is UTC
    assert invite_links.message_ics(a_booking(last_modified=instant), WORDS)["dtstamp"] == (
        "20261123T100000Z"
    )


def test_words_are_the_guests() -> None:
    booking = a_booking(locale="de-AT")
    assert invite_links.description(booking, WORDS).startswith("Du triffst Alice.")
    assert invite_links.when(booking, WORDS) == "Di, 24. Nov. 2026, 15:00–15:30 (Europe/Madrid)"
