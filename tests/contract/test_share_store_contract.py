"""Promises of `ports.Shares`, `ports.HostPreferences` and `ports.Tenants`, on every engine."""

from dataclasses import replace
from datetime import time, timedelta

import pytest

from scheduling.adapters.dynamodb.tenant_store import TenantStore
from scheduling.core.errors import IdempotencyMismatch, InvalidRequest
from scheduling.models import (
    AppId,
    Preferences,
    Secret,
    Share,
    ShareId,
    ShareState,
    Tenant,
    Uid,
)
from tests.builders import NOW, a_share
from tests.contract.scene import owed_for
from tests.fakes import FakeSeal
from tests.world import World

pytestmark = pytest.mark.contract

APP, ALICE = AppId("app"), Uid("alice")
HOURS = Preferences(
    buffer_before=timedelta(minutes=5),
    buffer_after=timedelta(minutes=10),
    notice=timedelta(hours=4),
    hours={0: ((time(9), time(12, 30)), (time(13), time(0))), 4: ()},
)


def create(stores: World, share: Share, key: str = "", fingerprint: str = "") -> Share | None:
    return stores.shares.create(share, owed_for(share), key, fingerprint)


@pytest.mark.parametrize("preferences", [Preferences(), HOURS], ids=["plain", "with hours"])
def test_a_share_comes_back_as_it_was_made(stores: World, preferences: Preferences) -> None:
    share = a_share(preferences=preferences)
    assert create(stores, share) is None
    assert stores.shares.get(APP, share.share_id) == share
    assert stores.shares.get(AppId("other"), share.share_id) is None
    assert stores.shares.get(APP, ShareId("another")) is None


def test_a_share_and_its_message_are_kept_in_one_transaction(stores: World) -> None:
    share = a_share()
    create(stores, share)
    owed = stores.outbox.get(APP, owed_for(share).owner, 0)
    made = share.created_at
    assert owed == replace(owed_for(share), due_at=made, owed_at=made)


def test_a_repeat_gives_the_share_that_the_key_made(stores: World) -> None:
    first, second = a_share(1), a_share(2)
    assert create(stores, first, "k-1", "f") is None
    assert create(stores, second, "k-1", "f") == first
    assert stores.shares.repeated(APP, ALICE, "k-1", "f") == first
    assert stores.shares.get(APP, second.share_id) is None
    assert stores.outbox.get(APP, owed_for(second).owner, 0) is None
    assert stores.shares.made_by(APP, ALICE, None, 10).items == (first,)


def test_a_key_of_another_request_is_refused(stores: World) -> None:
    create(stores, a_share(1), "k-1", "f")
    with pytest.raises(IdempotencyMismatch):
        create(stores, a_share(2), "k-1", "another")
    with pytest.raises(IdempotencyMismatch):
        stores.shares.repeated(APP, ALICE, "k-1", "another")
    assert stores.shares.get(APP, a_share(2).share_id) is None


def test_a_key_is_its_hosts_alone_and_an_empty_one_made_nothing(stores: World) -> None:
    create(stores, a_share(1), "k-1", "f")
    create(stores, a_share(2), "", "f")
    assert stores.shares.repeated(APP, ALICE, "", "f") is None
    assert stores.shares.repeated(APP, ALICE, "k-2", "f") is None
    assert stores.shares.repeated(APP, Uid("bob"), "k-1", "f") is None
    assert stores.shares.repeated(AppId("other"), ALICE, "k-1", "f") is None


def test_the_id_of_the_message_that_was_sent_is_noted(stores: World) -> None:
    create(stores, a_share())
    stores.shares.note_message(a_share(), "4711")
    assert stores.shares.get(APP, a_share().share_id) == a_share(message_id="4711")


def test_a_closed_share_stays_as_it_is(stores: World) -> None:
    create(stores, a_share())
    stores.shares.close(a_share(), ShareState.WITHDRAWN)
    stores.shares.close(a_share(), ShareState.CLOSED)
    assert stores.shares.get(APP, a_share().share_id) == a_share(state=ShareState.WITHDRAWN)
    stores.shares.close(a_share(1), ShareState.CLOSED)
    assert stores.shares.get(APP, a_share(1).share_id) is None


def test_a_share_that_could_not_be_told_frees_its_key(stores: World) -> None:
    first, second = a_share(1), a_share(2)
    create(stores, first, "k-1", "f")
    stores.shares.forget(first, "k-1")
    assert stores.shares.get(APP, first.share_id) == replace(first, state=ShareState.CLOSED)
    assert create(stores, second, "k-1", "f") is None
    stores.shares.forget(first, "k-1")
    assert stores.shares.repeated(APP, ALICE, "k-1", "f") == second


def test_shares_are_listed_newest_first_page_after_page(stores: World) -> None:
    made = [a_share(number) for number in range(5)]
    for share in made:
        create(stores, share)
    newest = made[::-1]
    seen: list[Share] = []
    cursor = None
    for size in (2, 2, 1):
        page = stores.shares.made_by(APP, ALICE, cursor, 2)
        assert len(page.items) == size
        seen += page.items
        cursor = page.next_cursor
    assert (seen, cursor) == (newest, None)
    assert stores.shares.made_by(APP, ALICE, None, 5).next_cursor is None
    assert stores.shares.made_by(APP, Uid("bob"), None, 5).items == ()
    assert stores.shares.made_by(AppId("other"), ALICE, None, 5).items == ()


def test_a_cursor_leads_to_shares_only(stores: World) -> None:
    stores.connect()
    create(stores, a_share(), "k-1", "f")
    with pytest.raises(InvalidRequest):
        stores.shares.made_by(APP, ALICE, "KEY#share#", 5)


def test_preferences_are_a_hosts_own_and_plain_at_first(stores: World) -> None:
    assert stores.preferences.get(APP, ALICE) == Preferences()
    stores.preferences.put(APP, ALICE, HOURS)
    assert stores.preferences.get(APP, ALICE) == HOURS
    assert stores.preferences.get(APP, Uid("bob")) == Preferences()
    assert stores.preferences.get(AppId("other"), ALICE) == Preferences()
    stores.preferences.put(APP, ALICE, Preferences(notice=timedelta(hours=1)))
    assert stores.preferences.get(APP, ALICE) == Preferences(notice=timedelta(hours=1))


def a_tenant(app_id: str, name: str = "An App") -> Tenant:
    return Tenant(
        app_id=AppId(app_id),
        region="eu",
        name=name,
        api_key=Secret(f"key-of-{app_id}"),
        return_urls=("https://one.test/", "https://two.test/chat"),
        notice_uid=Uid("calendar"),
        locale="de",
    )


def test_an_app_comes_back_as_it_was_registered_and_no_other_is_served(stores: World) -> None:
    stores.tenants.put(a_tenant("zebra"))
    assert stores.tenants.get(AppId("zebra")) == a_tenant("zebra")
    assert stores.tenants.get(AppId("nobody")) is None
    listed = [each.app_id for each in stores.tenants.all()]
    assert listed == ["app", "zebra"]


def test_a_changed_app_is_served_within_a_minute(stores: World) -> None:
    seal = FakeSeal()
    reader = TenantStore(stores.table, seal, stores.clock)  # type: ignore[arg-type]
    stores.tenants.put(a_tenant("zebra", "Before"))
    assert reader.get(AppId("zebra")) == a_tenant("zebra", "Before")
    stores.tenants.put(a_tenant("zebra", "After"))
    stores.clock.pass_(seconds=60)
    assert reader.get(AppId("zebra")) == a_tenant("zebra", "After")
    assert stores.clock.now() == NOW + timedelta(seconds=60)
