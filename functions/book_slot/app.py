"""Book a slot of a share, for an addressed guest.

Routes: `POST v1/book`, `GET v1/bookings/{bookingId}`.
Errors: INVALID_REQUEST, UNAUTHENTICATED, NOT_ALLOWED, NOT_FOUND, NOT_CONNECTED, RECONNECT_NEEDED,
SLOT_TAKEN, ALREADY_BOOKED, BOOKING_IN_PROGRESS, SHARE_CLOSED, IDEMPOTENCY_MISMATCH,
SLOT_NOT_OFFERED, CALENDAR_UNAVAILABLE, CHAT_UNAVAILABLE.
Answers 202 with the booking `claimed` where Google's answer is not known yet; word follows.
Metrics: SlotBooked, SlotTaken, BookingRefused, BookingLeftOpen.
"""

from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.utilities.typing import LambdaContext

from scheduling import api, wiring
from scheduling.models import BookingId
from scheduling.observability import entry_point
from scheduling.requests import BookRequest

app = api.resolver()


@app.post("/v1/book")
def book_slot() -> Response[str]:
    """Book a slot; a repeat gets the first success."""
    caller = wiring.callers().identify(app)
    request = BookRequest.read(api.body(app))
    outcome = wiring.booker().book(caller, request, api.deadline(app, wiring.clock()))
    return api.data(outcome.as_json(), HTTPStatus.OK if outcome.settled else HTTPStatus.ACCEPTED)


@app.get("/v1/bookings/<booking_id>")
def booking(booking_id: str) -> Response[str]:
    """Show a booking to its host or its guest."""
    caller = wiring.callers().identify(app)
    known = BookingId(api.path_id(booking_id, "bookingId"))
    return api.data(wiring.booker().show(caller, known).as_json())


@entry_point
def handler(event: dict[str, Any], context: LambdaContext) -> Any:
    """Answer API Gateway."""
    return api.resolve(app, event, context)
