"""Permissions are enforced: with one taken from a function, the step that needs it fails."""

import re
import time

import pytest

from tests.deploy.conftest import DeployedTown
from tests.deploy.job import Job

pytestmark = [pytest.mark.build, pytest.mark.timeout(300)]

#: Function, the permission that it loses, and the step that fails then.
NEEDED = [
    ("ConnectCalendarFunction", "dynamodb:PutItem", "connect"),
    ("OauthCallbackFunction", "dynamodb:UpdateItem", "come back from Google"),
    ("ShareAvailabilityFunction", "dynamodb:PutItem", "share"),
    ("ServePageFunction", "dynamodb:PutItem", "open the page"),
    ("BookSlotFunction", "dynamodb:ConditionCheckItem", "book"),
    ("SendInviteFunction", "dynamodb:UpdateItem", "be invited"),
    ("ServeInviteFunction", "dynamodb:GetItem", "take the file"),
    ("ReconcileFunction", "dynamodb:Query", "look after the rest"),
]


def test_with_all_permissions_no_step_fails(town: DeployedTown) -> None:
    assert Job(town).run() is None


@pytest.mark.parametrize(("function", "action", "step"), NEEDED)
def test_without_one_permission_the_step_that_needs_it_fails(
    town: DeployedTown, function: str, action: str, step: str
) -> None:
    job, stack, begun = Job(town, patience_seconds=5), town.world.stack, time.time()
    with stack.without(function, action):
        assert job.run(last=step) == step
    told = stack.log(function, since=begun)
    assert re.search(rf"assumed-role/\S+{function}\S+ is not authorized to perform: {action}", told)
    if step == "be invited":
        assert job.is_invited_in_the_end(), "what was refused is tried again, and arrives"


def test_every_function_is_tried(town: DeployedTown) -> None:
    deployed = {function.logical_id for function in town.world.stack.template().functions()}
    assert {function for function, _, _ in NEEDED} == deployed
