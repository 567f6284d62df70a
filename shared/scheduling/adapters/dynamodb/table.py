"""The one DynamoDB table: keys, items in and out, transactions.

Keys begin with the tenant, so that no query crosses it; claims stand under the calendar, because
one Google account in two apps must not be booked twice either.

Retries: botocore's `standard` mode for throttling and network faults; conflicts with transactions
here, with jitter. Errors that remain are botocore's own and end as `INTERNAL`.
"""

import random
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar, cast

from boto3.dynamodb.types import Binary, TypeDeserializer, TypeSerializer
from botocore.exceptions import ClientError

from scheduling.ports import Clock

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Item = dict[str, Any]
Key = tuple[str, str]
T = TypeVar("T")

#: How many shards the index `due` has, so that no one partition takes every write.
DUE_SHARDS = 4
_CONFLICT_TRIES = 6

_serialize = TypeSerializer().serialize
_deserialize = TypeDeserializer().deserialize


class ConditionFailed(Exception):
    """A condition did not hold; `item` is what stands there instead, if anything."""

    def __init__(self, item: Item | None) -> None:
        super().__init__("a condition did not hold")
        self.item = item


class TransactionRefused(Exception):
    """Conditions of a transaction did not hold.

    `items` has, for each action in order, what stands there instead where its condition failed;
    `{}` where nothing stands there, None where the condition held.
    """

    def __init__(self, items: Sequence[Item | None]) -> None:
        super().__init__("a transaction's condition did not hold")
        self.items = items


def app_pk(app_id: str, *parts: str) -> str:
    """Return a partition key of an app."""
    return "#".join(["APP", app_id, *parts])


def epoch(instant: datetime) -> int:
    """Return whole seconds since 1970, as TTL and `due` want them."""
    return int(instant.timestamp())


def instant(seconds: int | Decimal) -> datetime:
    """Read what `epoch` wrote."""
    return datetime.fromtimestamp(int(seconds), UTC)


def due_shard(pk: str) -> str:
    """Return the shard of the index `due` in which a partition's items stand."""
    return f"DUE#{sum(pk.encode()) % DUE_SHARDS}"


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value)
    if isinstance(value, Binary):
        return bytes(value.value)  # type: ignore[attr-defined]
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    return value


def to_wire(item: Mapping[str, Any]) -> Any:
    """Return DynamoDB's typed form."""
    return {key: _serialize(value) for key, value in item.items() if value is not None}


def from_wire(item: Mapping[str, Any]) -> Item:
    """Read DynamoDB's typed form."""
    return {key: _plain(_deserialize(value)) for key, value in item.items()}


@dataclass(frozen=True, slots=True)
class Write:
    """One action of a transaction, or alone: a put, an update, a delete or a check.

    Names in expressions are written plainly as `#name` and resolved from the expression itself.
    """

    kind: str
    key: Key
    item: Item | None = None
    update: str | None = None
    condition: str | None = None
    values: Mapping[str, Any] | None = None


def put(key: Key, item: Item, condition: str | None = None, **values: Any) -> Write:
    """Write a whole item."""
    return Write("Put", key, item=item, condition=condition, values=values)


def update(key: Key, expression: str, condition: str | None = None, **values: Any) -> Write:
    """Change an item."""
    return Write("Update", key, update=expression, condition=condition, values=values)


def delete(key: Key, condition: str | None = None, **values: Any) -> Write:
    """Remove an item."""
    return Write("Delete", key, condition=condition, values=values)


def check(key: Key, condition: str, **values: Any) -> Write:
    """Hold the transaction to a fact that it does not change."""
    return Write("ConditionCheck", key, condition=condition, values=values)


