"""Links: what one says is read again until it ends, by its purpose alone, and spent by one."""

from datetime import timedelta

import pytest

from scheduling.access.links import (
    LINK_LIFETIME,
    LinkPurpose,
    Links,
    connect_link,
    is_registered_redirect,
    page_link,
)
from scheduling.core.errors import LinkInvalid
from scheduling.models import AppId, Caller, Person, Secret, ShareId, Tenant, Uid
from tests.fakes import START

LINKS = Links("https://scheduling.test", [Secret("a-signing-key-for-tests")])
ENDS = START + timedelta(minutes=5)
BOB = Caller(Tenant(AppId("app"), "us", "App", Secret("key")), Person(Uid("bob"), "Bob"))


def test_what_was_signed_is_read_again_until_it_ends() -> None:
    token = LINKS.token(LinkPurpose.CURSOR, {"at": "é/1"}, ENDS)
    just_before = ENDS - timedelta(seconds=1)
    assert LINKS.read(LinkPurpose.CURSOR, token, just_before) == {"at": "é/1"}
    with pytest.raises(LinkInvalid):
        LINKS.read(LinkPurpose.CURSOR, token, ENDS)


def test_a_token_stands_in_an_address_as_it_is() -> None:
    token = LINKS.token(LinkPurpose.CURSOR, {"at": "é/1 ?&#"}, ENDS)
    assert set(token) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")


@pytest.mark.parametrize("token", ["", ".", "no-token", "a.b", "é", "x" * 10_000])
def test_what_is_no_token_is_refused_as_an_old_one_is(token: str) -> None:
    with pytest.raises(LinkInvalid) as refusal:
        LINKS.read(LinkPurpose.CURSOR, token, START)
    assert refusal.value.message == "This link does not work any more."


def test_which_reason_it_is_cannot_be_told_from_the_refusal() -> None:
    token = LINKS.token(LinkPurpose.CURSOR, {}, ENDS)
    said = set()
    for purpose, sent, now in (
        (LinkPurpose.CURSOR, token, ENDS),
        (LinkPurpose.PAGE, token, START),
        (LinkPurpose.CURSOR, token.swapcase(), START),
    ):
        with pytest.raises(LinkInvalid) as refusal:
            LINKS.read(purpose, sent, now)
        said.add((refusal.value.message, str(refusal.value.details)))
    assert len(said) == 1


def test_a_key_that_signs_no_more_is_still_read_and_one_that_is_gone_is_not() -> None:
    old, new = Secret("an-old-signing-key"), Secret("a-new-signing-key")
    token = Links("", [old]).token(LinkPurpose.PAGE, {"s": "1"}, ENDS)
    assert Links("", [old, new]).read(LinkPurpose.PAGE, token, START) == {"s": "1"}
    with pytest.raises(LinkInvalid):
        Links("", [new]).read(LinkPurpose.PAGE, token, START)


def test_a_connect_link_says_whose_page_it_opens_and_where_it_leads_back_to() -> None:
    made = connect_link(LINKS, BOB, "https://app.test/chat", START)
    place, _, token = made.url.rpartition("/")
    assert place == "https://scheduling.test/connect"
    assert made.expires_at == START + LINK_LIFETIME
    content = LINKS.read(LinkPurpose.CONNECT, token, START)
    assert content.pop("i"), "by which it is spent"
    assert content == {"a": "app", "u": "bob", "n": "Bob", "r": "https://app.test/chat"}


def test_a_page_link_opens_one_share_and_no_two_are_the_same() -> None:
    one, other = (page_link(LINKS, BOB, ShareId("share"), START) for _ in range(2))
    place, _, token = one.url.rpartition("/")
    assert place == "https://scheduling.test/book"
    assert LINKS.read(LinkPurpose.PAGE, token, START)["s"] == "share"
    assert one.url != other.url


@pytest.mark.parametrize(
    ("url", "registered", "led_back"),
    [
        ("https://app.test", "https://app.test", True),
        ("https://app.test/", "https://app.test", True),
        ("https://app.test/anything", "https://app.test/", True),
        ("https://app.test/chat/room?next=https://evil.test#x", "https://app.test/chat/", True),
        ("https://app.test/chats", "https://app.test/chat", False),
        ("https://app.test:8443/chat", "https://app.test/chat", False),
        ("https://app.test:8443/chat", "https://app.test:8443/chat", True),
        ("https://app.test/Chat", "https://app.test/chat", False),
        ("HTTPS://app.test/chat", "https://app.test/chat", True),
        ("http://localhost:3000/demo", "http://localhost:3000/demo", True),
        ("app.test/chat", "https://app.test/chat", False),
        ("", "https://app.test/chat", False),
        ("https://app.test/chat\n", "https://app.test/chat", False),
        ("https://app.test/chat/%2e%2e/admin", "https://app.test/chat", False),
    ],
)
def test_an_address_is_led_back_to_at_or_below_a_registered_one(
    url: str, registered: str, *, led_back: bool
) -> None:
    assert is_registered_redirect(url, ("https://other.test", registered)) is led_back
    assert not is_registered_redirect(url, ())
