"""The AWS side of the local run: the engines, and in them what the template declares.

Made are the table, the KMS key with its aliases, the queues and the String parameters, and beside
them the secrets that a deployer puts into Parameter Store by hand.
What it does not do: policies, roles, alarms, log groups; they are proved by deploying.
"""

import asyncio
import base64
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config

from local import dynamodb, facts, ministack
from local.child import Child
from local.template import Template

if TYPE_CHECKING:
    from mypy_boto3_dynamodbstreams import DynamoDBStreamsClient
    from mypy_boto3_sqs import SQSClient

_TABLE_FIELDS = (
    "TableName",
    "AttributeDefinitions",
    "KeySchema",
    "GlobalSecondaryIndexes",
    "LocalSecondaryIndexes",
    "BillingMode",
    "ProvisionedThroughput",
)


@dataclass
class Aws:
    """The running services.

    Args:
        addresses: Where they shall listen.
        amazon: Whether the table lives in Amazon's DynamoDB Local.
        folder: For output and files of the engines.
    """

    addresses: facts.Addresses
    amazon: bool
    folder: Path
    children: list[Child] = field(default_factory=list)

    @property
    def variables(self) -> dict[str, str]:
        """What an AWS SDK must be told to find them; the SDKs read all of it by themselves."""
        found = {
            **facts.AWS_CREDENTIALS,
            "AWS_REGION": facts.REGION,
            "AWS_DEFAULT_REGION": facts.REGION,
            "AWS_ENDPOINT_URL": self.addresses.aws,
            # The developer's own profiles stay out of it.
            "AWS_CONFIG_FILE": "/dev/null",
            "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        }
        if self.amazon:
            found["AWS_ENDPOINT_URL_DYNAMODB"] = self.addresses.dynamodb
            found["AWS_ENDPOINT_URL_DYNAMODB_STREAMS"] = self.addresses.dynamodb
        return found

    async def start(self) -> None:
        """Start the engines.

        Raises:
            CannotStart: One did not come up; none is left behind.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        await ministack.install()
        starts = [ministack.start(self.addresses.port + 3, self.folder)]
        if self.amazon:
            starts.append(dynamodb.start(self.addresses.port + 4, self.folder))
        results = await asyncio.gather(*starts, return_exceptions=True)
        self.children = [result for result in results if isinstance(result, Child)]
        for result in results:
            if isinstance(result, BaseException):
                await self.stop()
                raise result

    async def stop(self) -> None:
        """Stop the engines."""
        await asyncio.gather(*(child.stop() for child in self.children))

    def client(self, service: str) -> Any:
        """Make a client of one service, untouched by the developer's environment."""
        of_table = self.amazon and service.startswith("dynamodb")
        session: Any = boto3.session.Session()  # untyped: the stubs want the name as a literal
        return session.client(
            service,
            endpoint_url=self.addresses.dynamodb if of_table else self.addresses.aws,
            region_name=facts.REGION,
            aws_access_key_id=facts.AWS_CREDENTIALS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=facts.AWS_CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
            config=Config(retries={"total_max_attempts": 3, "mode": "standard"}),
        )

    def streams(self) -> "DynamoDBStreamsClient":
        """Make a client of the table's stream."""
        found: DynamoDBStreamsClient = self.client("dynamodbstreams")
        return found

    def make_resources(self, template: Template, secret_values: Mapping[str, str]) -> None:
        """Make what the template declares, and tell the template what `Ref` and `GetAtt` give.

        Args:
            template: Its `values` are filled in.
            secret_values: Last part of a parameter's name -> value, for SecureString parameters.
        """
        self._make_keys(template)
        self._make_queues(template)
        self._make_tables(template)
        self._make_parameters(template, secret_values)

    def send(self, queue_arn: str, message: Any) -> None:
        """Put a message into a queue."""
        client: SQSClient = self.client("sqs")
        url = client.get_queue_url(QueueName=queue_arn.rpartition(":")[2])["QueueUrl"]
        client.send_message(QueueUrl=url, MessageBody=json.dumps(message))

    def _make_keys(self, template: Template) -> None:
        kms = self.client("kms")
        for name, declared in template.resources("AWS::KMS::Key"):
            wanted = template.resolve(
                {key: declared[key] for key in ("KeySpec", "KeyUsage") if key in declared}
            )
            made = kms.create_key(**wanted)["KeyMetadata"]
            template.values[name] = made["KeyId"]
            template.values[f"{name}.Arn"] = made["Arn"]
            template.values[f"{name}.KeyId"] = made["KeyId"]
        for name, declared in template.resources("AWS::KMS::Alias"):
            alias = template.resolve(declared)
            kms.create_alias(AliasName=alias["AliasName"], TargetKeyId=alias["TargetKeyId"])
            template.values[name] = alias["AliasName"]

    def _make_queues(self, template: Template) -> None:
        sqs: SQSClient = self.client("sqs")
        for name, declared in template.resources("AWS::SQS::Queue"):
            wanted = {k: v for k, v in template.resolve(declared).items() if k != "Tags"}
            queue = str(wanted.pop("QueueName", name))
            attributes: dict[Any, str] = {
                key: value if isinstance(value, str) else json.dumps(value)
                for key, value in wanted.items()
            }
            template.values[name] = sqs.create_queue(QueueName=queue, Attributes=attributes)[
                "QueueUrl"
            ]
            arn = f"arn:aws:sqs:{facts.REGION}:{facts.ACCOUNT}:{queue}"
            template.values[f"{name}.Arn"] = arn
            template.values[f"{name}.QueueName"] = queue

    def _make_tables(self, template: Template) -> None:
        database = self.client("dynamodb")
        for name, declared in template.resources("AWS::DynamoDB::Table"):
            properties = template.resolve(declared)
            wanted = {key: properties[key] for key in _TABLE_FIELDS if key in properties}
            wanted.setdefault("TableName", name)
            if stream := properties.get("StreamSpecification"):
                wanted["StreamSpecification"] = {"StreamEnabled": True, **stream}
            made = database.create_table(**wanted)["TableDescription"]
            if ttl := properties.get("TimeToLiveSpecification"):
                database.update_time_to_live(
                    TableName=wanted["TableName"], TimeToLiveSpecification=ttl
                )
            template.values[name] = wanted["TableName"]
            template.values[f"{name}.Arn"] = made["TableArn"]
            if "LatestStreamArn" in made:
                template.values[f"{name}.StreamArn"] = made["LatestStreamArn"]

    def _make_parameters(self, template: Template, secret_values: Mapping[str, str]) -> None:
        ssm = self.client("ssm")
        for name, declared in template.resources("AWS::SSM::Parameter"):
            path = template.resolve(declared["Name"])
            # Its value in AWS is the API's own address, which is ours here.
            is_address = path.endswith("/base-url")
            value = self.addresses.extension if is_address else template.resolve(declared["Value"])
            ssm.put_parameter(Name=path, Value=value, Type="String")
            template.values[name] = path
        prefixes = {
            function.environment.get("PARAMETERS_PREFIX", "") for function in template.functions()
        }
        for prefix in filter(None, prefixes):
            for last, value in secret_values.items():
                ssm.put_parameter(Name=f"{prefix}/{last}", Value=value, Type="SecureString")


def fresh_secret() -> str:
    """Make 32 random bytes as text: each run has its own keys."""
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
