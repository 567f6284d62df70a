"""Permissions are enforced: with one taken from a function, the step that needs it fails."""

import re
import time

import pytest

from tests.deploy.conftest import DeployedTown
from tests.deploy.job import Job

pytestmark = [pytest.mark.build, pytest.mark.timeout(300)]

#: Function, the permission that it loses, and the step that fails then: one for each service that
#: the function uses in the job, and that is held against its permissions here.
NEEDED = [
    ("ConnectCalendarFunction", "dynamodb:PutItem", "connect"),
    ("ConnectCalendarFunction", "kms:Decrypt", "connect"),
    ("ConnectCalendarFunction", "kms:GenerateDataKey", "come back from Google"),
    ("ConnectCalendarFunction", "ssm:GetParameters", "connect"),
    ("OauthCallbackFunction", "dynamodb:UpdateItem", "come back from Google"),
    ("OauthCallbackFunction", "kms:GenerateDataKey", "come back from Google"),
    ("OauthCallbackFunction", "ssm:GetParameters", "come back from Google"),
    ("ShareAvailabilityFunction", "dynamodb:PutItem", "share"),
    ("ShareAvailabilityFunction", "kms:Decrypt", "share"),
    ("ShareAvailabilityFunction", "ssm:GetParameters", "share"),
    ("ServePageFunction", "dynamodb:PutItem", "open the page"),
    ("ServePageFunction", "kms:Decrypt", "open the page"),
    ("ServePageFunction", "ssm:GetParameters", "open the page"),
    ("BookSlotFunction", "dynamodb:ConditionCheckItem", "book"),
    ("BookSlotFunction", "kms:Decrypt", "book"),
    ("BookSlotFunction", "ssm:GetParameters", "book"),
    ("SendInviteFunction", "dynamodb:UpdateItem", "be invited"),
    ("SendInviteFunction", "kms:Decrypt", "be invited"),
    ("SendInviteFunction", "ssm:GetParameters", "be invited"),
    ("ServeInviteFunction", "dynamodb:GetItem", "take the file"),
    ("ServeInviteFunction", "ssm:GetParameters", "take the file"),
    ("ReconcileFunction", "dynamodb:Query", "look after the rest"),
    ("ReconcileFunction", "ssm:GetParameters", "look after the rest"),
]


def test_with_all_permissions_no_step_fails(town: DeployedTown) -> None:
    assert Job(town).run() is None


@pytest.mark.parametrize(("function", "action", "step"), NEEDED)
def test_without_one_permission_the_step_that_needs_it_fails(
    town: DeployedTown, function: str, action: str, step: str
) -> None:
    job, stack, begun = Job(town, patience_seconds=5), town.world.stack, time.time()
    # Whatever send_invite cannot send, reconcile would.
    with stack.unscheduled("ReconcileFunction"), stack.without(function, action):
        assert job.run(last=step) == step
    refusal = rf"assumed-role/\S+{function}\S+ is not authorized to perform: {action}"
    # What seals keeps to itself why KMS did not open a key.
    wanted = "DecryptKeyError" if action == "kms:Decrypt" else refusal
    assert re.search(wanted, stack.log(function, since=begun))
    if (function, action) == ("SendInviteFunction", "dynamodb:UpdateItem"):
        # A message that was taken, and not sent, is left alone for a minute: this one was not.
        assert job.is_invited_in_the_end(), "what was refused is tried again, and arrives"


def test_every_function_is_tried(town: DeployedTown) -> None:
    deployed = {function.logical_id for function in town.world.stack.template().functions()}
    assert {function for function, _, _ in NEEDED} == deployed
