"""Access tokens: refreshed shortly before they end, once for all who still have the old one.

google-auth asks for the new token; what the token endpoint refuses is read here, before google-auth
words it.

| the token endpoint says | it means here |
|---|---|
| a refusal that only the host can mend, by `oauth_errors` | `GrantEnded` |
| 5xx, 429, no answer, one that is none, a redirect | `CalendarUnavailable` |
| our client is not as it has to be | `CalendarUnavailable`, counted as `GoogleRefusedUs` |
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from json import JSONDecodeError, loads
from typing import Any

import requests
from google.auth.exceptions import RefreshError
from google.auth.transport.requests import Request
from google.oauth2.credentials import Credentials

from scheduling.adapters.google import oauth_errors, transport
from scheduling.adapters.google.error_reasons import Meaning
from scheduling.core.config import GoogleConfig
from scheduling.core.errors import CalendarUnavailable
from scheduling.models import Secret, TokenSet
from scheduling.ports import Clock, GrantEnded, Metrics

#: An access token is refreshed so long before its end, for calls that are under way.
MARGIN = timedelta(seconds=60)
#: How many refreshed tokens are kept at hand; each also stands, sealed, in the table.
_REMEMBERED = 100

Keep = Callable[[TokenSet], None]


class AccessTokens:
    """Refreshes access tokens, and hands each new one to whoever keeps tokens."""

    def __init__(
        self, config: GoogleConfig, secret: Secret, clock: Clock, metrics: Metrics | None = None
    ) -> None:
        self._config = config
        self._secret = secret
        self._clock = clock
        self._metrics = metrics
        self._session = requests.Session()
        #: What access tokens were refreshed to here, for whoever still has the old ones at hand.
        self._successors: dict[str, TokenSet] = {}

    def close(self) -> None:
        """End the connections that are kept."""
        self._session.close()

    def current(self, tokens: TokenSet, keep: Keep) -> TokenSet:
        """Return tokens whose access token lasts for one more call; raises as `refreshed` does."""
        tokens = self._successors.get(tokens.access_token.reveal(), tokens)
        if self._clock.now() + MARGIN < tokens.expires_at:
            return tokens
        return self.succeeded(tokens, keep)

    def succeeded(self, tokens: TokenSet, keep: Keep) -> TokenSet:
        """Refresh tokens, and let the new ones be kept; raises as `refreshed` does."""
        refreshed = self.refreshed(tokens)
        keep(refreshed)
        if len(self._successors) >= _REMEMBERED:
            self._successors.clear()
        self._successors[tokens.access_token.reveal()] = refreshed
        return refreshed

    def refreshed(self, tokens: TokenSet) -> TokenSet:
        """Ask for a new access token; Google keeps the refresh token as it is, or sends a new one.

        Raises:
            GrantEnded: no other try cures the refusal: the host has to consent again.
            CalendarUnavailable: no answer, or our client is not set up as it has to be.
        """
        credentials = Credentials(  # type: ignore[no-untyped-call]
            token=None,
            refresh_token=tokens.refresh_token.reveal(),
            token_uri=self._config.token_url,
            client_id=self._config.client_id,
            client_secret=self._secret.reveal(),
        )
        try:
            credentials.refresh(self._asking())  # type: ignore[no-untyped-call]
        except (*transport.NETWORK_ERRORS, RefreshError, TypeError, ValueError):
            # No answer, or one that is none: google-auth takes the words of a status 200 on trust.
            raise CalendarUnavailable from None
        return TokenSet(
            refresh_token=Secret(str(credentials.refresh_token)),
            access_token=Secret(str(credentials.token)),
            # google-auth keeps naive UTC.
            expires_at=(credentials.expiry or datetime.now(UTC)).replace(tzinfo=UTC),
        )

    def _asking(self) -> Any:
        """Return what google-auth asks through: nothing but a status 200 reaches it.

        Left alone it waits for two minutes, asks three times, whatever time its caller has left,
        and follows redirects: a 307 would be sent the client's secret and the refresh token again.
        """
        request = Request(session=self._session)

        def ask(*args: Any, **kwargs: Any) -> Any:
            more = {"timeout": transport.TIMEOUT, "allow_redirects": False}
            answer = request(*args, **{**kwargs, **more})
            if answer.status != HTTPStatus.OK:
                raise self._refusal(answer)
            return answer

        return ask

    def _refusal(self, answer: Any) -> Exception:
        try:
            body = loads(answer.data)
        except (JSONDecodeError, UnicodeDecodeError, RecursionError):
            body = None
        refusal = oauth_errors.Refusal.read(answer.status, answer.headers, body)
        meaning = refusal.meaning(oauth_errors.Request.REFRESH)
        if meaning is Meaning.GRANT_ENDED:
            return GrantEnded()
        return transport.unavailable(meaning, refusal.retry_after, refusal.known, self._metrics)
