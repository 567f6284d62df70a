"""Who may look at a share and book it: the host, and those whom the host addressed."""

from dataclasses import dataclass
from enum import StrEnum

from scheduling.core.errors import InvalidRequest, NotAllowed, NotFound
from scheduling.models import Caller, Receiver, Share, ShareId, Uid
from scheduling.ports import Chat, Shares, UserUnknown


class Role(StrEnum):
    """What a caller is to a share."""

    HOST = "host"
    GUEST = "guest"


@dataclass(frozen=True, slots=True)
class AccessPolicy:
    """Finds shares for callers, and turns others away."""

    shares: Shares
    chat: Chat

    def authorize(self, caller: Caller, share_id: ShareId) -> tuple[Share, Role]:
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
        self.require_guest(caller, share)
        return share, Role.GUEST

    def require_guest(self, caller: Caller, share: Share) -> None:
        """Turn away whoever is no guest of a share, and guests who are out of touch with its host.

        Raises:
            NotAllowed: it is addressed to others, or one has blocked the other; which is not told.
            ChatUnavailable: CometChat cannot say; unknown is no.
        """
        if not self._addressed(caller, share):
            raise NotAllowed("This share is addressed to somebody else.")
        try:
            blocked = self.chat.blocked(caller.tenant, share.host.uid, caller.uid)
        except UserUnknown:
            blocked = True
        if blocked:
            raise NotAllowed("You and the host of this share cannot reach one another in the chat.")

    def require_reachable(self, caller: Caller, receiver: Receiver) -> None:
        """Turn away a host who is out of touch with the user, or no member of the group.

        Raises:
            InvalidRequest: CometChat knows no such user.
            NotAllowed: one has blocked the other, which is not told; or the group is not theirs.
            ChatUnavailable: CometChat cannot say; unknown is no.
        """
        if receiver.type == "group":
            if not self.chat.is_member(caller.tenant, receiver.id, caller.uid):
                raise unreachable_receiver()
            return
        try:
            blocked = self.chat.blocked(caller.tenant, caller.uid, Uid(receiver.id))
        except UserUnknown as error:
            raise unknown_receiver() from error
        if blocked:
            raise unreachable_receiver()

    def _addressed(self, caller: Caller, share: Share) -> bool:
        if share.receiver.type == "group":
            return self.chat.is_member(caller.tenant, share.receiver.id, caller.uid)
        return share.receiver.id == caller.uid


def unknown_receiver() -> InvalidRequest:
    """Return the refusal to share with somebody whom the chat does not know."""
    return InvalidRequest("receiver", "is not known to the chat")


def unreachable_receiver() -> NotAllowed:
    """Return the refusal to share with somebody to whom the host cannot write."""
    return NotAllowed("The chat does not let you write to this receiver.")
