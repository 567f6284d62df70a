"""Hold and book a slot of a share, for an addressed guest; move and cancel what was booked.

Routes: `POST v1/hold`, `POST v1/book`, `GET v1/bookings/{bookingId}`, and its `/cancel` and
`/reschedule` by POST.
Errors: INVALID_REQUEST, UNAUTHENTICATED, NOT_ALLOWED, NOT_FOUND, NOT_CONNECTED, RECONNECT_NEEDED,
SLOT_TAKEN, ALREADY_BOOKED, BOOKING_IN_PROGRESS, SHARE_CLOSED, BOOKING_ENDED, IDEMPOTENCY_MISMATCH,
SLOT_NOT_OFFERED, TOO_MANY_REQUESTS, CALENDAR_UNAVAILABLE, CHAT_UNAVAILABLE.
Answers 202 with the booking `claimed`, `moving` or `cancelling` where Google's answer is not known
yet; word follows.
Metrics: SlotHeld, SlotBooked, SlotTaken, BookingRefused, BookingMoved, BookingNotMoved,
BookingCancelled, BookingLeftOpen, LimitReached.
"""

from datetime import datetime
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.utilities.typing import LambdaContext

from scheduling import wiring
from scheduling.bookings.book import Outcome
from scheduling.http import api
from scheduling.http.bodies import BookRequest, HoldRequest, RescheduleRequest
from scheduling.models import BookingId
from scheduling.observability import entry_point

app = api.resolver()


@app.post("/v1/hold")
def hold() -> Response[str]:
    """Hold a slot for as long as a person needs to book it."""
    caller = wiring.callers().identify(app)
    request = HoldRequest.read(api.body(app))
    return api.data({"hold": wiring.holding().hold(caller, request, _deadline()).as_json()})


@app.post("/v1/book")
def book_slot() -> Response[str]:
    """Book a slot; a repeat gets the first success."""
    caller = wiring.callers().identify(app)
    request = BookRequest.read(api.body(app))
    return _answer(wiring.booker().book(caller, request, _deadline()))


@app.get("/v1/bookings/<booking_id>")
def booking(booking_id: str) -> Response[str]:
    """Show a booking to its host or its guest."""
    caller = wiring.callers().identify(app)
    return api.data(wiring.booker().show(caller, _named(booking_id)).as_json())


@app.post("/v1/bookings/<booking_id>/reschedule")
def reschedule(booking_id: str) -> Response[str]:
    """Move a meeting to another time of its share."""
    caller = wiring.callers().identify(app)
    request = RescheduleRequest.read(api.body(app))
    changing = wiring.changing()
    return _answer(changing.reschedule(caller, _named(booking_id), request, _deadline()))


@app.post("/v1/bookings/<booking_id>/cancel")
def cancel(booking_id: str) -> Response[str]:
    """Cancel a meeting."""
    caller = wiring.callers().identify(app)
    return _answer(wiring.changing().cancel(caller, _named(booking_id), _deadline()))


def _named(booking_id: str) -> BookingId:
    return BookingId(api.path_id(booking_id, "bookingId"))


def _deadline() -> datetime:
    return api.deadline(app, wiring.clock())


def _answer(outcome: Outcome) -> Response[str]:
    return api.data(outcome.as_json(), HTTPStatus.OK if outcome.settled else HTTPStatus.ACCEPTED)


@entry_point
def handler(event: dict[str, Any], context: LambdaContext) -> Any:
    """Answer API Gateway."""
    return api.resolve(app, event, context)
