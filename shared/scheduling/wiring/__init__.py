"""The composition root: adapters into use cases, built when first asked for.

Imports of vendors stand inside the functions: a cold start pays only for what its function uses.
"""

import functools
import os
import sys
from typing import TYPE_CHECKING

from scheduling.access.limits import Limits
from scheduling.access.links import Links
from scheduling.access.policy import Audience
from scheduling.bookings.book import Booker
from scheduling.bookings.cancel import Canceller
from scheduling.bookings.change import Changing
from scheduling.bookings.follow_up import Aftercare
from scheduling.bookings.hold import Holding
from scheduling.bookings.insert import Inserter
from scheduling.bookings.recover import Settler
from scheduling.bookings.reschedule import Mover
from scheduling.calendars.host_calendar import HostCalendar
from scheduling.calendars.own_events import OwnEvents
from scheduling.calendars.preferences import Preferring
from scheduling.connections.connect import Connecting
from scheduling.connections.disconnect import Disconnecting
from scheduling.connections.sessions import Doorway
from scheduling.core.config import GoogleConfig, LimitsConfig, WebConfig
from scheduling.http.api import Callers
from scheduling.http.cookies import Browsers
from scheduling.messages.compose import Messages
from scheduling.messages.invite_files import InviteFiles
from scheduling.messages.outbox import Delivery
from scheduling.operations.erase import Erasing
from scheduling.operations.reconcile import Reconciler
from scheduling.shares.share import Sharing
from scheduling.wiring import snapshots, stores, surroundings, vendors
from scheduling.wiring.stores import connections, owed_message, tenants
from scheduling.wiring.surroundings import clock
from scheduling.wiring.vendors import chat

if TYPE_CHECKING:
    from scheduling.http.assets import Assets
    from scheduling.http.pages import Pages

__all__ = [
    "assets",
    "booker",
    "browsers",
    "callers",
    "changing",
    "chat",
    "clock",
    "connecting",
    "connections",
    "delivery",
    "disconnecting",
    "doorway",
    "erasing",
    "holding",
    "invite_files",
    "owed_message",
    "pages",
    "preferring",
    "reconciler",
    "sharing",
    "tenants",
]


@functools.cache
def invite_files() -> InviteFiles:
    """Give the .ics files behind signed links."""
    from scheduling.adapters.ics_file import IcsFile

    links = Links(base_url="", keys=surroundings.parameters().signing_keys)
    return InviteFiles(
        clock=surroundings.clock(),
        bookings=stores.bookings(),
        links=links,
        writer=IcsFile(surroundings.words()),
    )


@functools.cache
def browsers() -> Browsers:
    """Give the pages' cookies."""
    return Browsers(
        clock=surroundings.clock(),
        links=surroundings.links(),
        sessions=stores.sessions(),
        tenants=stores.tenants(),
    )


@functools.cache
def callers() -> Callers:
    """Give who is calling."""
    return Callers(
        clock=surroundings.clock(),
        tenants=stores.tenants(),
        chat=vendors.chat(),
        browsers=browsers(),
    )


@functools.cache
def doorway() -> Doorway:
    """Give what one-time links open."""
    return Doorway(
        clock=surroundings.clock(),
        tenants=stores.tenants(),
        sessions=stores.sessions(),
        links=surroundings.links(),
    )


@functools.cache
def pages() -> "Pages":
    """Give the pages."""
    from scheduling.http.pages import Pages

    return Pages(
        folder=WebConfig.from_env(os.environ).folder,
        words=surroundings.words(),
        version=assets().version,
        consent_url=os.environ.get("GOOGLE_AUTH_URL", GoogleConfig.auth_url),
    )


@functools.cache
def assets() -> "Assets":
    """Give the files for browsers."""
    from scheduling.http.assets import Assets

    return Assets(WebConfig.from_env(os.environ).folder)


@functools.cache
def _audience() -> Audience:
    return Audience(shares=stores.shares(), chat=vendors.chat())


@functools.cache
def _limits() -> Limits:
    return Limits(
        clock=surroundings.clock(),
        usage=stores.usage(),
        metrics=surroundings.metrics(),
        factor=LimitsConfig.from_env(os.environ).factor,
    )


@functools.cache
def _messages() -> Messages:
    return Messages(words=surroundings.words(), links=surroundings.links())


@functools.cache
def delivery() -> Delivery:
    """Give the sending of owed messages."""
    return Delivery(
        clock=surroundings.clock(),
        tenants=stores.tenants(),
        shares=stores.shares(),
        bookings=stores.bookings(),
        outbox=stores.outbox(),
        chat=vendors.chat(),
        messages=_messages(),
        metrics=surroundings.metrics(),
    )


@functools.cache
def _host_calendar() -> HostCalendar:
    return HostCalendar(
        clock=surroundings.clock(),
        connections=stores.connections(),
        calendar=vendors.calendar(),
        bookings=stores.bookings(),
        busy_times=stores.busy_times(),
        limits=_limits,
        links=surroundings.links(),
        metrics=surroundings.metrics(),
    )


