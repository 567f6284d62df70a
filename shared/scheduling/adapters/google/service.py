"""Google's Calendar service for one set of tokens at a time, over connections that are kept.

The service object knows no user: credentials are given to each call. A refreshed token is handed
to whoever keeps tokens. httplib2 is not thread-safe; a Lambda environment does one thing at a time.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cached_property
from http import HTTPStatus
from http.client import HTTPException
from typing import Any

import google_auth_httplib2
import httplib2
import requests
from google.auth.exceptions import RefreshError, TransportError
from google.auth.transport.requests import Request
from google.oauth2.credentials import Credentials
from googleapiclient.discovery import build
from googleapiclient.errors import HttpError

from scheduling.core.config import GoogleConfig
from scheduling.core.errors import CalendarUnavailable
from scheduling.models import Secret, TokenSet
from scheduling.ports import Clock, GrantEnded

#: Seconds that one call may take: three of them fit into the time of a request.
TIMEOUT = 6
#: An access token is refreshed so long before its end, for calls that are under way.
_MARGIN = timedelta(seconds=60)

#: How many refreshed tokens are kept at hand; each also stands, sealed, in the table.
_REMEMBERED = 100

#: What a failing connection raises, over httplib2 and over requests.
NETWORK_ERRORS = (httplib2.HttpLib2Error, HTTPException, TransportError, OSError)


def is_no_answer(status: int) -> bool:
    """Whether Google is overloaded or broken, or leads on, with secrets in hand, to who knows."""
    leads_on = HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST
    overloaded = status == HTTPStatus.TOO_MANY_REQUESTS
    return leads_on or overloaded or status >= HTTPStatus.INTERNAL_SERVER_ERROR


def transport(session: requests.Session) -> Any:
    """Return what google-auth asks through.

    Left alone it waits for two minutes, asks three times, whatever time its caller has left, and
    follows redirects: a 307 would be sent the client's secret and the refresh token again.

    Raises:
        CalendarUnavailable: Google is overloaded or broken, or leads elsewhere.
    """
    request = Request(session=session)

    def ask(*args: Any, **kwargs: Any) -> Any:
        answer = request(*args, **{**kwargs, "timeout": TIMEOUT, "allow_redirects": False})
        if is_no_answer(answer.status):
            raise CalendarUnavailable
        return answer

    return ask


class GoogleClient:
    """Executes calls of `googleapiclient` with a host's tokens."""

    def __init__(self, config: GoogleConfig, secret: Secret, clock: Clock) -> None:
        self._config = config
        self._secret = secret
        self._clock = clock
        self._http = httplib2.Http(timeout=TIMEOUT)
        self._session = requests.Session()
        #: What access tokens were refreshed to here, for whoever still has the old ones at hand.
        self._successors: dict[str, TokenSet] = {}

    def close(self) -> None:
        """End the connections that are kept."""
        self._http.close()
        self._session.close()

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

    def execute(self, call: Any, tokens: TokenSet, keep: Callable[[TokenSet], None]) -> Any:
        """Send a call; refresh the access token when it has ended, or once if Google says so.

        Raises:
            GrantEnded: the refresh token is dead.
            CalendarUnavailable: the refresh got no answer.
            HttpError, and what is in `NETWORK_ERRORS`: of the call itself.
        """
        tokens = self._successors.get(tokens.access_token.reveal(), tokens)
        if self._clock.now() + _MARGIN >= tokens.expires_at:
            tokens = self._succeeded(tokens, keep)
        try:
            return self._send(call, tokens)
        except HttpError as error:
            if error.status_code != requests.codes.unauthorized:
                raise
        return self._send(call, self._succeeded(tokens, keep))

    def _succeeded(self, tokens: TokenSet, keep: Callable[[TokenSet], None]) -> TokenSet:
        refreshed = self.refreshed(tokens)
        keep(refreshed)
        if len(self._successors) >= _REMEMBERED:
            self._successors.clear()
        self._successors[tokens.access_token.reveal()] = refreshed
        return refreshed

    def _send(self, call: Any, tokens: TokenSet) -> Any:
        credentials = Credentials(token=tokens.access_token.reveal())  # type: ignore[no-untyped-call]
        http = google_auth_httplib2.AuthorizedHttp(
            credentials, http=self._http, max_refresh_attempts=0
        )
        return call.execute(http=http, num_retries=0)

    def refreshed(self, tokens: TokenSet) -> TokenSet:
        """Ask for a new access token; Google keeps the refresh token as it is, or sends a new one.

        Raises:
            GrantEnded: the refresh token is dead.
            CalendarUnavailable: no answer.
        """
        credentials = Credentials(  # type: ignore[no-untyped-call]
            token=None,
            refresh_token=tokens.refresh_token.reveal(),
            token_uri=self._config.token_url,
            client_id=self._config.client_id,
            client_secret=self._secret.reveal(),
        )
        try:
            credentials.refresh(transport(self._session))  # type: ignore[no-untyped-call]
        except RefreshError as error:
            if "invalid_grant" in str(error):
                raise GrantEnded from None
            raise CalendarUnavailable from None
        except (*NETWORK_ERRORS, TypeError, ValueError):
            # No answer, or one that is none: google-auth takes the words of a status 200 on trust.
            raise CalendarUnavailable from None
        return TokenSet(
            refresh_token=Secret(str(credentials.refresh_token)),
            access_token=Secret(str(credentials.token)),
            # google-auth keeps naive UTC.
            expires_at=(credentials.expiry or datetime.now(UTC)).replace(tzinfo=UTC),
        )
