"""One-time links: looked at by anybody's preview, spent once for a browser's session."""

from datetime import timedelta

import pytest

from scheduling.connections.sessions import SESSION_LIFETIME
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


def test_the_session_is_of_whom_the_link_was_made_for_and_leads_back_where_it_says(
    world: World,
) -> None:
    url = world.use_cases.connector.link(world.bob, "https://app.test/chat").url
    made = world.use_cases.one_time_links.redeem(Purpose.CONNECT, url.rpartition("/")[2])
    assert (made.app_id, made.person) == (world.tenant.app_id, world.bob.person)
    assert (made.return_url, made.share_id) == ("https://app.test/chat", "")
    assert made.expires_at == world.clock.now() + SESSION_LIFETIME
    assert world.sessions.get(made.app_id, made.key) == made


def test_a_booking_page_is_of_its_share_and_its_link_opens_no_connect_page(world: World) -> None:
    share = world.share()
    token = world.use_cases.share_views.page_link(
        world.bob, share, world.deadline()
    ).url.rpartition("/")[2]
    with pytest.raises(LinkInvalid):
        world.use_cases.one_time_links.landing(Purpose.CONNECT, token)
    made = world.use_cases.one_time_links.redeem(Purpose.PAGE, token)
    assert (made.purpose, made.share_id) == (Purpose.PAGE, share)


def test_two_links_open_two_sessions_with_keys_of_their_own(world: World) -> None:
    one, other = (
        world.use_cases.one_time_links.redeem(Purpose.CONNECT, link(world)) for _ in range(2)
    )
    assert one.key != other.key


def test_a_link_to_an_app_that_is_gone_shows_nothing(world: World) -> None:
    token = link(world)
    world.tenants.remove(world.tenant.app_id)
    with pytest.raises(LinkInvalid):
        world.use_cases.one_time_links.landing(Purpose.CONNECT, token)


def test_a_link_is_good_to_its_last_second(world: World) -> None:
    token = link(world)
    world.clock.pass_(minutes=10)
    world.clock.instant -= timedelta(seconds=1)
    made = world.use_cases.one_time_links.redeem(Purpose.CONNECT, token)
    assert made.person == world.bob.person
