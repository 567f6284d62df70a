"""Messages as they are composed: they fit, they tell times, and no more than the sender's words."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlsplit

import pytest

from scheduling.access.links import LinkPurpose, Links
from scheduling.core.catalogue import Catalogue
from scheduling.core.times import Interval, format_instant
from scheduling.messages.compose import AVAILABILITY, DATA_MAX, INVITE, NOTICE, Messages
from scheduling.models import (
    AppId,
    Booking,
    BookingState,
    Message,
    OutboxKind,
    Person,
    Secret,
    Tenant,
    Uid,
)
from scheduling.rules.notifications import notice
from tests.builders import DAY, HALF_HOUR, STARTS_AT, a_booking, a_share
from tests.fakes import START
from tests.world import ROOT, World

LINKS = Links("https://scheduling.test", [Secret("a-signing-key-for-tests")])
MESSAGES = Messages(Catalogue(ROOT / "web" / "words"), LINKS)
TENANT = Tenant(AppId("app"), "us", "Test App", Secret("key"), notice_uid=Uid("bot"), locale="de")
WORST = "🦊" * 300


def size(message: Message) -> int:
    return len(json.dumps(message.data()))


def invite(**changes: object) -> Message:
    return MESSAGES.invite(a_booking(**changes), "outbox-1")


def test_an_availability_goes_to_its_receiver_as_the_host() -> None:
    share = a_share()
    message = MESSAGES.availability(share, "outbox-1")
    assert (message.sender, message.receiver, message.type) == (
        "alice",
        share.receiver,
        AVAILABILITY,
    )
    assert "Alice" in message.text
    assert message.custom["shareId"] == message.mirrored["shareId"] == share.share_id
    assert message.outbox_id == "outbox-1"
    assert message.custom["truncated"] is False


def test_a_full_week_is_told_for_as_many_days_as_fit_with_every_busy_time_in_them() -> None:
    busy = tuple(
        Interval(DAY.start + n * HALF_HOUR, DAY.start + n * HALF_HOUR + timedelta(minutes=5))
        for n in range(400)
    )
    window = Interval(DAY.start, DAY.start + timedelta(days=9))
    offered = replace(a_share().availability, busy=busy, window=window)
    message = MESSAGES.availability(a_share(availability=offered, title=WORST[:200]), "outbox-1")
    assert size(message) <= DATA_MAX
    assert message.custom["truncated"] is True
    ends = message.custom["to"]
    inside = [each for each in busy if format_instant(each.end) <= ends]
    assert len(message.custom["busy"]) == len(inside)
    assert len(inside) > 40, "no more is dropped than has to be"


def test_an_invite_goes_to_the_guest_alone_and_tells_who_when_and_where_to_add_it() -> None:
    message = invite()
    assert (message.sender, message.receiver.id, message.type) == ("alice", "bob", INVITE)
    assert message.receiver.type == "user"
    assert "Alice" in message.text
    assert "15:00" in message.text, "in the guest's zone"
    assert set(message.custom["links"]) == {"google", "outlook", "microsoft365", "yahoo", "ics"}
    assert message.custom["startsAt"] == format_instant(STARTS_AT)


@pytest.mark.parametrize("state", [BookingState.RESCHEDULING, BookingState.CANCELLING])
def test_what_is_being_changed_still_takes_place_as_it_was_told(state: BookingState) -> None:
    assert invite(state=state).custom["status"] == "confirmed"


def test_a_moved_meeting_is_told_as_moved() -> None:
    assert invite(sequence=1).text != invite().text


def test_a_cancelled_meeting_has_the_file_that_takes_it_out_again_and_no_way_to_add_it() -> None:
    message = invite(state=BookingState.CANCELLED, sequence=1)
    assert set(message.custom["links"]) == {"ics"}
    assert (message.custom["status"], message.custom["ics"]["method"]) == ("cancelled", "CANCEL")


def test_who_was_never_invited_gets_no_links() -> None:
    message = invite(state=BookingState.REFUSED)
    assert message.custom["status"] == "refused"
    assert "links" not in message.custom
    assert MESSAGES.invite_of(a_booking(state=BookingState.CLAIMED)) is None


def test_the_link_to_the_file_names_its_booking_until_a_month_after_the_meeting() -> None:
    made = MESSAGES.invite_of(a_booking())
    assert made is not None
    path = urlsplit(made.links["ics"]).path
    token = path.removeprefix("/v1/invites/").removesuffix(".ics")
    late = STARTS_AT + timedelta(days=30)
    content = LINKS.read(LinkPurpose.INVITE_FILE, token, late)
    assert content == {"a": "app", "b": a_booking().booking_id}


@pytest.mark.parametrize("state", [BookingState.CONFIRMED, BookingState.CANCELLED])
def test_an_invite_fits_at_its_worst_and_its_times_are_never_cut(state: BookingState) -> None:
    someone = Person(Uid("a" * 100), WORST[:100])
    booking: Booking = a_booking(
        state=state,
        host=someone,
        guest=someone,
        title=WORST[:200],
        note=WORST * 3,
        time_zone="America/Argentina/ComodRivadavia",
    )
    message = MESSAGES.invite(booking, "outbox-1")
    assert size(message) <= DATA_MAX
    assert message.custom["startsAt"] == format_instant(booking.slot.start)
    assert message.custom["title"].endswith("…")
    for link in message.custom["links"].values():
        assert link.startswith("https://")


def test_an_ordinary_invite_is_not_cut() -> None:
    note = "See you at the corner. " * 20
    message = invite(note=note.strip(), title="A title of some length, as people write them")
    assert message.custom["title"] == "A title of some length, as people write them"
    assert message.custom["ics"]["description"].endswith(note.strip())


@pytest.mark.parametrize("reason", ["connected", "reconnect", "clash", "undeliverable"])
def test_a_notice_comes_from_the_apps_own_uid_in_its_language(reason: str) -> None:
    item = notice(AppId("app"), Uid("alice"), reason, about="it", booking_id="b")
    message = MESSAGES.notice(TENANT, item)
    assert (message.sender, message.receiver.id, message.type) == ("bot", "alice", NOTICE)
    assert message.custom == {"reason": reason, "bookingId": "b"}
    assert message.outbox_id == item.outbox_id
    english = MESSAGES.notice(replace(TENANT, locale="en"), item)
    assert message.text != english.text
    assert "http" not in message.text


def test_a_notice_about_no_booking_names_none() -> None:
    item = notice(AppId("app"), Uid("alice"), "connected", about="it")
    assert MESSAGES.notice(TENANT, item).custom == {"reason": "connected"}


def _send_notice(world: World) -> None:
    world.outbox.add(notice(world.tenant.app_id, world.alice.uid, "connected", about="test"))
    world.deliver_all()


def _send_invite(world: World) -> None:
    request = world.request(world.share(), START + timedelta(hours=4))
    world.use_cases.booker.book(world.bob, request, world.deadline())
    world.deliver_all()


#: What sends a message of each kind, as the last one.
SENDING: dict[OutboxKind, Callable[[World], object]] = {
    OutboxKind.AVAILABILITY: World.share,
    OutboxKind.INVITE: _send_invite,
    OutboxKind.NOTICE: _send_notice,
}


@pytest.mark.parametrize("kind", list(OutboxKind))
def test_a_message_of_any_kind_says_that_it_notifies(world: World, kind: OutboxKind) -> None:
    """CometChat sends no push, mail or SMS for a custom message that does not say so.

    A kind of which the contract says otherwise (a companion text follows it, or it has no push of
    its own) says false here, and then counts as unread no more.
    """
    assert kind in SENDING, f"Say here how a message of kind {kind} is sent, and what it says."
    SENDING[kind](world)
    message = world.chat.sent[-1]
    kinds = {each["outboxId"]: each["kind"] for each in world.items() if "outboxId" in each}
    assert kinds[message.outbox_id] == kind
    data = message.as_json()["data"]
    assert data["sendNotification"] is True
    assert data["metadata"]["incrementUnreadCount"] is True
