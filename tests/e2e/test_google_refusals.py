"""What Google refuses for good ends at once, what passes is asked again, no grant is left."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests

from local import demo_drive
from local.browser import Browser, Page
from local.demo_drive import Person
from local.google.refusals import (
    Refusal,
    calendar_refusal,
    insufficient_scope,
    not_a_calendar_user,
    oauth_refusal,
)
from local.google.scopes import EVENTS_OWNED, FREEBUSY
from tests.e2e.conftest import Town
from tests.emulators.google_user import Google

pytestmark = pytest.mark.e2e

RATE_LIMIT = calendar_refusal(403, "rateLimitExceeded", "m", domain="usageLimits")
#: What passes, once each.
HICCUPS: list[Refusal] = [
    RATE_LIMIT,
    *(calendar_refusal(each, "backendError", "Backend Error") for each in (500, 503, 504)),
]
NO_CALENDAR = not_a_calendar_user()
SCOPE = insufficient_scope("calendar.freebusy.query", ["https://a.scope"])
RESTRICTED = oauth_refusal(400, "access_denied", "Account restricted")
ENFORCED = oauth_refusal(403, "admin_policy_enforced", "Access is restricted by policies.")


def named(refusal: Refusal) -> str:
    """Name a refusal in a test's id."""
    error = refusal.body["error"]
    reason = error if isinstance(error, str) else error["errors"][0]["reason"]
    return f"{refusal.status}-{reason}"


def fault(town: Town, match: str, refusal: Refusal, times: int = 1) -> None:
    """Let Google say this."""
    wanted: dict[str, Any] = {"match": match, "kind": "status", "times": times}
    wanted |= {"status": refusal.status, "body": refusal.body, "headers": refusal.headers}
    google(town, "POST", "_faults", wanted)


def google(town: Town, verb: str, path: str, body: Any = None) -> requests.Response:
    answer = requests.request(verb, f"{town.world.google.url}/{path}", json=body, timeout=10)
    answer.raise_for_status()
    return answer


def asked(town: Town) -> list[str]:
    """Return what Google was asked since the last look at the log."""
    log = google(town, "GET", "_control/log").json()["requests"]
    google(town, "DELETE", "_control/log")
    return [each["method"] for each in log]


def own_host(town: Town, name: str) -> tuple[Person, str]:
    """Return a host with an account that nobody else uses, and its address."""
    account = f"{name}-{time.monotonic_ns()}"
    town.world.add_account(f"{account}@example.com")
    return town.host(account), f"{account}@example.com"


def at_consent(person: Person) -> tuple[Browser, Page]:
    """Open a connect link, and press the buttons as far as Google's first page."""
    link = person.call("POST", "v1/connect")["connectUrl"]
    browser = Browser()
    page = browser.open(link)
    page = browser.submit(page, page.form("/connect/" + link.rpartition("/")[2]))
    return browser, browser.submit(page, page.form("/connect/google"))


def consented(town: Town, person: Person, account: str) -> Page:
    """Consent to everything at Google, and return the page that the browser ends on."""
    browser, page = at_consent(person)
    page = demo_drive.consent(town.world, browser, page, account)
    browser.close()
    return page


