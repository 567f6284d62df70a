"""`make deploy-local`: deploy, do the whole job, update, delete; each step told with its time.

`python -m local.deploy --serve` deploys and runs until Ctrl-C instead: the same addresses as those
of `python -m local`, which `python -m local --help` lists. `--empty` leaves the deploying to
somebody else: it starts an empty account and the vendors, and the gateway once a stack is there.
"""

import argparse
import asyncio
import os
import shutil
import signal
import sys
from pathlib import Path

from local import facts
from local.child import CannotStart
from local.demo_drive import StepFailed
from local.deploy import tour
from local.deploy.run import DeployedRun, EmptyAccount
from local.deploy.stack import DeployFailed
from local.world import WorldFailed

_FOLDER = facts.ROOT / ".build" / "deployed"


async def _serve(run: DeployedRun) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await run.start()
    try:
        at = run.addresses
        print(f"ready  demo {at.demo}  extension {at.extension}  aws {at.aws}", flush=True)
        await stop.wait()
    finally:
        await run.stop()


def main() -> int:
    """Read the command line, and do what it says."""
    parser = argparse.ArgumentParser(
        prog="python -m local.deploy",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    port = os.environ.get("PORT") or str(facts.DEFAULT_PORT)
    parser.add_argument("--serve", action="store_true", help="deploy, and run until Ctrl-C")
    parser.add_argument("--empty", action="store_true", help="the same, but deploy nothing")
    parser.add_argument("--port", type=int, default=port, help="first of four ports, to serve")
    parser.add_argument(
        "--folder", type=Path, default=_FOLDER, help="for logs and what is deployed"
    )
    parser.add_argument("--discard", action="store_true", help="remove that folder at the end")
    chosen = parser.parse_args()
    try:
        if chosen.serve or chosen.empty:
            kind = EmptyAccount if chosen.empty else DeployedRun
            asyncio.run(_serve(kind(facts.Addresses(chosen.port), chosen.folder)))
        else:
            tour.go()
    except (CannotStart, DeployFailed, StepFailed, WorldFailed) as why:
        print(why, file=sys.stderr)
        return 1
    finally:
        if chosen.discard:
            shutil.rmtree(chosen.folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
