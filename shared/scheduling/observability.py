"""Logs with ids and outcomes, counts of business facts, and one place that redacts.

Nothing here reads the environment when imported: Powertools does when a function first logs.
"""

import functools
import re
import warnings
from collections.abc import Callable
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools import Metrics as PowertoolsMetrics
from aws_lambda_powertools.logging.formatter import LambdaPowertoolsFormatter
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

Handler = Callable[[Any, LambdaContext], Any]

#: What secrets look like: Google's tokens and codes, JWTs, CometChat's tokens, our signed links.
_SECRETS = re.compile(
    r"ya29\.[\w.-]+|1//[\w-]+|4/0A[\w-]+|eyJ[\w-]+\.[\w.-]*"
    r"|\b[a-z0-9_-]{1,100}_\d{9,11}[0-9a-f]{16,}|\b[\w-]{16,}\.[\w-]{20,}"
)


def redacted(text: str) -> str:
    """Replace what looks like a secret."""
    return _SECRETS.sub("[redacted]", text)


class _RedactingFormatter(LambdaPowertoolsFormatter):
    """Writes each log line as JSON, without what looks like a secret."""

    def serialize(self, log: Any) -> str:
        return redacted(super().serialize(log))


@functools.cache
def logger() -> Logger:
    """Give the function's logger."""
    return Logger(logger_formatter=_RedactingFormatter())


@functools.cache
def _metrics() -> PowertoolsMetrics:
    return PowertoolsMetrics()


class BusinessMetrics:
    """Counts into CloudWatch, by the log."""

    def count(self, name: str, value: int = 1) -> None:
        """Count; nothing is written of a zero."""
        if value:
            _metrics().add_metric(name=name, unit=MetricUnit.Count, value=value)


def entry_point(handler: Handler) -> Handler:
    """Wrap a function's `handler`: log context, metrics flushed, the cold start counted."""

    @functools.wraps(handler)
    def wrapped(event: Any, context: LambdaContext) -> Any:
        log, metrics = logger(), _metrics()

        @metrics.log_metrics(capture_cold_start_metric=True)
        @log.inject_lambda_context(clear_state=True)
        def inner(event: Any, context: LambdaContext) -> Any:
            return handler(event, context)

        with warnings.catch_warnings():
            # Most invocations have nothing to count, and that is no news.
            warnings.filterwarnings("ignore", "No application metrics to publish")
            return inner(event, context)

    return wrapped
