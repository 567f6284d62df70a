"""Move and cancel a meeting from its card, as its guest and as its host; holds while one types."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.browser.cards import NEXT, START, booked, place, share, times
from tests.browser.fake_extension import FakeExtension

pytestmark = pytest.mark.browser
Visit = Callable[..., BrowserContext]
BEFORE = "2026-11-23T08:00:00Z"
LATER: dict[str, Any] = {
    "startsAt": "2026-11-24T18:00:00Z",
    "endsAt": "2026-11-24T18:30:00Z",
    "sequence": 1,
}
CANCEL, MOVE = "POST v1/bookings/b1/cancel", "POST v1/bookings/b1/reschedule"
TIMES = "GET v1/bookings/b1/times"


def _invite(
    visit: Visit, extension: FakeExtension, viewer: str = "bob", now: str = BEFORE
) -> tuple[Page, Locator]:
    """Show the invite of a meeting at a time at which it has not begun."""
    context = visit()
    context.clock.set_fixed_time(now)
    data = {"bookingId": "b1"}
    return place(context, extension, "calendar-invite", customData=data, viewer=viewer)


def _booking(status: str = "confirmed", **changes: Any) -> dict[str, Any]:
    found = booked("", status=status)
    return {**found, "booking": {**found["booking"], **changes}}


@pytest.mark.parametrize(
    ("viewer", "word"),
    [("bob", "If you added it to your own calendar"), ("alice", "no longer in your calendar")],
)
def test_a_meeting_is_cancelled_after_one_more_question(
    visit: Visit, extension: FakeExtension, complaints: list[str], viewer: str, word: str
) -> None:
    extension.put("GET v1/bookings/b1", booked(extension.address))
    extension.put(CANCEL, _booking("cancelled", sequence=1))
    _, card = _invite(visit, extension, viewer)
    card.get_by_role("button", name="Cancel meeting").click()
    expect(card.get_by_role("heading", name="Cancel this meeting?")).to_be_focused()
    expect(card).to_contain_text("taken out of Alice's calendar")
    card.get_by_role("button", name="Keep it").click()
    assert extension.bodies("v1/bookings/b1/cancel") == []
    card.get_by_role("button", name="Cancel meeting").click()
    card.get_by_role("button", name="Yes, cancel it").click()
    expect(card).to_contain_text("Meeting cancelled")
    expect(card).to_contain_text(word)
    expect(card.get_by_role("button")).to_have_count(int(viewer == "bob"))
    expect(card.locator(".unseen[role=status]")).to_have_text("Meeting cancelled")
    (sent,) = extension.bodies("v1/bookings/b1/cancel")
    assert list(sent) == ["idempotencyKey"]
    assert complaints == []


@pytest.mark.parametrize("viewer", ["bob", "alice"])
def test_a_meeting_is_moved_to_a_time_that_it_can_be_moved_to(
    visit: Visit, extension: FakeExtension, complaints: list[str], viewer: str
) -> None:
    extension.put("GET v1/bookings/b1", booked(extension.address))
    extension.put(TIMES, times())
    extension.put(MOVE, {**booked(extension.address), **_booking(**LATER)})
    _, card = _invite(visit, extension, viewer)
    card.get_by_role("button", name="Choose another time").click()
    expect(card).to_contain_text("Until now: Tuesday 24 November, 09:00–09:30")
    card.get_by_role("tab", name="Tuesday 24").click()
    card.get_by_role("button", name="13:00", exact=True).click()
    expect(card).to_contain_text("13:00–13:30")
    card.get_by_role("button", name="Move the meeting").click()
    expect(card).to_contain_text("Meeting moved")
    expect(card).to_contain_text("13:00–13:30")
    (sent,) = extension.bodies("v1/bookings/b1/reschedule")
    assert sent["startsAt"] == "2026-11-24T18:00:00.000Z"
    asked = [(each.path, each.query) for each in extension.asked if each.method == "GET"]
    assert asked == [("v1/bookings/b1", {}), ("v1/bookings/b1/times", {})]
    assert complaints == []


@pytest.mark.parametrize("tag", ["calendar-invite", "calendar-availability"])
def test_a_meeting_can_be_moved_into_its_own_time_from_every_card(
    visit: Visit, extension: FakeExtension, complaints: list[str], tag: str
) -> None:
    """What a share shows busy because of the meeting itself is free for its move."""
    extension.put("GET v1/bookings/b1", booked(extension.address))
    full = share(slots=[], status="full", booking=booked("")["booking"])
    extension.put("GET v1/shares/s1", full)
    extension.put(TIMES, times(slots=["2026-11-24T13:45:00Z", START, NEXT]))
    context = visit()
    context.clock.set_fixed_time(BEFORE)
    data = {"bookingId": "b1", "shareId": "s1"}
    _, card = place(context, extension, tag, shareId="s1", customData=data, viewer="bob")
    card.get_by_role("button", name="Choose another time").click()
    free = card.locator("button.slot")
    expect(free).to_have_text(["08:45", "09:15"])
    assert complaints == []


def test_a_meeting_that_ended_meanwhile_is_shown_as_it_is_when_another_time_is_wanted(
    visit: Visit, extension: FakeExtension
) -> None:
    extension.put("GET v1/bookings/b1", booked(extension.address))
    extension.put("GET v1/bookings/b1", _booking("cancelled"))
    extension.refuse(TIMES, "BOOKING_ENDED", status=410)
    _, card = _invite(visit, extension)
    card.get_by_role("button", name="Choose another time").click()
    expect(card.get_by_role("alert")).to_contain_text("does not take place any more")
    expect(card).to_contain_text("Meeting cancelled")


def test_times_that_cannot_be_said_just_now_are_asked_for_again(
    visit: Visit, extension: FakeExtension
) -> None:
    extension.put("GET v1/bookings/b1", booked(extension.address))
    extension.refuse(TIMES, "CALENDAR_UNAVAILABLE", status=503)
    extension.put(TIMES, times())
    _, card = _invite(visit, extension)
    card.get_by_role("button", name="Choose another time").click()
    card.get_by_role("alert").get_by_role("button", name="Try again").click()
    expect(card.get_by_role("button", name="09:15", exact=True)).to_be_visible()


def test_a_time_that_is_taken_meanwhile_gives_others(
    visit: Visit, extension: FakeExtension
) -> None:
    extension.put("GET v1/bookings/b1", booked(extension.address))
    extension.put(TIMES, times())
    extension.refuse(MOVE, "SLOT_TAKEN", alternatives=[NEXT])
    extension.put(MOVE, _booking(**LATER))
    _, card = _invite(visit, extension)
    card.get_by_role("button", name="Choose another time").click()
    card.get_by_role("tab", name="Tuesday 24").click()
    card.get_by_role("button", name="13:00", exact=True).click()
    card.get_by_role("button", name="Move the meeting").click()
    alert = card.get_by_role("alert")
    expect(alert).to_contain_text("just been taken")
    alert.get_by_role("button", name="09:15").click()
    expect(card).to_contain_text("09:15–09:45")
    card.get_by_role("button", name="Move the meeting").click()
    expect(card).to_contain_text("Meeting moved")


@pytest.mark.parametrize(
    ("route", "buttons", "status"),
    [
        (CANCEL, ["Cancel meeting", "Yes, cancel it"], "cancelling"),
        (MOVE, ["Choose another time", "09:15", "Move the meeting"], "moving"),
    ],
)
def test_an_outcome_that_is_not_known_yet_is_waited_for(
    visit: Visit, extension: FakeExtension, route: str, buttons: list[str], status: str
) -> None:
    extension.put("GET v1/bookings/b1", booked(extension.address))
    extension.put(TIMES, times(slots=[NEXT]))
    extension.put(route, {"booking": _booking(status)["booking"]}, status=202)
    page, card = _invite(visit, extension)
    page.clock.install(time=BEFORE)
    for name in buttons:
        card.get_by_role("button", name=name).click()
    expect(card).to_contain_text(f"{status.capitalize()} the meeting")
    ended = _booking("cancelled") if route == CANCEL else _booking(**LATER)
    extension.put("GET v1/bookings/b1", ended)
    page.clock.run_for(6_000)
    expect(card).to_contain_text("Meeting cancelled" if route == CANCEL else "Meeting moved")


def test_what_fails_for_a_moment_is_tried_again_as_the_same_request(
    visit: Visit, extension: FakeExtension
) -> None:
    extension.put("GET v1/bookings/b1", booked(extension.address))
    extension.refuse(CANCEL, "CALENDAR_UNAVAILABLE", status=503)
    extension.put(CANCEL, _booking("cancelled"))
    _, card = _invite(visit, extension)
    card.get_by_role("button", name="Cancel meeting").click()
    card.get_by_role("button", name="Yes, cancel it").click()
    expect(card.get_by_role("alert")).to_contain_text("does not answer just now")
    card.get_by_role("button", name="Try again").click()
    expect(card).to_contain_text("Meeting cancelled")
    first, second = extension.bodies("v1/bookings/b1/cancel")
    assert first == second


def test_a_meeting_that_ended_meanwhile_is_shown_as_it_is(
    visit: Visit, extension: FakeExtension
) -> None:
    extension.put("GET v1/bookings/b1", booked(extension.address))
    extension.put("GET v1/bookings/b1", _booking("cancelled"))
    extension.refuse(CANCEL, "BOOKING_ENDED", status=410)
    _, card = _invite(visit, extension)
    card.get_by_role("button", name="Cancel meeting").click()
    card.get_by_role("button", name="Yes, cancel it").click()
    expect(card.get_by_role("alert")).to_contain_text("does not take place any more")
    expect(card).to_contain_text("Meeting cancelled")


@pytest.mark.parametrize("status", ["cancelled", "refused"])
def test_another_time_is_picked_in_the_invite_of_a_meeting_that_fell_through(
    visit: Visit, extension: FakeExtension, complaints: list[str], status: str
) -> None:
    extension.put("GET v1/bookings/b1", _booking(status))
    extension.put("GET v1/shares/s1", share(booking=_booking(status)["booking"]))
    new = {**booked(extension.address), **_booking(bookingId="b2")}
    extension.put("POST v1/book", new)
    page, card = _invite(visit, extension)
    page.evaluate("addEventListener('calendar-booked', ({ detail }) => (window.told = detail))")
    card.get_by_role("button", name="Pick another time").click()
    card.get_by_role("button", name="09:15", exact=True).click()
    card.get_by_role("button", name="Book").click()
    expect(card).to_contain_text("Meeting confirmed")
    assert page.evaluate("window.told.booking.bookingId") == "b2"
    assert complaints == []


def _booked_where_it_was_shared(visit: Visit, extension: FakeExtension) -> tuple[Page, Locator]:
    """Return the guest's card of a share with a booking, which may be cancelled."""
    extension.put("GET v1/shares/s1", share(booking=booked("")["booking"]))
    extension.put("GET v1/bookings/b1", booked(extension.address))
    extension.put(CANCEL, _booking("cancelled", sequence=1))
    context = visit()
    context.clock.set_fixed_time(BEFORE)
    return place(context, extension, "calendar-availability", shareId="s1")


