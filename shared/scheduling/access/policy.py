"""Who may look at a share and book it: the host, and those whom the host addressed."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from scheduling.core.errors import InvalidRequest, NotAllowed, NotFound
from scheduling.core.retry import with_retries
from scheduling.models import Caller, Receiver, Share, ShareId, Uid
from scheduling.ports import Chat, Clock, Shares, UserUnknown


class Role(StrEnum):
    """What a caller is to a share."""

    HOST = "host"
    GUEST = "guest"


@dataclass(frozen=True, slots=True)
class AccessPolicy:
    """Finds shares for callers, and turns others away.

    CometChat is asked again while the request has time, until its `deadline`.
    """

    clock: Clock
    shares: Shares
    chat: Chat

    def authorize(
        self, caller: Caller, share_id: ShareId, deadline: datetime
    ) -> tuple[Share, Role]:
        """Return a share to its host or an addressed guest.

        Raises:
            NotFound: no such share in the caller's app.
            NotAllowed, ChatUnavailable: as `require_guest` says, of everybody but the host.
        """
        share = self.shares.get(caller.app_id, share_id)
        if share is None:
            raise NotFound("There is no such share.")
        if caller.only_share not in {None, share_id}:
            raise NotAllowed("This page shows another share.")
        if share.host.uid == caller.uid:
            return share, Role.HOST
        self.require_guest(caller, share, deadline)
        return share, Role.GUEST

    def require_guest(self, caller: Caller, share: Share, deadline: datetime) -> None:
        """Turn away whoever is no guest of a share, and guests who are out of touch with its host.

        Raises:
            NotAllowed: it is addressed to others, or one has blocked the other; which is not told.
            ChatUnavailable: CometChat cannot say; unknown is no.
        """
        if not self._addressed(caller, share, deadline):
            raise NotAllowed("This share is addressed to somebody else.")
        try:
            blocked = self._blocked(caller, share.host.uid, deadline)
        except UserUnknown:
            blocked = True
        if blocked:
            raise NotAllowed("You and the host of this share cannot reach one another in the chat.")

    def require_reachable(self, caller: Caller, receiver: Receiver, deadline: datetime) -> None:
        """Turn away a host who is out of touch with the user, or no member of the group.

        Raises:
            InvalidRequest: CometChat knows no such user.
            NotAllowed: one has blocked the other, which is not told; or the group is not theirs.
            ChatUnavailable: CometChat cannot say; unknown is no.
        """
        if receiver.type == "group":
            if not self._is_member(caller, receiver.id, deadline):
                raise unreachable_receiver()
            return
        try:
            blocked = self._blocked(caller, Uid(receiver.id), deadline)
        except UserUnknown as error:
            raise unknown_receiver() from error
        if blocked:
            raise unreachable_receiver()

    def _addressed(self, caller: Caller, share: Share, deadline: datetime) -> bool:
        if share.receiver.type == "group":
            return self._is_member(caller, share.receiver.id, deadline)
        return share.receiver.id == caller.uid

    def _is_member(self, caller: Caller, group: str, deadline: datetime) -> bool:
        return with_retries(
            lambda: self.chat.is_member(caller.tenant, group, caller.uid), self.clock, deadline
        )

    def _blocked(self, caller: Caller, other: Uid, deadline: datetime) -> bool:
        return with_retries(
            lambda: self.chat.blocked(caller.tenant, caller.uid, other), self.clock, deadline
        )


def unknown_receiver() -> InvalidRequest:
    """Return the refusal to share with somebody whom the chat does not know."""
    return InvalidRequest("receiver", "is not known to the chat")


def unreachable_receiver() -> NotAllowed:
    """Return the refusal to share with somebody to whom the host cannot write."""
    return NotAllowed("The chat does not let you write to this receiver.")
