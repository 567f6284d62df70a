"""Whatever is sent to whichever route by whomever: no answer but those of `docs/openapi.yaml`.

Each route is called with what the document allows and with what it forbids, by everybody, with the
ids, links, cookies and times of a living world mixed in. Seed and number are fixed;
`make fuzz EXAMPLES=10000` runs long, and with another seed each time.
"""

import os
from collections.abc import Iterator, Sequence
from http import HTTPStatus
from typing import Any

import jsonschema
import pytest
import schemathesis
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st
from schemathesis.checks import load_all_checks
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from local import demo_drive
from local.world import LocalWorld
from tests.e2e.conftest import Town
from tests.security.document import DOCUMENT, codes, resolved, routes
from tests.security.stage import UNKNOWN, Stage, set_up

EXAMPLES = int(os.environ.get("EXAMPLES", "20"))
SEED = int(os.environ.get("SEED", "20261123"))

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(max(120, EXAMPLES))]

ROUTES = dict(routes())
SCHEMA = schemathesis.openapi.from_dict(DOCUMENT)
CHECKS: list[Any] = [
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
#: A surrogate without its other half: JSON can write it, forms and addresses cannot.
HALF = "\ud800"
#: What has broken a parser somewhere, or names something that is not there.
NASTY: list[Any] = [
    "", "\x00", HALF, "\u202e", "é" * 400, "x" * 5000, "'", '"', "<script>", "..", "%00",
    "http://[", "http://a\u2100b/", "NaN", "-1", "30", 10**400, [], {"a": []}, "0" * 32, "SHARE#",
    "SHARE#" + "é" * 600, "9999-12-31T23:59:59Z", "0001-01-01T00:00:00+23:59",
    "2026-02-30T10:00:00Z", "nobody-at-all", "Europe", "posixrules", "https://elsewhere.test/",
]  # fmt: skip


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    load_all_checks()
    with LocalWorld(schedule_seconds=3600) as world:
        yield set_up(Town(world))


def body_schema(label: str) -> dict[str, Any]:
    """Return what a route asks of its body; nothing, where it reads none."""
    media = resolved(ROUTES[label].get("requestBody", {})).get("content", {})
    return dict(next((each["schema"] for each in media.values()), {}))


class Furnishing:
    """Mixes real and nasty things into a generated request.

    A third of all requests is as its sender would have it: real things only, from somebody for whom
    the route is made.
    """

    def __init__(self, data: st.DataObject, stage: Stage, label: str) -> None:
        self.stage = stage
        self.label = label
        self._json = False
        self._draw = data.draw
        self.honest = data.draw(st.integers(0, 2)) == 0

    def case(self) -> schemathesis.Case[Any]:
        """Return a request."""
        modes = schemathesis.GenerationMode
        mode = modes.POSITIVE
        if not self.honest:
            mode = self._draw(st.sampled_from([modes.POSITIVE, modes.NEGATIVE]))
        method, path = self.label.split()
        operation = SCHEMA[path][method]
        case: schemathesis.Case[Any] = self._draw(operation.as_strategy(generation_mode=mode))
        for name, value in case.path_parameters.items():
            # A slash, or nothing at all, would be another route.
            text = str(self._mixed(name, value)).replace("/", "")
            case.path_parameters[name] = text if text.strip(".") else "x"
        self._fill(case.query, list(case.query))
        if isinstance(case.body, dict):
            self._json = case.media_type == "application/json"
            self._fill(case.body, list(body_schema(self.label)["properties"]))
        return case

    def sender(self) -> tuple[str, dict[str, str]]:
        """Return who sends it, and with which headers."""
        known, fitting = self.stage.senders(self.label)
        name = self._draw(st.sampled_from(fitting if self.honest else list(known)))
        return name, known[name]

    def _fill(self, values: dict[str, Any], names: Sequence[str]) -> None:
        for name in names:
            if name in values or self.stage.pool(self.label, name):
                values[name] = self._mixed(name, values.get(name))

    def _mixed(self, name: str, generated: Any) -> Any:
        pool = self.stage.pool(self.label, name)
        kind = "real"
        if not self.honest:
            kind = self._draw(st.sampled_from(["real", "real", "generated", "nasty"]))
        if kind == "real" and pool:
            chosen = self._draw(st.sampled_from(pool))
            return chosen() if callable(chosen) else chosen
        return self._nasty() if kind == "nasty" else generated

    def _nasty(self) -> Any:
        chosen = self._draw(st.sampled_from(NASTY))
        return "" if chosen == HALF and not self._json else chosen


def check_refusal(label: str, response: schemathesis.Response) -> None:
    """A refusal has a code that the route lists for that status, and its wait twice or never."""
    error = response.json()["error"]
    assert error["code"] in codes(ROUTES[label])[response.status_code]
    said = response.headers.get("retry-after")
    wait = error.get("details", {}).get("retryAfterSeconds")
    assert said == (None if wait is None else [str(wait)])


@pytest.mark.parametrize("label", sorted(ROUTES))
def test_a_route_gives_no_answer_but_those_of_the_document(stage: Stage, label: str) -> None:
    seen: set[int] = set()
    asked = jsonschema.Draft202012Validator(
        {**body_schema(label), "components": DOCUMENT["components"]}
    )

    @seed(SEED)
    @settings(
        max_examples=EXAMPLES,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(data=st.data())
    def probe(data: st.DataObject) -> None:
        furnishing = Furnishing(data, stage, label)
        case = furnishing.case()
        sender, headers = furnishing.sender()
        key = {k: v for k, v in case.headers.items() if k.lower() == "idempotency-key"}
        case.headers.clear()
        case.cookies.clear()
        response = case.call(
            base_url=stage.town.world.url,
            headers={**key, **headers},
            allow_redirects=False,
            timeout=60,
        )
        seen.add(response.status_code)
        assert response.status_code != HTTPStatus.INTERNAL_SERVER_ERROR, response.text
        case.validate_response(response, checks=CHECKS)
        if response.text.startswith('{"error"'):
            check_refusal(label, response)
        json_sent = isinstance(case.body, dict) and case.media_type == "application/json"
        if json_sent and response.status_code < HTTPStatus.BAD_REQUEST:
            asked.validate(case.body)
        if ROUTES[label].get("security") != []:
            assert response.status_code >= HTTPStatus.BAD_REQUEST or sender not in UNKNOWN

    probe()
    reached = {int(status) for status in ROUTES[label]["responses"] if status < "400"}
    assert seen & reached, "the fuzzing never came as far as a success"


def test_the_messages_in_the_chat_are_as_documented(stage: Stage) -> None:
    town = stage.town
    host, guest = town.host(), town.person("reader")
    share = town.share(host, guest, title="Über <b>alles</b>")["shareId"]
    slot = town.slots(guest, share)[200]
    body = {"shareId": share, "startsAt": slot}
    booking_id = guest.call("POST", "v1/book", body)["booking"]["bookingId"]
    first = demo_drive.wait_for_invite(guest, host, booking_id)
    host.call("POST", f"v1/bookings/{booking_id}/cancel")
    heard = {
        "AvailabilityMessage": guest.messages("extension_calendar_availability", host.uid),
        "InviteMessage": [first, *guest.messages("extension_calendar_invite", host.uid)],
        "NoticeMessage": host.messages("extension_calendar_notice", "app_system"),
    }
    for name, messages in heard.items():
        documented = jsonschema.Draft202012Validator(
            {"$ref": f"#/components/schemas/{name}", "components": DOCUMENT["components"]}
        )
        assert messages, name
        for message in messages:
            documented.validate(message["data"]["customData"])
