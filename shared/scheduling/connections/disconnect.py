"""End a host's connection: first no new claims, then its bookings are settled, then the tokens go.

Google knows one grant a person and deployment: a revoke ends the connections of all who use that
account here. So it is sent only when nobody does. It is sent again while there is time, and not any
more afterwards: with the tokens goes what it could be sent with.
"""

from dataclasses import dataclass
from datetime import datetime

from scheduling.bookings.recover import Recovery
from scheduling.core.errors import CalendarUnavailable
from scheduling.core.retry import with_retries
from scheduling.models import AppId, CalendarId, Connection, ConnectionState, TokenSet, Uid
from scheduling.ports import Clock, Connections, Metrics, Revocation


@dataclass(frozen=True, slots=True)
class Disconnector:
    """Closes connections, for a person, for a switch, and for `reconcile`."""

    clock: Clock
    connections: Connections
    recovery: Recovery
    revocation: Revocation
    metrics: Metrics

    def disconnect(self, app_id: AppId, uid: Uid, deadline: datetime) -> None:
        """Disconnect a host's calendar.

        Should its bookings take longer to settle than the request has, `reconcile` ends the
        connection when they are. It succeeds also when Google does not know the grant any more, or
        cannot be reached: then the tokens are gone all the same, and with them everything that
        this deployment could do.
        """
        connection = self.connections.get(app_id, uid)
        if connection is not None and self.drained(connection, deadline):
            self.end(connection, deadline)

    def drained(self, connection: Connection, deadline: datetime) -> bool:
        """Refuse new claims, and settle the bookings that are worked on; False if one is left."""
        self.connections.transition(connection, ConnectionState.CLOSING)
        closing = connection.with_(state=ConnectionState.CLOSING)
        return self.recovery.recover_all(closing, deadline)

    def end(self, connection: Connection, deadline: datetime) -> None:
        """Delete the connection with its tokens, and its grant unless somebody else uses it."""
        self.connections.remove(connection)
        self.revoke_unused(connection.calendar_id, connection.tokens, deadline)
        self.metrics.count("CalendarDisconnected", app_id=connection.app_id, uid=connection.uid)

    def revoke_unused(self, calendar_id: CalendarId, tokens: TokenSet, deadline: datetime) -> None:
        """End a grant at Google if no connection uses the account; asked again while there is time.

        Args:
            calendar_id: whose users are counted.
            tokens: of the grant.
            deadline: when this worker's time ends.
        """
        if self.connections.users(calendar_id):
            return
        try:
            with_retries(lambda: self.revocation.revoke(tokens), self.clock, deadline)
        except CalendarUnavailable:
            self.metrics.count("RevokeFailed")
