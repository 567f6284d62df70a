import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from aiohttp import web

from local.faults import BadFault, Fault, Faults
from tests.emulators.serving import served

pytestmark = pytest.mark.integration


class Counter:
    """An application with one method, `things.add`, that counts how often it was done."""

    def __init__(self) -> None:
        self.done = 0
        self.address = ""

    def make_app(self, _address: str) -> web.Application:
        faults = Faults()
        app = web.Application(
            middlewares=[
                faults.middleware(lambda request: "things.add" if request.path == "/add" else None)
            ]
        )
        faults.add_routes(app)
        app.router.add_post("/add", self._add)
        app.router.add_post("/free", self._add)
        return app

    async def _add(self, _request: web.Request) -> web.Response:
        self.done += 1
        return web.Response(text="done")

    def fault(self, fault: Any) -> requests.Response:
        return requests.post(f"{self.address}/_faults", json=fault, timeout=5)

    def add(self, path: str = "/add") -> requests.Response:
        return requests.post(self.address + path, timeout=5)


@pytest.fixture
def counter() -> Iterator[Counter]:
    counter = Counter()
    with served(counter.make_app) as counter.address:
        yield counter


def test_status_answers_once_without_doing(counter: Counter) -> None:
    asked = {"match": "things.add", "kind": "status", "status": 429}
    counter.fault(asked | {"body": {"a": 1}, "headers": {"Retry-After": "7"}})
    answer = counter.add()
    assert (answer.status_code, answer.json(), answer.headers["Retry-After"]) == (
        429,
        {"a": 1},
        "7",
    )
    assert answer.headers["Content-Type"] == "application/json; charset=UTF-8"
    assert counter.done == 0
    assert counter.add().text == "done"


def test_status_with_text_answers_text(counter: Counter) -> None:
    counter.fault({"match": "things.add", "kind": "status", "status": 502, "body": "<html>"})
    answer = counter.add()
    assert (answer.text, answer.headers["Content-Type"]) == ("<html>", "text/plain; charset=UTF-8")


def test_delay_waits_then_does(counter: Counter) -> None:
    counter.fault({"match": "things.add", "kind": "delay", "seconds": 0.2})
    began = time.monotonic()
    assert counter.add().text == "done"
    assert time.monotonic() - began >= 0.2


@pytest.mark.parametrize(("kind", "done"), [("drop_before", 0), ("drop_after", 1)])
def test_dropped_connection_gives_no_answer(counter: Counter, kind: str, done: int) -> None:
    counter.fault({"match": "things.add", "kind": kind})
    with pytest.raises(requests.ConnectionError):
        counter.add()
    assert counter.done == done


@pytest.mark.parametrize("times", [0, None])
def test_no_end_of_times_lasts_until_cleared(counter: Counter, times: int | None) -> None:
    counter.fault({"match": "things.*", "kind": "status", "status": 500, "times": times})
    assert [counter.add().status_code for _ in range(3)] == [500, 500, 500]
    requests.delete(f"{counter.address}/_faults", timeout=5)
    assert counter.add().status_code == 200


def test_faults_wait_in_order_and_are_listed(counter: Counter) -> None:
    counter.fault({"match": "things.add", "kind": "status", "status": 500, "times": 2})
    counter.fault({"match": "things.add", "kind": "status", "status": 503})
    assert [counter.add().status_code for _ in range(2)] == [500, 500]
    listed = requests.get(f"{counter.address}/_faults", timeout=5).json()["faults"]
    assert [(each["status"], each["times"]) for each in listed] == [(503, 1)]
    assert [counter.add().status_code for _ in range(2)] == [503, 200]


def test_other_methods_and_pages_are_left_alone(counter: Counter) -> None:
    counter.fault({"match": "things.remove", "kind": "status", "status": 500})
    counter.fault({"match": "*", "kind": "status", "status": 500})
    assert counter.add("/free").status_code == 200


@pytest.mark.parametrize(
    "fault",
    [
        [],
        {},
        {"match": "", "kind": "delay", "seconds": 1},
        {"match": 7, "kind": "delay", "seconds": 1},
        {"match": "m", "kind": "explode"},
        {"match": "m", "kind": "status"},
        {"match": "m", "kind": "status", "status": 99},
        {"match": "m", "kind": "status", "status": True},
        {"match": "m", "kind": "status", "status": 500, "seconds": 1},
        {"match": "m", "kind": "status", "status": 500, "headers": {"A": 1}},
        {"match": "m", "kind": "status", "status": 500, "headers": {"A": "b\r\nC: d"}},
        {"match": "m", "kind": "delay"},
        {"match": "m", "kind": "delay", "seconds": -1},
        {"match": "m", "kind": "delay", "seconds": "1"},
        {"match": "m", "kind": "delay", "seconds": 601},
        {"match": "m", "kind": "drop_after", "times": -1},
        {"match": "m", "kind": "drop_after", "times": False},
        {"match": "m", "kind": "drop_after", "time": 1},
    ],
    ids=json.dumps,
)
def test_bad_fault_is_refused_with_a_sentence(counter: Counter, fault: Any) -> None:
    answer = counter.fault(fault)
    assert answer.status_code == 400
    assert answer.json()["error"].endswith(".")
    assert requests.get(f"{counter.address}/_faults", timeout=5).json() == {"faults": []}
    with pytest.raises(BadFault):
        Fault.parse(fault)


def test_fault_that_is_not_json_is_refused(counter: Counter) -> None:
    answer = requests.post(f"{counter.address}/_faults", data="{", timeout=5)
    assert (answer.status_code, answer.json()) == (400, {"error": "The body is not JSON."})
