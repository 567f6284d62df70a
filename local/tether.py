"""Run a command that ends when the process that started it ends, however that happened.

`python -I -S local/tether.py COMMAND ...`. On Linux the kernel is asked to send SIGTERM and this
process becomes the command, at no cost. Elsewhere it stays, watches who its parent is, and
passes signals on. Start it from a thread that lives as long as the process, because Linux watches
the thread.
"""

import ctypes
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_GLANCE_SECONDS = 1.0


def command(*arguments: str) -> list[str]:
    """Say how to run a command on a tether."""
    return [sys.executable, "-I", "-S", str(Path(__file__)), str(os.getpid()), *arguments]


def _tie_and_become(parent: int, arguments: list[str]) -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:  # it was gone before the kernel was asked
        sys.exit(1)
    os.execvp(arguments[0], arguments)  # noqa: S606 - no shell is wanted


def _watch(parent: int, arguments: list[str]) -> int:
    child = subprocess.Popen(arguments)  # noqa: S603 - our own command
    signal.signal(signal.SIGTERM, lambda *_: child.terminate())
    while child.poll() is None:
        if os.getppid() != parent:
            child.terminate()
        time.sleep(_GLANCE_SECONDS)
    return child.returncode


if __name__ == "__main__":
    _parent, _arguments = int(sys.argv[1]), sys.argv[2:]
    if sys.platform == "linux":
        _tie_and_become(_parent, _arguments)
    sys.exit(_watch(_parent, _arguments))
