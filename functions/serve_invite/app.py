"""Serve a meeting's .ics file to whoever holds its signed link, until 30 days after the meeting.

Route: `GET v1/invites/{token}.ics`.
"""

from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.utilities.typing import LambdaContext

from scheduling import wiring
from scheduling.http import answers, api
from scheduling.observability import entry_point

app = api.resolver()


@app.get("/v1/invites/<file>")
def serve_invite(file: str) -> Response[bytes]:
    """Answer with the file."""
    return answers.calendar_file(*wiring.use_cases().invite_files.read(file))


@entry_point
def handler(event: dict[str, Any], context: LambdaContext) -> Any:
    """Answer API Gateway."""
    return api.resolve(app, event, context)
