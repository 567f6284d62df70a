"""Share free times with somebody in the chat, and look at a share as it is now.

Routes: `POST v1/share`, `GET v1/preview`, `GET v1/shares`, `GET v1/shares/{shareId}`, its
`/withdraw` and `/page` by POST.
Errors: INVALID_REQUEST, UNAUTHENTICATED, NOT_ALLOWED, NOT_FOUND, NOT_CONNECTED, RECONNECT_NEEDED,
SHARE_CLOSED, IDEMPOTENCY_MISMATCH, TOO_MANY_REQUESTS, CALENDAR_UNAVAILABLE, CHAT_UNAVAILABLE.
Metrics: AvailabilityShared, CalendarUnavailable, ConnectionEnded, LimitReached.
"""

from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.utilities.typing import LambdaContext

from scheduling import wiring
from scheduling.http import api
from scheduling.http.bodies import CURSOR_MAX, ShareRequest
from scheduling.models import ShareId
from scheduling.observability import entry_point

app = api.resolver()


@app.post("/v1/share")
def share_availability() -> Response[str]:
    """Send the caller's free times of the next 7 days."""
    caller = wiring.callers().chat_user(app)
    return api.data(wiring.sharing().share(caller, ShareRequest.read(api.body(app))))


@app.get("/v1/preview", compress=True)
def preview() -> Response[str]:
    """Look at what sharing would send now."""
    caller = wiring.callers().chat_user(app)
    return api.data(wiring.sharing().preview(caller, api.query(app).minutes("durationMinutes")))


@app.get("/v1/shares")
def shares() -> Response[str]:
    """List the caller's shares."""
    caller = wiring.callers().chat_user(app)
    cursor = api.query(app).opaque("cursor", CURSOR_MAX)
    return api.data(wiring.sharing().made(caller, cursor or None))


@app.get("/v1/shares/<share_id>", compress=True)
def share(share_id: str) -> Response[str]:
    """Look at a share as it is now."""
    caller = wiring.callers().identify(app)
    duration = api.query(app).minutes("durationMinutes")
    return api.data(wiring.sharing().view(caller, _id(share_id), duration))


@app.post("/v1/shares/<share_id>/withdraw")
def withdraw(share_id: str) -> Response[str]:
    """End a share."""
    caller = wiring.callers().chat_user(app)
    return api.data(wiring.sharing().withdraw(caller, _id(share_id)))


@app.post("/v1/shares/<share_id>/page")
def page(share_id: str) -> Response[str]:
    """Give a one-time link to the booking page."""
    caller = wiring.callers().chat_user(app)
    return api.data(wiring.sharing().page(caller, _id(share_id)))


def _id(share_id: str) -> ShareId:
    return ShareId(api.path_id(share_id, "shareId"))


@entry_point
def handler(event: dict[str, Any], context: LambdaContext) -> Any:
    """Answer API Gateway."""
    return api.resolve(app, event, context)
