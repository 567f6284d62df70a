"""One-time links to our pages: looked at by anybody's preview, spent by one person's button."""

from dataclasses import dataclass
from datetime import timedelta

from scheduling.access.links import LinkPurpose, Links
from scheduling.core.errors import LinkInvalid
from scheduling.core.ids import random_id
from scheduling.models import AppId, Person, Purpose, Secret, Session, Tenant, Uid
from scheduling.ports import Clock, Sessions, Tenants

#: How long a browser's session lasts: a consent with second factor and account choice fits in.
SESSION_LIFETIME = timedelta(minutes=30)

_PURPOSES = {Purpose.CONNECT: LinkPurpose.CONNECT, Purpose.PAGE: LinkPurpose.PAGE}


@dataclass(frozen=True, slots=True)
class OneTimeLinks:
    """Turns a one-time link into a browser's session."""

    clock: Clock
    tenants: Tenants
    sessions: Sessions
    links: Links

    def landing(self, purpose: Purpose, token: str) -> Tenant:
        """Read a link without spending it: a chat's preview may fetch it.

        Raises:
            LinkInvalid: forged, old or for something else.
        """
        content = self.links.read(_PURPOSES[purpose], token, self.clock.now())
        tenant = self.tenants.get(AppId(content["a"]))
        if tenant is None:
            raise LinkInvalid("This link does not work any more.")
        return tenant

    def redeem(self, purpose: Purpose, token: str) -> Session:
        """Spend a link for a session.

        Raises:
            LinkInvalid: forged, old, spent or for something else.
        """
        now = self.clock.now()
        content = self.links.read(_PURPOSES[purpose], token, now)
        app_id = AppId(content["a"])
        if not self.sessions.spend(app_id, content["i"], now + SESSION_LIFETIME):
            raise LinkInvalid("This link does not work any more.")
        session = Session(
            app_id=app_id,
            key=Secret(random_id()),
            purpose=purpose,
            person=Person(uid=Uid(content["u"]), name=content["n"]),
            expires_at=now + SESSION_LIFETIME,
            return_url=content.get("r", ""),
            share_id=content.get("s", ""),
        )
        self.sessions.put(session)
        return session
