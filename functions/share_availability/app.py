"""Share availability with somebody in the chat, and look at a share as it is now.

Routes: `POST v1/share`, `GET v1/preview`, `GET v1/shares`, `GET v1/shares/{shareId}`, its
`/withdraw` and `/page` by POST.
"""

from datetime import datetime
from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.utilities.typing import LambdaContext

from scheduling import wiring
from scheduling.http import answers, api, bodies
from scheduling.models import Caller, ShareId
from scheduling.observability import entry_point

app = api.resolver()


@app.post("/v1/share")
def share_availability() -> Response[str]:
    """Send the caller's free times of the next 7 days."""
    caller, request = _chat_user(), bodies.share_request(api.body(app))
    return answers.sent_share(wiring.use_cases().sharer.share(caller, request, _deadline()))


@app.get("/v1/preview", compress=True)
def preview() -> Response[str]:
    """Look at what sharing would send now."""
    caller, duration = _chat_user(), api.query(app).minutes("durationMinutes")
    return answers.preview(wiring.use_cases().sharer.preview(caller, duration, _deadline()))


@app.get("/v1/shares")
def shares() -> Response[str]:
    """List the caller's shares."""
    caller, cursor = _chat_user(), api.query(app).opaque("cursor", bodies.CURSOR_MAX)
    return answers.shares(wiring.use_cases().share_views.listed(caller, cursor or None))


@app.get("/v1/shares/<share_id>", compress=True)
def share(share_id: str) -> Response[str]:
    """Look at a share as it is now."""
    caller = wiring.use_cases().authenticator.authenticate(app)
    duration = api.query(app).minutes("durationMinutes")
    views = wiring.use_cases().share_views
    return answers.share_view(views.view(caller, _id(share_id), duration, _deadline()))


@app.post("/v1/shares/<share_id>/withdraw")
def withdraw(share_id: str) -> Response[str]:
    """End a share."""
    caller, named = _chat_user(), _id(share_id)
    wiring.use_cases().share_views.withdraw(caller, named, _deadline())
    return answers.withdrawn(named)


@app.post("/v1/shares/<share_id>/page")
def page(share_id: str) -> Response[str]:
    """Make a one-time link to the booking page."""
    link = wiring.use_cases().share_views.page_link(_chat_user(), _id(share_id), _deadline())
    return answers.link("pageUrl", link)


def _chat_user() -> Caller:
    return wiring.use_cases().authenticator.authenticate_chat_user(app)


def _id(share_id: str) -> ShareId:
    return ShareId(api.path_id(share_id, "shareId"))


def _deadline() -> datetime:
    return api.deadline(app, wiring.clock())


@entry_point
def handler(event: dict[str, Any], context: LambdaContext) -> Any:
    """Answer API Gateway."""
    return api.resolve(app, event, context)
