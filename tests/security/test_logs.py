"""Logs hold ids and outcomes: no secret, no body, nothing that a person typed, whatever breaks."""

import itertools
import json
import logging
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.exceptions import ClientError

from local import demo_drive, facts
from local.demo_drive import Person
from local.template import Template
from scheduling import observability
from scheduling.core.config import ConfigError
from scheduling.core.errors import ShareClosed
from scheduling.observability import Unforeseen, entry_point, guarded, redacted
from tests.e2e.conftest import Town

#: What no log may hold, wherever it was typed, sent or answered.
TITLE, NOTE, NAME = "Marked-Title-4711", "Marked-Note-4711", "Marked-Name-4711"
BODY, SUMMARY, CODE = "Marked-Body-4711", "Marked-Summary-4711", "4/0AMarked-Code-4711"
MAIL = "marked-mail-4711@example.com"
#: An `X-Request-Id` of this form is none, and an idempotency key is kept as a hash.
REQUEST, KEY = "Marked: Request 4711", "Marked-Key-4711"
TYPED = (TITLE, NOTE, NAME, BODY, SUMMARY, CODE, REQUEST, KEY, "marked-mail-4711")
ROUTES = {
    route.key
    for route in Template.read(facts.TEMPLATE, {"GoogleClientId": facts.GOOGLE_CLIENT_ID}).routes()
}
GOOGLE_SHAPES = re.compile(r"ya29\.[\w-]|1//[\w-]{20}|4/0A[\w-]+|eyJ[\w-]+\.eyJ")


_SERVICES = itertools.count()

# The one place


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Any]:
    """Return what a function of its own process would have logged."""
    # Powertools keeps a service's logger with the stream that it began with.
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", f"logs-{next(_SERVICES)}")
    for cached in (observability.logger, observability._metrics):
        cached.cache_clear()
    level = logging.getLogger().level
    yield lambda: capsys.readouterr().out
    logging.getLogger().setLevel(level)
    for cached in (observability.logger, observability._metrics):
        cached.cache_clear()


CONTEXT: Any = SimpleNamespace(
    function_name="f",
    memory_limit_in_mb=128,
    invoked_function_arn="arn:f",
    aws_request_id="request-1",
)


@pytest.mark.parametrize(
    "secret",
    [
        "ya29.a0AfB_byC-token",
        "1//0gXkQvBz7Lw3-token",
        "4/0AbUR2VMe-code",
        "GOCSPX-a_client-secret",
        "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln",
        "alice_17958126430123456789abcdef01234567",
        "0123456789abcdef0123456789abcdef01234567",
        "a" * 64,
        "WzE3OTU4MTI2NDMseyJhIjoiYXBwIn1d.c2lnbmF0dXJlLW9mLWEtbGluay1vZi1vdXJz",
        "marked-mail@example.co.uk",
    ],
)
def test_what_looks_like_a_secret_is_replaced(secret: str) -> None:
    assert redacted(f'{{"message": "before {secret} after"}}') == (
        '{"message": "before [redacted] after"}'
    )


@pytest.mark.parametrize(
    "plain",
    [
        "0kq3v9b1c2d4e5f6g7h8i9j0k1l2m3n4",
        "3f2504e0-4f89-11d3-9a0c-0305e82c3301",
        "1-5759e988-bd862e3fe1be46a994272793",
        "GET /v1/shares/{shareId}",
        "scheduling.adapters.google.calendar",
    ],
)
def test_ids_and_routes_stay_readable(plain: str) -> None:
    assert redacted(plain) == plain


def broken_by(error: Exception) -> Callable[[Any, LambdaContext], Any]:
    def handler(*_: Any) -> Any:
        raise error

    return entry_point(handler)


