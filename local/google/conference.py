"""Google Meet conferences that an event asks for; nobody can meet in them."""

import secrets
import string

from local.google.calendars import Event
from local.google.event_rules import invalid

_SOLUTION = "hangoutsMeet"


def add_conference(event: Event, *, version: int, outcome: str, before: Event | None) -> None:
    """Make the conference that an event asks for, or drop what it says about one.

    Args:
        event: The event to be stored; changed in place.
        version: The request's `conferenceDataVersion`; 0 lets nothing be said about conferences.
        outcome: How the making ends: `success`, `pending` or `failure`.
        before: The event as it stood, with the conference it had.
    """
    asked = event.pop("conferenceData", None)
    had = (before or {}).get("conferenceData")
    if had and (version == 0 or asked is not None):
        event["conferenceData"] = had
        if "hangoutLink" in (before or {}):
            event["hangoutLink"] = (before or {})["hangoutLink"]
    creation = (asked or {}).get("createRequest")
    if version == 0 or not creation:
        return
    if not creation.get("requestId"):
        raise invalid("Invalid value for: conferenceData.createRequest.requestId")
    if creation.get("conferenceSolutionKey", {}).get("type") != _SOLUTION:
        raise invalid("Invalid conference type value.")
    if (had or {}).get("createRequest", {}).get("requestId") == creation["requestId"]:
        return
    request = {
        "requestId": creation["requestId"],
        "conferenceSolutionKey": {"type": _SOLUTION},
        "status": {"statusCode": outcome},
    }
    event["conferenceData"] = {"createRequest": request}
    if outcome != "success":
        return
    room = "-".join(_letters(length) for length in (3, 4, 3))
    address = f"https://meet.google.com/{room}"
    event["hangoutLink"] = address
    event["conferenceData"] |= {
        "conferenceId": room,
        "conferenceSolution": {"key": {"type": _SOLUTION}, "name": "Google Meet"},
        "entryPoints": [
            {"entryPointType": "video", "uri": address, "label": address.split("//")[1]}
        ],
    }


def _letters(length: int) -> str:
    return "".join(secrets.choice(string.ascii_lowercase) for _ in range(length))
