"""Which apps are served: what differs is named, and an app's hosts are disconnected one by one."""

from dataclasses import replace

from scheduling.models import AppId, Secret, Tenant, Uid
from scheduling.operations.tenants import TenantAdministration
from tests.unit.meetings import booked, claimed_buckets, died
from tests.world import World


def administration(world: World) -> TenantAdministration:
    return TenantAdministration(world.clock, world.tenants, world.connections)


def test_what_differs_from_what_is_registered_is_named(world: World) -> None:
    changes = administration(world).changes
    assert changes(world.tenant) == []
    assert changes(replace(world.tenant, name="Another", locale="de")) == ["name", "locale"]
    assert changes(replace(world.tenant, api_key=Secret("another"))) == ["api_key"]


def test_all_of_a_new_app_is_new(world: World) -> None:
    new = Tenant(AppId("new"), "eu", "New App", Secret("key"))
    assert administration(world).changes(new) == [*Tenant.__dataclass_fields__]


def test_hosts_are_those_of_the_app_alone(world: World) -> None:
    world.connect("carol", "carol", AppId("another"))
    assert administration(world).hosts(AppId("app")) == ["alice"]
    assert administration(world).hosts(AppId("nobody")) == []


def test_every_host_is_disconnected_and_meetings_stay(world: World) -> None:
    booked(world)
    world.connect("carol", "carol")
    left = administration(world).disconnect_all(AppId("app"), world.use_cases.disconnector)
    assert left == administration(world).hosts(AppId("app")) == []
    assert sorted(world.oauth.revoked) == ["refresh-alice", "refresh-carol"]
    assert len(world.calendar.meetings) == 1


def test_a_host_whose_bookings_settle_longer_is_named_and_holds_up_no_other(world: World) -> None:
    died(world)
    world.connect("carol", "carol")
    left = administration(world).disconnect_all(AppId("app"), world.use_cases.disconnector)
    assert left == [Uid("alice")]
    assert world.oauth.revoked == ["refresh-carol"]
    world.clock.pass_(minutes=2)
    world.reconcile()
    assert administration(world).hosts(AppId("app")) == []
    assert claimed_buckets(world) == 0
