"""Connect a host's calendar, or switch it: the page and the consent behind it.

A one-time link is spent by a button for a session: a cookie holds the session's key, the table the
key's hash. PKCE's verifier, the nonce and the CSRF token are derived from that key, so that nothing
in the table helps anybody; a callback in another browser has no key and finds nothing.
"""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from scheduling.access.limits import Limited, Limits
from scheduling.access.links import Links, OneTimeLink, connect_link, is_registered_redirect
from scheduling.connections.disconnect import Disconnector
from scheduling.connections.pending import PendingGrants
from scheduling.core.errors import CalendarUnavailable, InvalidRequest, LinkInvalid, NotAllowed
from scheduling.core.ids import hashed, random_id
from scheduling.core.retry import with_retries
from scheduling.models import (
    AppId,
    Caller,
    Connection,
    ConnectionState,
    ConsentRefusal,
    Grant,
    Secret,
    Session,
    Tenant,
)
from scheduling.ports import (
    Chat,
    Clock,
    Connections,
    ConsentRefused,
    Metrics,
    OAuthProvider,
    Sessions,
    Tenants,
)
from scheduling.rules.consent import ISSUER, without_code
from scheduling.rules.notifications import notice

#: How long a browser may take from our page through Google's consent and back.
STATE_LIFETIME = timedelta(minutes=10)


class ConsentOutcome(StrEnum):
    """What a person is told after coming back from Google, and after each button."""

    PENDING = "pending"
    REFUSED = "refused"
    PARTIAL = "partial"
    STALE = "stale"
    #: Google could not say.
    FAILED = "failed"
    #: Access for an hour only.
    SHORT = "short"
    NO_CALENDAR = "no_calendar"
    #: Google does not let this account in.
    FORBIDDEN = "forbidden"
    #: Google does not take our client as it is set up.
    SETUP = "setup"
    BUSY = "busy"
    CONNECTED = "connected"
    DECLINED = "declined"
    DISCONNECTED = "disconnected"
    PREFERRED = "preferred"


_REFUSALS = {
    ConsentRefusal.DENIED: ConsentOutcome.REFUSED,
    ConsentRefusal.STALE: ConsentOutcome.STALE,
    ConsentRefusal.PARTIAL: ConsentOutcome.PARTIAL,
    ConsentRefusal.NO_CALENDAR: ConsentOutcome.NO_CALENDAR,
    ConsentRefusal.SHORT: ConsentOutcome.SHORT,
    ConsentRefusal.FORBIDDEN: ConsentOutcome.FORBIDDEN,
    ConsentRefusal.SETUP: ConsentOutcome.SETUP,
    ConsentRefusal.UNAVAILABLE: ConsentOutcome.FAILED,
}


@dataclass(frozen=True, slots=True)
class PageView:
    """What the connect page shows."""

    tenant: Tenant
    session: Session
    connection: Connection | None
    csrf: str

    @property
    def state(self) -> str:
        """Return `none`, `connected`, `reconnect`, or `pending`, until the final confirmation."""
        if self.session.pending is not None:
            return "pending"
        if self.connection is None or self.connection.state is ConnectionState.CLOSING:
            return "none"
        return self.connection.state.value

    @property
    def seen(self) -> str:
        """Name the pending authorization: a confirmation of another one counts for nothing."""
        return _named(self.session, self.session.pending) if self.session.pending else ""


