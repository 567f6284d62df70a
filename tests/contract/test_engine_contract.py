"""What the stores ask of DynamoDB, kept by moto, by MiniStack and by Amazon's DynamoDB Local."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from scheduling.adapters.dynamodb.table import (
    DUE_SHARDS,
    ConditionFailed,
    Key,
    TransactionRefused,
    check,
    delete,
    due_shard,
    epoch,
    put,
    update,
)
from tests.contract.conftest import REAL_ENGINES, Engine
from tests.fakes import START
from tests.world import World

pytestmark = pytest.mark.contract

#: Four of these are more than a page, which DynamoDB ends at 1 MB.
_HEAVY = "x" * 300_000


def a_key(number: int = 0) -> Key:
    return "APP#app#THINGS", f"THING#{number:04d}"


def test_each_engine_is_the_one_named(engine: Engine) -> None:
    answer = engine.client.list_tables()
    address = engine.client.meta.endpoint_url
    signs = {"moto"} if address.endswith(".amazonaws.com") else set()
    if not signs and requests.get(f"{address}/_ministack/ready", timeout=5).ok:
        signs.add("ministack")
    # Amazon's engine is Java behind Jetty, and lives in a region of its own.
    if answer["ResponseMetadata"]["HTTPHeaders"].get("server", "").startswith("Jetty"):
        described = engine.client.describe_table(TableName=answer["TableNames"][0])
        assert described["Table"]["TableArn"].startswith("arn:aws:dynamodb:ddblocal:")
        signs.add("amazon")
    assert signs == {engine.name}


def test_one_transaction_writes_all_or_nothing(stores: World) -> None:
    table = stores.table
    table.transact([put(a_key(1), {"n": 1}), put(a_key(2), {"n": 2})])
    writes = [
        put(a_key(3), {"n": 3}),
        update(a_key(1), "SET #n = :n", n=9),
        delete(a_key(2)),
        check(a_key(4), "attribute_exists(pk)"),
    ]
    with pytest.raises(TransactionRefused):
        table.transact(writes)
    assert table.get(a_key(3)) is None
    assert table.get(a_key(1)) == {"pk": a_key(1)[0], "sk": a_key(1)[1], "n": 1}
    assert table.get(a_key(2)) is not None
    table.transact(writes[:3])
    assert table.get(a_key(3)) is not None
    assert table.get(a_key(2)) is None


def test_a_refused_transaction_says_what_stands_in_each_ones_place(stores: World) -> None:
    table = stores.table
    table.write(put(a_key(1), {"owner": "a"}))
    with pytest.raises(TransactionRefused) as refusal:
        table.transact(
            [
                put(a_key(1), {"owner": "b"}, "attribute_not_exists(pk)"),
                put(a_key(2), {"owner": "b"}, "attribute_not_exists(pk)"),
                check(a_key(3), "#owner = :owner", owner="b"),
                update(a_key(4), "SET #owner = :owner", owner="b"),
            ]
        )
    first, *others = refusal.value.items
    assert first is not None
    assert first["owner"] == "a"
    assert others == [None, {}, None]


def test_a_refused_write_says_what_stands_there(stores: World) -> None:
    table = stores.table
    condition = "attribute_not_exists(pk) OR #version = :version"
    table.write(put(a_key(), {"version": 1}, condition, version=0))
    for write in (
        put(a_key(), {"version": 3}, condition, version=2),
        update(a_key(), "SET #version = :next", "#version = :version", next=3, version=2),
        delete(a_key(), "#version = :version", version=2),
    ):
        with pytest.raises(ConditionFailed) as refusal:
            table.write(write)
        assert refusal.value.item is not None
        assert refusal.value.item["version"] == 1
    with pytest.raises(ConditionFailed) as refusal:
        table.write(delete(a_key(1), "attribute_exists(pk)"))
    assert refusal.value.item is None


def test_an_update_gives_the_whole_new_item(stores: World) -> None:
    stores.table.write(put(a_key(), {"kept": "k", "gone": "g", "n": 1}))
    expression = "SET #n = #n + :one, #added = :added REMOVE #gone"
    item = stores.table.write(update(a_key(), expression, one=1, added=[1, {"a": b"b"}]))
    assert item == stores.table.get(a_key())
    assert {name: item[name] for name in item.keys() - {"pk", "sk"}} == {
        "kept": "k",
        "n": 2,
        "added": [1, {"a": b"b"}],
    }


def test_every_kind_of_value_comes_back_as_it_went(stores: World) -> None:
    values: dict[str, Any] = {
        "text": "Zoë ✓",
        "empty": "",
        "yes": True,
        "number": 1_795_000_000,
        "bytes": bytes(range(256)),
        "list": ["a", 1, [2, False]],
        "map": {"inner": {"deep": "d"}},
        "set": {"app/alice", "app/bob"},
    }
    stores.table.write(put(a_key(), values))
    found = stores.table.get(a_key())
    assert found is not None
    assert {name: found[name] for name in found.keys() - {"pk", "sk"}} == values


def test_a_partition_is_read_in_order_and_past_the_end_of_a_page(stores: World) -> None:
    for number in (3, 0, 4, 1, 2):
        stores.table.write(put(a_key(number), {"heavy": _HEAVY}))
    stores.table.write(put(("APP#other#THINGS", a_key(0)[1]), {}))
    pk = a_key()[0]
    keys = [a_key(number)[1] for number in range(5)]
    assert [item["sk"] for item in stores.table.query(pk)] == keys
    assert [item["sk"] for item in stores.table.query(pk, newest_first=True)] == keys[::-1]
    between = stores.table.query(pk, between=(keys[1], keys[3]))
    assert [item["sk"] for item in between] == keys[1:4]
    after = stores.table.query(pk, prefix="THING#", start=a_key(1), limit=2)
    assert [item["sk"] for item in after] == keys[2:4]
    assert list(stores.table.query(pk, prefix="OTHER#")) == []


def test_many_are_read_at_once_and_what_is_not_there_is_left_out(stores: World) -> None:
    for number in range(3):
        stores.table.write(put(a_key(number), {"n": number}))
    found = stores.table.get_many([a_key(2), a_key(7), a_key(0)])
    assert {key: item["n"] for key, item in found.items()} == {a_key(0): 0, a_key(2): 2}
    assert stores.table.get_many([]) == {}


def test_the_index_has_only_what_is_due_the_longest_due_first(stores: World) -> None:
    shard, now = due_shard(a_key()[0]), epoch(START)
    for number, due_at in enumerate((now + 1, now, now - 2, now - 1)):
        stores.table.write(put(a_key(number), {"dueShard": shard, "dueAt": due_at}))
    stores.table.write(put(a_key(9), {"dueAt": now}))
    assert stores.table.due(shard, now, limit=10) == [a_key(2), a_key(3), a_key(1)]
    assert stores.table.due(shard, now, limit=1) == [a_key(2)]
    stores.table.write(update(a_key(2), "REMOVE #dueShard, #dueAt"))
    assert stores.table.due(shard, now, limit=10) == [a_key(3), a_key(1)]
    elsewhere = f"DUE#{(int(shard[4:]) + 1) % DUE_SHARDS}"
    assert stores.table.due(elsewhere, now, limit=10) == []


def test_a_scan_gives_every_item_of_a_sort_key(stores: World) -> None:
    for number in range(5):
        stores.table.write(put((f"APP#{number}", "THING"), {"heavy": _HEAVY}))
        stores.table.write(put((f"APP#{number}", "OTHER"), {}))
    assert {item["pk"] for item in stores.table.scan("THING")} == {f"APP#{n}" for n in range(5)}


@pytest.mark.parametrize("engine", REAL_ENGINES, indirect=True)
def test_of_many_who_write_at_once_under_a_condition_one_does(stores: World) -> None:
    def take(number: int) -> bool:
        writes = [
            put(a_key(number + 1), {"n": number}),
            put(a_key(), {"owner": number}, "attribute_not_exists(pk)"),
        ]
        try:
            stores.table.transact(writes)
        except TransactionRefused:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        won = [number for number, done in enumerate(pool.map(take, range(16))) if done]
    left = {item["sk"] for item in stores.table.query(a_key()[0])}
    assert len(won) == 1
    assert left == {a_key()[1], a_key(won[0] + 1)[1]}
