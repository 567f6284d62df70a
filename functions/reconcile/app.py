"""Finish what a crash left: bookings whose lease ran out, messages that are still owed.

Invoked every minute by a schedule for each shard of what is due, `{"shard": 0}`; whoever invokes it
without one has it look at all. What it cannot settle stays due for the next run.
"""

from datetime import timedelta
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from scheduling import wiring
from scheduling.observability import entry_point


@entry_point
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, int]:
    """Work on what is due within this invocation's time."""
    remaining = timedelta(milliseconds=context.get_remaining_time_in_millis())
    return wiring.use_cases().reconciler.run(wiring.clock().now() + remaining, event.get("shard"))
