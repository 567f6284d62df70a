"""Everything the emulator remembers, in one place, so that it can be put back to the start."""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from local.faults import Faults
from local.google.accounts import ACCOUNTS, Account, Client
from local.google.calendars import Calendar
from local.google.contract import Contract
from local.google.grants import Grants
from local.google.refusals import usual_body
from local.google.signing import SigningKey

#: The log forgets its oldest lines beyond this many.
LOG_LENGTH = 10_000


@dataclass
class Settings:
    """What can be set while the emulator runs; the values here are those of the start."""

    #: How long freeBusy overlooks a change; Google's own lag is seconds to minutes.
    free_busy_lag_seconds: float = 0
    #: What happens when a user ticks no box and goes on: "grant" what needs no box, or "deny".
    none_ticked: str = "grant"
    access_token_seconds: int = 3599
    #: How long refresh tokens live; None is for ever. A project in testing has 7 days.
    refresh_token_seconds: int | None = None
    #: How the making of a Meet conference ends: "success", "pending" or "failure".
    meet: str = "success"


def utc_now() -> datetime:
    """Read the machine's clock."""
    return datetime.now(UTC)


class World:
    """The emulator's memory. One event loop uses it, and never awaits between look and change."""

    def __init__(
        self, *, base_url: str, clients: Sequence[Client], now: Callable[[], datetime]
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self.clients = {client.client_id: client for client in clients}
        self.accounts = {account.email: account for account in ACCOUNTS}
        self.now = now
        self.contract = Contract.load()
        self.signing_key = SigningKey()
        self.faults = Faults(usual_body)
        self.log: deque[dict[str, Any]] = deque(maxlen=LOG_LENGTH)
        self.settings = Settings()
        self.grants = Grants(now)
        self.calendars = {email: Calendar(account) for email, account in self.accounts.items()}

    def reset(self) -> None:
        """Forget all that happened since the start; the signing key stays."""
        self.faults.clear()
        self.log.clear()
        self.settings = Settings()
        self.grants = Grants(self.now)
        self.accounts = {account.email: account for account in ACCOUNTS}
        self.calendars = {email: Calendar(account) for email, account in self.accounts.items()}

    def add_account(self, email: str, time_zone: str) -> Account:
        """Let one more person have a Google account, until all is put back to the start."""
        sub = str(10**20 + len(self.accounts))
        account = Account(email, sub, email.partition("@")[0].title(), time_zone)
        self.accounts[email] = account
        self.calendars[email] = Calendar(account)
        return account

    def account(self, hint: str) -> Account | None:
        """Find an account by its email address, in any case, or by its `sub`."""
        for account in self.accounts.values():
            if hint == account.sub or hint.lower() == account.email:
                return account
        return None


WORLD: web.AppKey[World] = web.AppKey("world", World)
