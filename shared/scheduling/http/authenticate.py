"""Who is calling: by what CometChat says of the token, or by the cookie of the booking page."""

import re
from dataclasses import dataclass

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2

from scheduling.core.errors import Unauthenticated
from scheduling.core.retry import with_retries
from scheduling.http import api
from scheduling.http.api import header
from scheduling.http.cookies import SessionCookies
from scheduling.models import AppId, Caller, Purpose, ShareId
from scheduling.observability import logger
from scheduling.ports import Chat, Clock, Tenants

_TOKEN = re.compile(r"[\x21-\x7e]{8,512}")
_APP_ID = re.compile(r"[A-Za-z0-9_-]{1,100}", re.ASCII)

#: Sent by our booking page with its cookie; another site cannot send it without asking by CORS.
_OWN_PAGE = "x-requested-with"


@dataclass(frozen=True, slots=True)
class Authenticator:
    """Says who is calling; nothing in a body counts."""

    clock: Clock
    tenants: Tenants
    chat: Chat
    session_cookies: SessionCookies

    def authenticate(self, app: APIGatewayHttpResolver) -> Caller:
        """Return the caller of a route that the booking page calls too: a chat user, or its cookie.

        Raises:
            Unauthenticated, ChatUnavailable: as `authenticate_chat_user` does.
            NotAllowed, LinkInvalid: the page's session has ended, or its cookie is forged.
        """
        event = app.current_event
        if event.cookies and not header(event, "authtoken"):
            return self._on_page(event)
        return self.authenticate_chat_user(app)

    def authenticate_chat_user(self, app: APIGatewayHttpResolver) -> Caller:
        """Return the caller of any other route: by a token alone.

        A link to a booking page can be passed on; its cookie is good for that share and no more.

        Raises:
            Unauthenticated: no app, no token, or CometChat does not know it.
            ChatUnavailable: nobody is let in while CometChat cannot say; it is asked again while
                the request has time.
        """
        event = app.current_event
        app_id, token = header(event, "appid"), header(event, "authtoken")
        if not _TOKEN.fullmatch(token) or not _APP_ID.fullmatch(app_id):
            raise Unauthenticated("The headers appId and authToken of a chat user are needed.")
        tenant = self.tenants.get(AppId(app_id))
        if tenant is None:
            raise Unauthenticated("This app is not registered here.")
        deadline = api.deadline(app, self.clock)
        person = with_retries(lambda: self.chat.whoami(tenant, token), self.clock, deadline)
        if person is None:
            raise Unauthenticated("The chat does not know this authToken.")
        logger().append_keys(app_id=app_id, uid=person.uid)
        return Caller(tenant=tenant, person=person)

    def _on_page(self, event: APIGatewayProxyEventV2) -> Caller:
        """Return the caller of the booking page: its cookie, sent by our own script."""
        if header(event, _OWN_PAGE) != "calendar-scheduling":
            raise Unauthenticated("The headers appId and authToken of a chat user are needed.")
        session, tenant = self.session_cookies.session_and_tenant(event, Purpose.PAGE)
        logger().append_keys(app_id=tenant.app_id, uid=session.person.uid)
        return Caller(tenant=tenant, person=session.person, only_share=ShareId(session.share_id))
