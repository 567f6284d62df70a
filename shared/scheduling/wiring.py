"""The composition root: configuration and adapters into use cases, built when first asked for.

Imports of vendors stand inside the functions: a cold start pays only for what its function uses.
"""

import functools
import os
from typing import TYPE_CHECKING, Any

from scheduling.aftercare import Aftercare
from scheduling.api import Browsers, Callers
from scheduling.audience import Audience
from scheduling.booking import Booker
from scheduling.cancelling import Canceller
from scheduling.changing import Changing
from scheduling.config import (
    ChatConfig,
    GoogleConfig,
    ParametersConfig,
    SealConfig,
    TableConfig,
    WebConfig,
)
from scheduling.connection import Connecting
from scheduling.disconnecting import Disconnecting
from scheduling.doorway import Doorway
from scheduling.holding import Holding
from scheduling.host_calendar import HostCalendar
from scheduling.inserting import Inserter
from scheduling.invite_files import InviteFiles
from scheduling.links import Links
from scheduling.messages import Messages
from scheduling.moving import Mover
from scheduling.observability import BusinessMetrics
from scheduling.outbox import Delivery
from scheduling.own_events import OwnEvents
from scheduling.preferring import Preferring
from scheduling.reconcile import Reconciler
from scheduling.settling import Settler
from scheduling.sharing import Sharing
from scheduling.words import Words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scheduling.adapters.booking_store import BookingStore
    from scheduling.adapters.busy_store import BusyStore
    from scheduling.adapters.cometchat import CometChat
    from scheduling.adapters.connection_store import ConnectionStore
    from scheduling.adapters.due_index import DueIndex
    from scheduling.adapters.google_calendar import GoogleCalendar
    from scheduling.adapters.google_client import GoogleClient
    from scheduling.adapters.google_oauth import GoogleOAuth, GoogleRevocation
    from scheduling.adapters.outbox_store import OutboxStore
    from scheduling.adapters.parameters import Parameters
    from scheduling.adapters.preference_store import PreferenceStore
    from scheduling.adapters.sealing import Seal
    from scheduling.adapters.session_store import SessionStore
    from scheduling.adapters.share_store import ShareStore
    from scheduling.adapters.system_clock import SystemClock
    from scheduling.adapters.table import Table
    from scheduling.adapters.tenant_store import TenantStore
    from scheduling.models import AppId
    from scheduling.pages import Pages


@functools.cache
def clock() -> "SystemClock":
    """Give the clock."""
    from scheduling.adapters.system_clock import SystemClock

    return SystemClock(os.environ.get("CLOCK_OFFSET_FILE"))


@functools.cache
def metrics() -> BusinessMetrics:
    """Give the counts."""
    return BusinessMetrics()


@functools.cache
def _table() -> "Table":
    import boto3
    from botocore.config import Config

    from scheduling.adapters.table import Table

    patience = Config(
        connect_timeout=2,
        read_timeout=5,
        retries={"mode": "standard", "total_max_attempts": 5},
    )
    client = boto3.client("dynamodb", config=patience)
    return Table(client, TableConfig.from_env(os.environ).table_name, clock())


@functools.cache
def _seal() -> "Seal":
    import botocore.session

    from scheduling.adapters.sealing import Seal

    return Seal(SealConfig.from_env(os.environ).key_arn, botocore.session.get_session())


@functools.cache
def parameters() -> "Parameters":
    """Give addresses and secrets by name."""
    import boto3

    from scheduling.adapters.parameters import Parameters

    prefix = ParametersConfig.from_env(os.environ).prefix
    return Parameters(boto3.client("ssm"), prefix)


@functools.cache
def tenants() -> "TenantStore":
    """Give the registry of apps."""
    from scheduling.adapters.tenant_store import TenantStore

    return TenantStore(_table(), _seal(), clock())


@functools.cache
def _connections() -> "ConnectionStore":
    from scheduling.adapters.connection_store import ConnectionStore

    return ConnectionStore(_table(), _seal())


@functools.cache
def sessions() -> "SessionStore":
    """Give the browsers' sessions."""
    from scheduling.adapters.session_store import SessionStore

    return SessionStore(_table(), _seal())


