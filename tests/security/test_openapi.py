"""`docs/openapi.yaml` is what the template routes, what the code refuses and how much it takes."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from local.template import Template
from scheduling.bookings.requests import BookRequest
from scheduling.calendars.host_calendar import ALTERNATIVES
from scheduling.connections.connect import ConsentOutcome
from scheduling.core import errors, ids, times
from scheduling.core.catalogue import Catalogue
from scheduling.http import api, authenticate, bodies, cookies, fields
from scheduling.http.refusals import STATUSES, refusal
from scheduling.models import BookingState
from scheduling.rules import defaults, invite_links
from scheduling.shares.view import PAGE_SIZE, ShareStatus
from tests.security.document import DOCUMENT, ROOT, codes, resolved, routes

ROUTES = dict(routes())
SCHEMAS = DOCUMENT["components"]["schemas"]
TEMPLATE = Template.read(ROOT / "template.yaml", {"GoogleClientId": "client"})


def book_request(asked: fields.Fields) -> BookRequest:
    return bodies.book_request(asked, Catalogue(ROOT / "web" / "words"))


def leaves(kind: type[errors.SchedulingError]) -> Iterator[type[errors.SchedulingError]]:
    yield kind
    for each in kind.__subclasses__():
        yield from leaves(each)


CODES = {each.code for each in leaves(errors.SchedulingError)}


def asked(label: str) -> dict[str, Any]:
    """Return the fields of a route's JSON body."""
    body = ROUTES[label]["requestBody"]["content"]["application/json"]["schema"]
    return {
        name: {**resolved(_reference(field)), **field} for name, field in body["properties"].items()
    }


def _reference(field: dict[str, Any]) -> dict[str, Any]:
    return {"$ref": field["$ref"]} if "$ref" in field else field


def every(part: Any, name: str) -> Iterator[Any]:
    """Go through all values under a name, wherever it stands."""
    if isinstance(part, dict):
        for key, value in part.items():
            if key == name:
                yield value
            yield from every(value, name)
    elif isinstance(part, list):
        for each in part:
            yield from every(each, name)


