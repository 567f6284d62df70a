"""How long a request has: by Lambda's own count, whenever it is asked."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from scheduling.http import api
from tests.fakes import FakeClock


def test_a_deadline_is_the_same_instant_whenever_in_a_request_it_is_asked() -> None:
    """What came before has used time up: a chat that was asked three times, for example."""
    clock, app = FakeClock(), api.resolver()
    ends_at = clock.now() + timedelta(seconds=20)
    told = []

    @app.get("/v1/slow")
    def slow() -> dict[str, str]:
        told.append(api.deadline(app, clock))
        clock.pass_(seconds=12)
        told.append(api.deadline(app, clock))
        return {}

    def remaining() -> int:
        return int((ends_at - clock.now()).total_seconds() * 1000)

    context: Any = SimpleNamespace(get_remaining_time_in_millis=remaining)
    event = {
        "version": "2.0",
        "routeKey": "GET /v1/slow",
        "rawPath": "/v1/slow",
        "headers": {},
        "requestContext": {"http": {"method": "GET", "path": "/v1/slow"}, "stage": "$default"},
    }
    assert api.resolve(app, event, context)["statusCode"] == 200
    assert told == [ends_at, ends_at]
