"""A link does one thing, for one while, and leaves nothing live behind."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
import requests

from local import demo_drive
from scheduling.access.links import LINK_LIFETIME, LinkPurpose, Links
from scheduling.bookings.requests import RescheduleRequest
from scheduling.core.errors import InvalidRequest, LinkInvalid, NotFound
from scheduling.messages.invite_files import InviteFiles
from scheduling.models import Booking, Purpose, Secret
from tests.e2e.conftest import Town
from tests.fakes import START
from tests.security.lively import SLOT, book
from tests.world import World

OLD, NEW, FOREIGN = Secret("an-old-key"), Secret("a-new-key"), Secret("a-foreign-key")
CONTENT = {"a": "app", "u": "bob"}
ENDS = START + timedelta(minutes=10)


def links(*keys: Secret) -> Links:
    return Links("https://scheduling.test", keys)


# Signed, for one purpose, with an end


@pytest.mark.parametrize("purpose", LinkPurpose)
def test_a_link_of_one_purpose_is_noise_to_every_other(purpose: LinkPurpose) -> None:
    token = links(NEW).token(purpose, CONTENT, ENDS)
    assert links(NEW).read(purpose, token, START) == CONTENT
    for other in set(LinkPurpose) - {purpose}:
        with pytest.raises(LinkInvalid):
            links(NEW).read(other, token, START)


def test_a_link_ends_to_the_second() -> None:
    token = links(NEW).token(LinkPurpose.CONNECT, CONTENT, ENDS)
    assert links(NEW).read(LinkPurpose.CONNECT, token, ENDS - timedelta(seconds=1))
    for later in (timedelta(0), timedelta(days=400)):
        with pytest.raises(LinkInvalid):
            links(NEW).read(LinkPurpose.CONNECT, token, ENDS + later)


def test_no_character_of_a_link_can_be_changed() -> None:
    token = links(NEW).token(LinkPurpose.CONNECT, CONTENT, ENDS)
    for place, character in enumerate(token[:-1]):  # of the last one some bits say nothing
        changed = "A" if character != "A" else "B"
        with pytest.raises(LinkInvalid):
            links(NEW).read(
                LinkPurpose.CONNECT, token[:place] + changed + token[place + 1 :], START
            )
    for odd in ("", ".", "..", token[:-1], f"{token}.{token}", "é" * 40, "\x00", token.swapcase()):
        with pytest.raises(LinkInvalid):
            links(NEW).read(LinkPurpose.CONNECT, odd, START)


def test_two_keys_are_accepted_and_the_last_one_signs() -> None:
    before = links(OLD).token(LinkPurpose.INVITE_FILE, CONTENT, ENDS)
    both = links(OLD, NEW)
    assert both.read(LinkPurpose.INVITE_FILE, before, START) == CONTENT
    after = both.token(LinkPurpose.INVITE_FILE, CONTENT, ENDS)
    assert links(NEW).read(LinkPurpose.INVITE_FILE, after, START) == CONTENT
    for keys, token in (((NEW,), before), ((OLD,), after), ((FOREIGN,), after), ((OLD,), "x")):
        with pytest.raises(LinkInvalid):
            links(*keys).read(LinkPurpose.INVITE_FILE, token, START)
    # A key that is to sign later is known to everybody before it does.
    assert links(NEW, OLD).token(LinkPurpose.INVITE_FILE, CONTENT, ENDS) == before


def test_a_link_of_one_deployment_is_of_no_use_at_another() -> None:
    token = links(NEW).token(LinkPurpose.CONNECT, CONTENT, ENDS)
    with pytest.raises(LinkInvalid):
        links(FOREIGN).read(LinkPurpose.CONNECT, token, START)


# The .ics file


class Writer:
    def render(self, booking: Booking) -> bytes:
        return booking.booking_id.encode()


def files(world: World) -> InviteFiles:
    return InviteFiles(world.clock, world.bookings, world.links, Writer())


def file_of(world: World, booking: Booking) -> str:
    invite = world.use_cases.messages.invite_of(booking)
    assert invite is not None
    return invite.links["ics"].rpartition("/")[2]


def test_an_ics_file_is_served_until_thirty_days_after_its_meeting(world: World) -> None:
    booking = book(world, "bob", world.share(), 0)
    file = file_of(world, booking)
    assert files(world).read(file).content == booking.booking_id.encode()
    world.clock.instant = booking.slot.end + timedelta(days=30) - timedelta(seconds=1)
    assert files(world).read(file).method == "PUBLISH"
    world.clock.pass_(seconds=1)
    with pytest.raises(LinkInvalid):
        files(world).read(file)


def test_a_link_to_a_meeting_that_was_moved_to_an_earlier_time_ends_with_that(
    world: World,
) -> None:
    booking = book(world, "bob", world.share(), 60)
    file = file_of(world, booking)
    request = RescheduleRequest(starts_at=SLOT, idempotency_key="")
    moved = world.use_cases.booking_changer.reschedule(
        world.bob, booking.booking_id, request, world.deadline()
    ).booking
    world.clock.instant = moved.slot.end + timedelta(days=30)
    assert world.clock.now() < booking.slot.end + timedelta(days=30)
    with pytest.raises(LinkInvalid):
        files(world).read(file)


def test_the_link_to_a_file_opens_no_page_and_no_pages_link_a_file(world: World) -> None:
    booking = book(world, "bob", world.share(), 0)
    file = file_of(world, booking).removesuffix(".ics")
    for purpose in Purpose:
        with pytest.raises(LinkInvalid):
            world.use_cases.one_time_links.landing(purpose, file)
        with pytest.raises(LinkInvalid):
            world.use_cases.one_time_links.redeem(purpose, file)
    url = world.use_cases.connector.link(world.bob, "").url
    with pytest.raises(LinkInvalid):
        files(world).read(str(url).rpartition("/")[2] + ".ics")


def test_a_link_to_a_meeting_that_is_gone_finds_nothing(world: World) -> None:
    booking = book(world, "bob", world.share(), 0)
    file = file_of(world, booking)
    world.use_cases.eraser.erase(booking.app_id, booking.guest.uid, world.deadline())
    with pytest.raises(NotFound):
        files(world).read(file)


# Where the connect page may lead back to

EVIL = [
    "https://evil.test/",
    "https://evil.test/https://app.test/chat",
    "https://app.test.evil.test/chat",
    "https://app.test@evil.test/chat",
    "https://app.test:pass@evil.test/chat",
    "https://evil.test#https://app.test/chat",
    "https://evil.test\\@app.test/chat",
    "https://evil.test\\.app.test/chat",
    "https:\\\\evil.test\\chat",
    "https:/\\evil.test/chat",
    "//evil.test/chat",
    "///app.test/chat",
    "/chat",
    "https:app.test/chat",
    "https:///app.test/chat",
    "http://app.test/chat",
    "ftp://app.test/chat",
    "javascript:alert(1)",
    "javascript://app.test/chat%0aalert(1)",
    "jav\tascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:msgbox(1)",
    "https://app.test:444/chat",
    "https://app.test:443/chat",
    "https://app.test./chat",
    "https://APP.TEST/chat",
    "https://app.test/",
    "https://app.test/chats",
    "https://app.test/chat%2fdown",
    "https://app.test/chat/../admin",
    "https://app.test/chat/..",
    "https://app.test/chat/./x",
    "https://app.test/chat/%2e%2e/admin",
    "https://app.test/chat/.%2E/admin",
    "https://app.test/chat/..%2fadmin",
    "https://app.test/chat/%2e%2e%5cadmin",
    "https://app.test/chat\\..\\admin",
    " https://app.test/chat",
    "https://app.test/chat ",
    "https://app.test/chat\n",
    "https://app.test/ch\tat",
    "https://app\t.test/chat",
    "\x00https://app.test/chat",
    "https://app.test/chat\r\nSet-Cookie: a=b",
    "https://app\u3002test/chat",
    "https://app.test\uff0fchat",
    "https://app\u2100test/chat",
    "https://[app.test/chat",
    "https://[::1]/chat",
    "https://app.test%00.evil.test/chat",
    "https://app.test%2eevil.test/chat",
    "https://\u0430pp.test/chat",
]


@pytest.mark.parametrize("url", EVIL, ids=ascii)
def test_no_evil_form_of_an_address_is_led_back_to(world: World, url: str) -> None:
    with pytest.raises(InvalidRequest) as refusal:
        world.use_cases.connector.link(world.alice, url)
    assert refusal.value.field == "returnUrl"
    assert "evil" not in refusal.value.message


@pytest.mark.parametrize(
    "url",
    [
        "https://app.test/chat",
        "https://app.test/chat/",
        "https://app.test/chat/room/7",
        "https://app.test/chat?to=//evil.test",
        "https://app.test/chat#/room/../7",
        "https://app.test/chat/a..b/...",
        "https://app.test/chat/caf%C3%A9",
    ],
)
def test_what_lies_below_a_registered_address_is_led_back_to(world: World, url: str) -> None:
    link = str(world.use_cases.connector.link(world.alice, url).url)
    session = world.use_cases.one_time_links.redeem(Purpose.CONNECT, link.rpartition("/")[2])
    assert session.return_url == url


def test_another_apps_addresses_are_not_ones_own(world: World) -> None:
    alone = world.alice.tenant
    bare = type(world.alice)(
        type(alone)(alone.app_id, "us", "Bare", Secret("key")), world.alice.person
    )
    with pytest.raises(InvalidRequest):
        world.use_cases.connector.link(bare, "https://app.test/chat")


# Over HTTP

#: The cookie for which a link is exchanged, by the clean address that it leads to.
COOKIES = {"/connect": "__Host-connect", "/book": "__Host-page"}


def one_time(town: Town) -> list[tuple[str, str]]:
    """Return a new connect link and a new booking page's link, each with its clean address."""
    host, guest = town.connected("alice"), town.person("guest")
    share = town.share(host, guest)["shareId"]
    connect = host.call("POST", "v1/connect")["connectUrl"]
    page = guest.call("POST", f"v1/shares/{share}/page")["pageUrl"]
    return [(connect, "/connect"), (page, "/book")]


