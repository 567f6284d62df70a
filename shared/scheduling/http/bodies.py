"""Bodies and queries as requests: what is not of the documented form is refused, by field."""

from datetime import timedelta

from scheduling.bookings.requests import (
    BookRequest,
    HoldRequest,
    RescheduleRequest,
    TimesRequest,
)
from scheduling.core import zones
from scheduling.core.catalogue import FALLBACK, Catalogue, language_tag
from scheduling.http.fields import Fields
from scheduling.models import Preferences, Receiver, ShareId
from scheduling.rules.availability import DEFAULT_DURATION
from scheduling.shares.share import ShareRequest

TITLE_MAX = 200
NOTE_MAX = 1000
KEY_MAX = 200
CURSOR_MAX = 1000
URL_MAX = 1000
BUFFER_MAX = timedelta(hours=2)
NOTICE_MAX = timedelta(days=6)


def return_url(fields: Fields) -> str:
    """Read `POST v1/connect`; empty for none."""
    return fields.opaque("returnUrl", URL_MAX)


def share_request(fields: Fields) -> ShareRequest:
    """Read `POST v1/share`."""
    return ShareRequest(
        receiver=Receiver(
            id=fields.uid("receiver"), type=fields.choice("receiverType", "user", "group")
        ),
        duration=fields.minutes("durationMinutes") or DEFAULT_DURATION,
        title=fields.line("title", TITLE_MAX),
        locale=language_tag(fields.hint("locale")) or "",
        idempotency_key=fields.opaque("idempotencyKey", KEY_MAX),
    )


def book_request(fields: Fields, catalogue: Catalogue) -> BookRequest:
    """Read `POST v1/book`; hints that are not known are replaced, and named in the request."""
    time_zone, locale = fields.hint("timeZone"), fields.hint("locale")
    known_zone, known_locale = zones.known(time_zone), catalogue.language(locale)
    unknown = {"timeZone": time_zone and not known_zone, "locale": locale and not known_locale}
    return BookRequest(
        share_id=ShareId(fields.id("shareId")),
        starts_at=fields.instant("startsAt"),
        duration=fields.minutes("durationMinutes"),
        title=fields.line("title", TITLE_MAX),
        note=fields.lines("note", NOTE_MAX),
        time_zone=known_zone or "",
        locale=known_locale or (FALLBACK if locale else ""),
        idempotency_key=fields.opaque("idempotencyKey", KEY_MAX),
        unknown_hints=tuple(name for name, replaced in unknown.items() if replaced),
    )


def hold_request(fields: Fields) -> HoldRequest:
    """Read `POST v1/hold`."""
    return HoldRequest(
        share_id=ShareId(fields.id("shareId")),
        starts_at=fields.instant("startsAt"),
        duration=fields.minutes("durationMinutes"),
    )


def reschedule_request(fields: Fields) -> RescheduleRequest:
    """Read `POST v1/bookings/{bookingId}/reschedule`."""
    return RescheduleRequest(
        starts_at=fields.instant("startsAt"),
        idempotency_key=fields.opaque("idempotencyKey", KEY_MAX),
    )


def times_request(fields: Fields) -> TimesRequest:
    """Read the query of `GET v1/bookings/{bookingId}/times`."""
    return TimesRequest(
        starts_from=fields.instant_if_any("from"), starts_before=fields.instant_if_any("to")
    )


def preferences(fields: Fields) -> Preferences:
    """Read `PUT v1/preferences`; what is left out is as for a host who has said nothing."""
    return Preferences(
        buffer_before=fields.length("bufferBeforeMinutes", BUFFER_MAX),
        buffer_after=fields.length("bufferAfterMinutes", BUFFER_MAX),
        notice=fields.length("noticeMinutes", NOTICE_MAX),
        hours=fields.hours("hours"),
    )
