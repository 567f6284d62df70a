"""Hold and book a slot of a share, for an addressed guest; reschedule and cancel what was booked.

Routes: `POST v1/hold`, `POST v1/book`, `GET v1/bookings/{bookingId}`, its `/times` by GET, and its
`/cancel` and `/reschedule` by POST.
Answers 202 with the booking `claimed`, `moving` or `cancelling` where Google's answer is not known
yet; word follows.
"""

from datetime import datetime
from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.utilities.typing import LambdaContext

from scheduling import wiring
from scheduling.http import answers, api, bodies
from scheduling.models import BookingId, Caller
from scheduling.observability import entry_point

app = api.resolver()


@app.post("/v1/hold")
def hold() -> Response[str]:
    """Hold a slot for as long as a person needs to book it."""
    caller, request = _caller(), bodies.hold_request(api.body(app))
    return answers.hold(wiring.use_cases().slot_holder.hold(caller, request, _deadline()))


@app.post("/v1/book")
def book_slot() -> Response[str]:
    """Book a slot; a repeat gets the first success."""
    caller = _caller()
    request = bodies.book_request(api.body(app), wiring.ports().catalogue)
    outcome = wiring.use_cases().booker.book(caller, request, _deadline())
    return answers.outcome(outcome, request.unknown_hints)


@app.get("/v1/bookings/<booking_id>")
def booking(booking_id: str) -> Response[str]:
    """Show a booking to its host or its guest."""
    return answers.booking(wiring.use_cases().booker.show(_caller(), _id(booking_id)))


@app.get("/v1/bookings/<booking_id>/times", compress=True)
def times(booking_id: str) -> Response[str]:
    """Look at what a meeting can be moved to now."""
    caller, request = _caller(), bodies.times_request(api.query(app))
    finder = wiring.use_cases().move_times
    return answers.times(finder.find(caller, _id(booking_id), request, _deadline()))


@app.post("/v1/bookings/<booking_id>/reschedule")
def reschedule(booking_id: str) -> Response[str]:
    """Move a meeting to another time of its share."""
    caller, request = _caller(), bodies.reschedule_request(api.body(app))
    changer = wiring.use_cases().booking_changer
    return answers.outcome(changer.reschedule(caller, _id(booking_id), request, _deadline()))


@app.post("/v1/bookings/<booking_id>/cancel")
def cancel(booking_id: str) -> Response[str]:
    """Cancel a meeting."""
    changer = wiring.use_cases().booking_changer
    return answers.outcome(changer.cancel(_caller(), _id(booking_id), _deadline()))


def _caller() -> Caller:
    return wiring.use_cases().authenticator.authenticate(app)


def _id(booking_id: str) -> BookingId:
    return BookingId(api.path_id(booking_id, "bookingId"))


def _deadline() -> datetime:
    return api.deadline(app, wiring.clock())


@entry_point
def handler(event: dict[str, Any], context: LambdaContext) -> Any:
    """Answer API Gateway."""
    return api.resolve(app, event, context)
