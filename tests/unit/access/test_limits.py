"""How much one user may do in an hour, and what is said to whoever did it."""

from datetime import timedelta

import pytest

from scheduling.access.limits import MOST, Limited, Limits
from scheduling.core.errors import TooManyRequests
from tests.world import World


def limits(world: World, factor: int = 1) -> Limits:
    return Limits(world.clock, world.usage, world.metrics, factor)


def did_enough(world: World, kind: Limited = Limited.CONNECT_LINK) -> Limits:
    """Let bob do as much of a kind as one may."""
    counting = limits(world)
    for _ in range(MOST[kind]):
        counting.count(world.bob, kind)
    return counting


def test_every_kind_has_a_limit() -> None:
    assert set(MOST) == set(Limited)
    assert all(most > 0 for most in MOST.values())


def test_one_more_than_enough_is_refused_and_counted_as_that(world: World) -> None:
    counting = did_enough(world)
    assert world.metrics.counts["LimitReached"] == 0
    with pytest.raises(TooManyRequests):
        counting.count(world.bob, Limited.CONNECT_LINK)
    assert world.metrics.counts["LimitReached"] == 1


def test_the_hour_is_the_clocks_and_what_is_left_of_it_is_told(world: World) -> None:
    world.clock.pass_(minutes=59, seconds=58.5)
    counting = did_enough(world)
    with pytest.raises(TooManyRequests) as refusal:
        counting.count(world.bob, Limited.CONNECT_LINK)
    assert refusal.value.retry_after_seconds == 2, "rounded up, or the next try came too early"
    world.clock.pass_(seconds=2)
    counting.count(world.bob, Limited.CONNECT_LINK)


def test_users_and_kinds_are_counted_apart(world: World) -> None:
    counting = did_enough(world)
    counting.count(world.alice, Limited.CONNECT_LINK)
    counting.count(world.bob, Limited.PAGE_LINK)


def test_the_operators_factor_multiplies_what_one_may_do(world: World) -> None:
    did_enough(world)
    raised = limits(world, factor=2)
    for _ in range(MOST[Limited.CONNECT_LINK]):
        raised.count(world.bob, Limited.CONNECT_LINK)
    with pytest.raises(TooManyRequests):
        raised.count(world.bob, Limited.CONNECT_LINK)


def test_whoever_was_refused_is_not_refused_for_longer(world: World) -> None:
    counting = did_enough(world)
    for _ in range(3):
        with pytest.raises(TooManyRequests) as refusal:
            counting.count(world.bob, Limited.CONNECT_LINK)
        assert refusal.value.retry_after_seconds == timedelta(hours=1).total_seconds()
