"""What stands of meetings, in the table."""

from datetime import timedelta

from scheduling.core.times import Interval
from scheduling.models import Booking
from tests.fakes import START
from tests.world import World


def stored(world: World, booking: Booking) -> Booking:
    """Return a booking as it stands."""
    found = world.bookings.get(booking.app_id, booking.booking_id)
    assert found is not None
    return found


def owned(world: World) -> list[Interval]:
    """Return what bookings own of the host's calendar in this week."""
    week = Interval(START, START + timedelta(days=7))
    return [each for each, _ in world.bookings.claims(world.connect().calendar_id, week)]
