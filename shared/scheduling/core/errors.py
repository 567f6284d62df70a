"""Everything that can be refused, each with a status, a code and a sentence for people.

SchedulingError 500 INTERNAL
    Broken 500 INTERNAL
    InvalidRequest 400 INVALID_REQUEST
    Unauthenticated 401 UNAUTHENTICATED
    NotAllowed 403 NOT_ALLOWED
    NotFound 404 NOT_FOUND
    NotConnected 409 NOT_CONNECTED
    ReconnectNeeded 409 RECONNECT_NEEDED
    SlotTaken 409 SLOT_TAKEN
    AlreadyBooked 409 ALREADY_BOOKED
    BookingInProgress 409 BOOKING_IN_PROGRESS
    ShareClosed 410 SHARE_CLOSED
    BookingEnded 410 BOOKING_ENDED
    IdempotencyMismatch 422 IDEMPOTENCY_MISMATCH
    SlotNotOffered 422 SLOT_NOT_OFFERED
    TooManyRequests 429 TOO_MANY_REQUESTS
    LinkInvalid 410 LINK_INVALID
    CalendarUnavailable 503 CALENDAR_UNAVAILABLE
    ChatUnavailable 503 CHAT_UNAVAILABLE
"""

from collections.abc import Mapping
from typing import Any, ClassVar


class SchedulingError(Exception):
    """The root: `code` for programs, the message for people, `details` for what comes next.

    Messages and details never hold a token, a code, an address or anything that a person typed.
    """

    status: ClassVar[int] = 500
    code: ClassVar[str] = "INTERNAL"

    def __init__(self, message: str, **details: Any) -> None:
        super().__init__(message)
        self.message = message
        self.details: Mapping[str, Any] = details

    @property
    def retry_after_seconds(self) -> int | None:
        """Seconds after which the same request may succeed, for the `Retry-After` header."""
        seconds = self.details.get("retryAfterSeconds")
        return int(seconds) if seconds is not None else None


class Broken(SchedulingError):
    """A fault of ours; only the request's id is told, by which the log is found."""

    def __init__(self, request_id: str) -> None:
        super().__init__("Something went wrong here.", requestId=request_id)


class InvalidRequest(SchedulingError):
    """A field of the request is missing or not of the documented form; `details.field` names it."""

    status = 400
    code = "INVALID_REQUEST"

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field} {reason}", field=field)
        self.field = field


class Unauthenticated(SchedulingError):
    """CometChat does not know this `authToken`, or the app is not registered here."""

    status = 401
    code = "UNAUTHENTICATED"


class NotAllowed(SchedulingError):
    """The caller is known, and this is not theirs to do."""

    status = 403
    code = "NOT_ALLOWED"


class NotFound(SchedulingError):
    """Nothing of that name exists for this caller; another tenant's things are not found either."""

    status = 404
    code = "NOT_FOUND"


class NotConnected(SchedulingError):
    """The host has no calendar connected; for the host, `details.connectUrl` leads on."""

    status = 409
    code = "NOT_CONNECTED"


class ReconnectNeeded(SchedulingError):
    """Google ended the host's grant; for the host, `details.connectUrl` leads on."""

    status = 409
    code = "RECONNECT_NEEDED"


class SlotTaken(SchedulingError):
    """Somebody was faster, or the host is busy; `details.alternatives` are the next free starts."""

    status = 409
    code = "SLOT_TAKEN"


class AlreadyBooked(SchedulingError):
    """The guest has an open booking of this share; `details.bookingId` names it."""

    status = 409
    code = "ALREADY_BOOKED"


class BookingInProgress(SchedulingError):
    """Another request works on this very booking."""

    status = 409
    code = "BOOKING_IN_PROGRESS"


class ShareClosed(SchedulingError):
    """The share was withdrawn, or its last day has passed."""

    status = 410
    code = "SHARE_CLOSED"


class BookingEnded(SchedulingError):
    """The meeting was cancelled, never came to be, or is over: there is nothing left to change."""

    status = 410
    code = "BOOKING_ENDED"


class LinkInvalid(SchedulingError):
    """A signed link is forged, for another purpose, too old, or spent; which one is not told."""

    status = 410
    code = "LINK_INVALID"


class IdempotencyMismatch(SchedulingError):
    """The same idempotency key came with another request."""

    status = 422
    code = "IDEMPOTENCY_MISMATCH"


class SlotNotOffered(SchedulingError):
    """The start or length is not one that this share offers, or lies in the past."""

    status = 422
    code = "SLOT_NOT_OFFERED"


class TooManyRequests(SchedulingError):
    """A limit of this user is used up for now."""

    status = 429
    code = "TOO_MANY_REQUESTS"

    def __init__(self, message: str, retry_after: int) -> None:
        super().__init__(message, retryAfterSeconds=retry_after)


class CalendarUnavailable(SchedulingError):
    """Google cannot say whether the time is free, so it is not given.

    `asked_seconds` is the wait that Google asked for; None where it named none.
    """

    status = 503
    code = "CALENDAR_UNAVAILABLE"

    def __init__(
        self, message: str = "The calendar cannot be reached.", retry_after: int | None = None
    ) -> None:
        super().__init__(message, retryAfterSeconds=5 if retry_after is None else retry_after)
        self.asked_seconds = retry_after


class ChatUnavailable(SchedulingError):
    """CometChat did not answer, or asked us to slow down."""

    status = 503
    code = "CHAT_UNAVAILABLE"

    def __init__(self, message: str = "The chat cannot be reached.", retry_after: int = 5) -> None:
        super().__init__(message, retryAfterSeconds=retry_after)
