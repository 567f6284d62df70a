"""What a port tells by raising: facts for use cases, never for people."""


class GrantEnded(Exception):
    """Google says `invalid_grant`: the host's consent is over."""


class OutcomeUnknown(Exception):
    """A change was sent and no answer came: it may be done or not."""


class EventExists(Exception):
    """Google knows an event of this id already: ours from an earlier try, or a tombstone."""


class EventChanged(Exception):
    """The event is not the version that was read, or it is gone; nothing was done."""


class ConsentRefused(Exception):
    """Google did not take the code, or the id token does not hold; nothing was granted."""


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
