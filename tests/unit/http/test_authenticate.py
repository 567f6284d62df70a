"""Who is calling: a chat user by a token, or the booking page by its cookie, and nobody else."""

from typing import Any

import pytest

from scheduling.core.errors import ChatUnavailable, LinkInvalid, NotAllowed, Unauthenticated
from scheduling.http.authenticate import Authenticator
from scheduling.models import Caller, Person, Purpose, ShareId, Uid
from tests.unit.http.gateway import Asked
from tests.world import World

TOKEN = "bobs-token-of-the-chat"
HEADERS = {"appid": "app", "authtoken": TOKEN}
OWN_SCRIPT = {"x-requested-with": "calendar-scheduling"}


@pytest.fixture(autouse=True)
def _known(world: World) -> None:
    world.chat.people[TOKEN] = Person(Uid("bob"), "Bob")


def authenticator(world: World) -> Authenticator:
    return world.use_cases.authenticator


def called(world: World, headers: dict[str, str] | None = None, **asked: Any) -> Caller:
    return authenticator(world).authenticate(Asked(headers or {}, **asked).at())


def page_cookie(world: World, share: ShareId, purpose: Purpose = Purpose.PAGE) -> str:
    if purpose is Purpose.PAGE:
        url = world.use_cases.share_views.page_link(world.bob, share, world.deadline()).url
    else:
        url = world.use_cases.connector.link(world.bob, "").url
    session = world.use_cases.one_time_links.redeem(purpose, url.rpartition("/")[2])
    return world.use_cases.session_cookies.cookie(session).partition(";")[0]


def test_a_chat_user_is_whom_the_chat_says_the_token_is_of(world: World) -> None:
    caller = called(world, HEADERS)
    assert (caller.app_id, caller.uid, caller.person.name) == ("app", "bob", "Bob")
    assert caller.only_share is None
    assert authenticator(world).authenticate_chat_user(Asked(HEADERS).at()) == caller


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"appid": "app"},
        {"authtoken": TOKEN},
        HEADERS | {"appid": "another"},
        HEADERS | {"appid": "app/../app"},
        HEADERS | {"authtoken": "nobodys-token"},
        HEADERS | {"authtoken": "short"},
        HEADERS | {"authtoken": TOKEN + "\n"},
        HEADERS | {"authtoken": "x" * 513},
    ],
)
def test_without_a_token_that_the_chat_knows_nobody_is_let_in(
    world: World, headers: dict[str, str]
) -> None:
    for ask in (authenticator(world).authenticate, authenticator(world).authenticate_chat_user):
        with pytest.raises(Unauthenticated):
            ask(Asked(headers).at())


def test_an_app_that_was_removed_is_not_served(world: World) -> None:
    world.tenants.remove(world.tenant.app_id)
    with pytest.raises(Unauthenticated, match="not registered"):
        called(world, HEADERS)


def test_while_the_chat_cannot_say_nobody_is_let_in(world: World) -> None:
    world.chat.unreachable = True
    with pytest.raises(ChatUnavailable):
        called(world, HEADERS)


def test_the_booking_page_calls_for_the_one_share_that_it_shows(world: World) -> None:
    share = world.share()
    caller = called(world, OWN_SCRIPT, cookies=[page_cookie(world, share)])
    assert (caller.app_id, caller.person, caller.only_share) == ("app", world.bob.person, share)


def test_a_cookie_that_another_sites_form_brings_along_counts_for_nothing(world: World) -> None:
    """Without our script's header, which another site cannot send without asking by CORS."""
    cookie = page_cookie(world, world.share())
    for headers in ({}, {"x-requested-with": "XMLHttpRequest"}):
        with pytest.raises(Unauthenticated):
            called(world, headers, cookies=[cookie])


def test_a_token_counts_before_a_cookie(world: World) -> None:
    world.chat.people[TOKEN] = Person(Uid("carol"), "Carol")
    cookie = page_cookie(world, world.share())
    assert called(world, HEADERS | OWN_SCRIPT, cookies=[cookie]).uid == "carol"


def test_a_route_of_chat_users_takes_no_cookie(world: World) -> None:
    cookie = page_cookie(world, world.share())
    with pytest.raises(Unauthenticated):
        authenticator(world).authenticate_chat_user(Asked(OWN_SCRIPT, cookies=[cookie]).at())


def test_a_session_that_has_ended_and_one_of_the_connect_page_open_nothing(world: World) -> None:
    share = world.share()
    cookie = page_cookie(world, share)
    connecting = page_cookie(world, share, Purpose.CONNECT)
    with pytest.raises(NotAllowed):
        called(world, OWN_SCRIPT, cookies=[connecting])
    with pytest.raises(LinkInvalid):
        called(world, OWN_SCRIPT, cookies=[cookie + "x"])
    world.clock.pass_(minutes=31)
    with pytest.raises(LinkInvalid):
        called(world, OWN_SCRIPT, cookies=[cookie])
