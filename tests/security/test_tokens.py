"""What Google gave opens for its owner alone, under keys that can change, and is seen nowhere."""

import base64
import json
import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import boto3
import botocore.session
import pytest

from local import demo_drive
from scheduling.adapters.aws.sealing import Seal, SealBroken
from scheduling.adapters.dynamodb.connection_store import ConnectionStore
from scheduling.adapters.dynamodb.session_store import SessionStore
from scheduling.adapters.dynamodb.table import Item
from scheduling.adapters.dynamodb.tenant_store import TenantStore, UnknownRegion
from scheduling.core.config import SealConfig
from scheduling.models import (
    AppId,
    Connection,
    Person,
    Purpose,
    Secret,
    Session,
    Tenant,
    Uid,
)
from tests.e2e.conftest import Town
from tests.fakes import a_grant
from tests.world import World

if TYPE_CHECKING:
    from mypy_boto3_kms import KMSClient

OWNER = {"tenant": "app", "user": "alice", "purpose": "google-tokens"}
TOKENS = {"refresh": "1//0-a-refresh-token", "access": "ya29.an-access-token", "ends": 0}
KEY = Secret("the-key-in-the-cookie")


@pytest.fixture
def kms(_moto: Any) -> "KMSClient":
    return boto3.client("kms", region_name="eu-west-1")


def new_key(kms: "KMSClient") -> str:
    return kms.create_key()["KeyMetadata"]["Arn"]


def seal(*key_arns: str) -> Seal:
    """Return a seal as a process has it that was configured with these keys."""
    config = SealConfig.from_env({"SEALING_KEY_ARN": " ".join(key_arns)})
    return Seal(config.key_arns, botocore.session.Session())


class Vault:
    """Stores whose secrets the real seal sealed, and their items as they lie in the table."""

    def __init__(self, world: World, kms: "KMSClient") -> None:
        self.world = world
        self.key = new_key(kms)
        self.use(self.key)

    def use(self, *key_arns: str) -> None:
        """Go on with these keys."""
        sealing = seal(*key_arns)
        self.connections = ConnectionStore(self.world.table, sealing)
        self.sessions = SessionStore(self.world.table, sealing)
        self.tenants = TenantStore(self.world.table, sealing, self.world.clock)

    def connect(self, app_id: str, uid: str) -> Connection:
        grant = a_grant(uid, self.world.clock.now())
        connection = self.world.connect(uid, uid, AppId(app_id)).with_(tokens=grant.tokens)
        self.world.connections.remove(connection)
        self.connections.put(connection)
        return connection

    def wait(self, app_id: str, uid: str) -> Session:
        """Let a consent wait for its final confirmation."""
        now = self.world.clock.now()
        session = Session(
            AppId(app_id),
            Secret(f"{KEY.reveal()}-{app_id}-{uid}"),
            Purpose.CONNECT,
            Person(Uid(uid), uid),
            now,
            pending=a_grant(uid, now),
        )
        self.sessions.put(session)
        return session

    def item(self, pk: str) -> Item:
        return next(each for each in self.world.items() if each["pk"] == pk)

    def raw(self, change: Callable[[dict[str, Any]], None], pk: str, sk: str) -> None:
        """Change an item past the code, as a thief who can write into the table."""
        client, key = self.world.client, {"pk": {"S": pk}, "sk": {"S": sk}}
        item = dict(client.get_item(TableName=self.world.table_name, Key=key)["Item"])
        change(item)
        client.put_item(TableName=self.world.table_name, Item=item)


@pytest.fixture
def vault(world: World, kms: "KMSClient") -> Vault:
    return Vault(world, kms)


@pytest.mark.parametrize(
    "moved",
    [
        {"user": "bob"},
        {"tenant": "other"},
        {"tenant": "other", "user": "bob"},
        {"purpose": "pending-grant"},
        {"purpose": "api-key"},
        {"tenant": ""},
        {"more": "than it was sealed for"},
    ],
    ids="-".join,
)
def test_a_token_blob_opens_for_no_other_owner(kms: "KMSClient", moved: dict[str, str]) -> None:
    sealing = seal(new_key(kms))
    blob = sealing.seal(TOKENS, OWNER)
    with pytest.raises(SealBroken):
        sealing.open(blob, OWNER | moved)
    assert sealing.open(blob, OWNER) == TOKENS


