"""One stack at MiniStack: deployed, updated and deleted by the SAM CLI, looked at by its API."""

import json
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from local import build, facts
from local.aws import Aws
from local.child import CannotStart
from local.template import Template

#: Between two looks at how far a deployment is; for AWS it is 5, and MiniStack is done in one.
_GLANCE_SECONDS = "0.3"


class DeployFailed(Exception):
    """The SAM CLI failed; the message is what it said."""


@dataclass(frozen=True)
class Stack:
    """The stack.

    Args:
        addresses: Of the run whose MiniStack holds it.
        folder: For the template and whatever the SAM CLI writes.
        name: Of the stack.
        prefix: Where its parameters lie in Parameter Store.
    """

    addresses: facts.Addresses
    folder: Path
    name: str = "calendar-scheduling"
    prefix: str = "/calendar-scheduling"

    def client(self, service: str) -> Any:
        """Make a client of one service, with the account's own credentials: all is allowed."""
        return Aws(self.addresses, amazon=False, folder=self.folder).client(service)

    def deploy(self, template: Path, **parameters: str) -> str:
        """Make or update the stack, with the settings of `samconfig.toml`; give what was said.

        Raises:
            DeployFailed: It could not be done.
            CannotStart: There is no SAM CLI.
        """
        own = {"GoogleClientId": facts.GOOGLE_CLIENT_ID, "ParametersPrefix": self.prefix}
        given = [f"{name}={value}" for name, value in {**own, **parameters}.items()]
        return self._sam(
            *("deploy", "--template-file", str(template), "--stack-name", self.name),
            *("--config-file", str(facts.ROOT / "samconfig.toml"), "--no-confirm-changeset"),
            *("--no-progressbar", "--parameter-overrides", *given),
        )

    def delete(self) -> str:
        """Delete the stack; what the template retains stays.

        Raises:
            DeployFailed: It could not be done.
            CannotStart: There is no SAM CLI.
        """
        return self._sam("delete", "--stack-name", self.name, "--no-prompts")

    def outputs(self) -> dict[str, str]:
        """Return the stack's outputs."""
        (stack,) = self.client("cloudformation").describe_stacks(StackName=self.name)["Stacks"]
        return {each["OutputKey"]: each["OutputValue"] for each in stack["Outputs"]}

    def is_complete(self) -> bool:
        """Say whether the stack is there, whole."""
        client = self.client("cloudformation")
        try:
            (stack,) = client.describe_stacks(StackName=self.name)["Stacks"]
        except ClientError:
            return False
        return str(stack["StackStatus"]) in {"CREATE_COMPLETE", "UPDATE_COMPLETE"}

    def physical(self) -> dict[str, str]:
        """Return what each resource is called in the account, by its logical id."""
        client = self.client("cloudformation")
        found = client.describe_stack_resources(StackName=self.name)["StackResources"]
        return {each["LogicalResourceId"]: each["PhysicalResourceId"] for each in found}

    def template(self) -> Template:
        """Read the product's template with what it names in this account."""
        template = Template.read(
            facts.TEMPLATE,
            {"GoogleClientId": facts.GOOGLE_CLIENT_ID, "ParametersPrefix": self.prefix},
        )
        outputs = self.outputs()
        template.values["AWS::StackName"] = self.name
        template.values["Table"] = outputs["TableName"]
        template.values["Key.Arn"] = outputs["SealingKeyArn"]
        return template

    @contextmanager
    def without(self, function: str, action: str) -> Iterator[None]:
        """Take one permission from a function for a while, in all of its statements.

        It goes on in a new environment, so that nothing which an earlier call read is at hand.

        Args:
            function: Its logical id.
            action: For example `dynamodb:GetItem`.

        Raises:
            ValueError: The function has no such permission.
        """
        iam, role = self.client("iam"), self.physical()[f"{function}Role"]
        name = f"{function}RolePolicy0"
        policy = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
        less = _less(policy, action)
        if less == policy:
            raise ValueError(f"{function} has no {action}.")
        iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(less))
        try:
            self._renew(self.physical()[function])
            yield
        finally:
            iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(policy))

    @contextmanager
    def unscheduled(self, function: str) -> Iterator[None]:
        """Let a function's schedules rest for a while, by its logical id."""
        events, names = self.client("events"), self.rules(function)
        for name in names:
            events.disable_rule(Name=name)
        try:
            yield
        finally:
            for name in names:
                events.enable_rule(Name=name)

    def rules(self, function: str) -> list[str]:
        """Name the rules of a function's schedules, by its logical id."""
        template, physical = self.template(), self.physical()
        (folder,) = [each.name for each in template.functions() if each.logical_id == function]
        declared = [each.name for each in template.schedules() if each.function == folder]
        return [physical[f"{function}{name}"] for name in declared]

    def _renew(self, name: str) -> None:
        """Let the next call of a function find a new environment, by its aliases too."""
        client = self.client("lambda")
        known = client.get_function_configuration(FunctionName=name)
        client.update_function_configuration(FunctionName=name, Timeout=known["Timeout"])
        client.get_waiter("function_updated_v2").wait(FunctionName=name)
        for alias in client.list_aliases(FunctionName=name)["Aliases"]:
            version = client.publish_version(FunctionName=name)["Version"]
            client.update_alias(FunctionName=name, Name=alias["Name"], FunctionVersion=version)

    def log(self, function: str, since: float) -> str:
        """Return what a function has logged since a moment, in seconds since 1970."""
        logs = self.client("logs")
        group = self.physical()[f"{function.removesuffix('Function')}Logs"]
        pages = logs.get_paginator("filter_log_events").paginate(
            logGroupName=group, startTime=int(since * 1000)
        )
        return "\n".join(event["message"] for page in pages for event in page["events"])

    def _sam(self, *arguments: str) -> str:
        sam = build.SAM_VENV / "bin" / "sam"
        if not sam.is_file():
            raise CannotStart("Deploying needs the SAM CLI: `make build` installs it.")
        self.folder.mkdir(parents=True, exist_ok=True)
        aws = Aws(self.addresses, amazon=False, folder=self.folder)
        # It leaves a folder behind for each artifact that it packages.
        with tempfile.TemporaryDirectory(dir=self.folder) as scratch:
            done = subprocess.run(  # noqa: S603 - our own arguments
                [sam, *arguments, "--region", facts.REGION],
                env={
                    **build.sam_environment(),
                    **aws.variables,
                    "HOME": str(self.folder),  # it keeps settings there, which are none of ours
                    "TMPDIR": scratch,
                    "SAM_CLI_POLL_DELAY": _GLANCE_SECONDS,
                },
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=False,
            )
        if done.returncode:
            raise DeployFailed(f"sam {arguments[0]} failed:\n{done.stdout}{done.stderr}")
        return done.stdout


def _less(policy: dict[str, Any], action: str) -> dict[str, Any]:
    """Return a policy without one action; a statement that has no other goes with it."""
    kept = []
    for statement in policy["Statement"]:
        actions = statement["Action"]
        left = [
            each for each in ([actions] if isinstance(actions, str) else actions) if each != action
        ]
        if left:
            kept.append({**statement, "Action": left if isinstance(actions, list) else actions})
    return {**policy, "Statement": kept}
