"""What is deployed is what the template says; it is updated in place, and its data outlive it."""

import io
import json
import zipfile
import zlib
from pathlib import Path
from typing import Any

import pytest
import requests
from botocore.exceptions import ClientError

from local import artifact
from local.deploy import tour
from local.deploy.run import put_secrets, write_variant
from local.deploy.stack import Stack
from local.template import Function
from scheduling.adapters.dynamodb.table import DUE_SHARDS
from tests.deploy.conftest import DeployedTown

pytestmark = [pytest.mark.build, pytest.mark.timeout(300)]


def functions_of(stack: Stack) -> list[Function]:
    """List the functions, as the template has them in this account."""
    return stack.template().functions()


def configuration(stack: Stack, function: Function) -> dict[str, Any]:
    """Return what Lambda says of the version of a function that callers reach."""
    name = stack.physical()[function.logical_id]
    client = stack.client("lambda")
    found: dict[str, Any] = client.get_function_configuration(FunctionName=name, Qualifier="live")
    return found


def test_functions_have_the_templates_settings_and_only_its_variables(town: DeployedTown) -> None:
    vendors = {**town.world.addresses.vendors({}), "AWS_ENDPOINT_URL": town.world.aws_url}
    for function in functions_of(town.world.stack):
        known = configuration(town.world.stack, function)
        assert known["Environment"]["Variables"] == {**function.environment, **vendors}
        assert known["Handler"] == "app.handler"
        assert (known["Timeout"], known["MemorySize"]) == (
            function.timeout_seconds,
            function.memory_mb,
        )


def test_the_layers_deployed_are_those_that_the_functions_run_with(town: DeployedTown) -> None:
    client = town.world.stack.client("lambda")
    packages = artifact.packages()
    (opt,) = {package.opt for package in packages.values()}
    running = {
        str(path.relative_to(opt)): zlib.crc32(path.read_bytes())
        for path in opt.rglob("*")
        if path.is_file()
    }
    function = functions_of(town.world.stack)[0]
    deployed: dict[str, int] = {}
    for layer in configuration(town.world.stack, function)["Layers"]:
        found = client.get_layer_version_by_arn(Arn=layer["Arn"])
        content = requests.get(found["Content"]["Location"], timeout=30).content
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            deployed |= {
                each.filename: each.CRC for each in archive.infolist() if not each.is_dir()
            }
    assert len(deployed) > 1000
    assert deployed == running


def test_the_stream_mapping_and_the_schedule_are_as_declared(town: DeployedTown) -> None:
    stack = town.world.stack
    template, outputs = stack.template(), stack.outputs()
    (mapping,) = stack.client("lambda").list_event_source_mappings(
        FunctionName=stack.physical()["SendInviteFunction"]
    )["EventSourceMappings"]
    queue = outputs["UnsentInvitesUrl"].rpartition("/")[2]
    template.values |= {"Table.StreamArn": mapping["EventSourceArn"], "UnsentInvites.Arn": "queue"}
    (declared,) = template.streams()
    assert outputs["TableName"] in mapping["EventSourceArn"]
    assert mapping["BatchSize"] == declared.batch_size
    assert mapping["BisectBatchOnFunctionError"] is declared.bisect
    assert mapping["MaximumRetryAttempts"] == declared.retry_attempts
    assert mapping["MaximumRecordAgeInSeconds"] == declared.record_age_seconds
    assert mapping["ParallelizationFactor"] == declared.parallelization_factor
    assert mapping["DestinationConfig"]["OnFailure"]["Destination"].endswith(f":{queue}")
    events, given = stack.client("events"), []
    for name in stack.rules("ReconcileFunction"):
        rule = events.describe_rule(Name=name)
        assert (rule["ScheduleExpression"], rule["State"]) == ("rate(1 minute)", "ENABLED")
        (target,) = events.list_targets_by_rule(Rule=name)["Targets"]
        given.append(json.loads(target["Input"]))
    assert given == [{"shard": shard} for shard in range(DUE_SHARDS)]


def test_every_alarm_tells_the_topic_but_those_that_calculate(town: DeployedTown) -> None:
    stack = town.world.stack
    found = stack.client("cloudwatch").describe_alarms()["MetricAlarms"]
    physical = stack.physical()
    alarms = dict(stack.template().resources("AWS::CloudWatch::Alarm"))
    names = {physical[name] for name, alarm in alarms.items() if "Metrics" not in alarm}
    heard = [each["AlarmActions"] for each in found if each["AlarmName"] in names]
    assert heard == [[stack.outputs()["AlertsTopic"]]] * len(names)
    body = stack.client("cloudwatch").get_dashboard(DashboardName=physical["Dashboard"])
    assert physical["BookSlotFunction"] in body["DashboardBody"]


def test_a_stack_is_updated_in_place_and_what_is_retained_outlives_it(
    town: DeployedTown, tmp_path: Path
) -> None:
    stack = Stack(town.world.addresses, tmp_path, name="short-lived", prefix="/short-lived")
    put_secrets(stack)
    stack.deploy(write_variant(stack))
    outputs, physical = stack.outputs(), stack.physical()
    table, before = outputs["TableName"], tour.code_hashes(stack)
    client = stack.client("dynamodb")
    client.put_item(TableName=table, Item={"pk": {"S": "APP#x"}, "sk": {"S": "TENANT"}})

    tour.update(stack, "ReconcileFunction")
    assert stack.outputs() == outputs
    after = tour.code_hashes(stack)
    assert {name for name, code in after.items() if before[name] != code} == {"ReconcileFunction"}
    (reconcile,) = [each for each in functions_of(stack) if each.name == "reconcile"]
    known = configuration(stack, reconcile)
    assert known["Environment"]["Variables"]["POWERTOOLS_LOG_LEVEL"] == "DEBUG"
    answer = stack.client("lambda").invoke(
        FunctionName=known["FunctionName"], Qualifier="live", Payload=b"{}"
    )
    assert "FunctionError" not in answer

    stack.delete()
    assert tour.count_items(stack, table) == 1
    key = stack.client("kms").describe_key(KeyId=outputs["SealingKeyArn"])["KeyMetadata"]
    assert key["KeyState"] == "Enabled"
    queue = stack.client("sqs").get_queue_attributes(QueueUrl=outputs["UnsentInvitesUrl"])
    assert queue["ResponseMetadata"]["HTTPStatusCode"] == requests.codes.ok
    with pytest.raises(ClientError, match="ResourceNotFound"):
        stack.client("lambda").get_function(FunctionName=known["FunctionName"])
    with pytest.raises(ClientError, match="NoSuchEntity"):
        stack.client("iam").get_role(RoleName=physical["ReconcileFunctionRole"])
    with pytest.raises(ClientError, match="does not exist"):
        stack.outputs()
