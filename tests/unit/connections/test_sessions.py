"""One-time links: looked at by anybody's preview, spent once for a browser's session."""

import pytest

from scheduling.core.errors import LinkInvalid
from scheduling.models import Purpose
from tests.unit.connections.test_connect import link
from tests.world import World


def test_a_link_is_spent_once_and_looking_at_it_spends_nothing(world: World) -> None:
    token = link(world)
    for _ in range(3):
        assert world.use_cases.one_time_links.landing(Purpose.CONNECT, token).name == "Test App"
    world.use_cases.one_time_links.redeem(Purpose.CONNECT, token)
    with pytest.raises(LinkInvalid):
        world.use_cases.one_time_links.redeem(Purpose.CONNECT, token)


def test_a_link_lasts_ten_minutes_and_opens_nothing_else(world: World) -> None:
    token = link(world)
    with pytest.raises(LinkInvalid):
        world.use_cases.one_time_links.redeem(Purpose.PAGE, token)
    with pytest.raises(LinkInvalid):
        world.use_cases.one_time_links.landing(Purpose.CONNECT, token.swapcase())
    world.clock.pass_(minutes=10)
    with pytest.raises(LinkInvalid):
        world.use_cases.one_time_links.redeem(Purpose.CONNECT, token)
