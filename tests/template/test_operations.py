"""Who is on call is told of what people feel, and finds in the document what to do."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from local.template import Template

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/operations.md").read_text()
CODE = "\n".join(path.read_text() for path in sorted((ROOT / "shared/scheduling").rglob("*.py")))
COSTS = (ROOT / "docs/cost.md").read_text()
OURS = "CalendarScheduling"


def template(**parameters: str) -> Template:
    found = Template.read(ROOT / "template.yaml", {"GoogleClientId": "client", **parameters})
    for name in found.document["Resources"]:
        found.values |= {
            name: name,
            f"{name}.Arn": f"arn:{name}",
            f"{name}.QueueName": name,
            f"{name}.StreamArn": name,
            f"{name}.RegionalDomainName": name,
        }
    found.values["Api.Stage"] = "stage"
    return found


TEMPLATE = template()
ALARMS = dict(TEMPLATE.resources("AWS::CloudWatch::Alarm"))
QUERIES = dict(TEMPLATE.resources("AWS::Logs::QueryDefinition"))
FUNCTIONS = dict(TEMPLATE.resources("AWS::Serverless::Function"))


def sections(chapter: str) -> set[str]:
    """Return the sections of a chapter of the document."""
    text = PAGE.partition(f"\n## {chapter}\n")[2].partition("\n## ")[0]
    return set(re.findall(r"^### (\w+)$", text, re.MULTILINE))


def metrics(part: Any) -> list[dict[str, Any]]:
    """Return every metric that an alarm names."""
    if isinstance(part, dict):
        here = [part] if "MetricName" in part else []
        return here + [found for value in part.values() for found in metrics(value)]
    return [found for each in part for found in metrics(each)] if isinstance(part, list) else []


def referred(part: Any) -> set[str]:
    """Return the parameters of the template to which a part refers."""
    known = set(TEMPLATE.document["Parameters"])
    return known & set(re.findall(r"\w+", json.dumps(part)))


def dashboard() -> dict[str, Any]:
    (found,) = dict(TEMPLATE.resources("AWS::CloudWatch::Dashboard")).values()
    read: dict[str, Any] = json.loads(TEMPLATE.resolve(found["DashboardBody"]))
    return read


def test_each_alarm_has_its_section_in_the_document_and_the_reverse() -> None:
    assert sections("Alarms") == {name.removesuffix("Alarm") for name in ALARMS}


@pytest.mark.parametrize("name", sorted(ALARMS))
def test_an_alarm_tells_somebody_and_says_where_to_look(name: str) -> None:
    alarm = ALARMS[name]
    assert alarm["AlarmActions"] == alarm["OKActions"] == [{"Ref": "Alerts"}]
    assert alarm["AlarmDescription"].endswith(
        f" See {name.removesuffix('Alarm')} in docs/operations.md."
    )


def rings(name: str, **measured: float) -> bool:
    """Say whether an alarm that calculates rings at what was measured in its time."""
    alarm = ALARMS[name]
    (asked,) = [each["Expression"] for each in alarm["Metrics"] if "Expression" in each]
    known = {"IF": lambda condition, then, otherwise: then if condition else otherwise}
    value = eval(asked, known, measured)  # noqa: S307 - the template's own arithmetic
    return bool(value > alarm["Threshold"])


def requests_in(name: str, bookings: int) -> float:
    """Say how many requests a deployment has, on average, in an alarm's time."""
    (seconds,) = {each["MetricStat"]["Period"] for each in ALARMS[name]["Metrics"][1:]}
    per_booking = re.search(r"^\| requests \| ([\d.]+) \|$", COSTS, re.MULTILINE)
    assert per_booking
    return bookings * float(per_booking[1]) / (30 * 86_400) * float(seconds)


@pytest.mark.parametrize("bookings", [1_000, 1_000_000])
def test_an_outage_rings_on_a_deployment_of_any_size(bookings: int) -> None:
    rung = []
    for name in ("RequestsFailingAlarm", "RequestsFailingWhenQuietAlarm"):
        requests = requests_in(name, bookings)
        rung += [name] if rings(name, requests=requests, failed=requests) else []
    assert "RequestsFailingWhenQuietAlarm" in rung
    assert ("RequestsFailingAlarm" in rung) is (bookings > 1_000)


