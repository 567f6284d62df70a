"""A body or a query, field by field: read or refused by the field's name, never repeated."""

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from scheduling.core.errors import InvalidRequest
from scheduling.http.fields import Fields
from scheduling.rules.defaults import LONGEST, SHORTEST

HIDDEN = "what a person typed"
Reader = Callable[[Fields], Any]


def minutes(fields: Fields) -> Any:
    return fields.minutes("x")


def length(fields: Fields) -> Any:
    return fields.length("x", timedelta(hours=2))


@pytest.mark.parametrize(
    ("read", "absent"),
    [
        (lambda fields: fields.lines("x", 5), ""),
        (lambda fields: fields.line("x", 5), ""),
        (lambda fields: fields.opaque("x", 5), ""),
        (lambda fields: fields.hint("x"), ""),
        (minutes, None),
        (length, timedelta(0)),
        (lambda fields: fields.hours("x"), None),
    ],
)
def test_what_is_absent_or_null_has_its_default(read: Reader, absent: object) -> None:
    assert read(Fields({})) == read(Fields({"x": None})) == absent


@pytest.mark.parametrize(
    "read",
    [
        lambda fields: fields.uid("x"),
        lambda fields: fields.id("x"),
        lambda fields: fields.choice("x", "a", "b"),
        lambda fields: fields.instant("x"),
    ],
)
@pytest.mark.parametrize("value", [None, ""])
def test_what_is_needed_is_asked_for_by_its_name(read: Reader, value: object) -> None:
    with pytest.raises(InvalidRequest) as refusal:
        read(Fields({"x": value}))
    assert (refusal.value.field, refusal.value.message) == ("x", "x is required")


@pytest.mark.parametrize(
    ("read", "value", "found"),
    [
        (lambda fields: fields.lines("x", 9), " a\r\nb\u202e ", "a\nb"),
        (lambda fields: fields.line("x", 9), " a\r\nb ", "a b"),
        (lambda fields: fields.uid("x"), "Bob", "bob"),
        (lambda fields: fields.id("x"), "v" * 32, "v" * 32),
        (lambda fields: fields.choice("x", "user", "group"), "group", "group"),
        (
            lambda fields: fields.instant("x"),
            "2026-11-24T15:00:00+01:00",
            datetime(2026, 11, 24, 14, tzinfo=UTC),
        ),
        (lambda fields: fields.hint("x"), "Europe/Atlantis", "Europe/Atlantis"),
        (lambda fields: fields.hint("x"), " en\n", "en"),
        (lambda fields: fields.hint("x"), 7, "7"),
        (lambda fields: fields.opaque("x", 10), " as it is ", " as it is "),
    ],
)
def test_what_is_of_the_documented_form_is_read(read: Reader, value: str, found: object) -> None:
    assert read(Fields({"x": value})) == found


@pytest.mark.parametrize(
    ("read", "value"),
    [
        (lambda fields: fields.uid("x"), "not a uid"),
        (lambda fields: fields.id("x"), "w" * 32),
        (lambda fields: fields.id("x"), "a" * 33),
        (lambda fields: fields.choice("x", "user", "group"), "Group"),
        (lambda fields: fields.instant("x"), "2026-11-24T15:00:00"),
        (lambda fields: fields.instant("x"), "tomorrow"),
        (lambda fields: fields.opaque("x", 9), "half \ud83d"),
    ],
)
def test_what_is_of_another_form_is_refused_by_its_fields_name(read: Reader, value: str) -> None:
    with pytest.raises(InvalidRequest) as refusal:
        read(Fields({"x": value}))
    assert refusal.value.field == "x"


@pytest.mark.parametrize(
    "read",
    [
        lambda fields: fields.line("x", 5),
        lambda fields: fields.uid("x"),
        lambda fields: fields.id("x"),
        lambda fields: fields.choice("x", "a"),
        lambda fields: fields.instant("x"),
        lambda fields: fields.opaque("x", 5),
        minutes,
        length,
        lambda fields: fields.hours("x"),
    ],
)
def test_what_was_sent_is_never_repeated(read: Reader) -> None:
    for value in (HIDDEN, [HIDDEN], {HIDDEN: HIDDEN}, {"mon": [[HIDDEN, HIDDEN]]}):
        with pytest.raises(InvalidRequest) as refusal:
            read(Fields({"x": value}))
        assert HIDDEN not in f"{refusal.value} {refusal.value.details}"


def test_a_text_is_measured_as_it_was_sent() -> None:
    assert Fields({"x": "12345"}).line("x", 5) == "12345"
    with pytest.raises(InvalidRequest, match="at most 5 characters"):
        Fields({"x": "12345 "}).line("x", 5)


@pytest.mark.parametrize("sent", [5, 30, 480, "45"])
def test_a_meeting_lasts_five_minutes_to_eight_hours(sent: object) -> None:
    assert Fields({"x": sent}).minutes("x") == timedelta(minutes=int(str(sent)))
    assert (timedelta(minutes=5), timedelta(hours=8)) == (SHORTEST, LONGEST)


@pytest.mark.parametrize(
    "sent", [0, 4, 7, 485, -30, 30.0, True, "", "30 ", "-5", "1e1", "٣٠", "00030", [30]]
)
def test_another_length_is_refused(sent: object) -> None:
    with pytest.raises(InvalidRequest, match="5 to 480 minutes"):
        Fields({"x": sent}).minutes("x")


@pytest.mark.parametrize(("sent", "taken"), [(0, True), (5, True), (120, True), (125, False)])
def test_a_buffer_has_an_upper_bound_of_its_own(sent: int, *, taken: bool) -> None:
    if taken:
        assert length(Fields({"x": sent})) == timedelta(minutes=sent)
    else:
        with pytest.raises(InvalidRequest, match="0 to 120 minutes"):
            length(Fields({"x": sent}))


@pytest.mark.parametrize("sent", [7, -5, True, "30", 5.0])
def test_a_buffer_that_is_no_number_of_fives_is_refused(sent: object) -> None:
    with pytest.raises(InvalidRequest):
        length(Fields({"x": sent}))


def test_open_hours_are_read_by_weekday_and_midnight_ends_a_day() -> None:
    sent = {"sun": [["00:00", "24:00"]], "mon": [["09:00", "12:30"], ["13:30", "17:05"]]}
    assert Fields({"x": sent}).hours("x") == {
        6: ((time.min, time.min),),
        0: ((time(9), time(12, 30)), (time(13, 30), time(17, 5))),
    }
    assert Fields({"x": {}}).hours("x") == {}
    assert Fields({"x": {"mon": []}}).hours("x") == {0: ()}


def test_a_day_has_six_spans_at_most() -> None:
    spans = [[f"{hour:02d}:00", f"{hour:02d}:30"] for hour in range(7)]
    assert Fields({"x": {"mon": spans[:6]}}).hours("x")
    with pytest.raises(InvalidRequest):
        Fields({"x": {"mon": spans}}).hours("x")
