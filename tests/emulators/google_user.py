"""A user and an app at the Google emulator, by plain HTTP: forms are read and posted."""

import base64
import hashlib
import json
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests

from local.google.contract import Contract
from local.google.scopes import EVENTS_OWNED, FREEBUSY

REDIRECT_URI = "http://localhost:3000/oauth/callback"
SCOPE = f"openid email {FREEBUSY} {EVENTS_OWNED}"
CLIENT = {"client_id": "local-client", "client_secret": "local-secret"}
VERIFIER = "v" * 64
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode()[:43]
SECONDS = 10


class Page(HTMLParser):
    """A page as far as a user without eyes needs it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text
        self.inputs: list[dict[str, str | None]] = []
        self.buttons: list[dict[str, str | None]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "input":
            self.inputs.append(dict(attrs))
        if tag == "button":
            self.buttons.append(dict(attrs))

    @property
    def flow(self) -> str:
        return next(str(each["value"]) for each in self.inputs if each["name"] == "flow")

    @property
    def boxes(self) -> list[str]:
        boxes = [each for each in self.inputs if each.get("type") == "checkbox"]
        assert not any("checked" in box for box in boxes)
        return [str(box["value"]) for box in boxes]

    @property
    def accounts(self) -> list[str]:
        return [str(each["value"]) for each in self.buttons if each["name"] == "account"]


@dataclass
class Google:
    """The emulator, seen from an app and from a user's browser."""

    address: str
    session: requests.Session = field(default_factory=requests.Session)

    def open(self, **changes: str | None) -> requests.Response:
        """Open the app's link in the browser; a change to None leaves a parameter out."""
        asked: dict[str, str | None] = {
            "client_id": "local-client",
            "redirect_uri": REDIRECT_URI,
            "response_type": "code",
            "scope": SCOPE,
            "access_type": "offline",
            "prompt": "consent",
            "state": "st&te=1",
            "nonce": "n-1",
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
        }
        present = {k: v for k, v in (asked | changes).items() if v is not None}
        return self._get("/o/oauth2/v2/auth", present)

    def choose(self, page: requests.Response, email: str) -> requests.Response:
        """Press the button of an account; follow to the consent screen, if there is one."""
        form = {"flow": Page(page.text).flow, "account": email}
        answer = self._post("/o/oauth2/v2/auth/account", form)
        if answer.headers["Location"].startswith("/"):
            return self._get(answer.headers["Location"], {})
        return answer

    def decide(
        self, page: requests.Response, *ticked: str, action: str = "continue"
    ) -> requests.Response:
        """Tick boxes and press a button."""
        form = {"flow": Page(page.text).flow, "scope": list(ticked), "action": action}
        return self._post("/o/oauth2/v2/auth/consent", form)

    def consent(self, email: str, *ticked: str, **changes: str | None) -> dict[str, str]:
        """Walk from the app's link to the callback; give the callback's query."""
        consent = self.choose(self.open(**changes), email)
        return callback(self.decide(consent, *ticked))

    def token(self, **form: str) -> requests.Response:
        return self._post("/token", CLIENT | form)

    def exchange(self, code: str, **changes: str) -> requests.Response:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": REDIRECT_URI,
            "code_verifier": VERIFIER,
        }
        return self.token(**(form | changes))

    def refresh(self, refresh_token: str, **changes: str) -> requests.Response:
        return self.token(grant_type="refresh_token", refresh_token=refresh_token, **changes)

    def connect(self, email: str = "alice@example.com", **changes: str | None) -> dict[str, Any]:
        """Grant everything; give the token answer."""
        query = self.consent(email, FREEBUSY, EVENTS_OWNED, **changes)
        answer: dict[str, Any] = self.exchange(query["code"]).json()
        return answer

    def calendar(
        self, access_token: str, verb: str, path: str, *, body: Any = None, **query: Any
    ) -> requests.Response:
        """Call the Calendar API; a successful answer must keep Google's own contract."""
        headers = {"Authorization": f"Bearer {access_token}", **query.pop("headers", {})}
        answer = self.session.request(
            verb,
            f"{self.address}/calendar/v3/{path}",
            json=body,
            params=query,
            headers=headers,
            timeout=SECONDS,
        )
        routed = Contract.load().route(verb, path)
        if answer.status_code == 200:
            assert routed is not None
            assert answer.headers["Content-Type"] == "application/json; charset=UTF-8"
            assert Contract.load().check_answer(routed[0].id, answer.json()) == []
        return answer

    def control(self, verb: str, path: str, body: Any = None, **query: str) -> Any:
        answer = self.session.request(
            verb, f"{self.address}/_control/{path}", json=body, params=query, timeout=SECONDS
        )
        assert answer.status_code in {200, 201}, answer.text
        return answer.json()

    def fault(self, **fault: Any) -> None:
        answer = self.session.post(f"{self.address}/_faults", json=fault, timeout=SECONDS)
        assert answer.status_code == 201, answer.text

    def _get(self, path: str, query: dict[str, str]) -> requests.Response:
        return self.session.get(
            self.address + path, params=query, allow_redirects=False, timeout=SECONDS
        )

    def _post(self, path: str, form: Any) -> requests.Response:
        return self.session.post(
            self.address + path, data=form, allow_redirects=False, timeout=SECONDS
        )


def callback(answer: requests.Response) -> dict[str, str]:
    """Read the query with which the browser goes back to the app."""
    assert answer.status_code == 302, answer.text
    location = answer.headers["Location"]
    assert location.startswith(REDIRECT_URI + "?")
    return dict(parse_qsl(urlsplit(location).query, strict_parsing=True))


def claims_of(id_token: str) -> dict[str, Any]:
    """Read an identity token without checking it."""
    part = id_token.split(".")[1]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return claims


def reason_of(answer: requests.Response) -> tuple[int, str]:
    """Return what a Calendar API client dispatches on."""
    body = answer.json()["error"]
    assert body["code"] == answer.status_code
    assert re.fullmatch(r"global|calendar|usageLimits", body["errors"][0]["domain"])
    return answer.status_code, body["errors"][0]["reason"]
