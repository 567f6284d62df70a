"""CometChat over HTTP: a refusal is told from what may pass, and no key goes astray."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
import requests

from scheduling.adapters.cometchat.rest_api import Answer, CometChatClient
from scheduling.core.config import ChatConfig
from scheduling.core.errors import ChatUnavailable
from scheduling.models import AppId, Secret, Tenant

TENANT = Tenant(AppId("app1"), "eu", "App", Secret("the-key"))


@dataclass
class FakeHost:
    """A host that answers once, as it is told, and keeps what it was sent."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    breaks: bool = False
    sent: dict[str, Any] = field(default_factory=dict)

    def request(self, method: str, url: str, **more: Any) -> requests.Response:
        self.sent = {"method": method, "url": url, **more}
        if self.breaks:
            raise requests.ConnectionError(f"no answer for {more['headers']}")
        answer = requests.Response()
        answer.status_code = self.status
        answer.headers.update(self.headers)
        text = self.body if isinstance(self.body, str) else json.dumps(self.body)
        answer._content = text.encode()
        return answer

    def close(self) -> None:
        """Nothing is kept open."""


@contextmanager
def asking(host: FakeHost) -> Iterator[CometChatClient]:
    client = CometChatClient(ChatConfig())
    client.close()
    client._session = host  # type: ignore[assignment]
    yield client


def as_app(host: FakeHost) -> Answer:
    with asking(host) as client:
        return client.as_app(TENANT, "GET", "users/bob")


def test_the_key_goes_to_the_host_of_the_apps_own_region() -> None:
    host = FakeHost(body={"data": {"uid": "bob"}})
    with asking(host) as client:
        client.as_app(TENANT, "POST", "messages", "alice", {"a": 1})
    assert host.sent["url"] == "https://app1.api-eu.cometchat.io/v3/messages"
    assert host.sent["headers"] == {"appid": "app1", "apikey": "the-key", "onBehalfOf": "alice"}
    assert host.sent["json"] == {"a": 1}
    assert host.sent["allow_redirects"] is False


def test_a_users_token_goes_to_the_clients_host_and_no_key_with_it() -> None:
    host = FakeHost(body={"data": {"uid": "bob"}})
    with asking(host) as client:
        assert client.as_user(TENANT, "a-token", "me").data == {"uid": "bob"}
    assert host.sent["url"] == "https://app1.apiclient-eu.cometchat.io/v3.0/me"
    assert host.sent["headers"] == {"appId": "app1", "authToken": "a-token"}


def test_data_comes_with_what_is_said_about_it() -> None:
    answer = as_app(FakeHost(body={"data": [], "meta": {"current_page": 1}}))
    assert (answer.data, answer.meta, answer.code) == ([], {"current_page": 1}, "")


def test_a_refusal_is_a_code_with_its_sentence_and_has_no_data_whatever_stands_beside_it() -> None:
    body = {"error": {"code": "ERR_UID_NOT_FOUND", "message": "No."}, "data": {"uid": "bob"}}
    answer = as_app(FakeHost(status=404, body=body))
    assert (answer.code, answer.words) == ("ERR_UID_NOT_FOUND", "No.")
    assert (answer.status, answer.data) == (404, None)


@pytest.mark.parametrize("error", [{}, "no", [], {"code": ""}])
def test_a_refusal_without_a_code_is_one_all_the_same(error: Any) -> None:
    assert as_app(FakeHost(body={"error": error})).code == "ERR_UNKNOWN"


@pytest.mark.parametrize(
    "host",
    [
        FakeHost(status=500, body={"data": {}}),
        FakeHost(status=503, body="<html>"),
        FakeHost(status=200, body="<html>"),
        FakeHost(status=200, body=[]),
        FakeHost(status=302, body={}),
        FakeHost(status=200, body={}),
        FakeHost(status=404, body={"error": {"code": "ERR_API_NOT_FOUND"}}),
        FakeHost(status=400, body={"error": {"code": "ERR_OPERATION_FAILED"}}),
        FakeHost(breaks=True),
    ],
)
def test_what_is_neither_an_answer_nor_a_refusal_may_pass(host: FakeHost) -> None:
    with pytest.raises(ChatUnavailable):
        as_app(host)


@pytest.mark.parametrize(("named", "seconds"), [("7", 7), ("", 60), ("soon", 60)])
def test_who_asks_too_often_is_told_how_long_to_wait(named: str, seconds: int) -> None:
    with pytest.raises(ChatUnavailable) as refusal:
        as_app(FakeHost(status=429, body={}, headers={"Retry-After": named}))
    assert refusal.value.asked_seconds == seconds


def test_a_key_that_is_refused_may_be_put_right_and_is_told_to_whoever_checks_it() -> None:
    refused = {"error": {"code": "AUTH_ERR_NO_ACCESS", "message": "No."}}
    with pytest.raises(ChatUnavailable) as refusal:
        as_app(FakeHost(status=401, body=refused))
    assert refusal.value.asked_seconds == 300
    with asking(FakeHost(status=401, body=refused)) as client:
        assert client.of_key(TENANT, "GET", "users/bob").code == "AUTH_ERR_NO_ACCESS"


def test_a_connection_that_broke_tells_nothing_of_what_was_sent() -> None:
    with pytest.raises(ChatUnavailable) as refusal:
        as_app(FakeHost(breaks=True))
    assert refusal.value.__cause__ is None
    assert refusal.value.__suppress_context__
    assert "the-key" not in str(refusal.value)
