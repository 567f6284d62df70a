"""Everything about one person is found wherever it stands, and nothing about anybody else."""

from collections import Counter
from datetime import timedelta

from scheduling.bookings.requests import HoldRequest
from scheduling.models import AppId, Secret, Tenant, Uid
from tests.unit.meetings import LATER, booked, claimed_buckets
from tests.world import World

APP = AppId("app")


def kinds(world: World, uid: str) -> Counter[str]:
    return Counter(each.kind for each in world.personal_data.records(APP, Uid(uid)).items)


def forget(world: World, uid: str) -> None:
    world.personal_data.forget(world.personal_data.records(APP, Uid(uid)))


def test_a_meeting_is_found_by_its_host_and_by_its_guest_and_by_nobody_else(world: World) -> None:
    booking = booked(world)
    for uid in ("alice", "bob"):
        records = world.personal_data.records(APP, Uid(uid))
        assert [each.booking_id for each in records.bookings] == [booking.booking_id]
        assert [each.share_id for each in records.shares] == [booking.share_id]
    assert kinds(world, "carol") == {}


def test_a_share_to_a_group_is_the_hosts_and_not_its_members(world: World) -> None:
    world.chat.groups["team"] = {"alice", "bob"}
    world.share("team", "group")
    assert kinds(world, "alice")["share"] > 0
    assert kinds(world, "bob") == {}


def test_a_users_namesake_in_another_app_is_another_person(world: World) -> None:
    world.tenants.put(Tenant(AppId("app2"), "us", "Other", Secret("key")))
    world.connect("bob", "bob", AppId("app2"))
    assert kinds(world, "bob") == {}


def test_what_leads_to_it_goes_with_it(world: World) -> None:
    share = world.share(key="alices-key")
    request = world.request(share, LATER, key="bobs-key")
    world.use_cases.booker.book(world.bob, request, world.deadline())
    assert kinds(world, "bob")["key"] == 2, "of the share, and of the booking"
    world.deliver_all()
    forget(world, "bob")
    assert kinds(world, "bob") == {}
    assert "bob" not in str([item for item in world.items() if not item["sk"].startswith("USED#")])


def test_a_hold_goes_with_the_time_that_it_has(world: World) -> None:
    share = world.share()
    request = HoldRequest(share_id=share, starts_at=LATER, duration=None)
    world.use_cases.slot_holder.hold(world.bob, request, world.deadline())
    assert claimed_buckets(world) == 6
    forget(world, "bob")
    assert claimed_buckets(world) == 0


def test_a_hold_that_has_ended_takes_no_time_from_whoever_has_it_by_now(world: World) -> None:
    share, carols = world.share(), world.share("carol")
    request = HoldRequest(share_id=share, starts_at=LATER, duration=None)
    world.use_cases.slot_holder.hold(world.bob, request, world.deadline())
    world.clock.instant += timedelta(minutes=6)
    world.use_cases.booker.book(
        world.caller("carol"), world.request(carols, LATER), world.deadline()
    )
    forget(world, "bob")
    assert claimed_buckets(world) == 6


def test_what_was_begun_can_be_begun_again(world: World) -> None:
    booked(world)
    records = world.personal_data.records(APP, Uid("bob"))
    world.personal_data.forget(records)
    world.personal_data.forget(records)
    assert kinds(world, "bob") == {}


def test_what_is_found_by_a_share_or_booking_goes_before_it(world: World) -> None:
    booked(world)
    found = [each.place[1] for each in world.personal_data.records(APP, Uid("bob")).items]
    assert set(found[-2:]) == {"SHARE", "BOOKING"}
    assert len(found) > 2