@functools.cache
def _own_events() -> OwnEvents:
    return OwnEvents(calendar=vendors.calendar(), host_calendar=_host_calendar())


@functools.cache
def _inserter() -> Inserter:
    return Inserter(
        clock=surroundings.clock(),
        bookings=stores.bookings(),
        calendar=vendors.calendar(),
        own_events=_own_events(),
        host_calendar=_host_calendar(),
        words=surroundings.words(),
        metrics=surroundings.metrics(),
    )


@functools.cache
def _mover() -> Mover:
    return Mover(
        clock=surroundings.clock(),
        bookings=stores.bookings(),
        calendar=vendors.calendar(),
        own_events=_own_events(),
        host_calendar=_host_calendar(),
        metrics=surroundings.metrics(),
    )


@functools.cache
def _canceller() -> Canceller:
    return Canceller(
        clock=surroundings.clock(),
        bookings=stores.bookings(),
        calendar=vendors.calendar(),
        host_calendar=_host_calendar(),
        metrics=surroundings.metrics(),
    )


@functools.cache
def _settler() -> Settler:
    return Settler(
        clock=surroundings.clock(),
        bookings=stores.bookings(),
        connections=stores.connections(),
        inserter=_inserter(),
        mover=_mover(),
        canceller=_canceller(),
    )


@functools.cache
def _aftercare() -> Aftercare:
    return Aftercare(
        clock=surroundings.clock(),
        bookings=stores.bookings(),
        connections=stores.connections(),
        calendar=vendors.calendar(),
        host_calendar=_host_calendar(),
        outbox=stores.outbox(),
        metrics=surroundings.metrics(),
    )


@functools.cache
def disconnecting() -> Disconnecting:
    """Give the ending of connections."""
    return Disconnecting(
        clock=surroundings.clock(),
        connections=stores.connections(),
        settler=_settler(),
        revocation=vendors.revocation(),
        metrics=surroundings.metrics(),
    )


@functools.cache
def connecting() -> Connecting:
    """Give the use cases of the connect page."""
    return Connecting(
        clock=surroundings.clock(),
        tenants=stores.tenants(),
        connections=stores.connections(),
        sessions=stores.sessions(),
        chat=vendors.chat(),
        oauth=vendors.oauth(),
        calendar=vendors.calendar(),
        disconnecting=disconnecting(),
        limits=_limits(),
        links=surroundings.links(),
        metrics=surroundings.metrics(),
    )


@functools.cache
def sharing() -> Sharing:
    """Give the use cases of shares."""
    return Sharing(
        clock=surroundings.clock(),
        shares=stores.shares(),
        bookings=stores.bookings(),
        preferences=stores.preferences(),
        host_calendar=_host_calendar(),
        audience=_audience(),
        delivery=delivery(),
        limits=_limits(),
        links=surroundings.links(),
        words=surroundings.words(),
        metrics=surroundings.metrics(),
    )


@functools.cache
def booker() -> Booker:
    """Give the booking of slots."""
    return Booker(
        clock=surroundings.clock(),
        bookings=stores.bookings(),
        host_calendar=_host_calendar(),
        audience=_audience(),
        inserter=_inserter(),
        limits=_limits(),
        messages=_messages(),
        metrics=surroundings.metrics(),
    )


@functools.cache
def changing() -> Changing:
    """Give the moving and cancelling of meetings."""
    return Changing(
        clock=surroundings.clock(),
        shares=stores.shares(),
        bookings=stores.bookings(),
        host_calendar=_host_calendar(),
        audience=_audience(),
        limits=_limits(),
        mover=_mover(),
        canceller=_canceller(),
        messages=_messages(),
        metrics=surroundings.metrics(),
    )


@functools.cache
def holding() -> Holding:
    """Give the holding of slots."""
    return Holding(
        clock=surroundings.clock(),
        bookings=stores.bookings(),
        host_calendar=_host_calendar(),
        audience=_audience(),
        limits=_limits(),
        metrics=surroundings.metrics(),
    )


@functools.cache
def preferring() -> Preferring:
    """Give the hosts' preferences."""
    return Preferring(preferences=stores.preferences())


@functools.cache
def erasing() -> Erasing:
    """Give the erasing of people."""
    return Erasing(
        clock=surroundings.clock(),
        people=stores.people(),
        shares=stores.shares(),
        bookings=stores.bookings(),
        connections=stores.connections(),
        outbox=stores.outbox(),
        settler=_settler(),
        canceller=_canceller(),
        delivery=delivery(),
        disconnecting=disconnecting(),
    )


@functools.cache
def reconciler() -> Reconciler:
    """Give the healing of what a crash left."""
    return Reconciler(
        clock=surroundings.clock(),
        due=stores.due(),
        settler=_settler(),
        aftercare=_aftercare(),
        disconnecting=disconnecting(),
        delivery=delivery(),
        metrics=surroundings.metrics(),
    )


snapshots.register(sys.modules[__name__], stores, surroundings, vendors)