@pytest.mark.e2e
def test_a_preview_spends_nothing_and_the_button_spends_once(town: Town) -> None:
    for link, clean in one_time(town):
        for agent in ("Slackbot-LinkExpanding 1.0", "facebookexternalhit/1.1", "Mozilla/5.0"):
            seen = requests.get(link, headers={"User-Agent": agent}, timeout=30)
            assert seen.status_code == 200
            assert "Set-Cookie" not in seen.headers
        assert requests.head(link, timeout=30).status_code in {404, 405}
        spent = requests.post(link, timeout=30, allow_redirects=False)
        assert (spent.status_code, spent.headers["Location"]) == (303, clean)
        assert spent.headers["Set-Cookie"].startswith(f"{COOKIES[clean]}=")
        again = requests.post(link, timeout=30, allow_redirects=False)
        assert again.status_code == 410
        assert "Set-Cookie" not in again.headers


@pytest.mark.e2e
def test_the_button_of_a_link_does_not_count_when_another_site_presses_it(town: Town) -> None:
    for link, _ in one_time(town):
        for site in ("cross-site", "same-site", "odd"):
            headers = {"Sec-Fetch-Site": site, "Origin": "https://evil.test"}
            pressed = requests.post(link, headers=headers, timeout=30, allow_redirects=False)
            assert pressed.status_code == 403
            assert "Set-Cookie" not in pressed.headers
        headers = {"Sec-Fetch-Site": "same-origin", "Origin": "null"}
        pressed = requests.post(link, headers=headers, timeout=30, allow_redirects=False)
        assert pressed.status_code == 303