def refused(answer: requests.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


def notices(person: Person) -> list[str]:
    """Wait until the notice of the end has come, and return the reasons of all."""
    end = time.monotonic() + 20
    while time.monotonic() < end:
        heard = person.messages("extension_calendar_notice", "app_system")
        reasons = [each["data"]["customData"]["reason"] for each in heard]
        if "reconnect" in reasons:
            return reasons
        time.sleep(0.1)
    raise AssertionError("nobody was notified")


# A connection that Google ends


def ended_by(town: Town, match: str, refusal: Refusal) -> None:
    """Let Google refuse for good, whenever it is asked, until somebody looks."""
    if match == "oauth.token":
        google(town, "POST", "_control/expire")
    fault(town, match, refusal, times=0)


@pytest.mark.parametrize(
    ("match", "refusal"),
    [
        ("oauth.token", RESTRICTED),
        ("oauth.token", ENFORCED),
        ("calendar.freebusy.query", SCOPE),
        ("calendar.*", NO_CALENDAR),
    ],
    ids=lambda each: named(each) if isinstance(each, Refusal) else each,
)
def test_a_final_refusal_turns_the_connection_and_notifies_the_host_once(
    town: Town, match: str, refusal: Refusal
) -> None:
    (host, _), guest = own_host(town, "ending"), town.person("guest")
    shared = town.share(host, guest)
    slots = town.slots(guest, shared["shareId"])
    ended_by(town, match, refusal)
    body = {"shareId": shared["shareId"], "startsAt": slots[20]}
    assert refused(town.send("POST", "v1/book", guest, json=body)) == (409, "RECONNECT_NEEDED")
    assert host.call("GET", "v1/connection")["state"] == "reconnect"
    again = {"receiver": guest.uid, "receiverType": "user"}
    for answer in (
        town.send("GET", "v1/preview", host),
        town.send("POST", "v1/share", host, json=again),
    ):
        assert refused(answer) == (409, "RECONNECT_NEEDED")
        assert answer.json()["error"]["details"]["connectUrl"]
    view = guest.call("GET", f"v1/shares/{shared['shareId']}")
    assert view["status"] == "closed"
    assert notices(host).count("reconnect") == 1


# What passes


@pytest.mark.parametrize("refusal", HICCUPS, ids=named)
def test_one_refusal_that_passes_is_never_seen(town: Town, refusal: Refusal) -> None:
    host, guest = town.host("bob"), town.person("guest")
    fault(town, "calendar.freebusy.query", refusal)
    shared = town.share(host, guest)
    fault(town, "calendar.freebusy.query", refusal)
    slots = town.slots(guest, shared["shareId"])
    fault(town, "calendar.freebusy.query", refusal)
    assert host.call("GET", "v1/preview")["slots"]
    fault(town, "calendar.freebusy.query", refusal)
    body = {"shareId": shared["shareId"], "startsAt": slots[30]}
    booked = guest.call("POST", "v1/book", body)["booking"]["bookingId"]
    fault(town, "calendar.events.get", refusal)
    path = f"v1/bookings/{booked}/reschedule"
    moved = guest.call("POST", path, {"startsAt": slots[60]})["booking"]
    assert (moved["status"], moved["startsAt"]) == ("confirmed", slots[60])
    fault(town, "calendar.events.delete", RATE_LIMIT)
    cancelled = guest.call("POST", f"v1/bookings/{booked}/cancel")["booking"]
    assert cancelled["status"] == "cancelled"


def test_one_answer_that_the_chat_owes_is_never_seen(town: Town) -> None:
    host, guest = town.host("bob"), town.person("guest")
    chat = town.world.cometchat.url
    wanted: Mapping[str, Any] = {"match": "users.*", "kind": "status", "status": 503, "times": 1}
    requests.post(f"{chat}/_faults", json=wanted, timeout=10).raise_for_status()
    requests.post(f"{chat}/_faults", json=wanted, timeout=10).raise_for_status()
    assert town.share(host, guest)["shareId"]


# Connecting


@pytest.mark.parametrize("refusal", HICCUPS, ids=named)
def test_one_refusal_right_after_the_consent_is_asked_again(town: Town, refusal: Refusal) -> None:
    person = town.person("host")
    fault(town, "calendar.events.list", refusal)
    page = consented(town, person, "carol@example.com")
    assert page.url.endswith("outcome=pending")
    assert "One last question" in page.text


def test_a_zone_that_google_cannot_say_is_asked_again_at_the_last_yes(town: Town) -> None:
    person = town.person("host")
    browser, page = at_consent(person)
    fault(town, "calendar.events.list", HICCUPS[1], times=0)
    page = demo_drive.consent(town.world, browser, page, "carol@example.com")
    assert page.url.endswith("outcome=pending")
    town.world.clear_faults()
    asked(town)
    browser.submit(page, page.form("/connect/confirm"))
    browser.close()
    assert person.call("GET", "v1/connection")["timeZone"] == "America/New_York"
    assert "oauth.revoke" not in asked(town)


def test_an_account_without_a_calendar_is_told_so_and_its_grant_given_back(town: Town) -> None:
    person, account = town.person("host"), f"none-{time.monotonic_ns()}@example.com"
    town.world.add_account(account)
    fault(town, "calendar.*", NO_CALENDAR, times=0)
    page = consented(town, person, account)
    assert page.url.endswith("outcome=no_calendar")
    assert "This Google account has no calendar." in page.text
    assert "in a moment" not in page.text
    town.world.clear_faults()
    assert not alive(town, account)


@dataclass
class Visit:
    """A browser at our page, whose way over Google's pages somebody may bend."""

    town: Town
    person: Person
    cookie: str = ""

    def __post_init__(self) -> None:
        link = self.person.call("POST", "v1/connect")["connectUrl"]
        spent = requests.post(link, timeout=30, allow_redirects=False)
        self.cookie = spent.headers["Set-Cookie"].split(";")[0]

    def page(self, path: str = "connect") -> str:
        """Show our page."""
        return self.town.send("GET", path, headers={"Cookie": self.cookie}).text

    def consent(self, account: str, **bent: str) -> dict[str, str]:
        """Consent to everything, and return the query with which Google leads back."""
        csrf = self.page().partition('name="csrf" value="')[2].partition('"')[0]
        form = {"csrf": csrf, "account": "choose"}
        headers = {"Cookie": self.cookie}
        led = self.town.send("POST", "connect/google", headers=headers, data=form)
        query = dict(parse_qsl(urlsplit(led.headers["Location"]).query))
        user = Google(self.town.world.google.url)
        page = user.choose(user.open(**(query | bent)), account)
        back = user.decide(page, FREEBUSY, EVENTS_OWNED).headers["Location"]
        user.session.close()
        return dict(parse_qsl(urlsplit(back).query))

    def come_back(self, query: dict[str, str]) -> str:
        """Let the browser come back from Google, and return what it is told."""
        headers = {"Cookie": self.cookie}
        led = self.town.send("GET", "oauth/callback", params=query, headers=headers)
        return str(led.headers["Location"])


def alive(town: Town, account: str) -> bool:
    """Whether anything that this account granted stands at Google; whatever did is ended."""
    ended = google(town, "POST", "_control/revoke", {"email": account}).json()
    return bool(ended["revoked"])


def new_account(town: Town) -> str:
    account = f"new-{time.monotonic_ns()}@example.com"
    town.world.add_account(account)
    return account


def test_a_grant_with_another_browsers_nonce_is_given_back(town: Town) -> None:
    account = new_account(town)
    visit = Visit(town, town.person("host"))
    back = visit.consent(account, nonce="of-another-browser")
    assert visit.come_back(back) == "/connect?outcome=stale"
    assert not alive(town, account)


def test_a_grant_with_another_browsers_nonce_beside_one_that_works_ends_nothing(
    town: Town,
) -> None:
    host, account = own_host(town, "working")
    for person in (host, town.person("other")):
        visit = Visit(town, person)
        back = visit.consent(account, nonce="of-another-browser")
        assert visit.come_back(back) == "/connect?outcome=stale"
    assert host.call("GET", "v1/preview")["slots"]
    assert alive(town, account)


def test_access_for_an_hour_is_told_as_it_is_and_given_back(town: Town) -> None:
    account = new_account(town)
    visit = Visit(town, town.person("host"))
    # Without `access_type=offline` no refresh token comes.
    back = visit.consent(account, access_type="online")
    assert visit.come_back(back) == "/connect?outcome=short"
    assert "for an hour only" in visit.page("connect?outcome=short")
    assert not alive(town, account)


def test_access_for_an_hour_beside_a_connection_that_works_ends_nothing(town: Town) -> None:
    host, account = own_host(town, "working")
    visit = Visit(town, host)
    assert visit.come_back(visit.consent(account, access_type="online")) == (
        "/connect?outcome=short"
    )
    assert host.call("GET", "v1/preview")["slots"]


def test_a_callback_that_comes_twice_denies_no_question_that_is_open(town: Town) -> None:
    visit = Visit(town, town.person("host"))
    back = visit.consent("carol@example.com")
    assert visit.come_back(back) == "/connect?outcome=pending"
    heard = visit.come_back(back)
    assert heard == "/connect?outcome=stale"
    page = visit.page(heard.removeprefix("/"))
    assert "One last question" in page
    assert "took too long" not in page
    assert "The question below is the one that counts." in page


@pytest.mark.parametrize("refusal", [RESTRICTED, ENFORCED], ids=named)
def test_an_account_that_google_does_not_let_in_is_told_so(town: Town, refusal: Refusal) -> None:
    visit = Visit(town, town.person("host"))
    back = visit.consent("carol@example.com")
    fault(town, "oauth.token", refusal)
    assert visit.come_back(back) == "/connect?outcome=forbidden"


def test_a_token_endpoint_that_is_busy_is_asked_again_and_the_code_not_lost(town: Town) -> None:
    visit = Visit(town, town.person("host"))
    back = visit.consent("carol@example.com")
    fault(town, "oauth.certs", Refusal(503, {}))
    fault(town, "oauth.token", Refusal(503, {"error": "temporarily_unavailable"}))
    assert visit.come_back(back) == "/connect?outcome=pending"
