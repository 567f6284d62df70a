"""Pages run our own script alone, in no frame, and what people typed is text wherever it is."""

import html
import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from urllib.parse import quote, urlsplit

import icalendar
import pytest
import requests

from local import demo_drive
from local.browser import Browser
from local.demo_drive import Person
from local.template import Template
from tests.e2e.conftest import Town
from tests.readers import link_fields, physical_lines
from tests.world import ROOT

TEMPLATE = Template.read(ROOT / "template.yaml", {"GoogleClientId": "client"})
#: The forms of the pages: what a browser may post without a token of a chat user.
FORMS = sorted(
    route.path
    for route in TEMPLATE.routes()
    if route.method == "POST" and not route.path.startswith("/v1/")
)
#: Those of a session; the others are the buttons of one-time links.
OF_A_SESSION = [path for path in FORMS if "{" not in path]

POLICY = {
    "default-src": {"'none'"},
    "script-src": {"'self'"},
    "style-src": {"'self'"},
    "img-src": {"'self'"},
    "connect-src": {"'self'"},
    "base-uri": {"'none'"},
    "frame-ancestors": {"'none'"},
}
MARKUP = "<script>alert(1)</script>\"'><b>&amp;"
#: Of a text that somebody typed: markup, templates, ends of lines, marks that turn the text round.
NASTY = f"{MARKUP}{{{{7*7}}}}\r\nBEGIN:VALARM\u2028\u202eevil\u2066;,\\n\\"


