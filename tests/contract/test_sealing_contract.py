"""What sealing promises, kept by the fake and by the real one on KMS: moto's and MiniStack's.

MiniStack notes that a key's yearly rotation is on, and rotates nothing; moto counts rotations. So
what KMS itself promises, that old material opens what it sealed, is taken from its documentation.
"""

import base64
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import boto3
import botocore.session
import pytest

from local.aws import Aws
from scheduling.adapters.aws.sealing import Seal, SealBroken
from scheduling.adapters.dynamodb.connection_store import ConnectionStore
from scheduling.adapters.dynamodb.session_store import SessionStore
from scheduling.adapters.dynamodb.tenant_store import TenantStore
from scheduling.models import AppId, Connection, Person, Purpose, Secret, Session, Tenant, Uid
from tests.builders import NOW
from tests.contract.conftest import Engine
from tests.fakes import FakeSeal, a_grant
from tests.world import World

if TYPE_CHECKING:
    from mypy_boto3_kms import KMSClient

pytestmark = pytest.mark.contract

OWNER = {"tenant": "app", "user": "alice", "purpose": "google-tokens"}
VALUE = {"refresh": "1//0gXkQvBz7Lw3", "access": "ya29.a0AfBUyC5RZ", "ends": 1_795_812_643}
KMS = pytest.mark.parametrize("side", ["moto", "ministack"], indirect=True)
REGION = "us-east-1"
#: What botocore reads of its own folder, kept: every new process here would read it again.
_LOADER = botocore.session.Session().get_component("data_loader")


@dataclass
class Side:
    """One implementer, and the KMS behind it."""

    kms: "KMSClient | None" = None
    key_arn: str = ""
    #: The operations that KMS was asked for.
    asked: Counter[str] = field(default_factory=Counter)

    def seal(self, *key_arns: str) -> Any:
        """Return a seal as a new process has it: no data key is cached."""
        if self.kms is None:
            return FakeSeal()
        session = botocore.session.Session()
        session.register_component("data_loader", _LOADER)
        session.register("before-call.kms", self._count)
        return Seal(key_arns or (self.key_arn,), session)

    def _count(self, **call: Any) -> None:
        self.asked[call["model"].name] += 1

    @property
    def keys(self) -> "KMSClient":
        assert self.kms is not None
        return self.kms


@pytest.fixture(params=["fake", "moto", "ministack"])
def side(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Side]:
    if request.param == "fake":
        yield Side()
        return
    if request.param == "moto":
        request.getfixturevalue("_moto")
        kms: KMSClient = boto3.client("kms", region_name=REGION)
    else:
        aws: Aws = request.getfixturevalue("aws")
        monkeypatch.setenv("AWS_ENDPOINT_URL_KMS", aws.addresses.aws)
        kms = aws.client("kms")
    made = kms.create_key(KeySpec="SYMMETRIC_DEFAULT", KeyUsage="ENCRYPT_DECRYPT")
    yield Side(kms, made["KeyMetadata"]["Arn"])


def test_what_was_sealed_opens_for_its_owner_in_any_process(side: Side) -> None:
    values: list[Any] = [VALUE, "", "Zoë ✓", None, 0, [], ["a", {"b": [True, 1.5]}]]
    one, other = side.seal(), side.seal()
    assert [other.open(one.seal(value, OWNER), OWNER) for value in values] == values


def test_a_blob_moved_to_another_owner_does_not_open(side: Side) -> None:
    seal = side.seal()
    blob = seal.seal(VALUE, OWNER)
    for change in ({"tenant": "other"}, {"user": "bob"}, {"purpose": "pending-grant"}):
        with pytest.raises(SealBroken):
            seal.open(blob, OWNER | change)
    assert seal.open(blob, OWNER) == VALUE


@KMS
def test_each_kms_is_the_one_named(side: Side, request: pytest.FixtureRequest) -> None:
    real = side.keys.meta.endpoint_url.startswith("http://127.0.0.1:")
    assert real == ("ministack" in request.node.callspec.id)
    side.seal().seal(VALUE, OWNER)
    assert side.asked == {"GenerateDataKey": 1}


@KMS
def test_nothing_readable_is_in_a_sealed_blob(side: Side) -> None:
    seal = side.seal()
    blob = seal.seal(VALUE, OWNER)
    for text in json.dumps(VALUE), VALUE["refresh"], VALUE["access"]:
        raw = str(text).encode()
        pieces = {raw[start : start + 5] for start in range(len(raw) - 4)}
        pieces |= {base64.b64encode(part)[:-2] for part in pieces}
        assert [part for part in pieces if part in blob] == []
    assert seal.seal(VALUE, OWNER) != blob