class Table:
    """Reads and conditional writes of one table."""

    def __init__(self, client: "DynamoDBClient", name: str, clock: Clock) -> None:
        self._client = client
        self.name = name
        self._clock = clock

    def now(self) -> datetime:
        """Return the instant by which leases and due times are judged."""
        return self._clock.now()

    def get(self, key: Key) -> Item | None:
        """Read one item, consistently."""
        answer = self._client.get_item(TableName=self.name, Key=_key(key), ConsistentRead=True)
        found = answer.get("Item")
        return from_wire(found) if found else None

    def get_many(self, keys: Sequence[Key]) -> dict[Key, Item]:
        """Read up to 100 items, consistently; what is not there is left out."""
        found: dict[Key, Item] = {}
        wanted: Any = {self.name: {"Keys": [_key(key) for key in keys], "ConsistentRead": True}}
        while keys and wanted:
            answer = self._client.batch_get_item(RequestItems=wanted)
            for each in answer["Responses"].get(self.name, []):
                item = from_wire(each)
                found[item["pk"], item["sk"]] = item
            wanted = answer.get("UnprocessedKeys")
        return found

    def query(
        self,
        pk: str,
        *,
        between: tuple[str, str] | None = None,
        prefix: str | None = None,
        newest_first: bool = False,
        limit: int | None = None,
        start: Key | None = None,
    ) -> Iterator[Item]:
        """Read a partition in order, consistently, page after page."""
        condition, values = "pk = :pk", {":pk": pk}
        if between:
            condition += " AND sk BETWEEN :low AND :high"
            values |= {":low": between[0], ":high": between[1]}
        if prefix:
            condition += " AND begins_with(sk, :prefix)"
            values[":prefix"] = prefix
        more: dict[str, Any] = {"ExclusiveStartKey": _key(start)} if start else {}
        if limit:
            more["Limit"] = limit
        left = limit
        while True:
            answer = self._client.query(
                TableName=self.name,
                KeyConditionExpression=condition,
                ExpressionAttributeValues=to_wire(values),
                ConsistentRead=True,
                ScanIndexForward=not newest_first,
                **more,
            )
            for found in answer["Items"]:
                yield from_wire(found)
                if left is not None and (left := left - 1) == 0:
                    return
            if "LastEvaluatedKey" not in answer:
                return
            more["ExclusiveStartKey"] = answer["LastEvaluatedKey"]

    def due(self, shard: str, until: int, limit: int) -> list[Key]:
        """Return keys from the index `due`: eventually consistent, so re-read what they name."""
        answer = self._client.query(
            TableName=self.name,
            IndexName="due",
            KeyConditionExpression="dueShard = :shard AND dueAt <= :until",
            ExpressionAttributeValues=to_wire({":shard": shard, ":until": until}),
            Limit=limit,
        )
        keys = [from_wire(found) for found in answer["Items"]]
        return [(each["pk"], each["sk"]) for each in keys]

    def scan(self, sk: str, below: str = "APP#") -> Iterator[Item]:
        """Read every item of one sort key, of partitions whose keys begin so.

        The whole table is read: for the operator's command, never in a function.
        """
        return self._scan("sk = :sk AND begins_with(pk, :below)", sk=sk, below=below)

    def scan_app(self, app_id: str) -> Iterator[Item]:
        """Read every item of an app, consistently: for the operator's command, as `scan` is."""
        return self._scan("begins_with(pk, :below)", below=app_pk(app_id, ""))

    def _scan(self, condition: str, **values: str) -> Iterator[Item]:
        pages = self._client.get_paginator("scan").paginate(
            TableName=self.name,
            FilterExpression=condition,
            ExpressionAttributeValues=to_wire({f":{name}": each for name, each in values.items()}),
            ConsistentRead=True,
        )
        for page in pages:
            yield from (from_wire(found) for found in page["Items"])

    def write(self, write: Write) -> Item:
        """Do one write; an update gives the new item.

        Raises:
            ConditionFailed: with what stands there.
        """
        arguments = _arguments(write, self.name)
        try:
            if write.kind == "Put":
                self._past_conflicts(lambda: self._client.put_item(**arguments))
                return dict(write.item or {})
            if write.kind == "Delete":
                self._past_conflicts(lambda: self._client.delete_item(**arguments))
                return {}
            answer = self._past_conflicts(
                lambda: self._client.update_item(**arguments, ReturnValues="ALL_NEW")
            )
            return from_wire(answer["Attributes"])
        except self._client.exceptions.ConditionalCheckFailedException as error:
            found = cast("dict[str, Any]", error.response).get("Item")
            raise ConditionFailed(from_wire(found) if found else None) from error

    def transact(self, writes: Sequence[Write]) -> None:
        """Do all writes or none.

        Raises:
            TransactionRefused: conditions did not hold.
        """
        items: Any = [{each.kind: _arguments(each, self.name)} for each in writes]
        try:
            self._past_conflicts(lambda: self._client.transact_write_items(TransactItems=items))
        except self._client.exceptions.TransactionCanceledException as error:
            reasons = _reasons(error)
            if not any(reason["Code"] == _CONDITION for reason in reasons):
                raise
            raise TransactionRefused([_stands(reason) for reason in reasons]) from error

    def _past_conflicts(self, call: Callable[[], T]) -> T:
        """Return a write's answer.

        A conflict with a transaction says nothing about who owns what: the write is tried again,
        after a random wait, until the conditions themselves decide.
        """
        for tried in range(1, _CONFLICT_TRIES):
            try:
                return call()
            except ClientError as error:
                if not _passes(error):
                    raise
            self._clock.sleep(random.uniform(0, 0.025 * 2**tried))  # noqa: S311 - jitter, no secret
        return call()


#: What passes by itself, as an error of a write or as a reason of a cancelled transaction.
#: Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
#: and API_UpdateItem.html beside it (errors, cancellation reasons), read 2026-11.
_PASSING = {
    "None",
    "TransactionConflict",
    "TransactionConflictException",
    "TransactionInProgressException",
    "ThrottlingError",
    "ProvisionedThroughputExceeded",
}
_CONDITION = "ConditionalCheckFailed"


def _passes(error: ClientError) -> bool:
    code = error.response["Error"]["Code"]
    if code == "TransactionCanceledException":
        return {reason["Code"] for reason in _reasons(error)} <= _PASSING
    return code in _PASSING


def _reasons(error: ClientError) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = cast("dict[str, Any]", error.response)["CancellationReasons"]
    return found


def _stands(reason: Mapping[str, Any]) -> Item | None:
    if reason["Code"] != _CONDITION:
        return None
    return from_wire(reason.get("Item", {}))


def _key(key: Key) -> Any:
    return to_wire({"pk": key[0], "sk": key[1]})


def _arguments(write: Write, table: str) -> Any:
    arguments: dict[str, Any] = {"TableName": table}
    if write.kind == "Put":
        arguments["Item"] = to_wire({"pk": write.key[0], "sk": write.key[1], **(write.item or {})})
    else:
        arguments["Key"] = _key(write.key)
    if write.update:
        arguments["UpdateExpression"] = write.update
    if write.condition:
        arguments["ConditionExpression"] = write.condition
        arguments["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
    expressions = f"{write.update or ''} {write.condition or ''}"
    names = {name: name[1:] for name in re.findall(r"#\w+", expressions)}
    if names:
        arguments["ExpressionAttributeNames"] = names
    # DynamoDB refuses a value that no expression names.
    values = {name: (write.values or {})[name[1:]] for name in re.findall(r":\w+", expressions)}
    if values:
        arguments["ExpressionAttributeValues"] = {
            name: _serialize(value) for name, value in values.items()
        }
    return arguments
