"""Send the messages that are owed: invites, and whatever else the outbox holds.

Invoked by the table's stream, filtered to new outbox items; the stream has keys alone.
A message that cannot be sent now is no failure: its next try is written on it, and `reconcile`
makes it, so that one tenant's dead key stalls nobody else's. The unforeseen fails its record alone.
"""

from typing import Any

from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,
)
from aws_lambda_powertools.utilities.data_classes.dynamo_db_stream_event import DynamoDBRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from scheduling import wiring
from scheduling.observability import entry_point, guarded

processor = BatchProcessor(event_type=EventType.DynamoDBStreams)


@guarded
def send(record: DynamoDBRecord) -> None:
    """Send one message, if it is still owed."""
    wiring.use_cases().delivery.deliver_new(*wiring.owed_message(record.raw_event))


@entry_point
def handler(event: dict[str, Any], context: LambdaContext) -> Any:
    """Work on a batch of the stream, and name the records that failed."""
    return process_partial_response(event, send, processor, context)
