"""What things cost and how much of them there is: prices and limits, each with its source.

US East (N. Virginia), on demand, without free tiers and discounts, in dollars. AWS shows most of
its prices by script alone; the sources are those that were readable, with their own dates.
"""

from typing import NamedTuple

from scheduling.adapters.dynamodb.table import DUE_SHARDS
from scheduling.operations.reconcile import BATCH

READ = "2026-11-25"


class Price(NamedTuple):
    """Dollars for one unit."""

    dollars: float
    unit: str
    source: str


_API = "learnaws.org/2021/01/10/api-gateway-pricing"
_LAMBDA = "cloudchipr.com/blog/aws-lambda-pricing, 2026-05"
_TABLE = "airbyte.com/data-engineering-resources/dynamodb-pricing"
_WATCH = "signoz.io/guides/cloudwatch-pricing, cloudburn.io/blog/amazon-cloudwatch-pricing"
_KMS = "cloudburn.io/blog/aws-kms-pricing, 2026-03"
_NETWORK = "wring.co/blog/aws-data-transfer-pricing-guide, 2026-03"

PRICES = {
    "API requests": Price(1.00 / 1e6, "request", _API),
    "Lambda requests": Price(0.20 / 1e6, "request", _LAMBDA),
    "Lambda time": Price(0.0000133334, "GB-second, arm64", _LAMBDA),
    "Table reads": Price(
        0.125 / 1e6,
        "read unit",
        _TABLE,
    ),
    "Table writes": Price(
        0.625 / 1e6,
        "write unit",
        _TABLE,
    ),
    "Table storage": Price(
        0.25 + 0.20,
        "GB-month, with point-in-time recovery",
        "aws.amazon.com/dynamodb/pricing for the 0.25; for the 0.20 of recovery none was found",
    ),
    "KMS calls": Price(0.03 / 1e4, "call", _KMS),
    "Logs": Price(
        0.50,
        "GB taken in",
        _WATCH,
    ),
    "Data out": Price(0.09, "GB, of the first 10 TB", _NETWORK),
    "KMS key": Price(1.00, "key and month", _KMS),
    "Metrics": Price(
        0.30,
        "metric and month",
        _WATCH,
    ),
    "Alarms": Price(
        0.10,
        "metric that an alarm watches",
        _WATCH,
    ),
    "Dashboard": Price(
        3.00,
        "dashboard and month",
        _WATCH,
    ),
}


class Limit(NamedTuple):
    """How much of something there is, and what is done when it is used up."""

    most: float
    #: Of what: a column of the counts, or a sum that `cost.py` knows by name.
    of: str
    #: Over how many seconds.
    seconds: int
    source: str
    answer: str


RECONCILE = "`reconcile`, meetings looked after"
LIMITS = {
    "API Gateway, this stack's `RequestsPerSecond`": Limit(
        100,
        "requests",
        1,
        "template.yaml",
        "A parameter, there to keep a bill small: raise it. API Gateway's own is 10,000 a second.",
    ),
    "Lambda, environments at once": Limit(
        1_000,
        "environments",
        1,
        "docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html",
        "Ask for more in Service Quotas; new accounts begin with less.",
    ),
    "Google Calendar, a project": Limit(
        10_000,
        "google",
        60,
        "developers.google.com/workspace/calendar/api/guides/quota",
        "Ask for more in Google Cloud's console. Until then `CALENDAR_UNAVAILABLE` with"
        " `Retry-After`; looking at a share is what asks most.",
    ),
    "CometChat, one app": Limit(
        20_000,
        "chat",
        60,
        "cometchat.com/docs/articles/rate-limits",
        "Counted for each app; the figures here are as if there were one. Ask CometChat for more;"
        " until then messages wait, with `CHAT_UNAVAILABLE` for what cannot.",
    ),
    "KMS, calls in one region": Limit(
        10_000,
        "kms",
        1,
        "docs.aws.amazon.com/kms/latest/developerguide/requests-per-second.html;"
        " the smallest region's",
        "Ask for more in Service Quotas; larger regions have more to begin with.",
    ),
    "The index `due`, four shards": Limit(
        4_000,
        "due_writes",
        1,
        "docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html:"
        " 1,000 write units for a partition",
        "Raise `DUE_SHARDS` in `adapters/table.py`, with a schedule for each shard in the template:"
        " the old shards are among the new.",
    ),
    "The table, writes": Limit(
        40_000,
        "writes",
        1,
        "docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html",
        "Ask for more in Service Quotas. A single calendar's claims are one partition: a thousand"
        " write units a second for one host.",
    ),
    RECONCILE: Limit(
        DUE_SHARDS * BATCH,
        "settled",
        60,
        "`BATCH`, `ROOM` in `reconcile.py`, `DUE_SHARDS`, and the step's own time",
        "A run for each shard of `due` looks after one meeting after another. What is left waits"
        " for a later run, the longest due first, and BookingsStuck or InvitesLate tells when that"
        " is felt. Raise `DUE_SHARDS` in `adapters/table.py`, with a schedule for each shard in the"
        " template.",
    ),
}
