"""Every fault of the emulators at every call of every step, singly and in pairs; the table's too.

Which calls there are is found by running the step once. Whatever happens, the answer is one that
is documented, nothing is broken or left, and `reconcile` heals within two runs.
"""

import itertools
import json
import random
import time
from typing import Any

import pytest

from scheduling.core import errors
from tests.crash_workers.process import TIMEOUT
from tests.crash_workers.scene import CrashWorkers
from tests.crash_workers.steps import STEPS, Step, after_all, many, settled

pytestmark = [pytest.mark.faults, pytest.mark.timeout(600)]

#: Every kind of `local/faults.py`, with the answers that say most different things.
OF_VENDORS: list[dict[str, Any]] = [
    *({"kind": "status", "status": status} for status in (401, 403, 404)),
    {"kind": "status", "status": 429, "headers": {"Retry-After": "2"}},
    {"kind": "status", "status": 503, "body": "<html>Bad gateway</html>"},
    {"kind": "status", "status": 200, "body": "<html>Welcome to the hotel</html>"},
    {"kind": "delay", "seconds": 2 * TIMEOUT},
    {"kind": "drop_before"},
    {"kind": "drop_after"},
]
OF_THE_TABLE: list[dict[str, Any]] = [{"kind": "conflict"}, {"kind": "throttled"}]
PAIRS = 40
#: Longer than a message waits when the chat has refused the app's key (300 s).
KEY_REFUSED = 310


def leaves(kind: type[errors.SchedulingError]) -> set[str]:
    return {kind.code}.union(*(leaves(each) for each in kind.__subclasses__()))


#: What a caller may be answered; INTERNAL is a fault of ours.
DOCUMENTED = leaves(errors.SchedulingError) - {"INTERNAL"}


def troubles(crash_workers: CrashWorkers, step: Step) -> list[dict[str, Any]]:
    """Run a step without trouble, and give all that it can meet."""
    done = crash_workers.run(step.function, step.event)
    assert done["exit"] == 0
    assert len(done["calls"]) > 1, done
    return [
        {"at": number, **fault}
        for number, (_, whom) in enumerate(done["calls"])
        for fault in (OF_THE_TABLE if whom == "table" else OF_VENDORS)
    ]


def met(crash_workers: CrashWorkers, step: Step, *trouble: dict[str, Any]) -> None:
    """Run a step with its trouble, and check what it answers."""
    done = crash_workers.run(step.function, step.event, *trouble)
    crash_workers.world.clear_faults()
    assert done["exit"] == 0, (trouble, done)
    result = done["result"]
    assert "broken" not in result, (trouble, result)
    assert not result.get("batchItemFailures"), (trouble, result)
    if "body" in result and result["statusCode"] >= 300:
        answered = json.loads(result["body"])["error"]
        assert answered["code"] in DOCUMENTED, (trouble, answered)
        assert (result["statusCode"] == 503) == ("Retry-After" in result["headers"]), result
    crash_workers.consent_again()


def healed(crash_workers: CrashWorkers, steps: list[Step]) -> None:
    """Let all be healed, and check everything."""
    time.sleep(3 * TIMEOUT)  # what dawdled is done by then, as it is when a lease has run out
    after_all(crash_workers, KEY_REFUSED)
    for step in steps:
        settled(crash_workers, step.guest)


@pytest.mark.parametrize("name", STEPS)
def test_each_fault_at_each_call_leaves_nothing_broken(
    crash_workers: CrashWorkers, name: str
) -> None:
    after_all(crash_workers)
    steps: list[Step] = []
    found = troubles(crash_workers, STEPS[name](crash_workers))
    if name != "reconcile":  # each of its runs does whatever is due
        steps = many(crash_workers, name, len(found))
    for number, trouble in enumerate(found):
        if name == "reconcile":
            steps.append(STEPS[name](crash_workers))
        met(crash_workers, steps[number], trouble)
    healed(crash_workers, steps)


def test_pairs_of_faults_leave_nothing_broken(crash_workers: CrashWorkers) -> None:
    after_all(crash_workers)
    known = {name: troubles(crash_workers, step(crash_workers)) for name, step in STEPS.items()}
    pairs = [
        (name, pair)
        for name, found in known.items()
        for pair in itertools.combinations(found, 2)
        if pair[0]["at"] != pair[1]["at"]
    ]
    steps: list[Step] = []
    for name, pair in random.Random(0).sample(pairs, PAIRS):  # noqa: S311 - the same each time
        steps.append(STEPS[name](crash_workers))
        met(crash_workers, steps[-1], *pair)
    healed(crash_workers, steps)
