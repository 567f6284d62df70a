"""The process dies at every call of a step, just before it and just after it; all is healed.

Which calls there are is found by running the step once. After each death either the client comes
back with the same request, or it never does and `reconcile` alone has to heal: within two runs
after the lease ran out.
"""

import pytest

from tests.crash_workers.process import DEAD
from tests.crash_workers.scene import CrashWorkers
from tests.crash_workers.steps import LEASE_OVER, STEPS, Step, after_all, many, settled

pytestmark = [pytest.mark.crash, pytest.mark.timeout(600)]


def found(crash_workers: CrashWorkers, step: Step) -> list[dict[str, object]]:
    """Run a step that lives, and give each death that it can die."""
    done = crash_workers.run(step.function, step.event)
    assert done["exit"] == 0
    assert len(done["calls"]) > 1, done
    return [
        {"at": number, "kind": kind}
        for number, _ in enumerate(done["calls"])
        for kind in ("die before", "die after")
    ]


@pytest.mark.parametrize("client_returns", [True, False])
@pytest.mark.parametrize("name", ["share", "hold", "book", "reschedule", "cancel"])
def test_a_request_survives_death_at_every_call(
    crash_workers: CrashWorkers, name: str, *, client_returns: bool
) -> None:
    deaths = found(crash_workers, STEPS[name](crash_workers))
    steps = many(crash_workers, name, len(deaths))
    for death, step in zip(deaths, steps, strict=True):
        assert crash_workers.run(step.function, step.event, death)["exit"] == DEAD, death
    if client_returns:
        crash_workers.wait_for_the_stream()
        crash_workers.pass_(LEASE_OVER)
        for death, step in zip(deaths, steps, strict=True):
            answer = crash_workers.run(step.function, step.event)["result"]
            assert answer["statusCode"] == 200, (death, answer)
    else:
        after_all(crash_workers)
    for step in steps:
        settled(crash_workers, step.guest)


def test_the_sending_of_an_invite_survives_death_at_every_call(crash_workers: CrashWorkers) -> None:
    deaths = found(crash_workers, STEPS["send_invite"](crash_workers))
    steps = many(crash_workers, "send_invite", len(deaths))
    for death, step in zip(deaths, steps, strict=True):
        assert crash_workers.run(step.function, step.event, death)["exit"] == DEAD, death
    after_all(crash_workers)
    for step in steps:
        settled(crash_workers, step.guest)


def test_healing_survives_its_own_death_at_every_call(crash_workers: CrashWorkers) -> None:
    after_all(crash_workers)
    for death in found(crash_workers, STEPS["reconcile"](crash_workers)):
        step = STEPS["reconcile"](crash_workers)
        assert crash_workers.run(step.function, step.event, death)["exit"] == DEAD, death
        after_all(crash_workers)
        settled(crash_workers, step.guest)
