"""The process dies at every call of a step, just before it and just after it; all is healed.

Which calls there are is found by running the step once. After each death either the client comes
back with the same request, or it never does and `reconcile` alone has to heal: within two runs
after the lease ran out.
"""

import pytest

from tests.mortals.process import DEAD
from tests.mortals.scene import Mortals
from tests.mortals.steps import LEASE_OVER, STEPS, Step, after_all, many, settled

pytestmark = [pytest.mark.crash, pytest.mark.timeout(600)]


def found(mortals: Mortals, step: Step) -> list[dict[str, object]]:
    """Run a step that lives, and give each death that it can die."""
    done = mortals.run(step.function, step.event)
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
    mortals: Mortals, name: str, *, client_returns: bool
) -> None:
    deaths = found(mortals, STEPS[name](mortals))
    steps = many(mortals, name, len(deaths))
    for death, step in zip(deaths, steps, strict=True):
        assert mortals.run(step.function, step.event, death)["exit"] == DEAD, death
    if client_returns:
        mortals.wait_for_the_stream()
        mortals.pass_(LEASE_OVER)
        for death, step in zip(deaths, steps, strict=True):
            answer = mortals.run(step.function, step.event)["result"]
            assert answer["statusCode"] == 200, (death, answer)
    else:
        after_all(mortals)
    for step in steps:
        settled(mortals, step.guest)


def test_the_sending_of_an_invite_survives_death_at_every_call(mortals: Mortals) -> None:
    deaths = found(mortals, STEPS["send_invite"](mortals))
    steps = many(mortals, "send_invite", len(deaths))
    for death, step in zip(deaths, steps, strict=True):
        assert mortals.run(step.function, step.event, death)["exit"] == DEAD, death
    after_all(mortals)
    for step in steps:
        settled(mortals, step.guest)


def test_healing_survives_its_own_death_at_every_call(mortals: Mortals) -> None:
    after_all(mortals)
    for death in found(mortals, STEPS["reconcile"](mortals)):
        step = STEPS["reconcile"](mortals)
        assert mortals.run(step.function, step.event, death)["exit"] == DEAD, death
        after_all(mortals)
        settled(mortals, step.guest)
