"""Events on disk become events of now."""

import json

import pytest

from local.invoke import EVENTS, CannotInvoke, fetch, fill, pretty
from local.world import RunningWorld, free_ports


class Minting(RunningWorld):
    """A world whose tokens tell whose they are."""

    def token(self, app_id: str, uid: str) -> str:
        return f"token-of-{app_id}-{uid}"


def test_token_is_filled_in_and_the_rest_left_alone() -> None:
    event = {"headers": {"authtoken": "{token of alice}"}, "body": "{}", "Records": [1]}
    assert fill(event, Minting(1)) == {
        "headers": {"authtoken": "token-of-local-alice"},
        "body": "{}",
        "Records": [1],
    }


@pytest.mark.integration
def test_without_local_run_the_way_to_one_is_told() -> None:
    with pytest.raises(CannotInvoke, match=r"No local run answers .* 'make run'"):
        fetch("book_slot", RunningWorld(free_ports()))


def test_json_within_a_response_is_shown_as_json() -> None:
    shown = pretty(json.dumps({"statusCode": 200, "body": '{"a": "ä"}'}).encode())
    assert json.loads(shown) == {"statusCode": 200, "body": {"a": "ä"}}
    assert '"ä"' in shown
    assert json.loads(pretty(b'{"body": "<p>"}')) == {"body": "<p>"}


def test_every_event_is_json() -> None:
    files = sorted(EVENTS.glob("*.json"))
    assert files
    for file in files:
        assert isinstance(json.loads(file.read_text(encoding="utf-8")), dict)
