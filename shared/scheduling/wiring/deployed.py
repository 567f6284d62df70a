"""The real ports of a deployed function: each adapter is imported and built when first asked for.

A cold start pays only for what its function uses.
"""

import os
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from scheduling.access.links import Links
from scheduling.core.catalogue import Catalogue
from scheduling.core.config import (
    ChatConfig,
    GoogleConfig,
    LimitsConfig,
    ParametersConfig,
    SealConfig,
    TableConfig,
    WebConfig,
)
from scheduling.observability import BusinessMetrics

if TYPE_CHECKING:
    from scheduling.adapters.aws.parameters import Parameters
    from scheduling.adapters.aws.sealing import Seal
    from scheduling.adapters.cometchat.chat import CometChat
    from scheduling.adapters.dynamodb.booking_store import BookingStore
    from scheduling.adapters.dynamodb.busy_store import BusyStore
    from scheduling.adapters.dynamodb.connection_store import ConnectionStore
    from scheduling.adapters.dynamodb.due_index import DueIndex
    from scheduling.adapters.dynamodb.outbox_store import OutboxStore
    from scheduling.adapters.dynamodb.personal_data_store import PersonalDataStore
    from scheduling.adapters.dynamodb.preference_store import PreferenceStore
    from scheduling.adapters.dynamodb.session_store import SessionStore
    from scheduling.adapters.dynamodb.share_store import ShareStore
    from scheduling.adapters.dynamodb.table import Table
    from scheduling.adapters.dynamodb.tenant_store import TenantStore
    from scheduling.adapters.dynamodb.usage_store import UsageStore
    from scheduling.adapters.google.calendar import GoogleCalendar
    from scheduling.adapters.google.oauth import GoogleOAuth, GoogleRevocation
    from scheduling.adapters.google.service import GoogleClient
    from scheduling.adapters.ics_file import IcsFile
    from scheduling.adapters.system_clock import SystemClock


class DeployedPorts:
    """An adapter for each of `Ports`, and what several of them share."""

    # Surroundings

    @cached_property
    def clock(self) -> "SystemClock":
        from scheduling.adapters.system_clock import SystemClock

        return SystemClock(os.environ.get("CLOCK_OFFSET_FILE"))

    @cached_property
    def metrics(self) -> BusinessMetrics:
        return BusinessMetrics()

    @cached_property
    def web_folder(self) -> Path:
        return WebConfig.from_env(os.environ).folder

    @cached_property
    def catalogue(self) -> Catalogue:
        return Catalogue(self.web_folder / "words")

    @cached_property
    def limits_factor(self) -> int:
        return LimitsConfig.from_env(os.environ).factor

    @cached_property
    def consent_url(self) -> str:
        # Pages of functions without an OAuth client know Google's address all the same.
        return os.environ.get("GOOGLE_AUTH_URL", GoogleConfig.auth_url)

    @cached_property
    def parameters(self) -> "Parameters":
        import boto3

        from scheduling.adapters.aws.parameters import Parameters

        config = ParametersConfig.from_env(os.environ)
        return Parameters(boto3.client("ssm"), config.prefix, config.domain_name)

    @cached_property
    def links(self) -> Links:
        return Links(base_url=self.parameters.base_url, keys=self.parameters.signing_keys)

    @cached_property
    def invite_file_links(self) -> Links:
        # Only read: the function that serves files asks for no address.
        return Links(base_url="", keys=self.parameters.signing_keys)

    @cached_property
    def invite_file(self) -> "IcsFile":
        from scheduling.adapters.ics_file import IcsFile

        return IcsFile(self.catalogue)

    # What is kept

    @cached_property
    def table(self) -> "Table":
        import boto3
        from botocore.config import Config

        from scheduling.adapters.dynamodb.table import Table

        config = Config(
            connect_timeout=2,
            read_timeout=5,
            retries={"mode": "standard", "total_max_attempts": 5},
        )
        client = boto3.client("dynamodb", config=config)
        return Table(client, TableConfig.from_env(os.environ).table_name, self.clock)

    @cached_property
    def seal(self) -> "Seal":
        import botocore.session

        from scheduling.adapters.aws.sealing import Seal

        return Seal(SealConfig.from_env(os.environ).key_arns, botocore.session.get_session())

    @cached_property
    def tenants(self) -> "TenantStore":
        from scheduling.adapters.dynamodb.tenant_store import TenantStore

        return TenantStore(self.table, self.seal, self.clock)

    @cached_property
    def connections(self) -> "ConnectionStore":
        from scheduling.adapters.dynamodb.connection_store import ConnectionStore

        return ConnectionStore(self.table, self.seal)

    @cached_property
    def sessions(self) -> "SessionStore":
        from scheduling.adapters.dynamodb.session_store import SessionStore

        return SessionStore(self.table, self.seal)

    @cached_property
    def shares(self) -> "ShareStore":
        from scheduling.adapters.dynamodb.share_store import ShareStore

        return ShareStore(self.table)

    @cached_property
    def bookings(self) -> "BookingStore":
        from scheduling.adapters.dynamodb.booking_store import BookingStore

        return BookingStore(self.table)

    @cached_property
    def preferences(self) -> "PreferenceStore":
        from scheduling.adapters.dynamodb.preference_store import PreferenceStore

        return PreferenceStore(self.table)

    @cached_property
    def busy_times(self) -> "BusyStore":
        from scheduling.adapters.dynamodb.busy_store import BusyStore

        return BusyStore(self.table)

    @cached_property
    def outbox(self) -> "OutboxStore":
        from scheduling.adapters.dynamodb.outbox_store import OutboxStore

        return OutboxStore(self.table)

    @cached_property
    def usage(self) -> "UsageStore":
        from scheduling.adapters.dynamodb.usage_store import UsageStore

        return UsageStore(self.table)

    @cached_property
    def personal_data(self) -> "PersonalDataStore":
        from scheduling.adapters.dynamodb.personal_data_store import PersonalDataStore

        return PersonalDataStore(self.table)

    @cached_property
    def work_queue(self) -> "DueIndex":
        from scheduling.adapters.dynamodb.due_index import DueIndex

        return DueIndex(self.table, self.connections)

    # Google and CometChat

    @cached_property
    def google(self) -> "GoogleClient":
        from scheduling.adapters.google.service import GoogleClient

        config = GoogleConfig.from_env(os.environ)
        return GoogleClient(config, self.parameters.google_client_secret, self.clock, self.metrics)

    @cached_property
    def calendar(self) -> "GoogleCalendar":
        from scheduling.adapters.google.calendar import GoogleCalendar

        return GoogleCalendar(self.google, self.connections)

    @cached_property
    def oauth(self) -> "GoogleOAuth":
        from scheduling.adapters.google.oauth import GoogleOAuth

        return GoogleOAuth(
            GoogleConfig.from_env(os.environ),
            secret=self.parameters.google_client_secret,
            redirect_uri=f"{self.parameters.base_url}/oauth/callback",
            calendar_key=self.parameters.calendar_key,
            clock=self.clock,
            metrics=self.metrics,
        )

    @cached_property
    def revocation(self) -> "GoogleRevocation":
        from scheduling.adapters.google.oauth import GoogleRevocation

        return GoogleRevocation(GoogleConfig.from_env(os.environ))

    @cached_property
    def chat(self) -> "CometChat":
        from scheduling.adapters.cometchat.chat import CometChat

        return CometChat(ChatConfig.from_env(os.environ), self.clock)
