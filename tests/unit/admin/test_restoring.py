"""After a restore the deployment's table is what the restored one is."""

from collections.abc import Iterator
from typing import Any

import pytest

from scheduling import wiring
from scheduling.admin import restoring
from scheduling.admin.program import main
from tests.fakes import START
from tests.world import World, create_table


def put(world: World, table: str, *keys: str, **more: str) -> None:
    for key in keys:
        item: Any = {"pk": {"S": key}, "sk": {"S": "X"}, **{k: {"S": v} for k, v in more.items()}}
        world.client.put_item(TableName=table, Item=item)


@pytest.fixture
def restored(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    name = f"{world.table_name}-restored"
    create_table(world.client, name)
    monkeypatch.setenv("TABLE_NAME", world.table_name)
    wiring.ports.cache_clear()
    yield name
    wiring.ports.cache_clear()


def test_what_was_lost_comes_back_what_was_changed_is_as_before_what_came_later_goes(
    world: World, restored: str, capsys: pytest.CaptureFixture[str]
) -> None:
    wanted = restoring.held(world.client, world.table_name)
    restoring.write(world.client, restored, [{"PutRequest": {"Item": i}} for i in wanted.values()])
    put(world, restored, *(f"lost-{number}" for number in range(60)), state="as it was")
    put(world, world.table_name, "lost-0", state="changed since")
    share = world.share()
    world.use_cases.booker.book(
        world.bob, world.request(share, START.replace(hour=START.hour + 4)), world.deadline()
    )
    before = restoring.held(world.client, world.table_name)

    assert main(["restore", "--from", restored, "--dry-run"]) == 0
    assert restoring.held(world.client, world.table_name) == before
    assert main(["restore", "--from", restored]) == 0
    assert restoring.held(world.client, world.table_name) == restoring.held(world.client, restored)
    heard = capsys.readouterr().out
    assert "60 to bring back" in heard
    assert main(["restore", "--from", restored]) == 0
    assert "0 to bring back, 0 to remove" in capsys.readouterr().out


@pytest.mark.parametrize("own", [True, False])
def test_an_empty_table_and_the_own_one_are_refused(
    world: World, restored: str, *, own: bool
) -> None:
    before = restoring.held(world.client, world.table_name)
    assert main(["restore", "--from", world.table_name if own else restored]) == (2 if own else 1)
    assert restoring.held(world.client, world.table_name) == before
