"""The command after a restore: make the deployment's table what another table is."""

import argparse
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import boto3

from scheduling import wiring
from scheduling.admin.command import Command, Refused, add_dry_run

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Items = dict[tuple[str, str], dict[str, Any]]
#: Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html
_BATCH = 25


def held(client: "DynamoDBClient", table: str) -> Items:
    """Return all that a table holds, by its keys."""
    pages = client.get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
    items: Iterator[Any] = (item for page in pages for item in page["Items"])
    return {(item["pk"]["S"], item["sk"]["S"]): item for item in items}


def differences(ours: Items, wanted: Items) -> tuple[list[Any], list[Any]]:
    """Return the writes that bring back what differs, and those that remove what is too much."""
    puts = [{"PutRequest": {"Item": wanted[k]}} for k in wanted if ours.get(k) != wanted[k]]
    gone = [{"pk": {"S": pk}, "sk": {"S": sk}} for pk, sk in ours if (pk, sk) not in wanted]
    return puts, [{"DeleteRequest": {"Key": key}} for key in gone]


def write(client: "DynamoDBClient", table: str, writes: Sequence[Any]) -> None:
    """Do all writes, however often the table asks for patience."""
    for start in range(0, len(writes), _BATCH):
        left: Any = {table: list(writes[start : start + _BATCH])}
        while left:
            left = client.batch_write_item(RequestItems=left)["UnprocessedItems"]


def _options(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Point-in-time recovery restores into a table of another name: put back what that holds,"
        " and remove what is not in it. No function may run meanwhile."
    )
    parser.add_argument("--from", required=True, dest="source", help="the restored table")
    add_dry_run(parser)


def _restore(options: argparse.Namespace) -> int:
    table = wiring.ports().table.name
    if options.source == table:
        raise Refused("--from: that is the deployment's own table", status=2)
    client = boto3.client("dynamodb")
    wanted = held(client, options.source)
    if not wanted:
        raise Refused(f"{options.source} is empty: nothing is done")
    puts, deletes = differences(held(client, table), wanted)
    print(f"{len(wanted)} items: {len(puts)} to bring back, {len(deletes)} to remove")
    if not options.dry_run:
        write(client, table, [*puts, *deletes])
        print("done")
    return 0


RESTORE = Command("restore", "make the table what a restored one is", _restore, _options)
