"""What the form of preferences shows and a browser sends back unchanged is what was kept."""

from datetime import time, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from local import browser
from scheduling.http.bodies import BUFFER_MAX, NOTICE_MAX
from scheduling.http.fields import SPANS_MAX, WEEKDAYS
from scheduling.http.forms import PreferenceForm
from scheduling.models import Preferences
from tests.browser import pages

_DAY = 24 * 60
_NAMES = ("open", *WEEKDAYS, "notice", "before", "after", "tue-from-1", "tue-to-1", "tue-from-6")
_TYPED = ("any", "within", "", "-5", "7", "15", "٥", "9" * 40, "09:00", "24:00", "x")


def _sent_unchanged(form: PreferenceForm) -> PreferenceForm:
    """Show a form, and send it as it stands."""
    (shown,), _ = browser.read(pages.preferences(form))
    names = [name for name, _ in shown.fields]
    assert len(names) == len(set(names))
    return PreferenceForm.sent(dict(shown.fields))


def _time(minutes: int) -> time:
    return time(minutes // 60 % 24, minutes % 60)


def _spans() -> st.SearchStrategy[tuple[tuple[time, time], ...]]:
    """Hours of a day, in order and apart; the last may end at midnight."""
    bounds = st.lists(st.integers(0, _DAY), min_size=2, max_size=2 * SPANS_MAX, unique=True)
    return bounds.filter(lambda found: len(found) % 2 == 0).map(
        lambda found: tuple(
            (_time(opens), _time(closes))
            for opens, closes in zip(sorted(found)[::2], sorted(found)[1::2], strict=True)
        )
    )


def _lengths(most: timedelta) -> st.SearchStrategy[timedelta]:
    steps = int(most.total_seconds() // 300)
    return st.integers(0, steps).map(lambda count: timedelta(minutes=5 * count))


def _preferences() -> st.SearchStrategy[Preferences]:
    days = st.dictionaries(st.integers(0, len(WEEKDAYS) - 1), _spans(), min_size=1)
    return st.builds(
        Preferences,
        buffer_before=_lengths(BUFFER_MAX),
        buffer_after=_lengths(BUFFER_MAX),
        notice=_lengths(NOTICE_MAX),
        hours=st.none() | days,
    )


@given(_preferences())
@settings(deadline=None)
def test_what_is_shown_and_sent_unchanged_stays_the_same(kept: Preferences) -> None:
    shown = PreferenceForm.of(kept)
    sent = _sent_unchanged(shown)
    assert sent == shown
    assert sent.preferences() == kept


@given(_preferences())
def test_the_open_days_name_every_open_day_once_with_its_hours(kept: Preferences) -> None:
    named = {
        day: days.spans
        for days in PreferenceForm.of(kept).open_days()
        for day in range(days.first, days.last + 1)
    }
    if kept.hours is not None:
        assert named == {
            day + 1: tuple((f"{a:%H:%M}", f"{b:%H:%M}" if b > time.min else "24:00") for a, b in at)
            for day, at in kept.hours.items()
        }


@given(st.dictionaries(st.sampled_from(_NAMES), st.sampled_from(_TYPED)))
@settings(deadline=None)
def test_whatever_is_sent_is_kept_or_one_of_its_fields_is_called_wrong(
    typed: dict[str, str],
) -> None:
    form = PreferenceForm.sent(typed)
    lengths = {"noticeMinutes", "bufferBeforeMinutes", "bufferAfterMinutes"}
    assert form.wrong in {"", "open", *WEEKDAYS, *lengths}
    if not form.wrong:
        assert PreferenceForm.of(form.preferences()).preferences() == form.preferences()
    assert _sent_unchanged(form).days == form.days, "what was typed is not lost"
