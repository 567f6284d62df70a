"""A person who consents: at Google's pages, or before the fake."""

from dataclasses import dataclass

import requests

from scheduling.models import Grant, Secret
from scheduling.ports import OAuthProvider, Revocation
from scheduling.rules.consent import NEEDED_SCOPES
from tests.emulators.google_user import Google, Page, callback
from tests.fakes import FakeClock, FakeMetrics, FakeOAuth

VERIFIER, NONCE, STATE = Secret("v" * 64), "a-nonce", "a-state"


@dataclass
class Side:
    """One implementer of both ports, and the person who consents."""

    oauth: OAuthProvider
    revocation: Revocation
    clock: FakeClock
    fake: FakeOAuth | None = None
    at_google: Google | None = None
    metrics: FakeMetrics | None = None

    @property
    def google(self) -> Google:
        assert self.at_google is not None
        return self.at_google

    def consent(self, account: str = "alice", *ticked: str) -> str:
        """Follow the address, tick boxes (all, unless some are named), and return the code."""
        scopes = ticked or tuple(NEEDED_SCOPES)
        if self.fake:
            self.fake.scopes = frozenset(scopes)
            return account
        url = self.oauth.authorization_url(STATE, VERIFIER, NONCE, None)
        page = self.google.choose(self._open(url), f"{account}@example.com")
        answer = callback(self.google.decide(page, *scopes))
        assert answer["state"] == STATE
        return answer["code"]

    def _open(self, url: str) -> requests.Response:
        return self.google.session.get(url, allow_redirects=False, timeout=10)

    def shown(self, url: str) -> Page:
        """Open an address as a browser does."""
        answer = self._open(url)
        while answer.is_redirect:
            answer = self._open(self.google.address + answer.headers["Location"])
        return Page(answer.text)

    def granted(self, account: str = "alice", *ticked: str) -> Grant:
        """Consent, and exchange the code."""
        return self.oauth.exchange(self.consent(account, *ticked), VERIFIER, NONCE)

    def break_off(self) -> None:
        """Google is not there from now on."""
        if self.fake:
            self.fake.unreachable = True
        else:
            self.google.fault(match="oauth.*", kind="drop_before", times=0)
