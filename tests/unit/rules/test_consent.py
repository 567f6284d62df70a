"""What Google's consent has to bring: both scopes, whatever else comes with them."""

import pytest

from scheduling.rules.consent import NEEDED_SCOPES, is_sufficient

FREE_BUSY, EVENTS = sorted(NEEDED_SCOPES)


@pytest.mark.parametrize(
    ("scopes", "enough"),
    [
        ({FREE_BUSY, EVENTS}, True),
        ({FREE_BUSY, EVENTS, "openid", "https://www.googleapis.com/auth/userinfo.email"}, True),
        ({FREE_BUSY}, False),
        ({EVENTS}, False),
        (set(), False),
        ({FREE_BUSY, "https://www.googleapis.com/auth/calendar.events"}, False),
        ({"https://www.googleapis.com/auth/calendar"}, False),
    ],
)
def test_both_scopes_are_needed_and_no_other_counts_for_one(
    scopes: set[str], *, enough: bool
) -> None:
    assert is_sufficient(frozenset(scopes)) is enough


def test_no_scope_is_asked_for_that_reads_details_of_events() -> None:
    assert {each.rpartition("/")[2] for each in NEEDED_SCOPES} == {
        "calendar.freebusy",
        "calendar.events.owned",
    }
