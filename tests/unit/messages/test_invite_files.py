"""The .ics file behind a signed link: the meeting as it is now, to whoever holds the link."""

from datetime import timedelta

import pytest

from scheduling.access.links import LinkPurpose
from scheduling.core.errors import LinkInvalid, NotFound
from scheduling.messages.invite_files import InviteContent
from scheduling.models import Booking
from tests.readers import by_icalendar
from tests.unit.meetings import LATER, booked, cancelled, left_open, moved
from tests.world import World


def linked(world: World, booking: Booking) -> str:
    """Return the last part of the link in a booking's invite."""
    made = world.use_cases.messages.invite_of(booking)
    assert made is not None
    return str(made.links["ics"]).rpartition("/")[2]


def read(world: World, name: str) -> InviteContent:
    return world.use_cases.invite_files.read(name)


def test_the_file_is_the_meeting_as_it_is_by_now(world: World) -> None:
    booking = booked(world)
    name = linked(world, booking)
    assert by_icalendar(read(world, name).content)[1].start == booking.slot.start
    moved(world, booking)
    method, content = read(world, name)
    _, event = by_icalendar(content)
    assert (method, event.start, event["SEQUENCE"]) == ("PUBLISH", LATER, 1)
    cancelled(world, booking)
    method, content = read(world, name)
    assert (method, by_icalendar(content)[1]["STATUS"]) == ("CANCEL", "CANCELLED")


@pytest.mark.parametrize("name", ["", ".ics", "token", "forged.ics", "../../etc/passwd.ics"])
def test_what_is_no_link_of_ours_is_refused(world: World, name: str) -> None:
    with pytest.raises(LinkInvalid):
        read(world, name)


def test_a_link_without_the_files_ending_and_one_of_another_purpose_are_refused(
    world: World,
) -> None:
    booking = booked(world)
    content = {"a": booking.app_id, "b": booking.booking_id}
    ends_at = world.clock.now() + timedelta(days=1)
    for name in (
        linked(world, booking).removesuffix(".ics"),
        world.links.token(LinkPurpose.PAGE, content, ends_at) + ".ics",
    ):
        with pytest.raises(LinkInvalid):
            read(world, name)


def test_a_meeting_that_never_came_to_be_and_one_that_is_not_known_have_no_file(
    world: World,
) -> None:
    ends_at = world.clock.now() + timedelta(days=1)
    for named in (left_open(world).booking_id, "0" * 32):
        content = {"a": world.tenant.app_id, "b": named}
        token = world.links.token(LinkPurpose.INVITE_FILE, content, ends_at)
        with pytest.raises(NotFound):
            read(world, f"{token}.ics")