def test_nothing_is_picked_anew_for_what_has_passed(visit: Visit, extension: FakeExtension) -> None:
    extension.put("GET v1/bookings/b1", _booking("cancelled"))
    _, card = _invite(visit, extension, now="2026-11-24T14:01:00Z")
    expect(card).to_contain_text("Meeting cancelled")
    expect(card.get_by_role("button")).to_have_count(0)


def test_whoever_cancels_where_they_booked_picks_another_time_there(
    visit: Visit, extension: FakeExtension, complaints: list[str]
) -> None:
    _, card = _booked_where_it_was_shared(visit, extension)
    card.get_by_role("button", name="Cancel meeting").click()
    card.get_by_role("button", name="Yes, cancel it").click()
    extension.put("GET v1/shares/s1", share(booking=_booking("cancelled")["booking"]))
    card.get_by_role("button", name="Pick another time").click()
    expect(card.get_by_role("button", name="09:00", exact=True)).to_be_visible()
    assert complaints == []


def test_a_guest_whose_hosts_calendar_is_gone_is_told_whose_it_is(
    visit: Visit, extension: FakeExtension
) -> None:
    extension.put("GET v1/bookings/b1", booked(extension.address))
    extension.refuse(CANCEL, "RECONNECT_NEEDED")
    _, card = _invite(visit, extension)
    card.get_by_role("button", name="Cancel meeting").click()
    card.get_by_role("button", name="Yes, cancel it").click()
    expect(card.get_by_role("alert")).to_contain_text("The host's calendar cannot be reached.")


