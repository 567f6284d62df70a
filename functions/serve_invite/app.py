"""Serve a meeting's .ics file to whoever holds its signed link, until 30 days after the meeting.

Route: `GET v1/invites/{token}.ics`.
Errors: LINK_INVALID, NOT_FOUND.
"""

from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.utilities.typing import LambdaContext

from scheduling import wiring
from scheduling.http import api
from scheduling.observability import entry_point

app = api.resolver()


@app.get("/v1/invites/<file>")
def serve_invite(file: str) -> Response[bytes]:
    """Give the file."""
    return api.calendar_file(*wiring.invite_files().read(file))


@entry_point
def handler(event: dict[str, Any], context: LambdaContext) -> Any:
    """Answer API Gateway."""
    return api.resolve(app, event, context)
