"""What use cases return, as a client reads it: the `data` of an answer."""

import json
from typing import Any

from aws_lambda_powertools.event_handler import Response


def read(response: Response[str]) -> dict[str, Any]:
    """Return the `data` of an answer."""
    assert response.body is not None
    content: dict[str, Any] = json.loads(response.body)["data"]
    return content
