"""What a deployment goes through: made, used, updated, deleted; its data outlive it."""

import time
from collections.abc import Callable

from local import demo_drive
from local.deploy.run import write_variant
from local.deploy.stack import Stack
from local.world import LocalWorld


class DeployedWorld(LocalWorld):
    """A deployment of one's own, with everything around it: `with DeployedWorld() as world`."""

    program = ("local.deploy", "--serve")

    @property
    def stack(self) -> Stack:
        """The stack, for whoever updates or deletes it."""
        return Stack(self.addresses, self.folder / "deploy")


def update(stack: Stack, function: str) -> None:
    """Deploy once more: one function's code is another, and all log more.

    Args:
        stack: Is deployed.
        function: The logical id of the one whose code changes.

    Raises:
        DeployFailed: It could not be done.
    """
    template = write_variant(stack)
    code = stack.folder / function / "app.py"
    code.write_text(f"{code.read_text(encoding='utf-8')}\nRELEASE = 2\n", encoding="utf-8")
    stack.deploy(template, LogLevel="DEBUG")


def code_hashes(stack: Stack) -> dict[str, str]:
    """Return the hash of each function's code, as Lambda knows it, by logical id."""
    names = {physical: logical for logical, physical in stack.physical().items()}
    found = stack.client("lambda").list_functions()["Functions"]
    return {
        names[each["FunctionName"]]: each["CodeSha256"]
        for each in found
        if each["FunctionName"] in names
    }


def count_items(stack: Stack, table: str) -> int:
    """Count what the table holds."""
    pages = stack.client("dynamodb").get_paginator("scan").paginate(TableName=table)
    return sum(page["Count"] for page in pages)


def go() -> None:
    """Go the whole way, and tell each step.

    Raises:
        StepFailed: A step of the job did not give what it should.
        DeployFailed: The SAM CLI failed.
        WorldFailed: The deployment did not come up.
    """
    begun = time.monotonic()
    with DeployedWorld() as world:
        stack = world.stack
        outputs = stack.outputs()
        print(
            f"deployed {stack.name} in {time.monotonic() - begun:.0f} s, every permission enforced"
        )
        for name, value in sorted(outputs.items()):
            print(f"   {name:18} {value}")
        _step("the whole job", lambda: demo_drive.drive(world))
        before = code_hashes(stack)
        _step("updated", lambda: update(stack, "ServePageFunction"))
        changed = [name for name, code in code_hashes(stack).items() if before[name] != code]
        print(f"   new code in {', '.join(changed)}; LogLevel is DEBUG everywhere")
        _step("the whole job, after the update", lambda: demo_drive.drive(world))
        kept = count_items(stack, outputs["TableName"])
        _step("deleted", stack.delete)
        still = count_items(stack, outputs["TableName"])
        print(f"   the table is there still, with {still} of {kept} items")


def _step(name: str, work: Callable[[], object]) -> None:
    begun = time.monotonic()
    work()
    print(f"{name}: {time.monotonic() - begun:.1f} s", flush=True)
