"""Promises of `ports.Usage`, kept on every engine."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from scheduling.adapters.dynamodb.table import epoch
from scheduling.core.times import Interval
from scheduling.models import AppId, Uid
from tests.builders import NOW
from tests.contract.conftest import REAL_ENGINES
from tests.world import World

pytestmark = pytest.mark.contract

APP, ALICE = AppId("app"), Uid("alice")
HOUR = Interval(NOW, NOW + timedelta(hours=1))
NEXT = Interval(HOUR.end, HOUR.end + timedelta(hours=1))


def counted(
    stores: World, *, app: str = APP, uid: str = ALICE, kind: str = "share", when: Interval = HOUR
) -> bool:
    return stores.usage.count(AppId(app), Uid(uid), kind, when, 2)


def test_so_many_are_counted_and_no_more(stores: World) -> None:
    assert [counted(stores) for _ in range(4)] == [True, True, False, False]
    (item,) = [each for each in stores.items() if each["sk"].startswith("USED#")]
    assert (item["used"], item["ttl"]) == (2, epoch(HOUR.end))


def test_a_limit_that_was_raised_lets_more_through_and_a_lowered_one_less(stores: World) -> None:
    assert [counted(stores) for _ in range(3)] == [True, True, False]
    assert stores.usage.count(APP, ALICE, "share", HOUR, 3)
    assert not counted(stores)


def test_each_user_of_each_app_each_kind_and_each_window_is_counted_alone(stores: World) -> None:
    assert [counted(stores) for _ in range(3)] == [True, True, False]
    assert counted(stores, uid="bob")
    assert counted(stores, app="other")
    assert counted(stores, kind="book")
    assert counted(stores, when=NEXT)
    assert not counted(stores)


@pytest.mark.parametrize("engine", REAL_ENGINES, indirect=True)
def test_of_many_at_once_no_more_are_counted_than_may_be(stores: World) -> None:
    with ThreadPoolExecutor(6) as pool:
        let = list(pool.map(lambda _: stores.usage.count(APP, ALICE, "book", HOUR, 5), range(24)))
    assert let.count(True) == 5
