"""What things cost and how much of them there is: prices and limits, each with its source.

US East (N. Virginia), on demand, without free tiers and discounts, in dollars.
"""

from typing import NamedTuple

READ = "2026-11-25"


class Price(NamedTuple):
    """Dollars for one unit."""

    dollars: float
    unit: str
    source: str


PRICES = {
    "API requests": Price(1.00 / 1e6, "request", "aws.amazon.com/api-gateway/pricing, HTTP APIs"),
    "Lambda requests": Price(0.20 / 1e6, "request", "aws.amazon.com/lambda/pricing"),
    "Lambda time": Price(0.0000133334, "GB-second, arm64", "aws.amazon.com/lambda/pricing"),
    "Table reads": Price(0.125 / 1e6, "read unit", "aws.amazon.com/dynamodb/pricing/on-demand"),
    "Table writes": Price(0.625 / 1e6, "write unit", "aws.amazon.com/dynamodb/pricing/on-demand"),
    "Table storage": Price(
        0.25 + 0.20, "GB-month, with point-in-time recovery", "aws.amazon.com/dynamodb/pricing"
    ),
    "KMS calls": Price(0.03 / 1e4, "call", "aws.amazon.com/kms/pricing"),
    "Logs": Price(0.50, "GB taken in", "aws.amazon.com/cloudwatch/pricing"),
    "Data out": Price(0.09, "GB, of the first 10 TB", "aws.amazon.com/ec2/pricing/on-demand"),
    "KMS key": Price(1.00, "key and month", "aws.amazon.com/kms/pricing"),
    "Metrics": Price(0.30, "metric and month", "aws.amazon.com/cloudwatch/pricing"),
    "Alarms": Price(0.10, "metric that an alarm watches", "aws.amazon.com/cloudwatch/pricing"),
    "Dashboard": Price(3.00, "dashboard and month", "aws.amazon.com/cloudwatch/pricing"),
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
        "Raise `DUE_SHARDS` in `adapters/table.py`; what stands in the old shards is found as long"
        " as they are among the new.",
    ),
    "The table, writes": Limit(
        40_000,
        "writes",
        1,
        "docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html",
        "Ask for more in Service Quotas. A single calendar's claims are one partition: a thousand"
        " write units a second for one host.",
    ),
    "`reconcile`, pieces a run": Limit(
        400,
        "settled",
        60,
        "`BATCH` in `reconcile.py`, for each of four shards",
        "What is left waits for the next run, and the alarm InvitesLate or BookingsStuck tells."
        " Raise `BATCH`, and the function's time.",
    ),
}
