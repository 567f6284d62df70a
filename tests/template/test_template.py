"""What is deployed agrees with the code, gives no more than is needed, and keeps what it must."""

import ast
import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from local import build
from local.template import Template
from scheduling.adapters.dynamodb.table import DUE_SHARDS
from scheduling.core import config

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "template.yaml").read_text()
TEMPLATE = Template.read(ROOT / "template.yaml", {"GoogleClientId": "client"})
for _name in TEMPLATE.document["Resources"]:
    TEMPLATE.values |= {_name: _name, f"{_name}.Arn": f"arn:{_name}", f"{_name}.StreamArn": _name}
FUNCTIONS = {function.name: function for function in TEMPLATE.functions()}
#: API Gateway ends an HTTP API's integration after 30 seconds.
#: Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
API_SECONDS = 29


def resources(kind: str) -> dict[str, dict[str, Any]]:
    return {name: TEMPLATE.resolve(properties) for name, properties in TEMPLATE.resources(kind)}


def statements() -> list[tuple[str, dict[str, Any]]]:
    found = []
    for name, properties in resources("AWS::IAM::Role").items():
        for policy in properties["Policies"]:
            document = policy["PolicyDocument"]
            found += [(name.removesuffix("Role"), each) for each in document["Statement"]]
    return found


def test_every_folder_is_a_function_of_the_template_and_the_reverse() -> None:
    assert set(FUNCTIONS) == {path.name for path in (ROOT / "functions").iterdir()}


@pytest.mark.parametrize("folder", sorted(config.FUNCTIONS))
def test_a_function_gets_the_variables_that_it_needs_and_no_other(folder: str) -> None:
    given = {name for name in FUNCTIONS[folder].environment if not name.startswith("POWERTOOLS_")}
    assert given == config.FUNCTIONS[folder]


@pytest.mark.parametrize("folder", sorted(config.FUNCTIONS))
def test_a_functions_routes_are_those_of_its_code(folder: str) -> None:
    code = ast.parse((ROOT / "functions" / folder / "app.py").read_text())
    routed = {
        f"{call.func.attr.upper()} {re.sub('<.*?>', '{}', call.args[0].value)}"
        for node in ast.walk(code)
        if isinstance(node, ast.FunctionDef)
        for call in node.decorator_list
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and isinstance(call.args[0], ast.Constant)
        and isinstance(call.args[0].value, str)
    }
    declared = {
        re.sub(r"\{.*?\}", "{}", route.key)
        for route in TEMPLATE.routes()
        if route.function == folder and route.key != "$default"
    }
    assert routed == declared


def test_what_stands_behind_the_api_answers_before_the_api_gives_up() -> None:
    behind = {route.function for route in TEMPLATE.routes()}
    slow = [
        function.name
        for function in FUNCTIONS.values()
        if function.name in behind and function.timeout_seconds > API_SECONDS
    ]
    assert slow == []


def test_every_function_logs_into_a_group_with_an_end() -> None:
    groups = resources("AWS::Logs::LogGroup")
    assert all(group["RetentionInDays"] for group in groups.values())
    for name, properties in resources("AWS::Serverless::Function").items():
        group = name.removesuffix("Function") + "Logs"
        assert group in groups
        assert properties["LoggingConfig"] == {"LogGroup": group}


def test_every_function_has_every_layer_and_each_layer_one_folder() -> None:
    shared = TEMPLATE.document["Globals"]["Function"]
    layers = resources("AWS::Serverless::LayerVersion")
    assert set(TEMPLATE.resolve(shared["Layers"])) == set(layers)
    assert {layer["ContentUri"] for layer in layers.values()} == {
        "shared/", "web/", "layers/dependencies/",
    }  # fmt: skip
    for properties in resources("AWS::Serverless::Function").values():
        assert "Layers" not in properties, "a list of its own would replace the shared one"


def test_layers_and_functions_are_for_one_runtime() -> None:
    runtime = TEMPLATE.document["Globals"]["Function"]["Runtime"]
    assert runtime == f"python{build.VERSION}"
    for layer in resources("AWS::Serverless::LayerVersion").values():
        assert layer["CompatibleRuntimes"] == [runtime]
    for properties in resources("AWS::Serverless::Function").values():
        assert "Runtime" not in properties, "one of its own would replace the shared one"


def test_the_sam_clis_defaults_name_parameters_that_exist() -> None:
    settings = tomllib.loads((ROOT / "samconfig.toml").read_text())
    assert settings.pop("version") == 0.1
    for environment in settings.values():
        given = environment.get("deploy", {}).get("parameters", {}).get("parameter_overrides", "")
        names = {each.partition("=")[0] for each in given.split()}
        assert names <= set(TEMPLATE.document["Parameters"])


def test_no_vendors_address_is_set_where_tokens_could_be_sent_elsewhere() -> None:
    assert re.findall(r"(GOOGLE|COMETCHAT)_\w*URL|AWS_ENDPOINT|CLOCK_OFFSET", TEXT) == []