@pytest.mark.parametrize("slots", [[], [START], None], ids=["none", "its own", "closed share"])
def test_without_another_time_the_meeting_stays(
    visit: Visit, extension: FakeExtension, slots: list[str] | None
) -> None:
    extension.put("GET v1/bookings/b1", booked(extension.address))
    if slots is None:
        extension.refuse(TIMES, "SHARE_CLOSED", status=410)
    else:
        extension.put(TIMES, times(slots=slots))
    _, card = _invite(visit, extension)
    card.get_by_role("button", name="Choose another time").click()
    expect(card).to_contain_text("No other time is offered just now.")
    card.get_by_role("button", name="Back").click()
    expect(card).to_contain_text("Meeting confirmed")


def test_a_meeting_that_has_begun_cannot_be_changed(visit: Visit, extension: FakeExtension) -> None:
    extension.put("GET v1/bookings/b1", booked(extension.address))
    _, card = _invite(visit, extension, now="2026-11-24T14:01:00Z")
    expect(card).to_contain_text("Meeting confirmed")
    expect(card.get_by_role("button")).to_have_count(0)


def test_a_second_press_while_something_is_sent_does_nothing(
    visit: Visit, extension: FakeExtension
) -> None:
    extension.put("GET v1/bookings/b1", booked(extension.address))
    extension.put(CANCEL, _booking("cancelled"))
    _, card = _invite(visit, extension)
    card.get_by_role("button", name="Cancel meeting").click()
    card.get_by_role("button", name="Yes, cancel it").evaluate(
        "(button) => { button.click(); button.click(); }"
    )
    expect(card).to_contain_text("Meeting cancelled")
    assert len(extension.bodies("v1/bookings/b1/cancel")) == 1