@pytest.mark.parametrize(("app_id", "uid"), [("app", "mallory"), ("other", "alice")])
def test_a_token_blob_moved_to_another_user_or_tenant_does_not_open(
    vault: Vault, app_id: str, uid: str
) -> None:
    alice = vault.connect("app", "alice")
    vault.connect(app_id, uid)
    stolen = vault.item("APP#app#USER#alice")["tokens"]
    pk = f"APP#{app_id}#USER#{uid}"
    vault.raw(lambda item: item.update(tokens={"B": stolen}), pk, "CONNECTION")
    with pytest.raises(SealBroken):
        vault.connections.get(AppId(app_id), Uid(uid))
    # With the names that stood beside the blob it does not either: the key says whose it is.
    rename = {"appId": {"S": "app"}, "uid": {"S": "alice"}}
    vault.raw(lambda item: item.update(rename), pk, "CONNECTION")
    with pytest.raises(SealBroken):
        vault.connections.get(AppId(app_id), Uid(uid))
    assert vault.connections.get(AppId("app"), Uid("alice")) == alice


def test_a_waiting_grant_moved_to_another_session_does_not_open(vault: Vault) -> None:
    alice, mallory = vault.wait("app", "alice"), vault.wait("app", "mallory")
    items = [each for each in vault.world.items() if each["sk"] == "SESSION"]
    hers, his = (next(i for i in items if i["uid"] == uid) for uid in ("mallory", "alice"))
    vault.raw(lambda item: item.update(pending={"B": his["pending"]}), hers["pk"], "SESSION")
    with pytest.raises(SealBroken):
        vault.sessions.get(mallory.app_id, mallory.key)
    assert vault.sessions.get(alice.app_id, alice.key) == alice


def test_a_waiting_grant_is_not_taken_for_the_tokens_of_a_connection(vault: Vault) -> None:
    vault.wait("app", "alice")
    vault.connect("app", "alice")
    waiting = next(each for each in vault.world.items() if each["sk"] == "SESSION")["pending"]
    pk = "APP#app#USER#alice"
    vault.raw(lambda item: item.update(tokens={"B": waiting}), pk, "CONNECTION")
    with pytest.raises(SealBroken):
        vault.connections.get(AppId("app"), Uid("alice"))


def test_an_apps_key_moved_to_another_app_does_not_open(vault: Vault) -> None:
    vault.tenants.put(Tenant(AppId("mine"), "us", "Mine", Secret("the-key-of-mine")))
    vault.tenants.put(Tenant(AppId("hers"), "us", "Hers", Secret("the-key-of-hers")))
    stolen = vault.item("APP#mine")["apiKey"]
    whole = {"apiKey": {"B": stolen}, "appId": {"S": "mine"}}
    vault.raw(lambda item: item.update(whole), "APP#hers", "TENANT")
    vault.use(vault.key)
    with pytest.raises(SealBroken):
        vault.tenants.get(AppId("hers"))


@pytest.mark.parametrize("region", ["evil.test/", "us.cometchat.io.evil.test/?", "US", "moon", ""])
def test_an_app_whose_region_was_written_over_sends_its_key_nowhere(
    vault: Vault, region: str
) -> None:
    vault.tenants.put(Tenant(AppId("mine"), "eu", "Mine", Secret("the-key-of-mine")))
    vault.raw(lambda item: item.update(region={"S": region}), "APP#mine", "TENANT")
    vault.use(vault.key)
    with pytest.raises(UnknownRegion):
        vault.tenants.get(AppId("mine"))


# Other keys, by configuration