@KMS
def test_a_damaged_blob_does_not_open(side: Side) -> None:
    seal = side.seal()
    blob = seal.seal(VALUE, OWNER)
    flipped = [
        blob[:place] + bytes([blob[place] ^ 255]) + blob[place + 1 :]
        for place in range(0, len(blob), 11)
    ]
    for each in (*flipped, blob[:-1], blob[: len(blob) // 2], blob[1:], b"", b"{}"):
        with pytest.raises(SealBroken):
            seal.open(each, OWNER)
    assert seal.open(blob, OWNER) == VALUE


@KMS
def test_a_blob_sealed_under_another_key_does_not_open(side: Side) -> None:
    other = side.keys.create_key()["KeyMetadata"]["Arn"]
    with pytest.raises(SealBroken):
        side.seal().open(side.seal(other).seal(VALUE, OWNER), OWNER)


@pytest.mark.parametrize("side", ["ministack"], indirect=True)
def test_what_kms_does_not_allow_any_more_does_not_open_in_a_new_process(side: Side) -> None:
    blob = side.seal().seal(VALUE, OWNER)
    side.keys.disable_key(KeyId=side.key_arn)
    with pytest.raises(SealBroken):
        side.seal().open(blob, OWNER)
    side.keys.enable_key(KeyId=side.key_arn)
    assert side.seal().open(blob, OWNER) == VALUE


@KMS
def test_a_blob_sealed_before_the_key_rotated_still_opens(
    side: Side, request: pytest.FixtureRequest
) -> None:
    before = side.seal().seal(VALUE, OWNER)
    side.keys.enable_key_rotation(KeyId=side.key_arn)
    assert side.keys.get_key_rotation_status(KeyId=side.key_arn)["KeyRotationEnabled"]
    if "moto" in request.node.callspec.id:
        side.keys.rotate_key_on_demand(KeyId=side.key_arn)
        assert len(side.keys.list_key_rotations(KeyId=side.key_arn)["Rotations"]) == 1
    assert side.seal().open(before, OWNER) == VALUE
    # The key's name, by which KMS finds its material, stays as it was.
    assert side.key_arn.encode() in before


@KMS
def test_a_data_key_is_fetched_once_for_each_owner(side: Side) -> None:
    seal = side.seal()
    blobs = [seal.seal([number], OWNER) for number in range(3)]
    assert side.asked == {"GenerateDataKey": 1}
    seal.seal([], OWNER | {"user": "bob"})
    assert side.asked == {"GenerateDataKey": 2}
    opener = side.seal()
    assert [opener.open(blob, OWNER) for blob in blobs] == [[0], [1], [2]]
    assert side.asked == {"GenerateDataKey": 2, "Decrypt": 1}


def sealed_connection(stores: World, connections: ConnectionStore, app_id: AppId) -> Connection:
    """Keep a connection whose tokens the real seal sealed."""
    connection = stores.connect(app_id=app_id)
    stores.connections.remove(connection)
    connections.put(connection)
    return connection


@pytest.mark.parametrize(("engine", "side"), [("ministack", "ministack")], indirect=True)
def test_no_secret_is_readable_in_the_table(stores: World, side: Side) -> None:
    app, key, seal = AppId("sealed"), Secret("the-key-in-the-cookie"), side.seal()
    tenant = Tenant(app, "us", "Sealed", Secret("the-api-key-of-the-app"))
    TenantStore(stores.table, seal, stores.clock).put(tenant)
    grant, person = a_grant("pending", NOW), Person(Uid("alice"), "Alice")
    sessions = SessionStore(stores.table, seal)
    sessions.put(Session(app, key, Purpose.CONNECT, person, NOW, pending=grant))
    connections = ConnectionStore(stores.table, seal)
    connection = sealed_connection(stores, connections, app)

    raw = repr([item for item in stores.items() if item["pk"].startswith("APP#sealed")])
    assert "alice@example.com" in raw
    for secret in ("the-api-key", "the-key-in", "refresh-", "access-"):
        assert secret not in raw
    found = sessions.get(app, key)
    assert found is not None
    assert found.pending == grant
    assert TenantStore(stores.table, seal, stores.clock).get(app) == tenant
    assert connections.get(app, connection.uid) == connection


@pytest.mark.parametrize(("engine", "side"), [("ministack", "ministack")], indirect=True)
def test_tokens_that_were_copied_to_another_host_are_of_no_use(
    stores: World, side: Side, engine: Engine
) -> None:
    connections = ConnectionStore(stores.table, side.seal())
    connection = sealed_connection(stores, connections, AppId("app"))
    key = {"pk": {"S": "APP#app#USER#alice"}, "sk": {"S": "CONNECTION"}}
    item = engine.client.get_item(TableName=stores.table_name, Key=key)["Item"]
    copied = item | {"pk": {"S": "APP#app#USER#mallory"}, "uid": {"S": "mallory"}}
    engine.client.put_item(TableName=stores.table_name, Item=copied)
    with pytest.raises(SealBroken):
        connections.get(AppId("app"), Uid("mallory"))
    assert connections.get(AppId("app"), Uid("alice")) == connection
