"""Grants between Google's consent and the final confirmation: kept, or given back.

Once a code was exchanged, Google lists a grant for which somebody has to hold the tokens. So every
way out keeps it, pending in the browser's session, or gives it back: it is revoked unless a
connection uses the account, since a revocation ends all that the person has granted here. So it is
never sent on a reconnect, and never beside a grant that works or is pending.

Of an answer whose id token does not hold, the token's own word says whose account it is: it came
from Google itself, and all that hangs on it is whether this grant may be revoked. Where it says
nothing, some connection may use the account; then nothing is revoked, and `RevokeFailed` counts it.
"""

from dataclasses import dataclass
from datetime import datetime

from scheduling.connections.disconnect import Disconnector
from scheduling.core.errors import CalendarUnavailable
from scheduling.core.retry import with_retries
from scheduling.models import ConsentRefusal, Grant, Session, UnusedGrant
from scheduling.ports import Calendar, Clock, GrantEnded, Metrics, NoCalendar, Sessions
from scheduling.rules.consent import is_sufficient


@dataclass(frozen=True, slots=True)
class PendingGrants:
    """What a consent brought, until it is connected or given back."""

    clock: Clock
    sessions: Sessions
    calendar: Calendar
    disconnector: Disconnector
    metrics: Metrics

    def keep(self, session: Session, grant: Grant, deadline: datetime) -> ConsentRefusal | None:
        """Keep a grant for the final confirmation; or give it back, and say why it is of no use.

        Where Google cannot say the calendar's zone now, it is asked again at the confirmation. The
        grant of another account that was pending here is given back.
        """
        kept = False
        try:
            if not is_sufficient(grant.scopes):
                return ConsentRefusal.PARTIAL
            found = self.examined(grant, deadline)
            if found is ConsentRefusal.UNAVAILABLE:
                found = grant.with_(time_zone="")
            if isinstance(found, ConsentRefusal):
                return found
            self.sessions.put(session.with_(state_hash="", state_ends_at=None, pending=found))
            kept = True
        finally:
            if not kept:
                self.give_back(session, UnusedGrant(grant.calendar_id, grant.tokens), deadline)
        before = session.pending
        if before is not None and before.calendar_id != grant.calendar_id:
            self.disconnector.revoke_unused(before.calendar_id, before.tokens, deadline)
        return None

    def examined(self, grant: Grant, deadline: datetime) -> Grant | ConsentRefusal:
        """Return a grant with its calendar's time zone as it is now, or why it is of no use."""
        try:
            zone = with_retries(lambda: self.calendar.time_zone(grant.tokens), self.clock, deadline)
        except NoCalendar:
            return ConsentRefusal.NO_CALENDAR
        except GrantEnded:
            return ConsentRefusal.FORBIDDEN
        except CalendarUnavailable:
            return ConsentRefusal.UNAVAILABLE
        return grant.with_(time_zone=zone)

    def give_back(self, session: Session, unused: UnusedGrant | None, deadline: datetime) -> None:
        """Revoke what came and is of no use, unless its account is in use."""
        if unused is None:
            return
        if unused.calendar_id is None:
            self.metrics.count("RevokeFailed")
        elif session.pending is None or session.pending.calendar_id != unused.calendar_id:
            self.disconnector.revoke_unused(unused.calendar_id, unused.tokens, deadline)
