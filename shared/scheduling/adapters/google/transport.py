"""How Google is asked: how long an answer is waited for, how failing looks, who is alarmed."""

from http.client import HTTPException

import httplib2
import requests
from google.auth.exceptions import TransportError
from urllib3.exceptions import ConnectTimeoutError, MaxRetryError, NewConnectionError

from scheduling.adapters.google.error_reasons import Meaning
from scheduling.core.errors import CalendarUnavailable
from scheduling.ports import Metrics

#: Seconds that one call may take: three of them fit into the time of a request.
TIMEOUT = 6
#: When to come again while our setup at Google is wrong, and while a quota is used up.
SETUP_SECONDS = 300
QUOTA_SECONDS = 60

#: What a failing connection raises, over httplib2 and over requests.
NETWORK_ERRORS = (httplib2.HttpLib2Error, HTTPException, TransportError, OSError)


def was_not_sent(error: requests.RequestException) -> bool:
    """Whether a request never left: no connection came about."""
    why = error.args[0] if error.args else None
    reason = why.reason if isinstance(why, MaxRetryError) else None
    return isinstance(reason, NewConnectionError | ConnectTimeoutError)


def unavailable(
    meaning: Meaning, retry_after: int | None, known: str, metrics: Metrics | None
) -> CalendarUnavailable:
    """Return what a refusal is to a caller whom it does not concern; our own setup's is alarmed.

    Args:
        meaning: of the refusal.
        retry_after: seconds that Google asked for.
        known: Google's words for it, for the operator.
        metrics: to count what the operator has to mend.
    """
    if meaning in {Meaning.OPERATOR, Meaning.FAULT}:
        if metrics is not None:
            metrics.count("GoogleRefusedUs", code=known)
        return CalendarUnavailable(retry_after=max(retry_after or 0, SETUP_SECONDS))
    if meaning is Meaning.USED_UP:
        return CalendarUnavailable(retry_after=max(retry_after or 0, QUOTA_SECONDS))
    return CalendarUnavailable(retry_after=retry_after)