def test_a_new_key_seals_and_the_old_one_still_opens(kms: "KMSClient") -> None:
    old, new = new_key(kms), new_key(kms)
    before = seal(old).seal(TOKENS, OWNER)
    rotated = seal(old, new)
    assert rotated.open(before, OWNER) == TOKENS
    after = rotated.seal(TOKENS, OWNER)
    assert new.encode() in after
    assert old.encode() not in after
    assert seal(old, new).open(after, OWNER) == TOKENS
    assert seal(new).open(after, OWNER) == TOKENS
    with pytest.raises(SealBroken):
        seal(new).open(before, OWNER)
    with pytest.raises(SealBroken):
        seal(old, new).open(before, OWNER | {"user": "bob"})


def test_after_sealing_anew_the_former_key_opens_nothing_any_more(
    vault: Vault, kms: "KMSClient"
) -> None:
    alice = vault.connect("app", "alice")
    tenant = Tenant(AppId("app"), "us", "App", Secret("the-key-of-the-app"))
    vault.tenants.put(tenant)
    vault.world.connections.remove(vault.world.connect("carol", "carol"))
    new = new_key(kms)
    vault.use(vault.key, new)
    assert vault.connections.reseal() == 1
    for each in vault.tenants.all():
        vault.tenants.put(each)
    vault.use(new)
    assert vault.connections.get(AppId("app"), Uid("alice")) == alice
    assert vault.tenants.get(AppId("app")) == tenant
    assert vault.key not in json.dumps(vault.world.items(), default=repr)


# The whole main job


def readable(value: Any) -> Iterator[str]:
    """Return every text of an item, and every binary as the characters that anybody could read."""
    if isinstance(value, dict):
        for key, each in value.items():
            yield str(key)
            yield from readable(each)
    elif isinstance(value, list | tuple | set):
        for each in value:
            yield from readable(each)
    elif isinstance(value, bytes):
        yield value.decode("latin-1")
        yield base64.b64encode(value).decode()
    else:
        yield str(value)


def stream_records(town: Town) -> list[Any]:
    """Return everything that the table's stream holds."""
    client = town.aws("dynamodbstreams")
    records: list[Any] = []
    for stream in client.list_streams()["Streams"]:
        described = client.describe_stream(StreamArn=stream["StreamArn"])["StreamDescription"]
        assert described["StreamViewType"] == "KEYS_ONLY"
        for shard in described["Shards"]:
            iterator = client.get_shard_iterator(
                StreamArn=stream["StreamArn"],
                ShardId=shard["ShardId"],
                ShardIteratorType="TRIM_HORIZON",
            )["ShardIterator"]
            while iterator:
                page = client.get_records(ShardIterator=iterator)
                records += page["Records"]
                iterator = page.get("NextShardIterator") if page["Records"] else None
    return records


@pytest.mark.e2e
def test_no_token_is_readable_in_the_table_or_in_a_stream_record(town: Town) -> None:
    host, guest = town.host("carol"), town.person("guest")
    shared = town.share(host, guest)
    slot = town.slots(guest, shared["shareId"])[50]
    body = {"shareId": shared["shareId"], "startsAt": slot, "note": "a-note-for-the-host"}
    booked = guest.call("POST", "v1/book", body)["booking"]
    demo_drive.wait_for_invite(guest, host, booked["bookingId"])
    guest.call("POST", f"v1/bookings/{booked['bookingId']}/cancel")

    items = town.items()
    (connection,) = [
        each
        for each in items
        if each["pk"]["S"] == f"APP#local#USER#{host.uid}" and each["sk"]["S"] == "CONNECTION"
    ]
    assert len(connection["tokens"]["B"]) > 200
    google = re.compile(r"ya29\.|1//[\w-]{20}|4/0A[\w-]+|eyJ[\w-]+\.eyJ")
    assert [text for item in items for text in readable(item) if google.search(text)] == []

    records = stream_records(town)
    heard = [record for record in records if record["dynamodb"]["Keys"]["sk"]["S"] == "CONNECTION"]
    assert heard
    for record in records:
        assert set(record["dynamodb"]["Keys"]) == {"pk", "sk"}
        assert not {"NewImage", "OldImage"} & set(record["dynamodb"])
        said = " ".join(readable(record))
        for readable_nowhere in ("a-note-for-the-host", "carol@example.com", "Guest"):
            assert readable_nowhere not in said
        assert not google.search(said)
