"""What is kept in the table, by role."""

import functools
import os
from typing import TYPE_CHECKING, Any

from scheduling.core.config import SealConfig, TableConfig
from scheduling.wiring import surroundings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scheduling.adapters.aws.sealing import Seal
    from scheduling.adapters.dynamodb.booking_store import BookingStore
    from scheduling.adapters.dynamodb.busy_store import BusyStore
    from scheduling.adapters.dynamodb.connection_store import ConnectionStore
    from scheduling.adapters.dynamodb.due_index import DueIndex
    from scheduling.adapters.dynamodb.outbox_store import OutboxStore
    from scheduling.adapters.dynamodb.personal_data_store import PeopleStore
    from scheduling.adapters.dynamodb.preference_store import PreferenceStore
    from scheduling.adapters.dynamodb.session_store import SessionStore
    from scheduling.adapters.dynamodb.share_store import ShareStore
    from scheduling.adapters.dynamodb.table import Table
    from scheduling.adapters.dynamodb.tenant_store import TenantStore
    from scheduling.adapters.dynamodb.usage_store import UsageStore
    from scheduling.models import AppId


@functools.cache
def table() -> "Table":
    """Give the one table."""
    import boto3
    from botocore.config import Config

    from scheduling.adapters.dynamodb.table import Table

    patience = Config(
        connect_timeout=2,
        read_timeout=5,
        retries={"mode": "standard", "total_max_attempts": 5},
    )
    client = boto3.client("dynamodb", config=patience)
    return Table(client, TableConfig.from_env(os.environ).table_name, surroundings.clock())


@functools.cache
def seal() -> "Seal":
    """Give what seals tokens and keys."""
    import botocore.session

    from scheduling.adapters.aws.sealing import Seal

    return Seal(SealConfig.from_env(os.environ).key_arns, botocore.session.get_session())


@functools.cache
def tenants() -> "TenantStore":
    """Give the registry of apps."""
    from scheduling.adapters.dynamodb.tenant_store import TenantStore

    return TenantStore(table(), seal(), surroundings.clock())


@functools.cache
def connections() -> "ConnectionStore":
    """Give the hosts' connections."""
    from scheduling.adapters.dynamodb.connection_store import ConnectionStore

    return ConnectionStore(table(), seal())


@functools.cache
def sessions() -> "SessionStore":
    """Give the browsers' sessions."""
    from scheduling.adapters.dynamodb.session_store import SessionStore

    return SessionStore(table(), seal())


@functools.cache
def shares() -> "ShareStore":
    """Give the shares."""
    from scheduling.adapters.dynamodb.share_store import ShareStore

    return ShareStore(table())


@functools.cache
def bookings() -> "BookingStore":
    """Give the bookings."""
    from scheduling.adapters.dynamodb.booking_store import BookingStore

    return BookingStore(table())


@functools.cache
def preferences() -> "PreferenceStore":
    """Give the hosts' preferences."""
    from scheduling.adapters.dynamodb.preference_store import PreferenceStore

    return PreferenceStore(table())


@functools.cache
def busy_times() -> "BusyStore":
    """Give the last busy lists."""
    from scheduling.adapters.dynamodb.busy_store import BusyStore

    return BusyStore(table())


@functools.cache
def outbox() -> "OutboxStore":
    """Give the messages that are owed."""
    from scheduling.adapters.dynamodb.outbox_store import OutboxStore

    return OutboxStore(table())


@functools.cache
def usage() -> "UsageStore":
    """Give the numbers of what is limited."""
    from scheduling.adapters.dynamodb.usage_store import UsageStore

    return UsageStore(table())


@functools.cache
def people() -> "PeopleStore":
    """Give what is kept about people."""
    from scheduling.adapters.dynamodb.personal_data_store import PeopleStore

    return PeopleStore(table())


@functools.cache
def due() -> "DueIndex":
    """Give what is due."""
    from scheduling.adapters.dynamodb.due_index import DueIndex

    return DueIndex(table(), connections())


def owed_message(record: "Mapping[str, Any]") -> "tuple[AppId, str, int]":
    """Name the owed message that a record of the table's stream tells of."""
    from scheduling.adapters.dynamodb.outbox_store import named

    return named(record)
