"""Everything that can be refused, each with a code and a sentence for people.

The status of each code is `http`'s business (`http/refusals.py`).

SchedulingError INTERNAL
    Broken INTERNAL
    InvalidRequest INVALID_REQUEST
    Unauthenticated UNAUTHENTICATED
    NotAllowed NOT_ALLOWED
    NotFound NOT_FOUND
    NotConnected NOT_CONNECTED
    ReconnectNeeded RECONNECT_NEEDED
    SlotTaken SLOT_TAKEN
    AlreadyBooked ALREADY_BOOKED
    BookingInProgress BOOKING_IN_PROGRESS
    ShareClosed SHARE_CLOSED
    BookingEnded BOOKING_ENDED
    IdempotencyMismatch IDEMPOTENCY_MISMATCH
    SlotNotOffered SLOT_NOT_OFFERED
    TooManyRequests TOO_MANY_REQUESTS
    LinkInvalid LINK_INVALID
    CalendarUnavailable CALENDAR_UNAVAILABLE
    ChatUnavailable CHAT_UNAVAILABLE
"""

from collections.abc import Mapping
from typing import Any, ClassVar


class SchedulingError(Exception):
    """The root: `code` for programs, the message for people, `details` for what comes next.

    Messages and details never hold a token, a code, an address or anything that a person typed.
    Details are values (instants stay instants); `http` says how a client reads them.
    """

    code: ClassVar[str] = "INTERNAL"

    def __init__(self, message: str, **details: Any) -> None:
        super().__init__(message)
        self.message = message
        self.details: Mapping[str, Any] = details

    @property
    def retry_after_seconds(self) -> int | None:
        """Seconds after which the same request may succeed, for clients that wait."""
        seconds = self.details.get("retry_after_seconds")
        return int(seconds) if seconds is not None else None


class Broken(SchedulingError):
    """A fault of ours; only the request's id is told, by which the log is found."""

    def __init__(self, request_id: str) -> None:
        super().__init__("Something went wrong here.", request_id=request_id)


class InvalidRequest(SchedulingError):
    """A field is missing or not of the documented form; `details["field"]` names it."""

    code = "INVALID_REQUEST"

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field} {reason}", field=field)
        self.field = field


class Unauthenticated(SchedulingError):
    """CometChat does not know this `authToken`, or the app is not registered here."""

    code = "UNAUTHENTICATED"


class NotAllowed(SchedulingError):
    """The caller is known, and this is not theirs to do."""

    code = "NOT_ALLOWED"


class NotFound(SchedulingError):
    """Nothing of that name exists for this caller; another tenant's things are not found either."""

    code = "NOT_FOUND"


class NotConnected(SchedulingError):
    """The host has no calendar connected; for the host, `details["connect_url"]` leads on."""

    code = "NOT_CONNECTED"


class ReconnectNeeded(SchedulingError):
    """The host's grant is of no use any more; for the host, `details["connect_url"]` leads on."""

    code = "RECONNECT_NEEDED"


class SlotTaken(SchedulingError):
    """Somebody was faster, or the host is busy; `details["alternatives"]` are free starts."""

    code = "SLOT_TAKEN"


class AlreadyBooked(SchedulingError):
    """The guest has an open booking of this share; `details["booking_id"]` names it."""

    code = "ALREADY_BOOKED"


class BookingInProgress(SchedulingError):
    """Another request works on this very booking."""

    code = "BOOKING_IN_PROGRESS"


class ShareClosed(SchedulingError):
    """The share was withdrawn, or its last day has passed."""

    code = "SHARE_CLOSED"


class BookingEnded(SchedulingError):
    """The meeting was cancelled, never came to be, or is over: there is nothing left to change."""

    code = "BOOKING_ENDED"


class LinkInvalid(SchedulingError):
    """A signed link is forged, for another purpose, too old, or spent; which one is not told."""

    code = "LINK_INVALID"


class IdempotencyMismatch(SchedulingError):
    """The same idempotency key came with another request."""

    code = "IDEMPOTENCY_MISMATCH"


class SlotNotOffered(SchedulingError):
    """The start or length is not one that this share offers, or lies in the past."""

    code = "SLOT_NOT_OFFERED"


class TooManyRequests(SchedulingError):
    """A limit of this user is used up for now."""

    code = "TOO_MANY_REQUESTS"

    def __init__(self, message: str, retry_after: int) -> None:
        super().__init__(message, retry_after_seconds=retry_after)


class CalendarUnavailable(SchedulingError):
    """Google cannot say whether the time is free, so it is not given.

    `asked_seconds` is the wait that Google asked for; None where it named none. What is not
    `repeatable` may have been done all the same, and is good for one time only.
    """

    code = "CALENDAR_UNAVAILABLE"

    def __init__(
        self,
        message: str = "The calendar cannot be reached.",
        retry_after: int | None = None,
        *,
        repeatable: bool = True,
    ) -> None:
        super().__init__(message, retry_after_seconds=5 if retry_after is None else retry_after)
        self.asked_seconds = retry_after
        self.repeatable = repeatable


class ChatUnavailable(SchedulingError):
    """CometChat did not answer, or asked us to slow down.

    `asked_seconds` is the wait that CometChat asked for; None where it named none.
    """

    code = "CHAT_UNAVAILABLE"

    def __init__(
        self, message: str = "The chat cannot be reached.", retry_after: int | None = None
    ) -> None:
        super().__init__(message, retry_after_seconds=5 if retry_after is None else retry_after)
        self.asked_seconds = retry_after