class Read(HTMLParser):
    """A page as a browser reads it: what could run in it, and its forms with their fields."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.runs: list[str] = []
        self.loads: list[str] = []
        self.forms: list[tuple[str, dict[str, str]]] = []
        self.tags: set[str] = set()
        self.text = ""
        self._tag = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.tags.add(tag)
        self._tag = tag
        self.runs += [name for name in given if name.startswith("on") or name == "style"]
        for name in ("src", "href"):
            if name in given and tag in {"script", "link", "img"}:
                self.loads.append(given[name])
        if tag == "a":
            assert urlsplit(given["href"]).scheme in {"", "http", "https"}
        if tag == "form":
            self.forms.append((given["action"], {}))
        if tag == "input" and self.forms:
            self.forms[-1][1][given["name"]] = given.get("value", "")

    def handle_endtag(self, _: str) -> None:
        self._tag = ""

    def handle_data(self, data: str) -> None:
        if self._tag in {"script", "style"} and data.strip():
            self.runs.append(data)
        self.text += data


def named(town: Town, name: str) -> Person:
    """Make a chat user with a display name."""
    made = town.person("named")
    user = {"app": "local", "uid": f"{made.uid}-x", "name": name}
    answer = requests.post(f"{town.world.cometchat.url}/_control/users", json=user, timeout=10)
    answer.raise_for_status()
    return Person(town.world, user["uid"])


def opened(link: str) -> str:
    """Spend a link, and return the cookie."""
    spent = requests.post(link, timeout=30, allow_redirects=False)
    return spent.headers["Set-Cookie"].split(";")[0]


def page(town: Town, path: str, cookie: str = "") -> requests.Response:
    headers = {"Accept": "text/html", **({"Cookie": cookie} if cookie else {})}
    return town.send("GET", path, headers=headers)


def waiting(town: Town, person: Person, account: str) -> str:
    """Let a browser wait for the final confirmation, and return its cookie."""
    cookie = opened(person.call("POST", "v1/connect")["connectUrl"])
    (fields,) = [
        fields
        for action, fields in Read(page(town, "connect", cookie).text).forms
        if action == "/connect/google"
    ][:1]
    led = town.send(
        "POST",
        "connect/google",
        headers={"Cookie": cookie},
        data={**fields, "account": "choose"},
    )
    google = Browser()
    shown = google.open(led.headers["Location"])
    shown = google.submit(shown, shown.forms[0], account)
    form = shown.forms[0]
    answer = requests.post(
        f"{town.world.google.url}{urlsplit(form.action).path}",
        data=[*form.fields, *form.boxes, ("action", "continue")],
        timeout=30,
        allow_redirects=False,
    )
    google.close()
    back = urlsplit(answer.headers["Location"])
    called = town.send("GET", f"oauth/callback?{back.query}", headers={"Cookie": cookie})
    assert called.headers["Location"] == "/connect?outcome=pending"
    return cookie


def unkept(town: Town, cookie: str) -> requests.Response:
    """Send the form of preferences with nothing in it that can be kept but what somebody typed."""
    shown = page(town, "connect?preferences=1", cookie)
    fields = dict(Read(shown.text).forms)["/connect/preferences"]
    typed = {"csrf": fields["csrf"], "open": NASTY, "mon": "x", "mon-from-1": NASTY}
    return town.send("POST", "connect/preferences", headers={"Cookie": cookie}, data=typed)


def every_page(town: Town) -> Iterator[tuple[str, requests.Response]]:
    """Return a page of each kind, in each of its states."""
    host, guest = town.host("bob"), town.person("guest")
    share = town.share(host, guest)["shareId"]
    link = host.call("POST", "v1/connect")["connectUrl"]
    book = guest.call("POST", f"v1/shares/{share}/page")["pageUrl"]
    yield "landing", requests.get(link, timeout=30)
    in_app = {"User-Agent": "Mozilla/5.0 (Linux; Android 14; wv) AppleWebKit/537.36"}
    yield "landing in an app", requests.get(link, headers=in_app, timeout=30)
    yield "landing to book", requests.get(book, timeout=30)
    cookie = opened(link)
    yield "connected", page(town, "connect", cookie)
    yield "disconnect", page(town, "connect?disconnect=1", cookie)
    yield "outcome", page(town, "connect?outcome=refused", cookie)
    yield "preferences", page(town, "connect?preferences=1", cookie)
    yield "preferences again", unkept(town, cookie)
    fresh = opened(guest.call("POST", "v1/connect")["connectUrl"])
    yield "none", page(town, "connect", fresh)
    yield "pending", page(town, "connect", waiting(town, town.person("new"), "carol@example.com"))
    yield "book", page(town, "book", opened(book))
    yield "spent", requests.post(book, timeout=30)
    yield "without a session", page(town, "connect")
    yield "unknown", page(town, "nowhere")
    yield "forged", page(town, "connect/forged")
    yield "callback", page(town, "oauth/callback?state=x&code=y")


@pytest.mark.e2e
def test_every_page_runs_our_script_alone_in_no_frame_and_refers_nowhere(town: Town) -> None:
    kinds = set()
    for kind, shown in every_page(town):
        kinds.add(kind)
        assert shown.headers["Content-Type"] == "text/html; charset=utf-8", kind
        policy = {
            name: set(values)
            for name, *values in (
                part.split() for part in shown.headers["Content-Security-Policy"].split(";")
            )
        }
        assert policy.pop("form-action") == {"'self'", town.world.google.url}, kind
        assert policy == POLICY, kind
        assert shown.headers["X-Frame-Options"] == "DENY", kind
        assert shown.headers["Referrer-Policy"] == "no-referrer", kind
        assert shown.headers["X-Content-Type-Options"] == "nosniff", kind
        assert shown.headers["Cache-Control"] == "no-store", kind
        assert shown.headers["Cross-Origin-Opener-Policy"] == "same-origin", kind
        assert "max-age=" in shown.headers["Strict-Transport-Security"], kind
        read = Read(shown.text)
        assert read.runs == [], kind
        assert all(each.startswith("/assets/") for each in read.loads), kind
        assert not {"iframe", "object", "embed", "base"} & read.tags, kind
    assert len(kinds) == 16


@pytest.mark.e2e
def test_both_cookies_are_out_of_reach_of_scripts_and_of_other_hosts(town: Town) -> None:
    host, guest = town.connected("alice"), town.person("guest")
    share = town.share(host, guest)["shareId"]
    for link, name in (
        (host.call("POST", "v1/connect")["connectUrl"], "__Host-connect"),
        (guest.call("POST", f"v1/shares/{share}/page")["pageUrl"], "__Host-page"),
    ):
        spent = requests.post(link, timeout=30, allow_redirects=False)
        cookie, *attributes = spent.headers["Set-Cookie"].split("; ")
        assert cookie.startswith(f"{name}=")
        assert set(attributes) == {"Path=/", "Secure", "HttpOnly", "SameSite=Lax"}


@pytest.mark.e2e
def test_every_form_of_a_session_carries_its_csrf_token_and_is_refused_without(town: Town) -> None:
    person = town.host("bob")
    cookie = opened(person.call("POST", "v1/connect")["connectUrl"])
    stranger = opened(town.person("mallory").call("POST", "v1/connect")["connectUrl"])
    hers = dict(Read(page(town, "connect", stranger).text).forms)["/connect/google"]["csrf"]
    seen: dict[str, dict[str, str]] = {}
    pending = waiting(town, town.person("new"), "carol@example.com")
    for path, whose in (
        ("connect", cookie),
        ("connect?disconnect=1", cookie),
        ("connect?preferences=1", cookie),
        ("connect", pending),
    ):
        seen |= dict(Read(page(town, path, whose).text).forms)
    assert sorted(seen) == OF_A_SESSION
    for path, fields in seen.items():
        assert len(fields["csrf"]) == 43
        for forged in ({}, {"csrf": ""}, {"csrf": hers}, {"csrf": fields["csrf"][:-1] + "?"}):
            whose = pending if path in {"/connect/confirm", "/connect/decline"} else cookie
            answer = town.send(
                "POST",
                path.strip("/"),
                headers={"Cookie": whose},
                data={**fields, "csrf": "", **forged},
            )
            assert answer.status_code == 403, (path, forged)
        bare = town.send("POST", path.strip("/"), data=fields)
        assert bare.status_code == 403, path
    assert person.call("GET", "v1/connection")["state"] == "connected"
    assert Read(page(town, "connect", pending).text).forms[0][0] == "/connect/confirm"


@pytest.mark.e2e
@pytest.mark.parametrize("path", OF_A_SESSION)
def test_a_form_that_another_site_sends_is_refused_even_with_its_token(
    town: Town, path: str
) -> None:
    person = town.host("bob")
    cookie = opened(person.call("POST", "v1/connect")["connectUrl"])
    csrf = dict(Read(page(town, "connect", cookie).text).forms)["/connect/google"]["csrf"]
    headers = {"Cookie": cookie, "Sec-Fetch-Site": "cross-site"}
    form = {"csrf": csrf, "sure": "yes", "open": "within", "sun": "open"}
    answer = town.send("POST", path.strip("/"), headers=headers, data=form)
    assert answer.status_code == 403
    assert person.call("GET", "v1/connection")["state"] == "connected"


@pytest.mark.e2e
def test_a_cookie_of_one_page_opens_no_other(town: Town) -> None:
    host, guest = town.connected("alice"), town.person("guest")
    share = town.share(host, guest)["shareId"]
    connect = opened(host.call("POST", "v1/connect")["connectUrl"]).partition("=")[2]
    book = opened(guest.call("POST", f"v1/shares/{share}/page")["pageUrl"]).partition("=")[2]
    assert page(town, "connect", f"__Host-connect={book}").status_code == 403
    assert page(town, "book", f"__Host-page={connect}").status_code == 403


# What people typed


def test_no_template_writes_a_value_but_as_text() -> None:
    templates = sorted((ROOT / "web" / "pages").glob("*.html"))
    assert len(templates) == 6
    for path in templates:
        text = path.read_text()
        assert not re.search(r"\|\s*safe|autoescape|Markup|<style|<script(?![^>]*src=)", text), path
        assert not re.search(r"=\s*\{\{", text), f"{path}: an attribute without quotes"
    assert "autoescape=True" in (ROOT / "shared/scheduling/http/pages.py").read_text()


@pytest.mark.e2e
def test_a_nasty_name_is_text_on_every_page_that_shows_it(town: Town) -> None:
    account = "\"'><img/src=x>@example.com"
    town.world.add_account(account)
    host = named(town, NASTY)
    cookie = waiting(town, host, account)
    shown = page(town, "connect", cookie).text
    (grant,) = [fields for action, fields in Read(shown).forms if action == "/connect/confirm"]
    town.send("POST", "connect/confirm", headers={"Cookie": cookie}, data=grant)
    for path in ("connect", "connect?disconnect=1", f"connect?outcome={quote(MARKUP)}"):
        shown += page(town, path, cookie).text
    read = Read(shown)
    assert read.runs == []
    assert "b" not in read.tags
    assert MARKUP in read.text
    assert account in read.text
    assert not re.search("[\u202a-\u202e\u2066-\u2069]", shown), "nothing turns the uid round"
    assert all(each.startswith("/assets/") for each in read.loads)
    assert host.call("GET", "v1/connection")["email"] == account


@pytest.mark.e2e
def test_what_is_typed_into_the_form_of_preferences_comes_back_as_text_and_is_not_kept(
    town: Town,
) -> None:
    host = town.host("bob")
    before = host.call("GET", "v1/preferences")
    shown = unkept(town, opened(host.call("POST", "v1/connect")["connectUrl"]))
    assert shown.status_code == 400
    read = Read(shown.text)
    assert read.runs == []
    assert "b" not in read.tags
    fields = dict(read.forms)["/connect/preferences"]
    assert fields["mon-from-1"].splitlines() == NASTY.splitlines()
    assert host.call("GET", "v1/preferences") == before


@pytest.mark.e2e
def test_nasty_names_titles_and_notes_are_text_in_every_output(town: Town) -> None:
    account = "nasty-outputs@example.com"
    town.world.add_account(account)
    host, guest = named(town, f"H {NASTY}"), named(town, f"G {NASTY}")
    demo_drive.connect(town.world, host, account)
    shared = town.share(host, guest, title=f"T {NASTY}")["shareId"]
    slot = town.slots(guest, shared)[60]
    note = f"N {NASTY}"
    body = {"shareId": shared, "startsAt": slot, "note": note}
    booked = guest.call("POST", "v1/book", body)["booking"]
    invite = demo_drive.wait_for_invite(guest, host, booked["bookingId"])["data"]

    def clean(text: str) -> None:
        """Check that nothing in it ends a line or turns it round, and that its markup is whole."""
        assert not re.search("[\u202a-\u202e\u2066-\u2069\u2028\r]", text)
        assert MARKUP in text

    # In Google's calendar, which renders descriptions as HTML, titles as text.
    (event,) = town.world.events(account)
    clean(event["summary"])
    assert "\n" not in event["summary"]
    assert set(re.findall(r"<[^>]*>", event["description"])) == {"<br>"}
    clean(html.unescape(event["description"]))
    assert set(event) & {"attendees", "location", "source", "attachments"} == set()

    # In the messages: JSON, whose texts the cards show as text.
    (heard,) = guest.messages("extension_calendar_availability", host.uid)
    for text in (heard["data"]["text"], heard["data"]["customData"]["title"], invite["text"]):
        assert "\n" not in text
        clean(text)
    clean(json.dumps(invite["customData"], ensure_ascii=False).replace('\\"', '"'))

    # In the links: each leads to its own host, and all that was typed stays in its own field.
    links = invite["customData"]["links"]
    for name, host_name in (
        ("google", "calendar.google.com"),
        ("outlook", "outlook.live.com"),
        ("microsoft365", "outlook.cloud.microsoft"),
        ("yahoo", "calendar.yahoo.com"),
    ):
        assert urlsplit(links[name]).hostname == host_name
        typed = [
            text for text in link_fields(links[name]).values() if "T <" in text or "N <" in text
        ]
        assert typed, name
        for text in typed:
            # Some calendars read a note as HTML: no tag opens in it.
            assert "\n" not in text or not re.search(r"<[a-z/!]", text)
            clean(text.replace("< ", "<"))
    assert links["ics"].startswith(f"{town.world.url}/v1/invites/")

    # In the file: one event with our own lines and no other, and the texts whole.
    raw = requests.get(links["ics"], timeout=30).content
    calendar = icalendar.Calendar.from_ical(raw)
    (meeting,) = calendar.walk("VEVENT")
    assert [each.name for each in calendar.walk()] == ["VCALENDAR", "VEVENT"]
    assert sorted(meeting) == [
        "DESCRIPTION", "DTEND", "DTSTAMP", "DTSTART", "SEQUENCE", "STATUS", "SUMMARY", "TRANSP",
        "UID",
    ]  # fmt: skip
    clean(str(meeting["summary"]))
    # Calendars that import a file may read its text as HTML: no tag opens in it, as in the links.
    assert not re.search(r"<[a-z/!]", str(meeting["description"]))
    clean(str(meeting["description"]).replace("< ", "<"))
    assert all(len(line) <= 75 for line in physical_lines(raw))


@pytest.mark.e2e
def test_what_is_answered_as_json_is_never_taken_for_a_page(town: Town) -> None:
    host = town.connected("alice")
    answers = [
        town.send("GET", "v1/connection", host),
        town.send("GET", "v1/connection"),
        town.send("POST", "v1/share", host, json={"receiver": MARKUP}),
        town.send("GET", f"v1/shares/{quote(MARKUP, safe='')}", host),
        town.send("GET", f"v1/{quote(MARKUP, safe='')}"),
    ]
    for answer in answers:
        assert answer.headers["Content-Type"].startswith("application/json"), answer.url
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "alert" not in answer.text