@pytest.mark.parametrize(
    ("requests", "failed", "loud"),
    [(2, 2, False), (3, 3, True), (5, 3, True), (6, 3, False), (4_000, 2_100, True)],
)
def test_few_requests_that_fail_ring_when_they_are_most(
    requests: int, failed: int, *, loud: bool
) -> None:
    assert rings("RequestsFailingWhenQuietAlarm", requests=requests, failed=failed) is loud


@pytest.mark.parametrize(
    ("requests", "over", "loud"),
    [(2, 2, False), (3, 3, True), (7, 3, True), (29, 3, True), (31, 3, False), (300, 31, True)],
)
def test_few_requests_that_are_slow_ring_when_they_are_more_than_a_tenth(
    requests: int, over: int, *, loud: bool
) -> None:
    share = 100 * over / requests
    assert rings("RequestsSlowWhenQuietAlarm", requests=requests, slow=share) is loud


def test_the_document_tells_from_how_many_requests_on_an_alarm_rings() -> None:
    rows = re.findall(r"^\| (Requests\w+) (\|.+\|)$", PAGE, re.MULTILINE)
    heard = {name: set(map(int, re.findall(r"\d+", row))) for name, row in rows}
    calculating = {name: alarm for name, alarm in ALARMS.items() if "Metrics" in alarm}
    assert set(heard) == {name.removesuffix("Alarm") for name in calculating}
    for name, alarm in calculating.items():
        asked = " ".join(each.get("Expression", "") for each in alarm["Metrics"])
        (least,) = re.findall(r">=? ([\d.]+)", asked)
        (period,) = {each["MetricStat"]["Period"] for each in alarm["Metrics"][1:]}
        above = alarm["Threshold"]
        figures = {period // 60, round(float(least)), above // 1000 if above > 100 else above}
        assert figures <= heard[name.removesuffix("Alarm")], name


def test_throttles_of_the_table_are_looked_for_under_names_that_it_has() -> None:
    """AWS counts `ThrottledRequests` for each operation, and never for a table alone.

    Source: Amazon DynamoDB Developer Guide, "DynamoDB metrics and dimensions", read 2026-11.
    """
    body = json.dumps(dashboard())
    assert "ThrottledRequests" not in body + PAGE
    for name in ("ReadThrottleEvents", "WriteThrottleEvents"):
        assert body.count(name) == 2, "of the table, and of its index"
        assert f"`{name}`" in PAGE


def test_alarms_and_dashboard_watch_what_the_code_counts_under_this_stacks_name() -> None:
    orphan_watch = [each for alarm in ALARMS.values() for each in metrics(alarm)]
    named = {each["MetricName"] for each in orphan_watch if each["Namespace"] == OURS}
    for each in orphan_watch:
        if each["Namespace"] == OURS:
            assert each["Dimensions"] == [{"Name": "service", "Value": {"Ref": "AWS::StackName"}}]
    for widget in dashboard()["widgets"]:
        space = ""
        for first, name, *_ in widget["properties"]["metrics"]:
            space = space if first in {".", "..."} else first
            named |= {name} if space == OURS and first != "..." else set()
    assert {"OldestOwedSeconds", "OldestBookingSeconds", "SlotBooked"} <= named
    for name in named:
        assert f'"{name}"' in CODE, name
    variables = TEMPLATE.document["Globals"]["Function"]["Environment"]["Variables"]
    assert variables["POWERTOOLS_SERVICE_NAME"] == {"Ref": "AWS::StackName"}
    assert variables["POWERTOOLS_METRICS_NAMESPACE"] == OURS


def test_saved_queries_ask_every_function_for_what_it_logs() -> None:
    logs = {name.removesuffix("Function") + "Logs" for name in FUNCTIONS}
    for name, query in QUERIES.items():
        assert {group["Ref"] for group in query["LogGroupNames"]} == logs, name
        for messages in re.findall(r"message (?:=|in) (.+)", query["QueryString"]):
            for message in re.findall(r'"(\w+)"', messages):
                assert f'"{message}"' in CODE, (name, message)
    listed = PAGE.partition("| query | answers |")[2].partition("\n\n")[0]
    titles = {query["Name"]["Fn::Sub"].partition("/")[2] for query in QUERIES.values()}
    assert set(re.findall(r"^\| ([a-z ]+) \|", listed, re.MULTILINE)) == titles


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_a_changed_parameter_publishes_a_new_version_of_what_is_made_from_it(name: str) -> None:
    """SAM sees changed code by itself, and not a parameter's new value."""
    shared = TEMPLATE.document["Globals"]["Function"]
    assert shared["AutoPublishAlias"] == "live"
    assert TEMPLATE.document["Globals"]["LayerVersion"]["PublishLambdaVersion"] is True
    function = FUNCTIONS[name]
    assert function["AutoPublishAliasAllProperties"] is True
    settings = [
        *(shared[key] for key in ("Architectures", "SnapStart", "Environment")),
        function.get("Environment", {}),
    ]
    assert referred(function["VersionDescription"]) == referred(settings)


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_a_versions_description_fits_whatever_the_parameters_are(name: str) -> None:
    """AWS takes 256 characters. Source: AWS Lambda API Reference, PublishVersion, read 2026-11."""
    known, key = TEMPLATE.document["Parameters"], f"arn:aws:kms:here:1:key/{'k' * 36}"
    longest = template(
        GoogleClientId=f"{'9' * 13}-{'c' * 32}.apps.googleusercontent.com",
        Architecture="x86_64",
        SnapStart="PublishedVersions",
        LogLevel="WARNING",
        LimitsFactor="999",
        ParametersPrefix="/".ljust(known["ParametersPrefix"]["MaxLength"], "p"),
        DomainName="d" * known["DomainName"]["MaxLength"],
        SealingKeyArn=key,
        FormerSealingKeyArn=key,
    )
    assert len(longest.resolve(FUNCTIONS[name]["VersionDescription"])) <= 256


def test_snapstart_is_off_unless_it_is_asked_for() -> None:
    setting = TEMPLATE.document["Globals"]["Function"]["SnapStart"]
    assert TEMPLATE.resolve(setting) == {"ApplyOn": "None"}
    assert template(SnapStart="PublishedVersions").resolve(setting) == {
        "ApplyOn": "PublishedVersions"
    }


def test_a_domain_of_ones_own_is_the_address_everywhere() -> None:
    given = template(DomainName="calendar.example.com", CertificateArn="arn:certificate")
    outputs = given.document["Outputs"]
    assert given.resolve(outputs["ApiBase"]["Value"]) == "https://calendar.example.com"
    assert given.resolve(outputs["GoogleRedirectUri"]["Value"]) == (
        "https://calendar.example.com/oauth/callback"
    )
    (base_url,) = [each for name, each in given.resources("AWS::SSM::Parameter")]
    assert given.resolve(base_url["Value"]) == "https://calendar.example.com"
    (mapping,) = [each for _, each in given.resources("AWS::ApiGatewayV2::ApiMapping")]
    assert mapping["ApiId"] == {"Ref": "Api"}
    assert dict(TEMPLATE.resources("AWS::ApiGatewayV2::DomainName")) == {}
    assert "execute-api" in TEMPLATE.resolve(outputs["ApiBase"]["Value"])


def test_alerts_go_by_mail_only_where_an_address_is_given() -> None:
    assert dict(TEMPLATE.resources("AWS::SNS::Subscription")) == {}
    given = template(AlertsEmail="oncall@example.com")
    (subscription,) = [each for _, each in given.resources("AWS::SNS::Subscription")]
    assert given.resolve(subscription) == {
        "TopicArn": "Alerts",
        "Protocol": "email",
        "Endpoint": "oncall@example.com",
    }


def test_what_the_document_names_of_the_stack_is_there() -> None:
    document = TEMPLATE.document
    for name in ("AlertsTopic", "DashboardUrl", "TableName", "UnsentInvitesUrl"):
        assert name in document["Outputs"]
        assert name in PAGE
    deploying = (ROOT / "docs/deploy.md").read_text()
    for name in ("DomainTarget", "GoogleRedirectUri", "ApiBase"):
        assert name in document["Outputs"]
        assert f"`{name}`" in deploying
    for name in ("DomainName", "CertificateArn"):
        assert name in document["Parameters"]
        assert f"`{name}`" in deploying
    for name in ("AlertsEmail", "ParametersPrefix", "LogRetentionDays", "LogLevel", "SnapStart"):
        assert name in document["Parameters"]
        assert name in PAGE