@functools.cache
def _shares() -> "ShareStore":
    from scheduling.adapters.share_store import ShareStore

    return ShareStore(_table())


@functools.cache
def bookings() -> "BookingStore":
    """Give the bookings."""
    from scheduling.adapters.booking_store import BookingStore

    return BookingStore(_table())


@functools.cache
def _preferences() -> "PreferenceStore":
    from scheduling.adapters.preference_store import PreferenceStore

    return PreferenceStore(_table())


@functools.cache
def _busy_times() -> "BusyStore":
    from scheduling.adapters.busy_store import BusyStore

    return BusyStore(_table())


@functools.cache
def _outbox() -> "OutboxStore":
    from scheduling.adapters.outbox_store import OutboxStore

    return OutboxStore(_table())


@functools.cache
def _due() -> "DueIndex":
    from scheduling.adapters.due_index import DueIndex

    return DueIndex(_table(), _connections())


@functools.cache
def _google() -> "GoogleClient":
    from scheduling.adapters.google_client import GoogleClient

    config = GoogleConfig.from_env(os.environ)
    return GoogleClient(config, parameters().google_client_secret, clock())


@functools.cache
def _calendar() -> "GoogleCalendar":
    from scheduling.adapters.google_calendar import GoogleCalendar

    return GoogleCalendar(_google(), _connections())


@functools.cache
def _oauth() -> "GoogleOAuth":
    from scheduling.adapters.google_oauth import GoogleOAuth

    return GoogleOAuth(
        GoogleConfig.from_env(os.environ),
        secret=parameters().google_client_secret,
        redirect_uri=f"{parameters().base_url}/oauth/callback",
        calendar_key=parameters().calendar_key,
        clock=clock(),
    )


@functools.cache
def chat() -> "CometChat":
    """Give CometChat."""
    from scheduling.adapters.cometchat import CometChat

    return CometChat(ChatConfig.from_env(os.environ), clock())


@functools.cache
def invite_files() -> InviteFiles:
    """Give the .ics files behind signed links."""
    from scheduling.adapters.ics_file import IcsFile

    links = Links(base_url="", keys=parameters().signing_keys)
    return InviteFiles(clock=clock(), bookings=bookings(), links=links, writer=IcsFile(words()))


@functools.cache
def words() -> Words:
    """Give the one catalogue of words."""
    return Words(WebConfig.from_env(os.environ).folder / "words")


@functools.cache
def links() -> Links:
    """Give the signer of links."""
    return Links(base_url=parameters().base_url, keys=parameters().signing_keys)


@functools.cache
def browsers() -> Browsers:
    """Give the pages' cookies."""
    return Browsers(clock=clock(), links=links(), sessions=sessions())


@functools.cache
def callers() -> Callers:
    """Give who is calling."""
    return Callers(clock=clock(), tenants=tenants(), chat=chat(), browsers=browsers())


@functools.cache
def doorway() -> Doorway:
    """Give what one-time links open."""
    return Doorway(clock=clock(), tenants=tenants(), sessions=sessions(), links=links())


@functools.cache
def pages() -> "Pages":
    """Give the pages."""
    from scheduling.pages import Pages, assets_version

    folder = WebConfig.from_env(os.environ).folder
    return Pages(
        folder=folder,
        words=words(),
        version=assets_version(folder),
        consent_url=os.environ.get("GOOGLE_AUTH_URL", GoogleConfig.auth_url),
    )


@functools.cache
def _audience() -> Audience:
    return Audience(shares=_shares(), chat=chat())


@functools.cache
def _messages() -> Messages:
    return Messages(words=words(), links=links())


@functools.cache
def delivery() -> Delivery:
    """Give the sending of owed messages."""
    return Delivery(
        clock=clock(),
        tenants=tenants(),
        shares=_shares(),
        bookings=bookings(),
        outbox=_outbox(),
        chat=chat(),
        messages=_messages(),
        metrics=metrics(),
    )


@functools.cache
def _host_calendar() -> HostCalendar:
    return HostCalendar(
        clock=clock(),
        connections=_connections(),
        calendar=_calendar(),
        bookings=bookings(),
        busy_times=_busy_times(),
        links=links(),
        metrics=metrics(),
    )


