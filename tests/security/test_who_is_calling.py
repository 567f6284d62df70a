"""Who is calling is what CometChat says of the token, for the app that it came with."""

import socket
from typing import Any

import pytest
import requests

from local.template import Template
from tests.e2e.conftest import Town
from tests.security.document import ROOT

pytestmark = pytest.mark.e2e

TEMPLATE = Template.read(ROOT / "template.yaml", {"GoogleClientId": "client"})
#: The routes of chat users, with nothing in particular where an id is asked for.
ROUTES = [
    (route.method, route.path[1:].replace("{shareId}", "0" * 32).replace("{bookingId}", "0" * 32))
    for route in TEMPLATE.routes()
    if route.path.startswith("/v1/") and "{file}" not in route.path
]


def asked(town: Town) -> int:
    """Count the calls by which CometChat was asked who somebody is."""
    log = requests.get(f"{town.world.cometchat.url}/_control/log", timeout=10).json()["requests"]
    return sum(each["method"] in {"users.me", "auth_tokens.get"} for each in log)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"appId": "local"},
        {"authToken": "bob_1234567890abcdef"},
        {"appId": "local", "authToken": "x"},
        {"appId": "local", "authToken": "bob_123456 7890abcdef"},
        {"appId": "local", "authToken": "bob_1234567890abcdé".encode()},
        {"appId": "local", "authToken": "../me?x=" + "y" * 600},
        {"appId": "nobodys", "authToken": "bob_1234567890abcdef"},
        {"appId": "local/../other", "authToken": "bob_1234567890abcdef"},
        {"appId": "local.evil.test", "authToken": "bob_1234567890abcdef"},
    ],
    ids=range(10),
)
def test_a_token_or_app_of_impossible_form_is_refused_before_the_chat_is_asked(
    town: Town, headers: dict[str, Any]
) -> None:
    before = asked(town)
    for method, path in ROUTES:
        answer = town.send(method, path, headers=headers, json={} if method != "GET" else None)
        assert (answer.status_code, answer.json()["error"]["code"]) == (401, "UNAUTHENTICATED")
    assert asked(town) == before


def test_a_token_that_the_chat_does_not_know_gets_nowhere(town: Town) -> None:
    headers = {"appId": "local", "authToken": "bob_1234567890abcdef"}
    for method, path in ROUTES:
        answer = town.send(method, path, headers=headers, json={} if method != "GET" else None)
        assert (answer.status_code, answer.json()["error"]["code"]) == (401, "UNAUTHENTICATED")


def test_a_token_counts_for_the_app_that_it_is_of_and_no_other(town: Town) -> None:
    elsewhere = {"appId": "other", "authToken": town.world.token("other", "alice")}
    assert town.send("GET", "v1/connection", headers=elsewhere).status_code == 200
    mixed = {**elsewhere, "appId": "local"}
    assert town.send("GET", "v1/connection", headers=mixed).status_code == 401
    assert town.send("GET", "v1/connection", headers=elsewhere).status_code == 200


def test_nothing_but_the_token_says_who_is_calling(town: Town) -> None:
    host, guest = town.host(), town.person("guest")
    claims = {"uid": host.uid, "onBehalfOf": host.uid, "sender": host.uid, "host": host.uid}
    headers = {"onBehalfOf": host.uid, "uid": host.uid, "Authorization": "Bearer of-the-host"}
    body = {"receiver": "carol", "receiverType": "user", **claims}
    answer = town.send("POST", "v1/share", guest, json=body, headers=headers)
    assert answer.json()["error"]["code"] == "NOT_CONNECTED"
    query = f"v1/connection?uid={host.uid}&onBehalfOf={host.uid}"
    assert town.send("GET", query, guest, headers=headers).json() == {"data": {"state": "none"}}


def test_no_header_chooses_a_host_to_call_or_to_lead_to(town: Town) -> None:
    with socket.create_server(("127.0.0.1", 0)) as trap:
        trap.setblocking(False)
        where = f"127.0.0.1:{trap.getsockname()[1]}"
        named = ("Host", "Forwarded", "X-Forwarded-Host", "X-Forwarded-For", "Origin", "Referer")
        more = ("region", "resource", "sdk", "chatApiVersion", "apiHost", "clientHost")
        headers = dict.fromkeys((*named, *more), where)
        caller = town.person("caller")
        answer = town.send("POST", "v1/connect", caller, headers=headers, json={})
        assert answer.json()["data"]["connectUrl"].startswith(f"{town.world.url}/connect/")
        for app_id in (where, f"{where}/", f"local@{where}", f"x.{where}"):
            answer = town.send("GET", "v1/connection", caller, headers={"appId": app_id})
            assert answer.status_code == 401
        with pytest.raises(BlockingIOError):
            trap.accept()


@pytest.mark.parametrize(
    ("fault", "seconds"),
    [
        ({"kind": "drop_before"}, "5"),
        ({"kind": "status", "status": 500}, "5"),
        ({"kind": "status", "status": 429, "headers": {"Retry-After": "17"}}, "17"),
        ({"kind": "status", "status": 200, "body": "<html>Welcome to the hotel</html>"}, "5"),
    ],
)
def test_while_the_chat_is_down_nobody_is_let_in_and_is_told_when_to_come_again(
    town: Town, fault: dict[str, Any], seconds: str
) -> None:
    caller = town.person("caller")
    town.world.cometchat.add_fault(match="*", times=0, **fault)
    for method, path in ROUTES:
        answer = town.send(method, path, caller, json={} if method != "GET" else None)
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "CHAT_UNAVAILABLE")
        assert answer.headers["Retry-After"] == seconds
