"""Access tokens are refreshed shortly before they end, once, and a refusal is read before all."""

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
from tests.fakes import START, FakeClock, FakeMetrics, a_grant

TOKENS = a_grant("alice", START).tokens


@dataclass
class FakeEndpoint:
    """Google's token endpoint: a new access token each time, or the refusal that it is told."""

    refusal: tuple[int, Any] | None = None
    more: dict[str, Any] = field(default_factory=dict)
    asked: list[dict[str, Any]] = field(default_factory=list)

    def request(self, method: str, url: str, **more: Any) -> requests.Response:
        self.asked.append({"method": method, "url": url, **more})
        status, body = self.refusal or (200, {})
        if self.refusal is None:
            body = {"access_token": f"new-{len(self.asked)}", "expires_in": 3600, **self.more}
        answer = requests.Response()
        answer.status_code = status
        answer._content = (body if isinstance(body, str) else json.dumps(body)).encode()
        return answer

    def close(self) -> None:
        """Nothing is kept open."""


@dataclass
class Bench:
    """Access tokens before the endpoint, and whoever keeps them."""

    endpoint: FakeEndpoint = field(default_factory=FakeEndpoint)
    clock: FakeClock = field(default_factory=FakeClock)
    metrics: FakeMetrics = field(default_factory=FakeMetrics)
    kept: list[TokenSet] = field(default_factory=list)

    def __post_init__(self) -> None:
        config = GoogleConfig("client")
        self.access = AccessTokens(config, Secret("client-secret"), self.clock, self.metrics)
        self.access.close()
        self.access._session = self.endpoint  # type: ignore[assignment]

    def current(self, tokens: TokenSet = TOKENS) -> TokenSet:
        return self.access.current(tokens, self.kept.append)


def test_a_token_that_lasts_for_one_more_call_is_used_as_it_is() -> None:
    bench = Bench()
    bench.clock.instant = TOKENS.expires_at - MARGIN - timedelta(seconds=1)
    assert bench.current() == TOKENS
    assert (bench.endpoint.asked, bench.kept) == ([], [])


def test_a_token_that_is_about_to_end_is_refreshed_and_handed_to_whoever_keeps_it() -> None:
    bench = Bench()
    bench.clock.instant = TOKENS.expires_at - MARGIN
    made = bench.current()
    assert made.access_token.reveal() == "new-1"
    assert made.refresh_token == TOKENS.refresh_token, "Google keeps it as it is"
    assert bench.kept == [made]


def test_whoever_still_has_the_old_token_gets_the_new_one_without_a_question() -> None:
    bench = Bench()
    made = bench.access.succeeded(TOKENS, bench.kept.append)
    bench.clock.instant = made.expires_at - 2 * MARGIN
    assert bench.current(TOKENS) == made
    assert len(bench.endpoint.asked) == 1


def test_a_refresh_token_that_google_replaces_is_kept() -> None:
    bench = Bench(FakeEndpoint(more={"refresh_token": "another"}))
    assert bench.access.refreshed(TOKENS).refresh_token.reveal() == "another"


def test_what_is_kept_at_hand_does_not_grow_without_end() -> None:
    bench = Bench()
    for number in range(250):
        old = replace(TOKENS, access_token=Secret(f"old-{number}"))
        bench.access.succeeded(old, bench.kept.append)
        assert len(bench.access._successors) <= 100


def test_the_secret_follows_no_redirect_and_waits_no_two_minutes() -> None:
    bench = Bench()
    bench.access.refreshed(TOKENS)
    (asked,) = bench.endpoint.asked
    assert asked["url"] == "https://oauth2.googleapis.com/token"
    assert (asked["allow_redirects"], asked["timeout"]) == (False, 6)


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
    bench = Bench(FakeEndpoint(refusal=(status, body)))
    with pytest.raises(kind):
        bench.access.succeeded(TOKENS, bench.kept.append)
    assert bench.kept == []
    assert bench.metrics.counts["GoogleRefusedUs"] == counted
