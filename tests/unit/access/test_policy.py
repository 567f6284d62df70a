"""CometChat is asked again while the request has time; unknown stays no."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from scheduling.core.errors import ChatUnavailable
from scheduling.core.retry import TRIES
from scheduling.models import ShareId
from tests.world import World

Asked = Callable[[World, ShareId], object]

ASKED: dict[str, Asked] = {
    "share with a user": lambda world, _: world.share("carol"),
    "share with a group": lambda world, _: world.share("team", "group"),
    "look": lambda world, share: world.view(world.bob, share),
    "page": lambda world, share: world.use_cases.share_views.page_link(
        world.bob, share, world.deadline()
    ),
}


def shared(world: World) -> ShareId:
    world.chat.groups["team"] = {"alice", "bob"}
    return world.share("team", "group")


@pytest.mark.parametrize("name", ASKED)
@pytest.mark.parametrize("troubles", range(1, TRIES))
def test_a_chat_that_does_not_answer_at_once_is_asked_again(
    world: World, name: str, troubles: int
) -> None:
    share = shared(world)
    world.chat.troubles = [ChatUnavailable() for _ in range(troubles)]
    assert ASKED[name](world, share)
    assert world.chat.troubles == []


@pytest.mark.parametrize("name", ASKED)
def test_it_is_asked_so_often_and_no_more(world: World, name: str) -> None:
    share = shared(world)
    world.chat.troubles = [ChatUnavailable() for _ in range(TRIES + 1)]
    with pytest.raises(ChatUnavailable):
        ASKED[name](world, share)
    assert len(world.chat.troubles) == 1


@pytest.mark.parametrize("name", ASKED)
def test_the_wait_that_it_asks_for_is_kept(world: World, name: str) -> None:
    share = shared(world)
    world.chat.troubles = [ChatUnavailable(retry_after=7)]
    begun = world.clock.now()
    ASKED[name](world, share)
    assert world.clock.now() - begun >= timedelta(seconds=7)


@pytest.mark.parametrize("name", ASKED)
def test_a_wait_that_is_longer_than_the_request_is_told(world: World, name: str) -> None:
    share = shared(world)
    world.chat.troubles = [ChatUnavailable(retry_after=60)]
    with pytest.raises(ChatUnavailable) as refusal:
        ASKED[name](world, share)
    assert refusal.value.retry_after_seconds == 60
