"""An access token is refreshed before it ends, once, and kept."""

from datetime import timedelta

from scheduling.adapters.google.tokens import MARGIN, AccessTokens
from scheduling.core.config import GoogleConfig
from scheduling.models import Secret, TokenSet
from tests.fakes import START, FakeClock

OLD = TokenSet(Secret("refresh"), Secret("old"), START + timedelta(hours=1))


class Counted(AccessTokens):
    """Refreshes without Google, and counts."""

    refreshes = 0

    def refreshed(self, tokens: TokenSet) -> TokenSet:
        self.refreshes += 1
        later = self._clock.now() + timedelta(hours=1)
        return TokenSet(tokens.refresh_token, Secret(f"new-{self.refreshes}"), later)


def tokens_of(clock: FakeClock) -> Counted:
    return Counted(GoogleConfig("client"), Secret("secret"), clock)


def test_a_token_is_refreshed_so_long_before_its_end_and_kept() -> None:
    clock, kept = FakeClock(OLD.expires_at - MARGIN - timedelta(seconds=1)), list[TokenSet]()
    access = tokens_of(clock)
    assert access.current(OLD, kept.append) == OLD
    clock.pass_(seconds=1)
    fresh = access.current(OLD, kept.append)
    assert (fresh.access_token.reveal(), kept) == ("new-1", [fresh])


def test_who_still_has_the_old_token_gets_its_successor_and_refreshes_nothing() -> None:
    clock, kept = FakeClock(OLD.expires_at), list[TokenSet]()
    access = tokens_of(clock)
    first = access.current(OLD, kept.append)
    assert access.current(OLD, kept.append) == first
    assert access.refreshes == 1
