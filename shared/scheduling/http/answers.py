"""What use cases return, as the JSON that clients read; `docs/openapi.yaml` describes each form."""

import json
from collections.abc import Sequence
from datetime import time, timedelta
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response

from scheduling.access.links import OneTimeLink
from scheduling.bookings.book import Outcome
from scheduling.bookings.times_to_move_to import TimesToMoveTo
from scheduling.core.times import format_instant
from scheduling.http.fields import WEEKDAYS
from scheduling.messages import payloads
from scheduling.models import Connection, Hold, Page, Preferences, ShareId
from scheduling.shares.share import Preview, SentShare
from scheduling.shares.view import ListedShare, ShareView


def json_response(
    status: int, body: dict[str, Any], headers: dict[str, str] | None = None
) -> Response[str]:
    """Answer with JSON that nobody keeps."""
    return Response(
        status_code=status,
        content_type="application/json; charset=utf-8",
        body=json.dumps(body),
        headers={
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
            **(headers or {}),
        },
    )


def data(content: Any, status: int = HTTPStatus.OK) -> Response[str]:
    """Answer with `{"data": ...}`."""
    return json_response(status, {"data": content})


def calendar_file(method: str, content: bytes) -> Response[bytes]:
    """Answer with an .ics file, as a browser and a phone's calendar take it."""
    return Response(
        status_code=HTTPStatus.OK,
        content_type=f"text/calendar; charset=utf-8; method={method}",
        body=content,
        headers={
            "Content-Disposition": 'inline; filename="invite.ics"',
            "Cache-Control": "private, max-age=60",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
        },
    )


def link(name: str, made: OneTimeLink) -> Response[str]:
    """`POST v1/connect`, `POST v1/shares/{shareId}/page`."""
    return data({name: made.url, "expiresAt": format_instant(made.expires_at)})


def connection(found: Connection | None) -> Response[str]:
    """`GET v1/connection`; None: no calendar is connected."""
    if found is None:
        return data({"state": "none"})
    return data(
        {
            "state": found.state.value,
            "email": found.email,
            "timeZone": found.time_zone,
            "connectedAt": format_instant(found.connected_at),
        }
    )


def preferences(kept: Preferences) -> Response[str]:
    """`GET` and `PUT v1/preferences`."""
    hours = kept.hours
    return data(
        {
            "bufferBeforeMinutes": _minutes(kept.buffer_before),
            "bufferAfterMinutes": _minutes(kept.buffer_after),
            "noticeMinutes": _minutes(kept.notice),
            "hours": None
            if hours is None
            else {
                WEEKDAYS[day]: [[f"{opens:%H:%M}", _end(closes)] for opens, closes in spans]
                for day, spans in sorted(hours.items())
            },
        }
    )


def sent_share(sent: SentShare) -> Response[str]:
    """`POST v1/share`."""
    return data(
        {
            "shareId": sent.share.share_id,
            "messageId": sent.message_id,
            "availability": payloads.availability(sent.availability),
        }
    )


def preview(shown: Preview) -> Response[str]:
    """`GET v1/preview`."""
    return data(
        {
            "host": payloads.person(shown.host),
            **payloads.availability(shown.availability),
            "slots": [format_instant(start) for start in shown.slots],
        }
    )


def share_view(seen: ShareView) -> Response[str]:
    """`GET v1/shares/{shareId}`."""
    share = seen.share
    return data(
        {
            "shareId": share.share_id,
            "host": payloads.person(share.host),
            "receiver": share.receiver.id,
            "receiverType": share.receiver.type,
            "title": share.title,
            "role": seen.role.value,
            **payloads.availability(seen.availability),
            "slots": [format_instant(start) for start in seen.slots],
            "status": seen.status.value,
            **({"booking": payloads.booking(seen.booking)} if seen.booking else {}),
        }
    )


def withdrawn(share_id: ShareId) -> Response[str]:
    """`POST v1/shares/{shareId}/withdraw`."""
    return data({"shareId": share_id, "status": "withdrawn"})


def shares(page: Page[ListedShare]) -> Response[str]:
    """`GET v1/shares`."""
    items = [
        {
            "shareId": share.share_id,
            "receiver": share.receiver.id,
            "receiverType": share.receiver.type,
            "title": share.title,
            "status": status.value,
            "from": format_instant(share.availability.window.start),
            "to": format_instant(share.availability.window.end),
            "createdAt": format_instant(share.created_at),
        }
        for share, status in page.items
    ]
    return data({"items": items, **({"nextCursor": page.next_cursor} if page.next_cursor else {})})


def hold(held: Hold) -> Response[str]:
    """`POST v1/hold`."""
    return data(
        {
            "hold": {
                "shareId": held.share_id,
                "startsAt": format_instant(held.slot.start),
                "endsAt": format_instant(held.slot.end),
                "expiresAt": format_instant(held.expires_at),
            }
        }
    )


def outcome(reached: Outcome, unknown_hints: Sequence[str] = ()) -> Response[str]:
    """`POST v1/book`, `/reschedule` and `/cancel`: 202 while it is not decided; word follows.

    Hints that are not known are named, each with what is used instead.
    """
    answer = _outcome(reached)
    used = {"timeZone": reached.booking.time_zone, "locale": reached.booking.locale}
    if unknown_hints:
        answer["replaced"] = {name: used[name] for name in unknown_hints}
    return data(answer, HTTPStatus.OK if reached.settled else HTTPStatus.ACCEPTED)


def booking(reached: Outcome) -> Response[str]:
    """`GET v1/bookings/{bookingId}`."""
    return data(_outcome(reached))


def times(found: TimesToMoveTo) -> Response[str]:
    """`GET v1/bookings/{bookingId}/times`: starts alone, nothing of what lies between them."""
    starts = [format_instant(start) for start in found.starts]
    return data({"slots": starts, "timeZone": found.time_zone})


def _outcome(reached: Outcome) -> dict[str, Any]:
    answer: dict[str, Any] = {"booking": payloads.booking(reached.booking)}
    if reached.invite is not None:
        answer["invite"] = payloads.invite(reached.invite)
    return answer


def _minutes(length: timedelta) -> int:
    return int(length.total_seconds() // 60)


def _end(closes: time) -> str:
    return f"{closes:%H:%M}" if closes > time.min else "24:00"
