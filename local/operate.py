"""The operator's command over a running local run, which lends it its environment.

`make admin DO="check --app-id local"`; `make admin` alone says what can be done.
PORT names the local run.
"""

import os
import subprocess
import sys

from local import facts
from local.invoke import CannotInvoke, fetch
from local.world import RunningWorld

#: Any function that has all that the command needs.
_LENDER = "reconcile"


def environment(world: RunningWorld) -> dict[str, str]:
    """Return what `scheduling.admin` needs to work on a local run.

    Raises:
        CannotInvoke: There is no local run.
    """
    _, variables = fetch(_LENDER, world)
    return {
        **variables,
        "PATH": os.environ.get("PATH", os.defpath),
        "PYTHONPATH": str(facts.ROOT / "shared"),
    }


def main() -> int:
    """Run one command of the operator's, with this terminal."""
    port = os.environ.get("PORT") or str(facts.DEFAULT_PORT)
    try:
        environ = environment(RunningWorld(int(port)))
    except CannotInvoke as why:
        print(why, file=sys.stderr)
        return 1
    command = [sys.executable, "-m", "scheduling.admin", *sys.argv[1:]]
    return subprocess.run(command, env=environ, check=False).returncode  # noqa: S603 - our own


if __name__ == "__main__":
    sys.exit(main())