def test_a_picked_time_is_held_while_its_guest_types(
    visit: Visit, extension: FakeExtension, complaints: list[str]
) -> None:
    extension.put("GET v1/shares/s1", share())
    _, card = place(visit(), extension, "calendar-availability", shareId="s1")
    card.get_by_role("button", name="09:00", exact=True).click()
    expect(card).to_contain_text("Kept for you until 09:05.")
    (sent,) = extension.bodies("v1/hold")
    del sent["idempotencyKey"]
    expected = {"shareId": "s1", "startsAt": START.replace("Z", ".000Z"), "durationMinutes": 30}
    assert sent == expected
    assert complaints == []


def test_a_time_that_is_gone_is_told_before_anybody_typed(
    visit: Visit, extension: FakeExtension
) -> None:
    extension.put("GET v1/shares/s1", share())
    extension.put("GET v1/shares/s1", share(slots=[NEXT]))
    extension.refuse("POST v1/hold", "SLOT_TAKEN", alternatives=[NEXT])
    _, card = place(visit(), extension, "calendar-availability", shareId="s1")
    card.get_by_role("button", name="09:00", exact=True).click()
    expect(card.get_by_role("alert")).to_contain_text("just been taken")
    expect(card.get_by_role("alert").get_by_role("button", name="09:15")).to_be_visible()


def test_a_hold_that_fails_otherwise_stops_nobody(visit: Visit, extension: FakeExtension) -> None:
    extension.put("GET v1/shares/s1", share())
    extension.refuse("POST v1/hold", "CALENDAR_UNAVAILABLE", status=503)
    extension.put("POST v1/book", booked(extension.address))
    _, card = place(visit(), extension, "calendar-availability", shareId="s1")
    card.get_by_role("button", name="09:00", exact=True).click()
    card.get_by_role("button", name="Book").click()
    expect(card).to_contain_text("Meeting confirmed")


def test_a_cancelled_booking_leaves_the_choice_open(visit: Visit, extension: FakeExtension) -> None:
    gone = _booking("cancelled")["booking"]
    extension.put("GET v1/shares/s1", share(booking=gone))
    _, card = place(visit(), extension, "calendar-availability", shareId="s1")
    expect(card.get_by_role("button", name="09:00", exact=True)).to_be_visible()


def test_a_booking_that_was_refused_says_so_and_asks_anew(
    visit: Visit, extension: FakeExtension
) -> None:
    extension.put("GET v1/shares/s1", share())
    claimed = {"booking": booked("", status="claimed")["booking"]}
    extension.put("POST v1/book", claimed, status=202)
    page, card = place(visit(), extension, "calendar-availability", shareId="s1")
    page.clock.install(time=BEFORE)
    card.get_by_role("button", name="09:00", exact=True).click()
    card.get_by_role("button", name="Book").click()
    expect(card).to_contain_text("Waiting for the calendar")
    extension.put("GET v1/bookings/b1", _booking("refused"))
    page.clock.run_for(6_000)
    expect(card.get_by_role("alert")).to_contain_text("did not come about")
    expect(card.get_by_role("button", name="09:15", exact=True)).to_be_visible()


def test_cards_of_a_page_tell_each_other_what_became_of_a_meeting(
    visit: Visit, extension: FakeExtension, complaints: list[str]
) -> None:
    page, first = _booked_where_it_was_shared(visit, extension)
    expect(first).to_contain_text("Meeting confirmed")
    page.evaluate(
        """() => {
            const invite = document.createElement("calendar-invite");
            Object.assign(invite, { client, customData: { bookingId: "b1" }, viewer: "bob" });
            document.body.append(invite);
        }"""
    )
    invite = page.locator("calendar-invite")
    invite.get_by_role("button", name="Cancel meeting").click()
    invite.get_by_role("button", name="Yes, cancel it").click()
    expect(invite).to_contain_text("Meeting cancelled")
    expect(first).to_contain_text("Meeting cancelled")
    assert complaints == []
