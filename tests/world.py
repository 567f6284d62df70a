"""The whole product in one process: real use cases and stores on moto, fakes where vendors stand.

For everything with one writer at a time. Races run against real engines, over HTTP.
"""

import functools
import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import yaml
from moto import mock_aws

from scheduling.access.links import Links
from scheduling.adapters.dynamodb.booking_store import BookingStore
from scheduling.adapters.dynamodb.busy_store import BusyStore
from scheduling.adapters.dynamodb.connection_store import ConnectionStore
from scheduling.adapters.dynamodb.due_index import DueIndex
from scheduling.adapters.dynamodb.outbox_store import OutboxStore
from scheduling.adapters.dynamodb.personal_data_store import PersonalDataStore
from scheduling.adapters.dynamodb.preference_store import PreferenceStore
from scheduling.adapters.dynamodb.session_store import SessionStore
from scheduling.adapters.dynamodb.share_store import ShareStore
from scheduling.adapters.dynamodb.table import Table, from_wire
from scheduling.adapters.dynamodb.tenant_store import TenantStore
from scheduling.adapters.dynamodb.usage_store import UsageStore
from scheduling.adapters.ics_file import IcsFile
from scheduling.bookings.requests import BookRequest
from scheduling.core.catalogue import Catalogue
from scheduling.http import answers
from scheduling.models import (
    AppId,
    Caller,
    Connection,
    ConnectionState,
    Person,
    Receiver,
    Secret,
    ShareId,
    Tenant,
    Uid,
)
from scheduling.shares.share import ShareRequest
from scheduling.wiring.assemble import assemble
from tests import wire
from tests.fakes import (
    FakeCalendar,
    FakeChat,
    FakeClock,
    FakeMetrics,
    FakeOAuth,
    FakeSeal,
    a_grant,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

ROOT = Path(__file__).parent.parent
TABLE = "table-of-tests"
_NUMBERS = itertools.count()


class _Loader(yaml.SafeLoader):
    """Reads CloudFormation's short forms as plain values: a table's keys have none."""


_Loader.add_multi_constructor("!", lambda _loader, _suffix, node: getattr(node, "value", None))


@functools.cache
def _declared() -> dict[str, Any]:
    template = yaml.load((ROOT / "template.yaml").read_text(), _Loader)  # noqa: S506 - a safe one
    found: dict[str, Any] = next(
        each["Properties"]
        for each in template["Resources"].values()
        if each["Type"] == "AWS::DynamoDB::Table"
    )
    return found


def create_table(client: "DynamoDBClient", name: str = TABLE) -> None:
    """Create the table as `template.yaml` declares it."""
    declared = _declared()
    client.create_table(
        TableName=name,
        AttributeDefinitions=declared["AttributeDefinitions"],
        KeySchema=declared["KeySchema"],
        GlobalSecondaryIndexes=declared["GlobalSecondaryIndexes"],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={
            "StreamEnabled": True,
            "StreamViewType": declared["StreamSpecification"]["StreamViewType"],
        },
    )


@dataclass
class World:
    """Everything wired, with one app, two people who know each other, and a clock."""

    client: "DynamoDBClient"
    table_name: str
    clock: FakeClock = field(default_factory=FakeClock)
    calendar: FakeCalendar = field(default_factory=FakeCalendar)
    chat: FakeChat = field(default_factory=FakeChat)
    metrics: FakeMetrics = field(default_factory=FakeMetrics)
    #: A test does in a second what a person does in a week; tests of the limits ask for 1.
    limits_factor: int = 1000

    def __post_init__(self) -> None:
        seal: Any = FakeSeal()
        self.table = Table(self.client, self.table_name, self.clock)
        self.tenants = TenantStore(self.table, seal, self.clock)
        self.connections = ConnectionStore(self.table, seal)
        self.sessions = SessionStore(self.table, seal)
        self.shares = ShareStore(self.table)
        self.bookings = BookingStore(self.table)
        self.outbox = OutboxStore(self.table)
        self.preferences = PreferenceStore(self.table)
        self.busy_times = BusyStore(self.table)
        self.work_queue = DueIndex(self.table, self.connections)
        self.oauth = FakeOAuth(self.clock)
        self.links = Links("https://scheduling.test", [Secret("a-signing-key-for-tests")])
        self.catalogue = Catalogue(ROOT / "web" / "words")
        self.usage = UsageStore(self.table)
        self.personal_data = PersonalDataStore(self.table)
        self.revocation = self.oauth
        self.invite_file = IcsFile(self.catalogue)
        self.invite_file_links = self.links
        self.web_folder = ROOT / "web"
        self.consent_url = "https://google.test/consent"
        self.use_cases = assemble(self)
        self.tenant = Tenant(
            app_id=AppId("app"),
            region="us",
            name="Test App",
            api_key=Secret("an-api-key"),
            return_urls=("https://app.test/chat",),
        )
        self.tenants.put(self.tenant)

    def caller(self, uid: str) -> Caller:
        """A chat user of the app."""
        return Caller(self.tenant, Person(Uid(uid), uid.capitalize()))

    @property
    def alice(self) -> Caller:
        """The host."""
        return self.caller("alice")

    @property
    def bob(self) -> Caller:
        """The guest."""
        return self.caller("bob")

    def connect(
        self, uid: str = "alice", account: str = "alice", app_id: AppId | None = None
    ) -> Connection:
        """Connect a host's calendar."""
        grant = a_grant(account, self.clock.now())
        connection = Connection(
            app_id=app_id or self.tenant.app_id,
            uid=Uid(uid),
            calendar_id=grant.calendar_id,
            state=ConnectionState.CONNECTED,
            email=grant.email,
            time_zone=grant.time_zone,
            scopes=grant.scopes,
            connected_at=self.clock.now(),
            tokens=grant.tokens,
            version=f"{uid}-{account}-{self.clock.now().isoformat()}",
        )
        self.connections.put(connection)
        return connection

    def share(self, receiver: str = "bob", kind: str = "user", **fields: Any) -> ShareId:
        """Share the host's free times."""
        request = ShareRequest(
            receiver=Receiver(receiver, kind),
            duration=fields.pop("duration", timedelta(minutes=30)),
            title=fields.pop("title", "Intro call"),
            locale=fields.pop("locale", ""),
            idempotency_key=fields.pop("key", ""),
        )
        return self.use_cases.sharer.share(self.alice, request, self.deadline()).share.share_id

    # What a client reads of it

    def preview(self, caller: Caller, duration: timedelta | None = None) -> dict[str, Any]:
        """What a preview answers."""
        return wire.read(
            answers.preview(self.use_cases.sharer.preview(caller, duration, self.deadline()))
        )

    def view(
        self, caller: Caller, share_id: ShareId, duration: timedelta | None = None
    ) -> dict[str, Any]:
        """What a look at a share answers."""
        return wire.read(
            answers.share_view(
                self.use_cases.share_views.view(caller, share_id, duration, self.deadline())
            )
        )

    def listed(self, caller: Caller, cursor: str | None) -> dict[str, Any]:
        """What a host's list of shares answers."""
        return wire.read(answers.shares(self.use_cases.share_views.listed(caller, cursor)))

    def connection(self, caller: Caller) -> dict[str, Any]:
        """What `GET v1/connection` answers."""
        return wire.read(answers.connection(self.use_cases.connector.connection(caller)))

    def request(self, share_id: ShareId, starts_at: datetime, **fields: Any) -> BookRequest:
        """A request to book."""
        return BookRequest(
            share_id=share_id,
            starts_at=starts_at,
            duration=fields.pop("duration", None),
            title=fields.pop("title", ""),
            note=fields.pop("note", ""),
            time_zone=fields.pop("time_zone", ""),
            locale=fields.pop("locale", ""),
            idempotency_key=fields.pop("key", ""),
        )

    def deadline(self) -> datetime:
        """When an invocation that begins now has to end."""
        return self.clock.now() + timedelta(seconds=25)

    def deliver_all(self) -> None:
        """Do what the stream does: hand over everything that is owed by now."""
        for item in self.items():
            if item["sk"].startswith("OUTBOX#") and item["state"] == "owed":
                self.use_cases.delivery.deliver_new(item["appId"], item["owner"], item["number"])

    def items(self) -> list[dict[str, Any]]:
        """Everything that the table holds."""
        return [from_wire(each) for each in self.client.scan(TableName=self.table_name)["Items"]]

    def reconcile(self) -> dict[str, int]:
        """Run `reconcile` once."""
        return self.use_cases.reconciler.run(self.clock.now() + timedelta(seconds=50))


@contextmanager
def moto_client() -> Iterator["DynamoDBClient"]:
    """Provide a client of moto's DynamoDB, in this process."""
    with mock_aws():
        yield boto3.client(
            "dynamodb",
            region_name="eu-west-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )


def empty_world(client: "DynamoDBClient", **more: Any) -> World:
    """Return a world on a table of its own."""
    name = f"{TABLE}-{next(_NUMBERS)}"
    create_table(client, name)
    return World(client, name, **more)
