"""Who may look at a share and book it, and with whom one may share; unknown is no."""

from dataclasses import replace
from typing import Any

import pytest

from scheduling.access.policy import AccessPolicy, Role
from scheduling.core.errors import ChatUnavailable, InvalidRequest, NotAllowed, NotFound
from scheduling.models import AppId, Receiver, ShareId
from tests.world import World


def policy(world: World) -> AccessPolicy:
    return world.use_cases.access_policy


def test_a_share_is_open_to_its_host_and_to_whom_it_is_addressed(world: World) -> None:
    share = world.share()
    found, role = policy(world).authorize(world.alice, share)
    assert (found.share_id, role) == (share, Role.HOST)
    assert policy(world).authorize(world.bob, share)[1] is Role.GUEST
    with pytest.raises(NotAllowed):
        policy(world).authorize(world.caller("carol"), share)


def test_a_share_that_is_not_there_and_one_of_another_app_are_not_found(world: World) -> None:
    share = world.share()
    elsewhere = replace(world.bob, tenant=replace(world.tenant, app_id=AppId("other")))
    for caller, name in ((world.bob, ShareId("0" * 32)), (elsewhere, share)):
        with pytest.raises(NotFound):
            policy(world).authorize(caller, name)


def test_the_members_of_a_group_are_its_guests_as_long_as_they_are_members(world: World) -> None:
    world.chat.groups["team"] = {"alice", "bob"}
    share = world.share("team", "group")
    assert policy(world).authorize(world.bob, share)[1] is Role.GUEST
    world.chat.groups["team"].remove("bob")
    with pytest.raises(NotAllowed):
        policy(world).authorize(world.bob, share)


def test_a_user_named_like_a_group_is_no_member_of_it(world: World) -> None:
    world.chat.groups["team"] = {"alice"}
    share = world.share("team", "group")
    with pytest.raises(NotAllowed):
        policy(world).authorize(world.caller("team"), share)


def test_a_booking_page_shows_its_own_share_alone(world: World) -> None:
    one, other = world.share(), world.share()
    page = replace(world.bob, only_share=one)
    assert policy(world).authorize(page, one)[1] is Role.GUEST
    with pytest.raises(NotAllowed):
        policy(world).authorize(page, other)


@pytest.mark.parametrize("block", [("alice", "bob"), ("bob", "alice")])
def test_who_has_blocked_whom_is_not_told(world: World, block: tuple[str, str]) -> None:
    share = world.share()
    world.chat.blocks.add(block)
    with pytest.raises(NotAllowed) as of_guest:
        policy(world).authorize(world.bob, share)
    with pytest.raises(NotAllowed) as of_host:
        policy(world).require_reachable(world.alice, Receiver("bob", "user"))
    assert "block" not in of_guest.value.message + of_host.value.message
    assert policy(world).authorize(world.alice, share)[1] is Role.HOST


def test_a_guest_whom_the_chat_does_not_know_any_more_is_turned_away(world: World) -> None:
    share = world.share()
    world.chat.known = {"alice"}
    with pytest.raises(NotAllowed):
        policy(world).authorize(world.bob, share)


def test_while_the_chat_cannot_say_no_guest_is_let_in_and_its_host_is(world: World) -> None:
    share = world.share()
    world.chat.unreachable = True
    with pytest.raises(ChatUnavailable):
        policy(world).authorize(world.bob, share)
    assert policy(world).authorize(world.alice, share)[1] is Role.HOST


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
        policy(world).require_reachable(world.alice, receiver)
        return
    with pytest.raises(refusal):
        policy(world).require_reachable(world.alice, receiver)
