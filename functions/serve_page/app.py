"""Serve the booking page and the browser module, and answer what has no route.

Routes: `book/{token}` and `book` for clients without the cards; `assets/{version}/{file}`;
everything unknown: doubled slashes are led to the clean path, the rest is NOT_FOUND.
Errors are pages or JSON, by route.
"""

from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.utilities.typing import LambdaContext

from scheduling import wiring
from scheduling.http import api, pages
from scheduling.models import Purpose
from scheduling.observability import entry_point

app = api.resolver(lambda: wiring.use_cases().pages)


@app.get("/book/<token>")
def landing(token: str) -> Response[str]:
    """Show the button that spends a link."""
    tenant = wiring.use_cases().one_time_links.landing(Purpose.PAGE, token)
    return wiring.use_cases().pages.landing(app, tenant, "page.open.book")


@app.post("/book/<token>")
def redeem(token: str) -> Response[str]:
    """Spend a link for a session, and lead to the page's clean address."""
    pages.require_own(app)
    session = wiring.use_cases().one_time_links.redeem(Purpose.PAGE, token)
    return pages.redirect("/book", wiring.use_cases().session_cookies.cookie(session))


@app.get("/book")
def page() -> Response[str]:
    """Show the booking page."""
    session = wiring.use_cases().session_cookies.session(app.current_event, Purpose.PAGE)
    return wiring.use_cases().pages.book(app, session)


@app.get("/assets/<version>/<file>", compress=True)
def asset(version: str, file: str) -> Response[str]:
    """Answer with a file of the browser's side."""
    return wiring.use_cases().assets.file(version, file)


@entry_point
def handler(event: dict[str, Any], context: LambdaContext) -> Any:
    """Answer API Gateway, `$default` included."""
    return api.cleaned(event) or api.resolve(app, event, context)
