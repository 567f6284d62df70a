"""Links that prove what they say: signed, for one purpose, with an end.

A link carries what it stands for; the table keeps only the mark that it was spent.
Two keys are accepted, the last one signs, so that keys can be rotated.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any
from urllib.parse import unquote, urlsplit

from itsdangerous import BadData, URLSafeSerializer

from scheduling.core.errors import LinkInvalid
from scheduling.core.ids import random_id
from scheduling.models import Caller, Secret

#: How long a one-time link may wait for its button.
LINK_LIFETIME = timedelta(minutes=10)
#: What browsers drop from an address, or read as something else.
_MISREAD = re.compile(r"[\x00-\x20\x7f\\]")


@dataclass(frozen=True, slots=True)
class OneTimeLink:
    """A link that one person's button spends."""

    url: str
    expires_at: datetime


class LinkPurpose(StrEnum):
    """Each has a signature of its own: a link of one purpose is noise to every other."""

    CONNECT = "connect"
    PAGE = "page"
    INVITE_FILE = "ics"
    COOKIE = "cookie"
    CURSOR = "cursor"


@dataclass(frozen=True, slots=True)
class Links:
    """Signs and reads links.

    Args:
        base_url: of the deployment, without a slash at its end.
        keys: signing keys, oldest first; the last one signs.
    """

    base_url: str
    keys: Sequence[Secret]

    def _serializer(self, purpose: LinkPurpose) -> URLSafeSerializer:
        return URLSafeSerializer(
            [key.reveal() for key in self.keys],
            salt=f"calendar-scheduling:{purpose}",
            signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256},
        )

    def token(self, purpose: LinkPurpose, content: Mapping[str, str], expires_at: datetime) -> str:
        """Sign content until an instant."""
        signed = self._serializer(purpose).dumps([int(expires_at.timestamp()), dict(content)])
        return signed if isinstance(signed, str) else signed.decode("ascii")

    def read(self, purpose: LinkPurpose, token: str, now: datetime) -> dict[str, str]:
        """Return a token's content.

        Raises:
            LinkInvalid: forged, of another purpose, or too old; which one is not told.
        """
        try:
            loaded: Any = self._serializer(purpose).loads(token)
            ends, content = loaded
            expired = datetime.fromtimestamp(ends, UTC) <= now
        except (BadData, ValueError, TypeError) as error:
            raise LinkInvalid("This link does not work any more.") from error
        if expired:
            raise LinkInvalid("This link does not work any more.")
        return {str(key): str(value) for key, value in content.items()}

    def url(self, path: str) -> str:
        """Return the whole address of a path of ours."""
        return f"{self.base_url}/{path}"


def connect_link(links: Links, caller: Caller, return_url: str, now: datetime) -> OneTimeLink:
    """Sign a one-time link to the connect page for this caller."""
    return _one_time(links, LinkPurpose.CONNECT, "connect", caller, now, r=return_url)


def page_link(links: Links, caller: Caller, share_id: str, now: datetime) -> OneTimeLink:
    """Sign a one-time link to the booking page of one share for this caller."""
    return _one_time(links, LinkPurpose.PAGE, "book", caller, now, s=share_id)


def _one_time(
    links: Links, purpose: LinkPurpose, path: str, caller: Caller, now: datetime, **more: str
) -> OneTimeLink:
    expires_at = now + LINK_LIFETIME
    content = {
        "a": caller.app_id,
        "u": caller.uid,
        "n": caller.person.name,
        "i": random_id(),
        **more,
    }
    url = links.url(f"{path}/{links.token(purpose, content, expires_at)}")
    return OneTimeLink(url, expires_at)


def is_registered_redirect(url: str, registered: tuple[str, ...]) -> bool:
    """Whether an address lies at or below a registered one: same scheme and host, path by parts.

    What a browser would read in another way than this does is refused: it drops control characters
    and spaces at the ends, takes a backslash for a slash, and climbs up by dots, encoded ones too.
    """
    try:
        asked = urlsplit(url)
    except ValueError:
        return False
    if asked.scheme not in {"https", "http"} or "@" in asked.netloc or _MISREAD.search(url):
        return False
    if not {".", ".."}.isdisjoint(re.split(r"[/\\]", unquote(asked.path))):
        return False
    for each in registered:
        known = urlsplit(each)
        below = (asked.path or "/") == (known.path or "/") or asked.path.startswith(
            known.path.rstrip("/") + "/"
        )
        if (asked.scheme, asked.netloc) == (known.scheme, known.netloc) and below:
            return True
    return False
