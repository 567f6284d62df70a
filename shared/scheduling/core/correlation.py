"""One id that leads from a client's request to the invite: whoever works on it carries it along.

It is what a client sent as `X-Request-Id`, or API Gateway's id of the request. What is written for
a request (a booking, a message that is owed) holds it, and whoever goes on from there carries it
again, so that every line of the log has it and nobody has to hand it on.
"""

import re
from collections.abc import Mapping
from contextvars import ContextVar

#: By which a client names its request, and by which every answer names it.
HEADER = "X-Request-Id"
#: No dot and no underscore: a token that was put there by mistake is not taken for an id.
_ID = re.compile(r"[A-Za-z0-9-]{8,64}", re.ASCII)
_carried = ContextVar("correlation", default="")


def carry(correlation_id: str) -> None:
    """Carry an id from now on; an empty one where nobody's request is worked on."""
    _carried.set(correlation_id)


def current() -> str:
    """Return the id that is carried; empty for none."""
    return _carried.get()


def of(headers: Mapping[str, str], otherwise: str) -> str:
    """Return the id under which a request is known: the client's own, if it is one, or another.

    Args:
        headers: of the request, with names in small letters.
        otherwise: API Gateway's id of the request.
    """
    sent = headers.get(HEADER.lower(), "")
    return sent if _ID.fullmatch(sent) else otherwise
