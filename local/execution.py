"""Two ways to run a function: from its source, for comfort, and as Lambda does, for proof.

From source, `local.runtime` runs the handler with the interpreter and the packages of the checkout;
what the template calls `/opt` is its folder `web`.
As Lambda does: the package that `make build` makes, under the interpreter of the template's runtime
and Amazon's own runtime client, in a sandbox that has the code in `/var/task` and the layers in
`/opt`, read-only, with the function's memory and no variable but its own; between invocations it
stands still.
What the second does not do: give processor by memory, restore snapshots, run extensions; and what
is beyond the memory fails with `MemoryError`, where Lambda kills. Where the kernel makes no
sandbox, code can be written, memory is not limited, nothing stands still, and what the template
calls `/opt` is a folder of the package.

Source: AWS Lambda Developer Guide, "Using Lambda environment variables" and "Python runtime"
(read 2026-11).
"""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from local import artifact, build, facts, sandbox, tool_venv
from local.artifact import Package
from local.child import CannotStart
from local.template import Function

TOOL = facts.ROOT / "local" / "tools" / "lambda"
TASK, OPT = "/var/task", "/opt"
_MIB = 1024 * 1024


@dataclass(frozen=True)
class Launch:
    """How one environment's process is started."""

    command: tuple[str, ...]
    folder: Path
    #: Beside what every environment has; these win.
    variables: Mapping[str, str]
    #: Whether its log tells of each invocation, as Lambda's does.
    reports: bool = False
    #: Whether it stands still between invocations.
    freezes: bool = False


class Runtime(Protocol):
    """Starts functions."""

    def launch(self, function: Function, given: Mapping[str, str]) -> Launch:
        """Say how to start an environment of a function that is given variables."""
        ...


@dataclass(frozen=True)
class FromSource:
    """Runs functions out of a checkout."""

    #: Holds `functions` and `shared`.
    root: Path = facts.ROOT

    def launch(self, function: Function, given: Mapping[str, str]) -> Launch:
        """Say how to start an environment of a function that is given variables."""
        # The last is where the runtime itself lives; it is the first, unless a test says otherwise.
        search = dict.fromkeys([self.root, self.root / "shared", facts.ROOT])
        return Launch(
            command=(sys.executable, "-m", "local.runtime", function.handler),
            folder=self.root,
            variables={
                **_moved(given, str(self.root / "web")),
                "PATH": os.environ.get("PATH", os.defpath),
                "PYTHONPATH": os.pathsep.join(map(str, search)),
                "PYTHONUNBUFFERED": "1",
            },
        )


@dataclass(frozen=True)
class Client:
    """Amazon's runtime client, installed."""

    #: Of the venv that holds it.
    python: Path
    #: Behind that venv, of the template's runtime.
    interpreter: Path


def client() -> Client:
    """Install the client, unless it is there.

    Raises:
        CannotStart: There is no interpreter, or pip could not; the message says what to do.
    """
    try:
        interpreter = build.interpreter(dict(os.environ))
    except SystemExit as why:
        raise CannotStart(str(why)) from why
    return Client(
        python=tool_venv.install(TOOL, "Amazon's runtime client for Lambda", interpreter),
        interpreter=interpreter,
    )


@dataclass(frozen=True)
class AsLambda:
    """Runs packaged functions under Amazon's runtime client."""

    packages: Mapping[str, Package]
    client: Client
    #: An empty folder, whose path becomes the sandbox's root.
    root: Path
    sandboxed: bool = True
    #: Folders of this machine that can be read in the sandbox too.
    visible: tuple[Path, ...] = ()
    #: Whether its processes end when we end, however that happens.
    tied: bool = True

    def launch(self, function: Function, given: Mapping[str, str]) -> Launch:
        """Say how to start an environment of a function that is given variables."""
        package = self.packages[function.logical_id]
        program = (str(self.client.python), "-m", "awslambdaric", package.handler)
        if self.sandboxed:
            plan = self._plan(package, function.memory_mb)
            return Launch(
                command=sandbox.command(plan, *program, tied=self.tied),
                folder=self.root,
                variables=self._variables(package, TASK, OPT),
                reports=True,
                freezes=True,
            )
        variables = self._variables(package, str(package.task), str(package.opt))
        variables |= _moved(given, str(package.opt))
        variables["PYTHONDONTWRITEBYTECODE"] = "1"  # where nothing else forbids it
        return Launch(program, package.task, variables, reports=True)

    def _plan(self, package: Package, memory_mb: int) -> sandbox.Plan:
        binds = {TASK: package.task}
        binds |= {f"{OPT}/{path.name}": path for path in package.opt.iterdir()}
        prefixes = (self.client.python.parent.parent, self.client.interpreter.parent.parent)
        binds |= {str(path): path for path in (*prefixes, *self.visible)}
        return sandbox.Plan(
            root=str(self.root),
            binds={inside: str(outside) for inside, outside in binds.items() if inside != "/usr"},
            folder=TASK,
            memory_bytes=memory_mb * _MIB,
        )

    @staticmethod
    def _variables(package: Package, task: str, opt: str) -> dict[str, str]:
        return {
            "_HANDLER": package.handler,
            "AWS_EXECUTION_ENV": f"AWS_Lambda_python{build.VERSION}",
            "LAMBDA_TASK_ROOT": task,
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            # The client leaves both to whoever starts it.
            "PYTHONPATH": f"{task}:{opt}/python",
        }


def as_lambda(folder: Path, visible: tuple[Path, ...] = ()) -> AsLambda:
    """Get everything ready to run the product's functions as Lambda does.

    Args:
        folder: Where an empty folder can be made.
        visible: Folders of this machine that can be read in the sandbox too.

    Raises:
        CannotStart: Something is missing; the message says what.
    """
    root = folder / "root"
    root.mkdir(parents=True, exist_ok=True)
    sandboxed = sandbox.possible()
    if not sandboxed:
        print("No namespaces here: code is not read-only, memory is not limited.", flush=True)
    return AsLambda(artifact.packages(), client(), root, sandboxed, visible)


def _moved(given: Mapping[str, str], opt: str) -> dict[str, str]:
    """Find the variables that name a place among the layers, and say where that is here."""
    return {
        name: opt + value.removeprefix(OPT)
        for name, value in given.items()
        if value == OPT or value.startswith(f"{OPT}/")
    }
