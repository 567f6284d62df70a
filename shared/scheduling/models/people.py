"""Apps and the people in them; who they are is what CometChat says."""

from dataclasses import dataclass
from typing import NewType

AppId = NewType("AppId", str)
Uid = NewType("Uid", str)
ShareId = NewType("ShareId", str)

#: CometChat's regions: each is part of the hosts to which an app's key and its users' tokens go.
REGIONS = ("us", "eu", "in")


@dataclass(frozen=True, slots=True)
class Secret:
    """A text that is never shown: not by `print`, not in a traceback, not in a log."""

    _text: str

    def reveal(self) -> str:
        """Return the text, to those who send it where it belongs."""
        return self._text

    def __repr__(self) -> str:
        return "Secret(...)"

    __str__ = __repr__


@dataclass(frozen=True, slots=True)
class Tenant:
    """A CometChat app that uses this deployment."""

    app_id: AppId
    region: str
    name: str
    #: The REST API key, of full access: it sends on behalf of users.
    api_key: Secret
    #: Where the connect page may lead back to; a `returnUrl` begins with one of these.
    return_urls: tuple[str, ...] = ()
    #: The uid that signs notices to hosts.
    notice_uid: Uid = Uid("app_system")
    locale: str = "en"


@dataclass(frozen=True, slots=True)
class Person:
    """A CometChat user as others see them."""

    uid: Uid
    name: str


@dataclass(frozen=True, slots=True)
class Caller:
    """Who CometChat says is calling, and of which app."""

    tenant: Tenant
    person: Person
    #: The one share that a booking page's session may see and book; None for a chat user's token.
    only_share: ShareId | None = None

    @property
    def app_id(self) -> AppId:
        """The app that the caller belongs to."""
        return self.tenant.app_id

    @property
    def uid(self) -> Uid:
        """The caller's uid within the app."""
        return self.person.uid


@dataclass(frozen=True, slots=True)
class Receiver:
    """To whom a share or a message is addressed."""

    id: str
    #: `user` or `group`
    type: str
