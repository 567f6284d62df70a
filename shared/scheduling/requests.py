"""What callers may ask, as frozen values; everything that is not of the documented form is refused.

`Fields` names the field that is wrong and why, and never repeats what was sent.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self

from scheduling import texts
from scheduling.availability import DEFAULT_DURATION, LONGEST, SHORTEST
from scheduling.errors import InvalidRequest
from scheduling.models import Receiver, ShareId
from scheduling.times import format_instant, parse_instant, zone

TITLE_MAX = 200
NOTE_MAX = 1000
KEY_MAX = 200
CURSOR_MAX = 1000
URL_MAX = 1000

#: uids and guids at CometChat: at most 100 of these, lower-cased by the server.
#: Source: https://www.cometchat.com/docs/articles/properties-and-constraints, read 2026-11.
_UID = re.compile(r"[a-z0-9_-]{1,100}", re.ASCII)
_ID = re.compile(r"[a-v0-9]{32}", re.ASCII)
_LOCALE = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8}){0,3}", re.ASCII)


class Fields:
    """A body or a query, read field by field; what is absent or null gives the default."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values

    def _text(self, name: str, longest: int) -> str | None:
        value = self._values.get(name)
        if value is None:
            return None
        if not isinstance(value, str):
            raise InvalidRequest(name, "has to be a text")
        if len(value) > longest:
            raise InvalidRequest(name, f"may have at most {longest} characters")
        return value

    def _required(self, name: str, value: str | None) -> str:
        if not value:
            raise InvalidRequest(name, "is required")
        return value

    def lines(self, name: str, longest: int) -> str:
        """Give what a person typed, clean, or `""`."""
        return texts.clean(self._text(name, longest) or "")

    def line(self, name: str, longest: int) -> str:
        """Give what a person typed, clean and on one line, or `""`."""
        return texts.line(self._text(name, longest) or "")

    def uid(self, name: str) -> str:
        """Give a uid or guid, lower-cased as CometChat does."""
        value = self._required(name, self._text(name, 100)).lower()
        if not _UID.fullmatch(value):
            raise InvalidRequest(name, "is not a uid or guid of CometChat")
        return value

    def id(self, name: str) -> str:
        """Give an id of ours."""
        value = self._required(name, self._text(name, 100))
        if not _ID.fullmatch(value):
            raise InvalidRequest(name, "is not an id that this service gave")
        return value

    def choice(self, name: str, *choices: str) -> str:
        """Give one of the choices."""
        value = self._required(name, self._text(name, 100))
        if value not in choices:
            raise InvalidRequest(name, "has to be one of: " + ", ".join(choices))
        return value

    def instant(self, name: str) -> datetime:
        """Give an instant, from RFC 3339 with an offset or Z."""
        value = self._required(name, self._text(name, 40))
        try:
            return parse_instant(value)
        except ValueError as error:
            reason = "has to be an RFC 3339 date-time with an offset or Z"
            raise InvalidRequest(name, reason) from error

    def minutes(self, name: str) -> timedelta | None:
        """Give a length in minutes: 5 minutes to 8 hours, in steps of 5; queries write digits."""
        value = self._values.get(name)
        if isinstance(value, str) and re.fullmatch(r"\d{1,4}", value, re.ASCII):
            value = int(value)
        if value is None:
            return None
        shortest, longest = int(SHORTEST.total_seconds()), int(LONGEST.total_seconds())
        whole = isinstance(value, int) and not isinstance(value, bool)
        if not whole or value * 60 % shortest or not shortest <= value * 60 <= longest:
            raise InvalidRequest(name, "has to be 5 to 480 minutes, in steps of 5")
        return timedelta(minutes=value)

    def time_zone(self, name: str) -> str:
        """Give an IANA zone's name, or `""`."""
        value = self._text(name, 64)
        if not value:
            return ""
        try:
            zone(value)
        except ValueError as error:
            raise InvalidRequest(name, "has to be an IANA time zone") from error
        return value

    def locale(self, name: str) -> str:
        """Give a language tag, or `""`."""
        value = self._text(name, 35)
        if not value:
            return ""
        if not _LOCALE.fullmatch(value):
            raise InvalidRequest(name, "has to be a language tag such as en or pt-BR")
        return value

    def opaque(self, name: str, longest: int) -> str:
        """Give a text that is only compared or handed back, or `""`."""
        return self._text(name, longest) or ""


def _fingerprint(*parts: str) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class ConnectRequest:
    """`POST v1/connect`."""

    return_url: str

    @classmethod
    def read(cls, fields: Fields) -> Self:
        """Read it, or raise `InvalidRequest`."""
        return cls(return_url=fields.opaque("returnUrl", URL_MAX))


@dataclass(frozen=True, slots=True)
class ShareRequest:
    """`POST v1/share`."""

    receiver: Receiver
    duration: timedelta
    title: str
    locale: str
    idempotency_key: str

    @classmethod
    def read(cls, fields: Fields) -> Self:
        """Read it, or raise `InvalidRequest`."""
        return cls(
            receiver=Receiver(
                id=fields.uid("receiver"), type=fields.choice("receiverType", "user", "group")
            ),
            duration=fields.minutes("durationMinutes") or DEFAULT_DURATION,
            title=fields.line("title", TITLE_MAX),
            locale=fields.locale("locale"),
            idempotency_key=fields.opaque("idempotencyKey", KEY_MAX),
        )

    def fingerprint(self) -> str:
        """Tell one request from another under the same idempotency key."""
        minutes = str(int(self.duration.total_seconds() // 60))
        return _fingerprint(
            "share", self.receiver.type, self.receiver.id, minutes, self.title, self.locale
        )


@dataclass(frozen=True, slots=True)
class BookRequest:
    """`POST v1/book`."""

    share_id: ShareId
    starts_at: datetime
    duration: timedelta | None
    title: str
    note: str
    time_zone: str
    locale: str
    idempotency_key: str

    @classmethod
    def read(cls, fields: Fields) -> Self:
        """Read it, or raise `InvalidRequest`."""
        return cls(
            share_id=ShareId(fields.id("shareId")),
            starts_at=fields.instant("startsAt"),
            duration=fields.minutes("durationMinutes"),
            title=fields.line("title", TITLE_MAX),
            note=fields.lines("note", NOTE_MAX),
            time_zone=fields.time_zone("timeZone"),
            locale=fields.locale("locale"),
            idempotency_key=fields.opaque("idempotencyKey", KEY_MAX),
        )

    def fingerprint(self) -> str:
        """Tell one request from another under the same idempotency key."""
        minutes = str(int(self.duration.total_seconds() // 60)) if self.duration else ""
        return _fingerprint(
            "book",
            self.share_id,
            format_instant(self.starts_at),
            minutes,
            self.title,
            self.note,
            self.time_zone,
            self.locale,
        )