@dataclass(frozen=True, slots=True)
class Connector:
    """The use cases of the connect page and of the routes beside it."""

    clock: Clock
    tenants: Tenants
    connections: Connections
    sessions: Sessions
    chat: Chat
    oauth: OAuthProvider
    pending_grants: PendingGrants
    disconnector: Disconnector
    limits: Limits
    links: Links
    metrics: Metrics

    def link(self, caller: Caller, return_url: str) -> OneTimeLink:
        """Make a one-time link to the connect page; a button on it spends the link.

        Raises:
            InvalidRequest: the `returnUrl` is not one of the app's.
            TooManyRequests: the caller was given enough links for now.
        """
        self.limits.count(caller, Limited.CONNECT_LINK)
        if return_url and not is_registered_redirect(return_url, caller.tenant.return_urls):
            raise InvalidRequest("returnUrl", "is not registered for this app")
        return connect_link(self.links, caller, return_url, self.clock.now())

    def connection(self, caller: Caller) -> Connection | None:
        """Return the caller's connection; None where there is none, or it is being closed."""
        connection = self.connections.get(caller.app_id, caller.uid)
        closing = connection is not None and connection.state is ConnectionState.CLOSING
        return None if closing else connection

    # The page

    def view(self, session: Session) -> PageView:
        """Return what the page shows to this browser."""
        return PageView(
            tenant=self._tenant(session.app_id),
            session=session,
            connection=self.connections.get(session.app_id, session.person.uid),
            csrf=session.derived("csrf"),
        )

    def begin(self, session: Session, *, choose: bool) -> str:
        """Return the address of Google's consent for this browser.

        An authorization that is pending stays so until another takes its place.

        Args:
            session: of the browser.
            choose: ask which account, rather than suggest the connected one.
        """
        state = random_id()
        ends_at = self.clock.now() + STATE_LIFETIME
        self.sessions.put(session.with_(state_hash=hashed(state), state_ends_at=ends_at))
        connection = self.connections.get(session.app_id, session.person.uid)
        hint = None if choose or connection is None else connection.email
        verifier, nonce = _pkce(session, state)
        return self.oauth.authorization_url(state, verifier, nonce, hint)

    def callback(
        self, session: Session, query: dict[str, str], deadline: datetime
    ) -> ConsentOutcome:
        """Take Google's answer: a verified grant is then pending until the final confirmation."""
        state = query.get("state", "")
        # RFC 9207: an answer that says itself to be of somebody else is none of Google's.
        if query.get("iss", ISSUER) != ISSUER or not self._awaited(session, state):
            return ConsentOutcome.STALE
        if not self.sessions.spend_state(session):
            return ConsentOutcome.STALE
        if "code" not in query:
            return _REFUSALS[without_code(query.get("error", ""))]
        verifier, nonce = _pkce(session, state)
        try:
            grant = with_retries(
                lambda: self.oauth.exchange(query["code"], verifier, nonce), self.clock, deadline
            )
        except ConsentRefused as refusal:
            self.pending_grants.give_back(session, refusal.unused, deadline)
            return _REFUSALS[refusal.why]
        except CalendarUnavailable:
            return ConsentOutcome.FAILED
        why_not = self.pending_grants.keep(session, grant, deadline)
        return _REFUSALS[why_not] if why_not else ConsentOutcome.PENDING

    def _awaited(self, session: Session, state: str) -> bool:
        known = hmac.compare_digest(session.state_hash, hashed(state))
        ends_at = session.state_ends_at
        return known and ends_at is not None and self.clock.now() < ends_at

    def confirm(self, session: Session, seen: str, deadline: datetime) -> ConsentOutcome:
        """Connect, at the final confirmation, the calendar that was consented to.

        A switch first ends the claims of the old calendar as a disconnect does; while one of its
        bookings is being worked on, the yes can be repeated a little later.

        Args:
            session: of the browser.
            seen: what the page of the yes named; a later consent in the same browser needs its own.
            deadline: when this worker's time ends.

        Raises:
            NotAllowed: the chat user is not there any more; links and pages outlive their token.
            ChatUnavailable: CometChat cannot say; nothing was changed, and the yes can be repeated.
        """
        waiting = session.pending
        if waiting is None or not hmac.compare_digest(
            _named(session, waiting).encode(), seen.encode()
        ):
            return ConsentOutcome.STALE
        uid, tenant = session.person.uid, self._tenant(session.app_id)
        if with_retries(lambda: self.chat.user(tenant, uid), self.clock, deadline) is None:
            raise NotAllowed("This chat user is not there any more.")
        good = self._still_good(waiting, deadline)
        if good is ConsentOutcome.FAILED:
            return good
        if isinstance(good, ConsentOutcome):
            self.decline(session, deadline)
            return good
        before = self.connections.get(session.app_id, uid)
        switched = before if before and before.calendar_id != waiting.calendar_id else None
        if switched and not self.disconnector.drained(switched, deadline):
            return ConsentOutcome.BUSY
        if not self._connected(session, good, deadline):
            return ConsentOutcome.STALE
        if switched:
            self.disconnector.revoke_unused(switched.calendar_id, switched.tokens, deadline)
        return ConsentOutcome.CONNECTED

    def _still_good(self, grant: Grant, deadline: datetime) -> Grant | ConsentOutcome:
        """Return a grant that waited for its confirmation as it is now, or why it is no good.

        A disconnect by the account's last user here ends all of its grants, this one too. If Google
        cannot say, what it said before will do, and the first share will find out.
        """
        found = self.pending_grants.examined(grant, deadline)
        if found is ConsentRefusal.UNAVAILABLE:
            return grant if grant.time_zone else ConsentOutcome.FAILED
        if found is ConsentRefusal.FORBIDDEN:
            return ConsentOutcome.STALE
        return _REFUSALS[found] if isinstance(found, ConsentRefusal) else found

    def _connected(self, session: Session, good: Grant, deadline: datetime) -> bool:
        """Take the pending grant and connect it, once; what cannot be connected is given back."""
        grant, connected = self.sessions.take_pending(session), False
        if grant is None:
            return False
        try:
            if grant.calendar_id == good.calendar_id:
                self._connect(session, grant.with_(time_zone=good.time_zone))
                connected = True
        finally:
            if not connected:
                self.disconnector.revoke_unused(grant.calendar_id, grant.tokens, deadline)
        return connected

    def _connect(self, session: Session, grant: Grant) -> None:
        uid = session.person.uid
        connection = Connection(
            app_id=session.app_id,
            uid=uid,
            calendar_id=grant.calendar_id,
            state=ConnectionState.CONNECTED,
            email=grant.email,
            time_zone=grant.time_zone,
            scopes=grant.scopes,
            connected_at=self.clock.now(),
            tokens=grant.tokens,
            version=random_id(),
        )
        item = notice(session.app_id, uid, "connected", about=connection.version)
        self.connections.put(connection, item)
        self.metrics.count("CalendarConnected", app_id=session.app_id, uid=uid)

    def decline(self, session: Session, deadline: datetime) -> ConsentOutcome:
        """Throw a pending grant away, at the final refusal."""
        grant = self.sessions.take_pending(session)
        if grant is not None:
            self.disconnector.revoke_unused(grant.calendar_id, grant.tokens, deadline)
        return ConsentOutcome.DECLINED

    def _tenant(self, app_id: AppId) -> Tenant:
        tenant = self.tenants.get(app_id)
        if tenant is None:
            raise LinkInvalid("This link does not work any more.")
        return tenant


def _named(session: Session, grant: Grant) -> str:
    return session.derived(f"grant:{grant.calendar_id}")


def _pkce(session: Session, state: str) -> tuple[Secret, str]:
    verifier = session.derived(f"pkce:{state}")
    return Secret(verifier), session.derived(f"nonce:{state}")
