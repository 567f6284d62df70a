"""Google and CometChat."""

import functools
import os
from typing import TYPE_CHECKING

from scheduling.core.config import ChatConfig, GoogleConfig
from scheduling.wiring import stores, surroundings

if TYPE_CHECKING:
    from scheduling.adapters.cometchat.chat import CometChat
    from scheduling.adapters.google.calendar import GoogleCalendar
    from scheduling.adapters.google.oauth import GoogleOAuth, GoogleRevocation
    from scheduling.adapters.google.service import GoogleClient


@functools.cache
def google() -> "GoogleClient":
    """Give Google's client, which knows no user."""
    from scheduling.adapters.google.service import GoogleClient

    config = GoogleConfig.from_env(os.environ)
    return GoogleClient(
        config, surroundings.parameters().google_client_secret, surroundings.clock()
    )


@functools.cache
def calendar() -> "GoogleCalendar":
    """Give Google's calendars."""
    from scheduling.adapters.google.calendar import GoogleCalendar

    return GoogleCalendar(google(), stores.connections())


@functools.cache
def oauth() -> "GoogleOAuth":
    """Give Google's consent."""
    from scheduling.adapters.google.oauth import GoogleOAuth

    return GoogleOAuth(
        GoogleConfig.from_env(os.environ),
        secret=surroundings.parameters().google_client_secret,
        redirect_uri=f"{surroundings.parameters().base_url}/oauth/callback",
        calendar_key=surroundings.parameters().calendar_key,
        clock=surroundings.clock(),
    )


@functools.cache
def revocation() -> "GoogleRevocation":
    """Give the end of a grant."""
    from scheduling.adapters.google.oauth import GoogleRevocation

    return GoogleRevocation(GoogleConfig.from_env(os.environ))


@functools.cache
def chat() -> "CometChat":
    """Give CometChat."""
    from scheduling.adapters.cometchat.chat import CometChat

    return CometChat(ChatConfig.from_env(os.environ), surroundings.clock())
