"""Take Google's answer to a consent, and lead back to the page for the final confirmation.

Route: `GET oauth/callback`, for the browser that began the consent.
Every outcome is shown on the page; without this browser's session there is a page that says so.
"""

from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.utilities.typing import LambdaContext

from scheduling import wiring
from scheduling.http import api, pages
from scheduling.models import Purpose
from scheduling.observability import entry_point

app = api.resolver(lambda: wiring.use_cases().pages)


@app.get("/oauth/callback")
def oauth_callback() -> Response[str]:
    """Exchange the code for a pending authorization."""
    session = wiring.use_cases().session_cookies.session(app.current_event, Purpose.CONNECT)
    query = app.current_event.query_string_parameters or {}
    deadline = api.deadline(app, wiring.clock())
    outcome = wiring.use_cases().connector.callback(session, query, deadline)
    return pages.redirect(f"/connect?outcome={outcome}")


@entry_point
def handler(event: dict[str, Any], context: LambdaContext) -> Any:
    """Answer API Gateway."""
    return api.resolve(app, event, context)
