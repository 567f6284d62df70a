"""The form of preferences: what it proposes, takes, refuses, and how open hours are told."""

from datetime import time, timedelta
from typing import Any

import pytest

from scheduling.core.errors import InvalidRequest
from scheduling.http.bodies import preferences
from scheduling.http.fields import Fields
from scheduling.http.forms import OpenDays, PreferenceForm
from scheduling.models import Preferences
from tests.unit.connections.test_connect import session
from tests.world import World

NINE_TO_FIVE = (("09:00", "17:00"),)
OPEN = {"open": "within", "mon": "open", "mon-from-1": "09:00", "mon-to-1": "17:00"}


def shown(**kept: Any) -> PreferenceForm:
    return PreferenceForm.of(preferences(Fields(kept)))


def test_a_host_who_has_said_nothing_is_proposed_office_hours_and_open_at_any_time() -> None:
    form = shown()
    assert form.open == "any"
    assert [day.name for day in form.days if day.ticked] == ["mon", "tue", "wed", "thu", "fri"]
    assert {day.spans for day in form.days} == {NINE_TO_FIVE}
    assert form.preferences() == Preferences()


def test_an_end_of_midnight_is_the_end_of_the_day() -> None:
    form = PreferenceForm.sent(OPEN | {"mon-from-1": "00:00", "mon-to-1": "00:00"})
    assert form.preferences().hours == {0: ((time.min, time.min),)}
    assert list(form.open_days()) == [OpenDays(1, 1, (("00:00", "24:00"),))]


def test_days_of_equal_hours_are_joined_where_they_follow_one_another() -> None:
    office, late = [["09:00", "17:00"]], [["12:00", "13:00"], ["20:00", "24:00"]]
    form = shown(hours={"mon": office, "tue": office, "wed": late, "thu": office, "sun": office})
    assert list(form.open_days()) == [
        OpenDays(1, 2, NINE_TO_FIVE),
        OpenDays(3, 3, (("12:00", "13:00"), ("20:00", "24:00"))),
        OpenDays(4, 4, NINE_TO_FIVE),
        OpenDays(7, 7, NINE_TO_FIVE),
    ]


def test_a_host_who_is_never_open_has_no_open_days() -> None:
    form = shown(hours={"mon": []})
    assert form.open == "within"
    assert list(form.open_days()) == []
    assert form.days[0].spans == NINE_TO_FIVE, "proposed once the day is ticked"


def test_a_span_that_is_emptied_is_gone_and_a_day_without_a_tick_is_closed() -> None:
    more = {"mon-from-2": "", "mon-to-2": "", "tue-from-1": "10:00", "tue-to-1": "11:00"}
    form = PreferenceForm.sent(OPEN | more)
    assert form.wrong == ""
    assert form.preferences().hours == {0: ((time(9), time(17)),)}


@pytest.mark.parametrize(
    ("sent", "wrong"),
    [
        ({}, "open"),
        ({"open": "sometimes"}, "open"),
        ({"open": "within"}, "open"),
        (OPEN | {"mon-to-1": "09:00"}, "mon"),
        (OPEN | {"mon-to-1": "08:00"}, "mon"),
        (OPEN | {"mon-to-1": ""}, "mon"),
        (OPEN | {"mon-from-1": "", "mon-to-1": ""}, "mon"),
        (OPEN | {"mon-from-1": "9"}, "mon"),
        (OPEN | {"mon-from-2": "16:00", "mon-to-2": "18:00"}, "mon"),
        (OPEN | {"sun": "open"}, "sun"),
        (OPEN | {"notice": "7"}, "noticeMinutes"),
        (OPEN | {"before": "-5"}, "bufferBeforeMinutes"),
        (OPEN | {"after": "125"}, "bufferAfterMinutes"),
    ],
)
def test_a_form_that_cannot_be_kept_says_which_field_is_wrong_and_keeps_what_was_typed(
    sent: dict[str, str], wrong: str
) -> None:
    form = PreferenceForm.sent(sent)
    assert form.wrong == wrong
    assert form.open == sent.get("open", "")
    assert form.days[0].spans[0] == (sent.get("mon-from-1", ""), sent.get("mon-to-1", ""))
    assert form.wrong_day == {"mon": 1, "sun": 7}.get(wrong)
    with pytest.raises(InvalidRequest):
        form.preferences()


def test_hours_that_do_not_count_are_not_read() -> None:
    form = PreferenceForm.sent(OPEN | {"open": "any", "mon-to-1": "08:00"})
    assert form.wrong == ""
    assert form.preferences().hours is None


def test_lengths_to_choose_from_have_the_one_that_is_kept() -> None:
    form = shown(noticeMinutes=90, bufferBeforeMinutes=20)
    assert form.notices == [0, 60, 90, 120, 240, 720, 1440, 2880]
    assert form.buffers["before"] == [0, 5, 10, 15, 20, 30, 45, 60, 120]
    assert form.buffers["after"] == [0, 5, 10, 15, 30, 45, 60, 120]


def test_the_page_keeps_for_the_host_of_its_session_and_shows_it_again(world: World) -> None:
    editor, browser = world.use_cases.preference_editor, session(world)
    form = PreferenceForm.sent(OPEN | {"notice": "120"})
    editor.replace(browser.app_id, browser.person.uid, form.preferences())
    kept = world.preferences.get(browser.app_id, browser.person.uid)
    assert kept == Preferences(notice=timedelta(hours=2), hours={0: ((time(9), time(17)),)})
    assert editor.get(browser.app_id, browser.person.uid) == kept
    assert PreferenceForm.of(kept).preferences() == kept
    with pytest.raises(InvalidRequest):
        PreferenceForm.sent({"open": "within"}).preferences()
    assert world.preferences.get(browser.app_id, browser.person.uid) == kept
