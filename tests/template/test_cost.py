"""What docs/cost.md computes follows from what it counts, and from the code that it speaks of."""

from pathlib import Path

import pytest

from benchmarks import cost
from benchmarks.journey import TIMES
from benchmarks.prices import LIMITS, PRICES, RECONCILE
from local.template import Template
from scheduling.adapters.dynamodb.table import DUE_SHARDS
from scheduling.operations import reconcile

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/cost.md").read_text()
COUNTS = cost.read(PAGE)
TEMPLATE = Template.read(ROOT / "template.yaml", {"GoogleClientId": "client"})
for _name in TEMPLATE.document["Resources"]:
    TEMPLATE.values |= {_name: _name, f"{_name}.Arn": f"arn:{_name}", f"{_name}.StreamArn": _name}


def test_every_figure_follows_from_the_counts_on_the_page() -> None:
    assert cost.write(PAGE, COUNTS) == PAGE


def test_the_page_counts_every_step_and_how_often_it_is_taken() -> None:
    assert list(COUNTS) == [*TIMES, cost.IDLE, cost.STORED]
    assert {name: COUNTS[name]["times"] for name in TIMES} == TIMES


def test_a_bill_is_each_amount_times_its_price() -> None:
    nothing = dict.fromkeys(cost.COLUMNS, 0.0)
    step = {**nothing, "times": 2.0, "requests": 3.0, "invocations": 1.0, "writes": 10.0}
    counts = {"step": step, cost.IDLE: nothing, cost.STORED: nothing}
    bill = cost.bill(counts, 1_000_000)
    assert bill["API requests"] == pytest.approx(6_000_000 * PRICES["API requests"].dollars)
    assert bill["Table writes"] == pytest.approx(20_000_000 * PRICES["Table writes"].dollars)
    assert bill["Lambda time"] == pytest.approx(
        2_000_000 * 0.015 * PRICES["Lambda time"].dollars  # 1,500 ms for one start in a hundred
    )
    assert bill["KMS calls"] == 0
    assert set(bill) == set(PRICES)


def test_a_limit_is_reached_when_the_busiest_second_takes_all_of_it() -> None:
    name = "Lambda, environments at once"
    bookings = cost.reached_at(COUNTS, name)
    busiest = bookings / cost.MONTH_SECONDS * cost.PEAK
    assert busiest * cost.per_booking(COUNTS)["environments"] == pytest.approx(LIMITS[name].most)


def test_what_the_page_says_of_the_template_and_the_code_is_so() -> None:
    parameters = TEMPLATE.document["Parameters"]
    stage = LIMITS["API Gateway, this stack's `RequestsPerSecond`"]
    assert stage.most == parameters["RequestsPerSecond"]["Default"]
    assert LIMITS["The index `due`, four shards"].most == DUE_SHARDS * 1_000
    assert LIMITS[RECONCILE].most == DUE_SHARDS * reconcile.BATCH
    memory = TEMPLATE.document["Globals"]["Function"]["MemorySize"]
    assert memory == cost.MEMORY_GB * 1024 == pytest.approx(cost.PROCESSOR * 1769)
    functions = {function.name: function for function in TEMPLATE.functions()}
    room = functions["reconcile"].timeout_seconds - reconcile.ROOM.total_seconds()
    assert room == cost.RECONCILES_SECONDS
    alarms = [alarm for _, alarm in TEMPLATE.resources("AWS::CloudWatch::Alarm")]
    orphan_watch = [each for alarm in alarms for each in alarm.get("Metrics", [{"MetricStat": 1}])]
    assert sum("MetricStat" in each for each in orphan_watch) == cost.ALARMED
