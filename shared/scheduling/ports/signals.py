"""What a port tells by raising: facts for use cases, never for people."""

from scheduling.models import ConsentRefusal, UnusedGrant


class GrantEnded(Exception):
    """The host's consent is over, or does not hold what is needed; no other try helps."""


class NoCalendar(GrantEnded):
    """The account has no calendar, so its grant is good for nothing."""


class OutcomeUnknown(Exception):
    """A change was sent and no answer came: it may be done or not."""


class EventExists(Exception):
    """Google knows an event of this id already: ours from an earlier try, or a tombstone."""


class EventChanged(Exception):
    """The event is not the version that was read, or it is gone; nothing was done."""


class ConsentRefused(Exception):
    """A consent brought nothing that could be connected.

    `why` says it in a word; `unused` is what was granted all the same.
    """

    def __init__(
        self, why: ConsentRefusal = ConsentRefusal.STALE, unused: UnusedGrant | None = None
    ) -> None:
        super().__init__(why)
        self.why = why
        self.unused = unused


class MessageRefused(Exception):
    """CometChat will never take this message: blocked, user gone.

    `code` is CometChat's, such as `ERR_UID_NOT_FOUND`.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class UserUnknown(Exception):
    """CometChat knows no active user of this uid, so it says nothing of what is between two."""


class Busy(Exception):
    """Another worker has it, or it has moved on since it was read."""