def test_no_policy_says_everything() -> None:
    for name, statement in statements():
        resource = json.dumps(statement["Resource"])
        assert '"*"' not in resource, name
        actions = statement["Action"]
        assert "*" not in json.dumps(actions), name
    assert {name for name, _ in statements()} == {each.logical_id for each in FUNCTIONS.values()}
    assert "ManagedPolicyArns" not in TEXT, "those of AWS are for everything of an account"


def test_only_reconcile_reads_across_tenants() -> None:
    readers = {name for name, statement in statements() if "index" in str(statement["Resource"])}
    assert readers == {"ReconcileFunction"}


def test_only_those_who_seal_may_ask_for_keys() -> None:
    for name, statement in statements():
        if "kms:GenerateDataKey" in statement["Action"] and "purpose" in str(
            statement["Condition"]
        ):
            folder = next(f for f, function in FUNCTIONS.items() if function.logical_id == name)
            assert config.GOOGLE_CLIENT_ID in config.FUNCTIONS[folder]


def test_no_secret_is_a_parameter_or_a_variable() -> None:
    """Both are readable by whoever may look at the stack; secrets come by reference, sealed."""
    named = set(TEMPLATE.document["Parameters"])
    for function in FUNCTIONS.values():
        named |= {name.title().replace("_", "") for name in function.environment}
    secret = re.compile(r"(Secret|Token|Password|ApiKey|SigningKey|CalendarKey)s?(?!\w*Arn)")
    assert [name for name in sorted(named) if secret.search(name)] == []
    for parameter in resources("AWS::SSM::Parameter").values():
        assert parameter["Name"].rpartition("/")[2] == "base-url", "written into the template"
    assert "{{resolve:" not in TEXT, "what is resolved at deployment is kept with the stack"


def test_everything_at_rest_is_encrypted_with_the_key_of_this_deployment() -> None:
    for group in resources("AWS::Logs::LogGroup").values():
        assert group["KmsKeyId"] == "arn:Key"
    heard = resources("AWS::SQS::Queue") | resources("AWS::SNS::Topic")
    assert {each["KmsMasterKeyId"] for each in heard.values()} == {"Key"}
    (table,) = resources("AWS::DynamoDB::Table").values()
    assert table["SSESpecification"]["KMSMasterKeyId"] == "arn:Key"


def test_the_key_serves_services_for_their_own_things_alone() -> None:
    """What is sealed names tenant and owner in its context, so no statement may leave it open."""
    (key,) = resources("AWS::KMS::Key").values()
    for statement in key["KeyPolicy"]["Statement"]:
        if statement["Effect"] == "Allow" and "Service" in statement["Principal"]:
            assert statement["Condition"], statement["Principal"]
            assert "kms:*" not in statement["Action"]
    denied = [each for each in key["KeyPolicy"]["Statement"] if each["Effect"] == "Deny"]
    assert [each["Action"] for each in denied] == ["kms:CreateGrant"]


def test_the_table_is_kept_encrypted_and_recoverable() -> None:
    (table,) = resources("AWS::DynamoDB::Table").values()
    assert table["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"]
    assert table["SSESpecification"]["SSEType"] == "KMS"
    assert table["TimeToLiveSpecification"] == {"AttributeName": "ttl", "Enabled": True}
    assert table["StreamSpecification"] == {"StreamViewType": "KEYS_ONLY"}
    declared = re.search(r"  Table:\n((?:    .*\n)+)", TEXT)
    assert declared
    assert "DeletionPolicy: Retain" in declared[1]


def test_every_shard_of_what_is_due_is_looked_at_every_minute() -> None:
    given = [
        (each.function, each.seconds, json.loads(each.input or "")) for each in TEMPLATE.schedules()
    ]
    assert given == [("reconcile", 60, {"shard": shard}) for shard in range(DUE_SHARDS)]


def test_a_failing_record_blocks_nobody_for_long() -> None:
    (stream,) = TEMPLATE.streams()
    assert stream.bisect
    assert 0 < stream.retry_attempts <= 10
    assert 0 < stream.record_age_seconds <= 86_400
    assert stream.partial_responses
    assert stream.on_failure


def test_cors_lets_the_chats_headers_through_on_every_route() -> None:
    cors = TEMPLATE.cors()
    assert cors is not None
    assert {"appid", "authtoken", "content-type", "idempotency-key", "sdk"} <= {
        header.lower() for header in cors.allow_headers
    }


def test_access_logs_hold_no_path_and_no_query() -> None:
    (api,) = resources("AWS::Serverless::HttpApi").values()
    written = api["AccessLogSettings"]["Format"]
    assert "$context.routeKey" in written
    assert not re.search(r"context\.(path|http|identity|authorizer|domain)", written)


def test_the_dependencies_are_built_for_the_architecture_that_is_deployed() -> None:
    makefile = (ROOT / "layers/dependencies/Makefile").read_text()
    assert re.search(rf"^ARCHITECTURE \?= {build.DEFAULT}$", makefile, re.MULTILINE)
    assert TEMPLATE.document["Parameters"]["Architecture"]["Default"] == build.DEFAULT


def test_one_event_stands_ready_for_every_function() -> None:
    events = {path.stem for path in (ROOT / "local/events").glob("*.json")}
    assert events == set(FUNCTIONS)
