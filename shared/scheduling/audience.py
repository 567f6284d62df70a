"""Who may look at a share and book it: the host, and those whom the host addressed."""

from dataclasses import dataclass
from enum import StrEnum

from scheduling.errors import NotAllowed, NotFound
from scheduling.models import Caller, Share, ShareId
from scheduling.ports import Chat, Shares


class Role(StrEnum):
    """What a caller is to a share."""

    HOST = "host"
    GUEST = "guest"


@dataclass(frozen=True, slots=True)
class Audience:
    """Finds shares for callers, and turns others away."""

    shares: Shares
    chat: Chat

    def admit(self, caller: Caller, share_id: ShareId) -> tuple[Share, Role]:
        """Give a share to its host or an addressed guest.

        Raises:
            NotFound: no such share in the caller's app.
            NotAllowed: it is addressed to others.
            ChatUnavailable: CometChat cannot say who is in the group; unknown is no.
        """
        share = self.shares.get(caller.app_id, share_id)
        if share is None:
            raise NotFound("There is no such share.")
        if caller.only_share not in {None, share_id}:
            raise NotAllowed("This page shows another share.")
        if share.host.uid == caller.uid:
            return share, Role.HOST
        if not self._addressed(caller, share):
            raise NotAllowed("This share is addressed to somebody else.")
        return share, Role.GUEST

    def _addressed(self, caller: Caller, share: Share) -> bool:
        if share.receiver.type == "group":
            return self.chat.is_member(caller.tenant, share.receiver.id, caller.uid)
        return share.receiver.id == caller.uid
