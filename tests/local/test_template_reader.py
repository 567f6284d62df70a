"""What the local run reads out of a template."""

from pathlib import Path

import pytest

from local.intrinsics import TemplateError, load
from local.template import Route, Schedule, Template
from tests.local import samples


@pytest.fixture
def template(tmp_path: Path) -> Template:
    return samples.write(tmp_path)


def test_function_gets_globals_and_its_own_settings(template: Template) -> None:
    echo, worker = template.functions()
    assert (echo.name, echo.logical_id, echo.deployed_name) == (
        "echo",
        "EchoFunction",
        "EchoFunction",
    )
    assert echo.handler == "functions.echo.app.handler"
    assert (echo.timeout_seconds, worker.timeout_seconds, echo.memory_mb) == (20, 1, 512)
    assert echo.arn == "arn:aws:lambda:us-east-1:000000000000:function:EchoFunction"


def test_environment_is_resolved_and_has_nothing_else(template: Template) -> None:
    echo, worker = template.functions()
    assert dict(echo.environment) == {
        "TABLE_NAME": "test-table",
        "STAGE": "test",
        "HOST": "https://api.amazonaws.com",
        "KEY_ARN": "arn:key",
        "CLIENT": "client-42",
        "PARAMETERS_PREFIX": "/sample",
    }
    assert dict(worker.environment) == {"TABLE_NAME": "test-table", "STAGE": "test"}


def test_given_parameter_replaces_default(template: Template) -> None:
    given = Template(template.document, {"ClientId": "1", "Domain": "d.example"}, template.values)
    assert given.functions()[0].environment["HOST"] == "https://d.example"


def test_routes_name_their_function(template: Template) -> None:
    assert template.routes() == [
        Route("GET", "/things/{id}", "echo"),
        Route("GET", "/things/mine", "echo"),
        Route("POST", "/things", "echo"),
        Route("ANY", "/deep/{rest+}", "echo"),
        Route("ANY", "$default", "echo"),
    ]
    assert [route.key for route in template.routes()][-2:] == ["ANY /deep/{rest+}", "$default"]


def test_stream_mapping_has_all_its_limits(template: Template) -> None:
    (stream,) = template.streams()
    assert (stream.function, stream.stream, stream.starting_position) == (
        "worker",
        "arn:stream",
        "TRIM_HORIZON",
    )
    assert (stream.batch_size, stream.retry_attempts, stream.record_age_seconds) == (4, 2, 3600)
    assert stream.bisect
    assert stream.partial_responses
    assert stream.on_failure == "arn:dead"
    assert stream.filters[0]["eventName"] == ["INSERT"]


def test_schedule_and_cors_are_read(template: Template) -> None:
    assert template.schedules() == [Schedule("Tick", "worker", 60)]
    cors = template.cors()
    assert cors is not None
    assert (cors.allow_origins, cors.allow_methods) == (("*",), ("GET", "POST"))
    assert (cors.expose_headers, cors.max_age) == (("Retry-After",), 600)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("Resources: [", "not YAML"),
        ("a: 1", "no Resources"),
    ],
)
def test_unreadable_template_is_refused(text: str, sentence: str) -> None:
    with pytest.raises(TemplateError, match=sentence):
        load(text)


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ("!Ref Nobody", "!Ref Nobody"),
        ("!GetAtt Nobody.Arn", "!GetAtt Nobody.Arn"),
        ("!ImportValue x", "Fn::ImportValue"),
        ("!If [Unknown, 1, 2]", "no condition 'Unknown'"),
        ("!Ref Needed", "given no value"),
    ],
)
def test_what_cannot_be_resolved_is_named(value: str, sentence: str) -> None:
    text = f"Parameters: {{Needed: {{Type: String}}}}\nResources: {{A: {{B: {value}}}}}"
    document = load(text)
    template = Template(document, {})
    with pytest.raises(TemplateError, match=sentence):
        template.resolve(document["Resources"]["A"]["B"])


def test_sub_keeps_literals_and_takes_own_names() -> None:
    template = Template(load("Resources: {}"), {})
    value = {"Fn::Sub": ["${!kept} ${mine} ${AWS::Region}", {"mine": "yes"}]}
    assert template.resolve(value) == "${kept} yes us-east-1"


def test_foreign_event_source_is_refused(tmp_path: Path) -> None:
    template = samples.write(tmp_path)
    events = template.document["Resources"]["WorkerFunction"]["Properties"]["Events"]
    events["Topic"] = {"Type": "SNS"}
    with pytest.raises(TemplateError, match="no event source SNS"):
        template.routes()


def test_cron_expression_is_refused(tmp_path: Path) -> None:
    template = samples.write(tmp_path)
    events = template.document["Resources"]["WorkerFunction"]["Properties"]["Events"]
    events["Tick"]["Properties"]["Schedule"] = "cron(0 1 * * ? *)"
    with pytest.raises(TemplateError, match="only rate"):
        template.schedules()


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match=r"There is no .*nothing\.yaml"):
        Template.read(tmp_path / "nothing.yaml", {})
