"""Logs with ids and outcomes, counts and lengths of business facts, and one place that redacts.

Nothing is logged but what this package says itself: of an exception its kind and where it came
from, never its words, since vendors' errors repeat what they were sent; of libraries nothing.
What looks like a secret is replaced all the same.

Nothing here reads the environment when imported: Powertools does when a function first logs.
"""

import functools
import logging
import re
import traceback
import warnings
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any, TypeVar

from aws_lambda_powertools import Logger
from aws_lambda_powertools import Metrics as PowertoolsMetrics
from aws_lambda_powertools.logging.formatter import LambdaPowertoolsFormatter
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from scheduling.core import correlation
from scheduling.core.config import ConfigError
from scheduling.core.errors import SchedulingError

Handler = Callable[[Any, LambdaContext], Any]
Work = TypeVar("Work", bound=Callable[..., Any])

#: What secrets look like: Google's tokens, codes and client secrets, JWTs, CometChat's tokens and
#: keys, keys made as the README says, our signed links; and addresses of people.
_SECRETS = re.compile(
    r"ya29\.[\w.-]+|1//[\w-]+|4/0A[\w-]+|GOCSPX-[\w-]+|eyJ[\w-]+\.[\w.-]*"
    r"|\b[a-z0-9_-]{1,100}_\d{9,11}[0-9a-f]{16,}|\b[0-9a-f]{40,}\b|\b[\w-]{16,}\.[\w-]{20,}"
    r"|[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+"
)


class Unforeseen(Exception):
    """What leaves a function that broke: Lambda writes an exception's words into the log."""

    def __init__(self) -> None:
        super().__init__("The log says where it broke.")


def redacted(text: str) -> str:
    """Replace what looks like a secret."""
    return _SECRETS.sub("[redacted]", text)


class _RedactingFormatter(LambdaPowertoolsFormatter):
    """Writes each log line as JSON, with the carried id and without what looks like a secret."""

    def __init__(self) -> None:
        super().__init__(serialize_stacktrace=False)

    def serialize(self, log: Any) -> str:
        log.pop("exception_notes", None)
        carried = correlation.current()
        line = {**log, "correlation_id": carried} if carried else log
        return redacted(super().serialize(line))

    def formatException(self, ei: Any) -> str:  # noqa: N802 - the standard library's name
        return "\n".join(_told(ei[1]))


def _told(error: BaseException) -> Iterator[str]:
    """Tell an exception, and what caused it, by kinds and places."""
    said = _said(error)
    yield type(error).__name__ + (f": {said}" if said else "")
    for frame in traceback.extract_tb(error.__traceback__):
        yield f"  {frame.filename}:{frame.lineno} in {frame.name}"
    if isinstance(error, BaseExceptionGroup):
        for each in error.exceptions:
            yield from _told(each)
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause is not None:
        yield "caused by"
        yield from _told(cause)


def _said(error: BaseException) -> str:
    """Return of an exception's words what is sure to hold nothing of anybody."""
    if isinstance(error, SchedulingError | ConfigError):
        return str(error)
    answer = getattr(error, "response", None)
    if isinstance(answer, dict):
        refusal = answer.get("Error", {})
        code = str(refusal.get("Code"))
        # Who may not do what with which resource: names of ours alone.
        words = f": {refusal.get('Message')}" if code.startswith("AccessDenied") else ""
        return f"{code} of {getattr(error, 'operation_name', 'a call')}{words}"
    status = getattr(error, "status_code", None)
    return f"status {status}" if isinstance(status, int) else ""


@functools.cache
def logger() -> Logger:
    """Return the function's logger."""
    # Lines of libraries may hold the bodies that they sent or got.
    logging.getLogger().setLevel(logging.CRITICAL)
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


def guarded(work: Work) -> Work:
    """Log whatever breaks a piece of work, and let go on no more than that it broke.

    Raises:
        Unforeseen: in place of any exception.
    """

    @functools.wraps(work)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        try:
            return work(*args, **kwargs)
        except Unforeseen:
            raise
        except Exception:  # noqa: BLE001 - nothing may pass this border
            logger().exception("broken")
            raise Unforeseen from None

    return wrapped  # type: ignore[return-value]


def entry_point(handler: Handler) -> Handler:
    """Wrap a function's `handler`: log context, metrics flushed, the cold start counted.

    An invocation carries nobody's id before it knows whose request it works on.
    """

    @functools.wraps(handler)
    def wrapped(event: Any, context: LambdaContext) -> Any:
        log, metrics = logger(), _metrics()

        @metrics.log_metrics(capture_cold_start_metric=True)
        @log.inject_lambda_context(clear_state=True)
        @guarded
        def inner(event: Any, context: LambdaContext) -> Any:
            return handler(event, context)

        correlation.carry("")
        with warnings.catch_warnings():
            # Most invocations have nothing to count, and that is no news.
            warnings.filterwarnings("ignore", "No application metrics to publish")
            return inner(event, context)

    return wrapped
