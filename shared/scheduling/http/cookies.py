"""Who a browser is: the cookies of our pages, and the sessions that they name."""

from dataclasses import dataclass

from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2

from scheduling.access.links import LinkPurpose, Links
from scheduling.core.errors import NotAllowed
from scheduling.models import AppId, Purpose, Secret, Session, Tenant
from scheduling.ports import Clock, Sessions, Tenants

#: Cookies over one site only, and for the address bar's way back from Google, hence Lax.
_COOKIES = {Purpose.CONNECT: "__Host-connect", Purpose.PAGE: "__Host-page"}


@dataclass(frozen=True, slots=True)
class SessionCookies:
    """Cookies of the pages: a session's key, signed with the app that it belongs to."""

    clock: Clock
    links: Links
    sessions: Sessions
    tenants: Tenants

    def cookie(self, session: Session) -> str:
        """Return the `Set-Cookie` of a session."""
        content = {"a": session.app_id, "k": session.key.reveal(), "p": session.purpose.value}
        token = self.links.token(LinkPurpose.COOKIE, content, session.expires_at)
        return f"{_COOKIES[session.purpose]}={token}; Path=/; Secure; HttpOnly; SameSite=Lax"

    def session(self, event: APIGatewayProxyEventV2, purpose: Purpose) -> Session:
        """Return the session of a browser; raises as `session_and_tenant` does."""
        return self.session_and_tenant(event, purpose)[0]

    def session_and_tenant(
        self, event: APIGatewayProxyEventV2, purpose: Purpose
    ) -> tuple[Session, Tenant]:
        """Return the session of a browser, with its app.

        Raises:
            NotAllowed: none, or it has ended, or its app has been removed.
            LinkInvalid: the cookie is forged.
        """
        name = _COOKIES[purpose]
        sent = [each.partition("=")[2] for each in event.cookies if each.startswith(f"{name}=")]
        if not sent:
            raise NotAllowed("This page needs a new link.")
        now = self.clock.now()
        content = self.links.read(LinkPurpose.COOKIE, sent[0], now)
        if content["p"] != purpose.value:
            raise NotAllowed("This page needs a new link.")
        session = self.sessions.get(AppId(content["a"]), Secret(content["k"]))
        if session is None or session.expires_at <= now or session.purpose is not purpose:
            raise NotAllowed("This page needs a new link.")
        tenant = self.tenants.get(session.app_id)
        if tenant is None:
            raise NotAllowed("This app is not registered here.")
        return session, tenant
