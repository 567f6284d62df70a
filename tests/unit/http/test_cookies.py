"""A browser is known by its cookie, for its page, and as long as its app is."""

import pytest
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2

from scheduling.core.errors import NotAllowed
from scheduling.http.cookies import SessionCookies
from scheduling.models import Purpose, Session
from tests.world import World


def session_cookies(world: World) -> SessionCookies:
    return SessionCookies(world.clock, world.links, world.sessions, world.tenants)


def opened(world: World) -> Session:
    url = world.use_cases.connector.link(world.bob, "").url
    return world.use_cases.one_time_links.redeem(Purpose.CONNECT, url.rpartition("/")[2])


def sending(cookie: str) -> APIGatewayProxyEventV2:
    return APIGatewayProxyEventV2({"cookies": [cookie.partition(";")[0]]})


def test_a_browser_is_known_by_its_cookie(world: World) -> None:
    session, known = opened(world), session_cookies(world)
    event = sending(known.cookie(session))
    assert known.session_and_tenant(event, Purpose.CONNECT) == (session, world.tenant)
    assert known.session(event, Purpose.CONNECT) == session


def test_a_page_that_is_open_ends_with_its_app(world: World) -> None:
    session, known = opened(world), session_cookies(world)
    event = sending(known.cookie(session))
    world.tenants.remove(session.app_id)
    for ask in (known.session, known.session_and_tenant):
        with pytest.raises(NotAllowed, match="not registered"):
            ask(event, Purpose.CONNECT)


def test_a_cookie_under_the_name_of_the_other_pages_reads_no_session(world: World) -> None:
    """The booking page's functions may not open what waits for a yes on the connect page."""
    session, known = opened(world), session_cookies(world)
    cookie = known.cookie(session).replace("__Host-connect", "__Host-page")
    world.sessions.get = None  # type: ignore[method-assign,assignment]
    with pytest.raises(NotAllowed):
        known.session(sending(cookie), Purpose.PAGE)
