"""An access token is refreshed before it ends, once, and kept; a refusal is read before all."""

import json
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest
import requests

from scheduling.adapters.google.tokens import MARGIN, AccessTokens
from scheduling.core.config import GoogleConfig
from scheduling.core.errors import CalendarUnavailable
from scheduling.models import Secret, TokenSet
from scheduling.ports import GrantEnded
from tests.fakes import START, FakeClock, FakeMetrics

OLD = TokenSet(Secret("refresh"), Secret("old"), START + timedelta(hours=1))


class Counted(AccessTokens):
    """Refreshes without Google, and counts."""

    refreshes = 0

    def refreshed(self, tokens: TokenSet) -> TokenSet:
        self.refreshes += 1
        later = self._clock.now() + timedelta(hours=1)
        return TokenSet(tokens.refresh_token, Secret(f"new-{self.refreshes}"), later)


def tokens_of(clock: FakeClock) -> Counted:
    return Counted(GoogleConfig("client"), Secret("secret"), clock)


def test_a_token_is_refreshed_so_long_before_its_end_and_kept() -> None:
    clock, kept = FakeClock(OLD.expires_at - MARGIN - timedelta(seconds=1)), list[TokenSet]()
    access = tokens_of(clock)
    assert access.current(OLD, kept.append) == OLD
    clock.pass_(seconds=1)
    fresh = access.current(OLD, kept.append)
    assert (fresh.access_token.reveal(), kept) == ("new-1", [fresh])


def test_who_still_has_the_old_token_gets_its_successor_and_refreshes_nothing() -> None:
    clock, kept = FakeClock(OLD.expires_at), list[TokenSet]()
    access = tokens_of(clock)
    first = access.current(OLD, kept.append)
    assert access.current(OLD, kept.append) == first
    assert access.refreshes == 1


@dataclass
class FakeEndpoint:
    """Google's token endpoint: a new access token each time, or the refusal that it is told."""

    refusal: tuple[int, Any] | None = None
    more: dict[str, Any] = field(default_factory=dict)
    asked: list[dict[str, Any]] = field(default_factory=list)

    def request(self, method: str, url: str, **more: Any) -> requests.Response:
        self.asked.append({"method": method, "url": url, **more})
        made = {"access_token": f"new-{len(self.asked)}", "expires_in": 3600, **self.more}
        status, body = self.refusal or (200, made)
        answer = requests.Response()
        answer.status_code = status
        answer._content = (body if isinstance(body, str) else json.dumps(body)).encode()
        return answer

    def close(self) -> None:
        """Nothing is kept open."""


def asking(endpoint: FakeEndpoint, metrics: FakeMetrics | None = None) -> AccessTokens:
    access = AccessTokens(GoogleConfig("client"), Secret("secret"), FakeClock(), metrics)
    access.close()
    access._session = endpoint  # type: ignore[assignment]
    return access


@pytest.mark.parametrize(
    ("more", "refresh_token"), [({}, "refresh"), ({"refresh_token": "another"}, "another")]
)
def test_a_refresh_token_stays_unless_google_sends_another(
    more: dict[str, Any], refresh_token: str
) -> None:
    fresh = asking(FakeEndpoint(more=more)).refreshed(OLD)
    assert fresh.access_token.reveal() == "new-1"
    assert fresh.refresh_token.reveal() == refresh_token


def test_the_secret_follows_no_redirect_and_nobody_waits_for_minutes() -> None:
    endpoint = FakeEndpoint()
    asking(endpoint).refreshed(OLD)
    (asked,) = endpoint.asked
    assert asked["url"] == GoogleConfig("client").token_url
    assert (asked["allow_redirects"], asked["timeout"]) == (False, 6)


def test_what_is_kept_at_hand_does_not_grow_without_end() -> None:
    access, kept = asking(FakeEndpoint()), list[TokenSet]()
    for number in range(250):
        access.succeeded(replace(OLD, access_token=Secret(f"old-{number}")), kept.append)
        assert len(access._successors) <= 100


@pytest.mark.parametrize(
    ("status", "body", "kind", "counted"),
    [
        (400, {"error": "invalid_grant"}, GrantEnded, 0),
        (400, {"error": "access_denied"}, GrantEnded, 0),
        (401, {"error": "invalid_client"}, CalendarUnavailable, 1),
        (400, {"error": "never_seen_before"}, CalendarUnavailable, 0),
        (429, {"error": "rate_limit_exceeded"}, CalendarUnavailable, 0),
        (503, {"error": "invalid_grant"}, CalendarUnavailable, 0),
        (500, "<html>", CalendarUnavailable, 0),
        (307, "", CalendarUnavailable, 0),
        (200, "<html>", CalendarUnavailable, 0),
        (200, {}, CalendarUnavailable, 0),
    ],
)
def test_a_refusal_that_only_the_host_can_mend_is_told_from_all_others(
    status: int, body: Any, kind: type[Exception], counted: int
) -> None:
    metrics, kept = FakeMetrics(), list[TokenSet]()
    with pytest.raises(kind):
        asking(FakeEndpoint(refusal=(status, body)), metrics).succeeded(OLD, kept.append)
    assert kept == []
    assert metrics.counts["GoogleRefusedUs"] == counted
