"""Logs with ids and outcomes, and without anything that looks like a secret."""

import json
import logging

from scheduling import observability
from scheduling.core import correlation


def test_each_line_of_the_log_has_the_carried_id_and_no_secret() -> None:
    formatter = observability._RedactingFormatter()
    record = logging.LogRecord("x", logging.INFO, "x", 1, "ya29.secret-of-google", None, None)
    correlation.carry("client-7")
    line = json.loads(formatter.format(record))
    assert (line["message"], line["correlation_id"]) == ("[redacted]", "client-7")
    correlation.carry("")
    assert "correlation_id" not in json.loads(formatter.format(record))