@pytest.mark.e2e
def test_no_live_secret_stays_in_addresses_referrers_logs_or_the_table(town: Town) -> None:
    host, guest = town.connected("alice"), town.person("guest")
    share = town.share(host, guest)["shareId"]
    slot = town.slots(guest, share)[70]
    booked = guest.call("POST", "v1/book", {"shareId": share, "startsAt": slot})
    demo_drive.wait_for_invite(guest, host, booked["booking"]["bookingId"])
    file = booked["invite"]["links"]["ics"]
    read = requests.get(file, timeout=30)
    assert read.headers["Referrer-Policy"] == "no-referrer"
    assert read.headers["Cache-Control"].startswith("private")
    secrets = [file.rpartition("/")[2].removesuffix(".ics")]
    for link, clean in one_time(town):
        secrets.append(link.rpartition("/")[2])
        landing = requests.get(link, timeout=30)
        spent = requests.post(link, timeout=30, allow_redirects=False)
        cookie = spent.headers["Set-Cookie"].split(";")[0]
        secrets.append(cookie.partition("=")[2])
        page = requests.get(town.world.url + clean, headers={"Cookie": cookie}, timeout=30)
        assert page.status_code == 200
        for answer in (landing, spent, page):
            assert answer.headers["Referrer-Policy"] == "no-referrer"
            assert answer.headers["Cache-Control"] == "no-store"
        assert '<meta name="referrer" content="no-referrer">' in landing.text
        # The page at the clean address names no link by which anybody else could come to it.
        assert not any(secret in page.text + spent.headers["Location"] for secret in secrets)
    logs = "\n".join(path.read_text() for path in town.world.folder.glob("*.log"))
    stored = repr(town.items())
    assert "/connect/{token}" in logs
    for number, secret in enumerate(secrets):
        signature = secret.rpartition(".")[2]
        assert len(signature) > 20
        for place in (logs, stored, town.world.output()):
            assert secret not in place, f"secret {number}"
            assert signature not in place, f"signature {number}"


@pytest.mark.e2e
def test_a_link_that_is_changed_or_of_another_kind_is_of_no_use(town: Town) -> None:
    (connect, _), (page, _) = one_time(town)
    token, other = (urlsplit(each).path.rpartition("/")[2] for each in (connect, page))
    for path in (
        f"connect/{other}",
        f"book/{token}",
        f"connect/{token[:-4]}AAAA",
        f"connect/{token.rpartition('.')[0]}",
        "connect/forged",
    ):
        for method in ("GET", "POST"):
            answer = town.send(method, path)
            assert answer.status_code == 410, path
            assert token not in answer.text
            assert other not in answer.text
    assert town.send("GET", f"v1/invites/{token}.ics").status_code == 410
    assert LINK_LIFETIME.total_seconds() == 600