@pytest.mark.parametrize(
    ("error", "heard"),
    [
        (ValueError(BODY), "ValueError"),
        (KeyError(BODY), "KeyError"),
        (
            ClientError({"Error": {"Code": "ValidationException", "Message": BODY}}, "PutItem"),
            "ClientError: ValidationException of PutItem",
        ),
        (
            ClientError(
                {"Error": {"Code": "AccessDeniedException", "Message": "a:b may not do kms:X"}},
                "Decrypt",
            ),
            "ClientError: AccessDeniedException of Decrypt: a:b may not do kms:X",
        ),
        (ExceptionGroup(BODY, [ValueError(BODY), TypeError(BODY)]), "ExceptionGroup"),
        (ConfigError("missing parameter: /x"), "ConfigError: missing parameter: /x"),
        (ShareClosed("This share is closed."), "ShareClosed: This share is closed."),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_exception_is_told_by_its_kind_and_place_without_its_words(
    lines: Callable[[], str], error: Exception, heard: str
) -> None:
    error.add_note(NOTE)
    error.__cause__ = RuntimeError(TITLE)
    with pytest.raises(Unforeseen) as let_go:
        broken_by(error)({}, CONTEXT)
    logged = lines()
    (line,) = [json.loads(each) for each in logged.splitlines() if '"broken"' in each]
    assert line["exception"].splitlines()[0] == heard
    assert "test_logs.py" in line["exception"]
    assert "caused by\nRuntimeError" in line["exception"]
    for words in (BODY, NOTE, TITLE):
        assert words not in logged
        assert words not in str(let_go.value)


def test_what_leaves_a_broken_function_says_nothing_of_what_broke_it() -> None:
    """Lambda writes the words of an exception that leaves a handler, and answers them."""

    @guarded
    def work() -> None:
        raise ValueError(BODY)

    with pytest.raises(Unforeseen) as let_go:
        work()
    assert str(let_go.value) == "The log says where it broke."
    assert let_go.value.__suppress_context__


def test_libraries_write_nothing_into_the_log(lines: Callable[[], str]) -> None:
    observability.logger().info("begun")
    for name in ("googleapiclient.http", "urllib3.connectionpool", "google.auth", "botocore"):
        logging.getLogger(name).warning("Invalid JSON content from response: %s", BODY)
        assert not logging.getLogger(name).isEnabledFor(logging.ERROR)
    assert BODY not in lines()


# Everything, over HTTP


@dataclass
class Job:
    """People with marked names who do everything, well and badly, and all that they were told."""

    town: Town
    secrets: list[str] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)

    def send(
        self, method: str, path: str, who: Person | None = None, **more: Any
    ) -> requests.Response:
        answer = self.town.send(method, path, who, **more)
        self.answers.append(answer.text)
        self.statuses.append(answer.status_code)
        return answer

    def person(self, name: str) -> Person:
        """Make a chat user with a marked name; the uid may be logged."""
        user = {"app": "local", "uid": f"of-the-logs-{name}", "name": f"{NAME} {name}"}
        answer = requests.post(
            f"{self.town.world.cometchat.url}/_control/users", json=user, timeout=10
        )
        answer.raise_for_status()
        made = Person(self.town.world, user["uid"])
        self.secrets.append(made.headers["authToken"])
        return made

    def secret(self, value: str) -> str:
        self.secrets.append(value)
        return value

    def fault(self, match: str, status: int = 500, body: Any = None, times: int = 9) -> None:
        """Let a vendor answer with a marked body, or hang up."""
        of = self.town.world.cometchat if "." in match and match[0] in "mu" else None
        side = of or self.town.world.google
        said = {"error": {"code": status, "message": BODY}} if body is None else body
        side.add_fault(match=match, kind="status", status=status, body=said, times=times)

    def well_again(self) -> None:
        self.town.world.clear_faults()

    # What is done

    def opened(self, host: Person) -> tuple[dict[str, Any], str]:
        """Spend a link, forged and twice as well; give the browser, and its forms' token."""
        body = {"returnUrl": f"https://{NOTE}.test/"}
        self.send("POST", "v1/connect", host, json=body)
        link = self.secret(self.send("POST", "v1/connect", host).json()["data"]["connectUrl"])
        token = self.secret(link.rpartition("/")[2])
        self.send("GET", f"connect/{token}")
        spent = self.send("POST", f"connect/{token}")
        cookie = spent.headers["Set-Cookie"].split(";")[0]
        self.secret(cookie.partition("=")[2])
        self.send("POST", f"connect/{token}")
        self.send("POST", f"connect/{token[:-3]}abc")
        browser: dict[str, Any] = {"headers": {"Cookie": cookie}}
        page = self.town.send("GET", "connect", **browser).text
        csrf = self.secret(re.findall(r'name="csrf" value="([^"]+)"', page)[0])
        for form in ("google", "confirm", "decline", "disconnect"):
            self.send("POST", f"connect/{form}", data={"csrf": NOTE, "sure": NOTE}, **browser)
        return browser, csrf

    def led_to_google(self, browser: dict[str, Any], csrf: str) -> tuple[str, str]:
        """Return the address of the consent, and its state."""
        form = {"csrf": csrf, "account": NOTE}
        url = self.town.send("POST", "connect/google", data=form, **browser).headers["Location"]
        query = parse_qs(urlsplit(url).query)
        (state,), (nonce,) = query["state"], query["nonce"]
        self.secrets += [state, nonce]
        self.send("GET", "oauth/callback", params={"state": NOTE, "code": CODE}, **browser)
        return url, state

    def back_from_google(self, browser: dict[str, Any], url: str) -> str:
        """Consent, come back, and give what names the grant to its final confirmation."""
        back = consent(url)
        self.secret(parse_qs(urlsplit(back).query)["code"][0])
        self.send("GET", f"oauth/callback?{urlsplit(back).query}", **browser)
        page = self.town.send("GET", "connect", **browser).text
        assert MAIL in page
        (grant,) = re.findall(r'name="grant" value="([^"]+)"', page)
        return self.secret(grant)

    def connect(self, host: Person) -> None:
        """Open the page, come back from Google forged, refused and well, say no, and yes."""
        browser, csrf = self.opened(host)
        _, state = self.led_to_google(browser, csrf)
        self.fault("oauth.token", 400, {"error": BODY, "error_description": BODY})
        self.send("GET", "oauth/callback", params={"state": state, "code": CODE}, **browser)
        self.well_again()
        for answer in ("decline", "confirm"):
            url, _ = self.led_to_google(browser, csrf)
            form = {"csrf": csrf, "grant": self.back_from_google(browser, url)}
            self.send("POST", f"connect/{answer}", data=form, **browser)
        for hours in ({"open": "any"}, {"open": NOTE, "mon": NOTE, "mon-from-1": NOTE}):
            form = {"csrf": csrf, "notice": NOTE if "mon" in hours else "60"} | hours
            self.send("POST", "connect/preferences", data=form, **browser)

    def prefer(self, host: Person) -> None:
        """Say how one wants to be booked, and list what one shared; badly as well."""
        headers = {"X-Request-Id": REQUEST, "Idempotency-Key": KEY}
        for preferences in (
            {"noticeMinutes": 15, "idempotencyKey": KEY, NOTE: NOTE},
            {"noticeMinutes": NOTE},
            {"hours": {"monday": [[NOTE, NOTE]], NOTE: []}},
            NOTE,
        ):
            self.send("PUT", "v1/preferences", host, json=preferences, headers=headers)
        self.send("GET", f"v1/preferences?{NOTE}={NOTE}", host, headers=headers)
        self.send("GET", f"v1/shares?cursor={NOTE}", host, headers=headers)
        self.send("GET", "v1/shares", host, headers=headers)

    def withdraw(self, host: Person, guest: Person) -> None:
        """Share under a key, look, and end the share; its guest, and nobody, tries as well."""
        headers = {"X-Request-Id": REQUEST, "Idempotency-Key": KEY}
        body = {"receiver": guest.uid, "receiverType": "user", "title": TITLE}
        self.send("POST", "v1/share", host, json=body, headers=headers)
        answer = self.send("POST", "v1/share", host, json=body, headers=headers)
        self.send("POST", "v1/share", host, json=body | {"title": NOTE}, headers=headers)
        share = answer.json()["data"]["shareId"]
        for path in (share, NOTE):
            for who in (guest, host):
                self.send(
                    "POST", f"v1/shares/{path}/withdraw", who, json={"why": NOTE}, headers=headers
                )
                self.send("GET", f"v1/shares/{path}?durationMinutes={NOTE}", who, headers=headers)
                self.send("GET", f"v1/shares/{path}", who, headers=headers)

    def meet(self, host: Person, guest: Person) -> str:
        """Share, look, open the page, book, read the file, move; each of it badly as well."""
        body = {"receiver": guest.uid, "receiverType": "user", "title": TITLE}
        self.fault("messages.send", 400, {"error": {"code": "ERR_X", "message": BODY}})
        self.send("POST", "v1/share", host, json=body)
        self.well_again()
        self.fault("messages.send", 503)
        self.send("POST", "v1/share", host, json=body)
        self.well_again()
        for bad in ({"title": [NOTE]}, {"locale": NOTE}, {"receiver": NOTE}, NOTE):
            self.send("POST", "v1/share", host, json=body | bad if isinstance(bad, dict) else bad)
        share = self.send("POST", "v1/share", host, json=body).json()["data"]["shareId"]
        page = self.send("POST", f"v1/shares/{share}/page", guest).json()["data"]["pageUrl"]
        token = self.secret(page.rpartition("/")[2])
        self.send("GET", f"book/{token}")
        spent = self.send("POST", f"book/{token}")
        cookie = spent.headers["Set-Cookie"].split(";")[0]
        self.secret(cookie.partition("=")[2])
        shown = self.send("GET", f"book?{NOTE}={NOTE}", headers={"Cookie": cookie}).text
        self.send("GET", "book", headers={"Cookie": f"__Host-page={NOTE}"})
        (version,) = set(re.findall(r"/assets/([^/\"]+)/", shown))
        for file in ("page.css", NOTE):
            self.send("GET", f"assets/{version}/{file}", headers={"X-Request-Id": REQUEST})
        slots = self.send("GET", f"v1/shares/{share}", guest).json()["data"]["slots"]
        wanted = {"shareId": share, "startsAt": slots[40], "title": TITLE, "note": NOTE}
        for match, status in (
            ("calendar.freebusy.query", 500),
            ("calendar.freebusy.query", 403),
            ("calendar.events.insert", 403),
        ):
            self.fault(match, status)
            self.send("POST", "v1/book", guest, json=wanted)
            self.well_again()
        for name, value in (("note", {"a": NOTE}), ("timeZone", NOTE), ("startsAt", NOTE)):
            self.send("POST", "v1/book", guest, json=wanted | {name: value})
        self.send("POST", "v1/hold", guest, json={"shareId": share, "startsAt": slots[40]})
        booked = self.send("POST", "v1/book", guest, json=wanted).json()["data"]
        self.send("POST", "v1/book", guest, json=wanted | {"startsAt": slots[60]})
        file = self.secret(booked["invite"]["links"]["ics"].rpartition("/")[2])
        self.send("GET", f"v1/invites/{file}")
        self.send("GET", f"v1/invites/{file[:-7]}abc.ics")
        booking = str(booked["booking"]["bookingId"])
        self.fault("calendar.freebusy.query", 403)
        self.send("GET", f"v1/bookings/{booking}/times", guest)
        self.well_again()
        self.send("GET", f"v1/bookings/{booking}/times", guest)
        self.fault("calendar.events.patch", 403)
        moved = {"startsAt": slots[80]}
        self.send("POST", f"v1/bookings/{booking}/reschedule", guest, json=moved)
        self.well_again()
        self.send("POST", f"v1/bookings/{booking}/reschedule", guest, json=moved)
        demo_drive.wait_for_invite(guest, host, booking)
        return booking

    def strangers(self, booking: str) -> None:
        """Call as nobody, with what looks like a token, at routes that are there and are not."""
        for token in (f"{NOTE}_1795812643{'0' * 32}", "short", NOTE):
            forged = {"appId": "local", "authToken": token}
            self.send("GET", f"v1/bookings/{booking}", headers=forged)
        self.send("GET", f"v1/{NOTE}", headers={"Accept": "text/html"})
        self.send("GET", f"v1/bookings/{booking}", headers={"Cookie": f"__Host-page={NOTE}"})
        self.send("GET", f"//v1//{NOTE}?{NOTE}={NOTE}")
        self.fault("users.me", 500)
        self.send("GET", "v1/connection", self.person("stranger"))
        self.well_again()

    def corrupted(self, guest: Person, booking: str) -> None:
        """Break items of the table, so that each step meets what nobody foresaw."""
        client = self.town.aws("dynamodb")
        (table,) = client.list_tables()["TableNames"]
        key = {"pk": {"S": f"APP#local#BOOKING#{booking}"}, "sk": {"S": "BOOKING"}}
        item = client.get_item(TableName=table, Key=key)["Item"]
        broken = item | {"attempt": {"S": BODY}, "slot": {"L": [{"S": BODY}, {"S": NOTE}]}}
        due = {"dueShard": {"S": "DUE#0"}, "dueAt": {"N": "1"}}
        client.put_item(TableName=table, Item=broken | due)
        for path in ("", "/times"):
            self.send("GET", f"v1/bookings/{booking}{path}", guest)
        self.send("POST", f"v1/bookings/{booking}/cancel", guest, json={})
        owed = {
            "pk": {"S": f"APP#local#BOOKING#{booking}"},
            "sk": {"S": "OUTBOX#000009"},
            "kind": {"S": BODY},
            "dueShard": {"S": "DUE#0"},
            "dueAt": {"N": "1"},
        }
        client.put_item(TableName=table, Item=owed)
        keys = {name: owed[name] for name in ("pk", "sk")}
        record = {"eventID": "1", "eventName": "INSERT", "dynamodb": {"Keys": keys}}
        for function, event in (("send_invite", {"Records": [record]}), ("reconcile", {})):
            with pytest.raises(RuntimeError, match="Unforeseen") as let_go:
                self.town.world.invoke(function, event)
            self.answers.append(str(let_go.value))
        client.delete_item(TableName=table, Key=keys)
        client.put_item(TableName=table, Item=item)

    def leave(self, host: Person, guest: Person, booking: str) -> None:
        """Let the grant end, cancel, and disconnect while Google is away."""
        google = f"{self.town.world.google.url}/_control"
        self.fault("calendar.events.delete", 403)
        self.send("POST", f"v1/bookings/{booking}/cancel", guest, json={})
        self.well_again()
        self.send("POST", f"v1/bookings/{booking}/cancel", guest, json={})
        requests.post(f"{google}/expire", timeout=10).raise_for_status()
        self.fault("oauth.token", 400, {"error": "invalid_grant", "error_description": BODY})
        self.send("GET", "v1/preview", host)
        self.well_again()
        self.fault("oauth.revoke", 503)
        self.send("POST", "v1/disconnect", host, json={NOTE: NOTE})
        self.well_again()
        browser, csrf = self.opened(host)
        for sure in (NOTE, "yes"):
            self.send("POST", "connect/disconnect", data={"csrf": csrf, "sure": sure}, **browser)


def consent(url: str) -> str:
    """Consent at Google as the marked account, and give where it leads back to."""
    person = requests.Session()
    origin = "{0.scheme}://{0.netloc}".format(urlsplit(url))
    answer = person.get(url, timeout=10)
    for name, value in (("account", MAIL), ("action", "continue")):
        flow = re.findall(r'name="flow" value="([^"]+)"', answer.text)[0]
        scopes = re.findall(r'name="scope"[^>]*value="([^"]+)"', answer.text)
        path = "account" if name == "account" else "consent"
        form = {"flow": flow, name: value, "scope": scopes}
        answer = person.post(
            f"{origin}/o/oauth2/v2/auth/{path}", data=form, timeout=10, allow_redirects=False
        )
        if answer.headers.get("Location", "").startswith("/"):
            answer = person.get(origin + answer.headers["Location"], timeout=10)
    person.close()
    return answer.headers["Location"]


def routed(town: Town) -> Counter[str]:
    """Count what the functions have answered, by route."""
    text = "".join(path.read_text() for path in sorted(town.world.folder.glob("*.log")))
    return Counter(re.findall(r'"route": ?"([^"]+)"', text))


def kept(town: Town) -> list[str]:
    """Return what the deployment itself keeps secret."""
    names = [f"/calendar-scheduling/{name}" for name in ("signing-keys", "calendar-key")]
    found = town.aws("ssm").get_parameters(Names=names, WithDecryption=True)["Parameters"]
    values = [str(parameter["Value"]) for parameter in found]
    return [*values, facts.GOOGLE_CLIENT_SECRET, *facts.API_KEYS.values()]


@pytest.mark.e2e
@pytest.mark.timeout(300)
def test_marked_secrets_pushed_through_every_path_are_logged_stored_and_answered_nowhere(
    town: Town,
) -> None:
    google = f"{town.world.google.url}/_control"
    requests.post(f"{google}/accounts", json={"email": MAIL}, timeout=10).raise_for_status()
    town.world.add_event(MAIL, "2099-01-01T10:00:00Z", "2099-01-01T11:00:00Z", SUMMARY)
    before = routed(town)
    job = Job(town, secrets=kept(town))
    host, guest = job.person("host"), job.person("guest")
    job.connect(host)
    assert host.call("GET", "v1/connection")["email"] == MAIL
    job.prefer(host)
    booking = job.meet(host, guest)
    job.withdraw(host, guest)
    job.strangers(booking)
    job.corrupted(guest, booking)
    job.leave(host, guest, booking)
    town.world.invoke("reconcile", {})
    passed = routed(town) - before
    assert {route for route in ROUTES if not passed[route]} == set(), "no route is left out"

    logs = {path.stem: path.read_text() for path in town.world.folder.glob("*.log")}
    functions = {path.name for path in (facts.ROOT / "functions").iterdir()}
    assert functions <= set(logs)
    everything = "\n".join(logs.values()) + town.world.output()
    for outcome in ("answered", "refused", "broken", "POST /v1/book", host.uid):
        assert outcome in everything
    for typed in TYPED:
        assert typed not in everything, typed
    assert not GOOGLE_SHAPES.search(everything)
    assert {200, 303, 400, 401, 403, 404, 409, 410, 500, 503} <= set(job.statuses)

    stored = repr(town.items())
    for typed in (TITLE, NOTE, NAME):
        assert typed in stored
    assert MAIL not in stored, "the calendar is disconnected"
    # No vendor's words are kept, and none of a person's events.
    for typed in (BODY, SUMMARY, CODE, REQUEST, KEY):
        assert typed not in stored
        assert typed not in "".join(job.answers)
    assert not GOOGLE_SHAPES.search(stored)
    assert not GOOGLE_SHAPES.search("".join(job.answers))
    assert len(job.secrets) > 20
    for number, secret in enumerate(job.secrets):
        assert secret not in everything, f"secret {number}"
        assert secret not in stored, f"secret {number}"
    # What only one side may know is answered to nobody.
    for secret in [*kept(town), host.headers["authToken"], guest.headers["authToken"]]:
        assert secret not in "".join(job.answers)
