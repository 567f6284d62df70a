"""Who may look at a share and book it, and with whom one may share; unknown is no."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from scheduling.access.policy import AccessPolicy, Role
from scheduling.core.errors import ChatUnavailable, InvalidRequest, NotAllowed, NotFound
from scheduling.core.retry import TRIES
from scheduling.models import AppId, Receiver, ShareId
from tests.world import World


def policy(world: World) -> AccessPolicy:
    return world.use_cases.access_policy


def test_a_share_is_open_to_its_host_and_to_whom_it_is_addressed(world: World) -> None:
    share = world.share()
    found, role = policy(world).authorize(world.alice, share, world.deadline())
    assert (found.share_id, role) == (share, Role.HOST)
    assert policy(world).authorize(world.bob, share, world.deadline())[1] is Role.GUEST
    with pytest.raises(NotAllowed):
        policy(world).authorize(world.caller("carol"), share, world.deadline())


def test_a_share_that_is_not_there_and_one_of_another_app_are_not_found(world: World) -> None:
    share = world.share()
    elsewhere = replace(world.bob, tenant=replace(world.tenant, app_id=AppId("other")))
    for caller, name in ((world.bob, ShareId("0" * 32)), (elsewhere, share)):
        with pytest.raises(NotFound):
            policy(world).authorize(caller, name, world.deadline())


def test_the_members_of_a_group_are_its_guests_as_long_as_they_are_members(world: World) -> None:
    world.chat.groups["team"] = {"alice", "bob"}
    share = world.share("team", "group")
    assert policy(world).authorize(world.bob, share, world.deadline())[1] is Role.GUEST
    world.chat.groups["team"].remove("bob")
    with pytest.raises(NotAllowed):
        policy(world).authorize(world.bob, share, world.deadline())


def test_a_user_named_like_a_group_is_no_member_of_it(world: World) -> None:
    world.chat.groups["team"] = {"alice"}
    share = world.share("team", "group")
    with pytest.raises(NotAllowed):
        policy(world).authorize(world.caller("team"), share, world.deadline())


def test_a_booking_page_shows_its_own_share_alone(world: World) -> None:
    one, other = world.share(), world.share()
    page = replace(world.bob, only_share=one)
    assert policy(world).authorize(page, one, world.deadline())[1] is Role.GUEST
    with pytest.raises(NotAllowed):
        policy(world).authorize(page, other, world.deadline())


@pytest.mark.parametrize("block", [("alice", "bob"), ("bob", "alice")])
def test_who_has_blocked_whom_is_not_told(world: World, block: tuple[str, str]) -> None:
    share = world.share()
    world.chat.blocks.add(block)
    with pytest.raises(NotAllowed) as of_guest:
        policy(world).authorize(world.bob, share, world.deadline())
    with pytest.raises(NotAllowed) as of_host:
        policy(world).require_reachable(world.alice, Receiver("bob", "user"), world.deadline())
    assert "block" not in of_guest.value.message + of_host.value.message
    assert policy(world).authorize(world.alice, share, world.deadline())[1] is Role.HOST


def test_a_guest_whom_the_chat_does_not_know_any_more_is_turned_away(world: World) -> None:
    share = world.share()
    world.chat.known = {"alice"}
    with pytest.raises(NotAllowed):
        policy(world).authorize(world.bob, share, world.deadline())


def test_while_the_chat_cannot_say_no_guest_is_let_in_and_its_host_is(world: World) -> None:
    share = world.share()
    world.chat.unreachable = True
    with pytest.raises(ChatUnavailable):
        policy(world).authorize(world.bob, share, world.deadline())
    assert policy(world).authorize(world.alice, share, world.deadline())[1] is Role.HOST


@pytest.mark.parametrize(
    ("receiver", "refusal"),
    [
        (Receiver("bob", "user"), None),
        (Receiver("nobody", "user"), InvalidRequest),
        (Receiver("blocked", "user"), NotAllowed),
        (Receiver("ours", "group"), None),
        (Receiver("theirs", "group"), NotAllowed),
        (Receiver("bob", "group"), NotAllowed),
    ],
)
def test_one_shares_with_users_that_one_reaches_and_with_groups_of_ones_own(
    world: World, receiver: Receiver, refusal: Any
) -> None:
    world.chat.known = {"alice", "bob", "blocked"}
    world.chat.blocks.add(("blocked", "alice"))
    world.chat.groups |= {"ours": {"alice"}, "theirs": {"bob"}}
    if refusal is None:
        policy(world).require_reachable(world.alice, receiver, world.deadline())
        return
    with pytest.raises(refusal):
        policy(world).require_reachable(world.alice, receiver, world.deadline())


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
