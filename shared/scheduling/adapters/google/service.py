"""Google's Calendar service for one set of tokens at a time, over connections that are kept.

The service object knows no user: credentials are given to each call. httplib2 is not thread-safe; a
Lambda environment does one thing at a time.
"""

from functools import cached_property
from http import HTTPStatus
from typing import Any

import google_auth_httplib2
import httplib2
from google.oauth2.credentials import Credentials
from googleapiclient.discovery import build
from googleapiclient.errors import HttpError

from scheduling.adapters.google import transport
from scheduling.adapters.google.tokens import AccessTokens, Keep
from scheduling.core.config import GoogleConfig
from scheduling.models import Secret, TokenSet
from scheduling.ports import Clock, Metrics


class GoogleClient:
    """Executes calls of `googleapiclient` with a host's tokens."""

    def __init__(
        self, config: GoogleConfig, secret: Secret, clock: Clock, metrics: Metrics | None = None
    ) -> None:
        self._config = config
        self._http = httplib2.Http(timeout=transport.TIMEOUT)
        self._tokens = AccessTokens(config, secret, clock, metrics)
        #: Where what the operator has to mend is counted.
        self.metrics = metrics

    def close(self) -> None:
        """End the connections that are kept."""
        self._http.close()
        self._tokens.close()

    @cached_property
    def service(self) -> Any:
        """Return Calendar v3 from the discovery document that the package brings; no request."""
        return build(
            "calendar",
            "v3",
            http=self._http,
            static_discovery=True,
            cache_discovery=False,
            client_options={"api_endpoint": self._config.calendar_url},
        )

    def execute(self, call: Any, tokens: TokenSet, keep: Keep) -> Any:
        """Send a call; refresh the access token when it has ended, or once if Google says so.

        Raises:
            GrantEnded, CalendarUnavailable: as `AccessTokens.refreshed` does.
            HttpError, and what is in `NETWORK_ERRORS`: of the call itself.
        """
        tokens = self._tokens.current(tokens, keep)
        try:
            return self._send(call, tokens)
        except HttpError as error:
            if error.status_code != HTTPStatus.UNAUTHORIZED:
                raise
        return self._send(call, self._tokens.succeeded(tokens, keep))

    def _send(self, call: Any, tokens: TokenSet) -> Any:
        credentials = Credentials(token=tokens.access_token.reveal())  # type: ignore[no-untyped-call]
        http = google_auth_httplib2.AuthorizedHttp(
            credentials, http=self._http, max_refresh_attempts=0
        )
        return call.execute(http=http, num_retries=0)

    def refreshed(self, tokens: TokenSet) -> TokenSet:
        """Ask for a new access token; raises as `AccessTokens.refreshed` does."""
        return self._tokens.refreshed(tokens)
