"""The forms that messages and live routes share: a person, an availability, a booking, an invite.

Clients read both by the same code; `docs/openapi.yaml` describes each form.
"""

from typing import Any

from scheduling.core.times import format_instant
from scheduling.models import Availability, Booking, Person
from scheduling.rules.invite_links import Invite


def person(someone: Person) -> dict[str, str]:
    """Return `{"uid", "name"}`."""
    return {"uid": someone.uid, "name": someone.name}


def availability(offered: Availability) -> dict[str, Any]:
    """Return window, busy times and grid; `busy` covers everything that is not offered."""
    return {
        "from": format_instant(offered.window.start),
        "to": format_instant(offered.window.end),
        "timeZone": offered.time_zone,
        "busy": [[format_instant(each.start), format_instant(each.end)] for each in offered.busy],
        "truncated": offered.truncated,
        "stepMinutes": int(offered.step.total_seconds() // 60),
        "durations": [int(each.total_seconds() // 60) for each in offered.durations],
        "generatedAt": format_instant(offered.generated_at),
        "expiresAt": format_instant(offered.window.end),
    }


def booking(booked: Booking) -> dict[str, Any]:
    """Return who meets whom, when, and how it stands."""
    return {
        "bookingId": booked.booking_id,
        "shareId": booked.share_id,
        "status": booked.state.value,
        "sequence": booked.sequence,
        "startsAt": format_instant(booked.slot.start),
        "endsAt": format_instant(booked.slot.end),
        "timeZone": booked.time_zone,
        "title": booked.title,
        "host": person(booked.host),
        "guest": person(booked.guest),
    }


def invite(made: Invite) -> dict[str, Any]:
    """Return `links`, and the details from which a client makes an .ics file of its own."""
    return {"links": dict(made.links), "ics": dict(made.ics)}
