"""Logs with ids and outcomes, counts and lengths of business facts, and one place that redacts.

Nothing here reads the environment when imported: Powertools does when a function first logs.
"""

import functools
import re
import warnings
from collections.abc import Callable
from datetime import timedelta
from typing import Any, ParamSpec, TypeVar

from aws_lambda_powertools import Logger
from aws_lambda_powertools import Metrics as PowertoolsMetrics
from aws_lambda_powertools.logging.formatter import LambdaPowertoolsFormatter
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from scheduling import correlation

Handler = Callable[[Any, LambdaContext], Any]
P = ParamSpec("P")
R = TypeVar("R")

#: What secrets look like: Google's tokens and codes, JWTs, CometChat's tokens, our signed links.
_SECRETS = re.compile(
    r"ya29\.[\w.-]+|1//[\w-]+|4/0A[\w-]+|eyJ[\w-]+\.[\w.-]*"
    r"|\b[a-z0-9_-]{1,100}_\d{9,11}[0-9a-f]{16,}|\b[\w-]{16,}\.[\w-]{20,}"
)


def redacted(text: str) -> str:
    """Replace what looks like a secret."""
    return _SECRETS.sub("[redacted]", text)


class _RedactingFormatter(LambdaPowertoolsFormatter):
    """Writes each log line as JSON, with the carried id and without what looks like a secret."""

    def serialize(self, log: Any) -> str:
        carried = correlation.current()
        line = {**log, "correlation_id": carried} if carried else log
        return redacted(super().serialize(line))


@functools.cache
def logger() -> Logger:
    """Give the function's logger."""
    return Logger(logger_formatter=_RedactingFormatter())


@functools.cache
def _metrics() -> PowertoolsMetrics:
    return PowertoolsMetrics()


class BusinessMetrics:
    """Counts and measures into CloudWatch, by the log."""

    def count(self, name: str, **about: str) -> None:
        """Count one more; with ids, the fact is a line of the log too."""
        _metrics().add_metric(name=name, unit=MetricUnit.Count, value=1)
        if about:
            logger().info(name, extra=about)

    def measure(self, name: str, length: timedelta) -> None:
        """Note how long something took, or how old it is."""
        seconds = length.total_seconds()
        _metrics().add_metric(name=name, unit=MetricUnit.Seconds, value=seconds)


def telling(work: Callable[P, R]) -> Callable[P, R]:
    """Wrap work: what breaks it is told in the log, and raised on."""

    @functools.wraps(work)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return work(*args, **kwargs)
        except Exception:
            logger().exception("broken")
            raise

    return wrapped


def entry_point(handler: Handler) -> Handler:
    """Wrap a function's `handler`: log context, metrics flushed, the cold start counted.

    An invocation carries nobody's id before it knows whose request it works on.
    """

    @functools.wraps(handler)
    def wrapped(event: Any, context: LambdaContext) -> Any:
        log, metrics = logger(), _metrics()

        @metrics.log_metrics(capture_cold_start_metric=True)
        @log.inject_lambda_context(clear_state=True)
        @telling
        def inner(event: Any, context: LambdaContext) -> Any:
            return handler(event, context)

        correlation.carry("")
        with warnings.catch_warnings():
            # Most invocations have nothing to count, and that is no news.
            warnings.filterwarnings("ignore", "No application metrics to publish")
            return inner(event, context)

    return wrapped