def owed_message(record: "Mapping[str, Any]") -> "tuple[AppId, str, int]":
    """Name the owed message that a record of the table's stream tells of."""
    from scheduling.adapters.outbox_store import named

    return named(record)


@functools.cache
def _own_events() -> OwnEvents:
    return OwnEvents(calendar=_calendar(), host_calendar=_host_calendar())


@functools.cache
def _inserter() -> Inserter:
    return Inserter(
        clock=clock(),
        bookings=bookings(),
        calendar=_calendar(),
        own_events=_own_events(),
        host_calendar=_host_calendar(),
        words=words(),
        metrics=metrics(),
    )


@functools.cache
def _mover() -> Mover:
    return Mover(
        clock=clock(),
        bookings=bookings(),
        calendar=_calendar(),
        own_events=_own_events(),
        host_calendar=_host_calendar(),
        metrics=metrics(),
    )


@functools.cache
def _canceller() -> Canceller:
    return Canceller(
        clock=clock(),
        bookings=bookings(),
        calendar=_calendar(),
        host_calendar=_host_calendar(),
        metrics=metrics(),
    )


@functools.cache
def _settler() -> Settler:
    return Settler(
        clock=clock(),
        bookings=bookings(),
        connections=_connections(),
        inserter=_inserter(),
        mover=_mover(),
        canceller=_canceller(),
    )


@functools.cache
def _aftercare() -> Aftercare:
    return Aftercare(
        clock=clock(),
        bookings=bookings(),
        connections=_connections(),
        calendar=_calendar(),
        host_calendar=_host_calendar(),
        outbox=_outbox(),
        metrics=metrics(),
    )


@functools.cache
def _revocation() -> "GoogleRevocation":
    from scheduling.adapters.google_oauth import GoogleRevocation

    return GoogleRevocation(GoogleConfig.from_env(os.environ))


@functools.cache
def disconnecting() -> Disconnecting:
    """Give the ending of connections."""
    return Disconnecting(
        connections=_connections(),
        settler=_settler(),
        revocation=_revocation(),
        metrics=metrics(),
    )


@functools.cache
def connecting() -> Connecting:
    """Give the use cases of the connect page."""
    return Connecting(
        clock=clock(),
        tenants=tenants(),
        connections=_connections(),
        sessions=sessions(),
        oauth=_oauth(),
        calendar=_calendar(),
        disconnecting=disconnecting(),
        outbox=_outbox(),
        links=links(),
        metrics=metrics(),
    )


@functools.cache
def sharing() -> Sharing:
    """Give the use cases of shares."""
    return Sharing(
        clock=clock(),
        shares=_shares(),
        bookings=bookings(),
        preferences=_preferences(),
        host_calendar=_host_calendar(),
        audience=_audience(),
        delivery=delivery(),
        links=links(),
        words=words(),
        metrics=metrics(),
    )


@functools.cache
def booker() -> Booker:
    """Give the booking of slots."""
    return Booker(
        clock=clock(),
        bookings=bookings(),
        host_calendar=_host_calendar(),
        audience=_audience(),
        inserter=_inserter(),
        messages=_messages(),
        metrics=metrics(),
    )


@functools.cache
def changing() -> Changing:
    """Give the moving and cancelling of meetings."""
    return Changing(
        clock=clock(),
        shares=_shares(),
        bookings=bookings(),
        host_calendar=_host_calendar(),
        mover=_mover(),
        canceller=_canceller(),
        messages=_messages(),
        metrics=metrics(),
    )


@functools.cache
def holding() -> Holding:
    """Give the holding of slots."""
    return Holding(
        clock=clock(),
        bookings=bookings(),
        host_calendar=_host_calendar(),
        audience=_audience(),
        metrics=metrics(),
    )


@functools.cache
def preferring() -> Preferring:
    """Give the hosts' preferences."""
    return Preferring(preferences=_preferences())


@functools.cache
def reconciler() -> Reconciler:
    """Give the healing of what a crash left."""
    return Reconciler(
        clock=clock(),
        due=_due(),
        settler=_settler(),
        aftercare=_aftercare(),
        disconnecting=disconnecting(),
        delivery=delivery(),
        metrics=metrics(),
    )