def minutes(length: timedelta) -> int:
    return int(length.total_seconds() // 60)


def anchored(pattern: str) -> str:
    """Write a pattern that has to fit whole as JSON Schema does."""
    return "^" + pattern.replace("\\d", "[0-9]") + "$"


def test_the_document_is_valid_openapi() -> None:
    assert list(OpenAPIV31SpecValidator(DOCUMENT).iter_errors()) == []
    names = [route["operationId"] for route in ROUTES.values()]
    assert len(names) == len(set(names))


def test_the_routes_are_those_of_the_template() -> None:
    assert set(ROUTES) == {route.key for route in TEMPLATE.routes()} - {"$default"}


def test_every_code_has_its_status_and_no_other_code_is_named() -> None:
    named: set[str] = set()
    for label, route in ROUTES.items():
        for status, found in codes(route).items():
            assert all(STATUSES[code] == status for code in found), label
            named |= found
    assert named == set(STATUSES) == CODES
    assert set(STATUSES) <= set(SCHEMAS)


def test_every_route_can_break_and_be_throttled_and_says_so() -> None:
    for label, route in ROUTES.items():
        assert {"429", "431", "500", "503"} <= set(route["responses"]), label
        assert ("413" in route["responses"]) == (not label.startswith("GET ")), label
        assert "INTERNAL" in codes(route)[500] or label.startswith("GET /v1/invites"), label


def test_a_refusal_holds_what_the_code_puts_into_it() -> None:
    for error in (
        errors.Broken("id"),
        errors.InvalidRequest("field", "is wrong"),
        errors.CalendarUnavailable(),
        errors.ChatUnavailable(),
    ):
        details = SCHEMAS[error.code]["properties"]["error"]["properties"]["details"]
        shown = json.loads(refusal(error).body or "")["error"]["details"]
        assert set(details["required"]) == set(shown)


def test_only_routes_of_the_booking_page_take_its_cookie() -> None:
    by_page = {
        label for label, route in ROUTES.items() if "pageSession" in str(route.get("security"))
    }
    called = set()
    for route in TEMPLATE.routes():
        code = (ROOT / f"functions/{route.function}/app.py").read_text()
        path = re.sub(r"\{(\w+)\}", lambda found: f"<{_snake(found[1])}>", route.path)
        head = f'@app.{route.method.lower()}("{path}"'
        body = code.partition(head)[2].partition("\n\n\n")[0]
        if (
            "authenticator.authenticate(app)" in body
            or "_caller()" in body
            or "Purpose.PAGE)" in body
        ):
            called.add(route.key)
    assert by_page == called


def _snake(name: str) -> str:
    return re.sub(r"([A-Z])", lambda found: f"_{found[1].lower()}", name)


@pytest.mark.parametrize(
    ("label", "name", "longest"),
    [
        ("POST /v1/connect", "returnUrl", bodies.URL_MAX),
        ("POST /v1/share", "title", bodies.TITLE_MAX),
        ("POST /v1/share", "idempotencyKey", bodies.KEY_MAX),
        ("POST /v1/book", "title", bodies.TITLE_MAX),
        ("POST /v1/book", "note", bodies.NOTE_MAX),
        ("POST /v1/book", "idempotencyKey", bodies.KEY_MAX),
        ("POST /v1/bookings/{bookingId}/reschedule", "idempotencyKey", bodies.KEY_MAX),
    ],
)
def test_a_text_may_be_as_long_as_the_code_takes(label: str, name: str, longest: int) -> None:
    assert asked(label)[name]["maxLength"] == longest
    request = {"receiver": "bob", "receiverType": "user", "shareId": "0" * 32}
    request |= {"startsAt": "2026-11-24T14:00:00Z"}
    reads: dict[str, Any] = {"connect": bodies.return_url, "share": bodies.share_request}
    reads |= {"book": book_request, "reschedule": bodies.reschedule_request}
    read = reads[label.rpartition("/")[2]]
    assert read(fields.Fields({**request, name: "x" * longest}))
    with pytest.raises(errors.InvalidRequest):
        read(fields.Fields({**request, name: "x" * (longest + 1)}))


def test_the_fields_are_those_that_the_code_reads() -> None:
    class Told(fields.Fields):
        """Notes each field that is asked for."""

        def __init__(self, values: dict[str, Any]) -> None:
            self.names: set[str] = set()
            names = self.names

            class Noted(dict[str, Any]):
                def get(self, key: str, default: Any = None) -> Any:
                    names.add(key)
                    return super().get(key, default)

            super().__init__(Noted(values))

    given = {"receiver": "bob", "receiverType": "user", "shareId": "0" * 32}
    given |= {"startsAt": "2026-11-24T14:00:00Z"}
    for label, read in {
        "POST /v1/connect": bodies.return_url,
        "PUT /v1/preferences": bodies.preferences,
        "POST /v1/share": bodies.share_request,
        "POST /v1/book": book_request,
        "POST /v1/hold": bodies.hold_request,
        "POST /v1/bookings/{bookingId}/reschedule": bodies.reschedule_request,
    }.items():
        heard = Told(given)
        read(heard)
        assert set(asked(label)) == heard.names, label


def test_patterns_are_those_of_the_code() -> None:
    assert SCHEMAS["Id"]["pattern"] == anchored(fields._ID.pattern)
    assert SCHEMAS["AskedInstant"]["pattern"] == anchored(times._RFC3339.pattern)
    assert SCHEMAS["AskedUid"]["pattern"].lower() == anchored(
        ids.CHAT_UID.pattern.replace("a-z", "a-za-z")
    )
    assert re.fullmatch(SCHEMAS["WallTime"]["pattern"], "24:00")
    assert not re.fullmatch(SCHEMAS["WallTime"]["pattern"], "24:05")


def test_lengths_of_time_are_those_of_the_code() -> None:
    for length in (*every(DOCUMENT, "durationMinutes"), SCHEMAS["AskedDuration"]):
        if "$ref" not in length:
            assert length["minimum"] == minutes(defaults.SHORTEST)
            assert length["maximum"] == minutes(defaults.LONGEST)
    assert "30 if left out" in asked("POST /v1/share")["durationMinutes"]["description"]
    assert minutes(defaults.DEFAULT_DURATION) == 30
    shown = SCHEMAS["Preferences"]["properties"]
    for name, longest in (
        ("bufferBeforeMinutes", bodies.BUFFER_MAX),
        ("bufferAfterMinutes", bodies.BUFFER_MAX),
        ("noticeMinutes", bodies.NOTICE_MAX),
    ):
        assert shown[name]["maximum"] == asked("PUT /v1/preferences")[name]["maximum"]
        assert shown[name]["maximum"] == minutes(longest)


def test_other_limits_are_those_of_the_code() -> None:
    assert f"{api.BODY_MAX:,} bytes" in DOCUMENT["info"]["description"]
    cursor = ROUTES["GET /v1/shares"]["parameters"][0]["schema"]
    assert cursor["maxLength"] == bodies.CURSOR_MAX
    key = DOCUMENT["components"]["parameters"]["IdempotencyKey"]["schema"]
    assert key["maxLength"] == bodies.KEY_MAX
    assert set(every(ROUTES["GET /v1/shares"], "maxItems")) == {PAGE_SIZE}
    assert set(every(SCHEMAS["SLOT_TAKEN"], "maxItems")) == {ALTERNATIVES}
    assert SCHEMAS["Day"]["maxItems"] == fields.SPANS_MAX
    assert tuple(SCHEMAS["Hours"]["properties"]) == fields.WEEKDAYS
    links = SCHEMAS["InviteLinks"]["properties"].values()
    assert {link["maxLength"] for link in links} == {invite_links.LINK_MAX}
    schemes = DOCUMENT["components"]["securitySchemes"]
    assert authenticate._APP_ID.pattern == r"[A-Za-z0-9_-]{1,100}"
    assert "up to 100 " in schemes["appId"]["description"]
    assert authenticate._TOKEN.pattern.endswith("{8,512}")
    assert "8 to 512 " in schemes["authToken"]["description"]
    assert {schemes["pageSession"]["name"], schemes["connectSession"]["name"]} == set(
        cookies._COOKIES.values()
    )


def test_states_are_those_of_the_code() -> None:
    assert set(SCHEMAS["Booking"]["properties"]["status"]["enum"]) == set(BookingState)
    assert set(SCHEMAS["LiveShare"]["properties"]["status"]["enum"]) == set(ShareStatus)
    words = json.loads((ROOT / "web/words/en.json").read_text())
    heard = {key.split(".")[1] for key in words if re.fullmatch(r"notice\.\w+\.text", key)}
    assert set(SCHEMAS["NoticeMessage"]["properties"]["reason"]["enum"]) == heard
    location = DOCUMENT["components"]["responses"]["BackToConnect"]["headers"]["Location"]
    assert set(location["schema"]["enum"]) == {
        "/connect?disconnect=1", *(f"/connect?outcome={each}" for each in ConsentOutcome),
    }  # fmt: skip


def test_every_part_is_used() -> None:
    used = set(every(DOCUMENT, "$ref"))
    kept = {"schemas": {"AvailabilityMessage", "InviteMessage", "NoticeMessage"}}
    for kind, parts in DOCUMENT["components"].items():
        if kind != "securitySchemes":
            for name in set(parts) - kept.get(kind, set()):
                assert f"#/components/{kind}/{name}" in used, name
