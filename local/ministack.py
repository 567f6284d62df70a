"""MiniStack: KMS, parameters, queues and (unless Amazon's engine is wanted) the table.

It is embedded as a process of its own with a venv of its own, because it pins botocore; the venv is
made on first use from `local/tools/ministack/requirements.txt`.
What MiniStack does not do: `TransactionConflict` and throttling, stream records for items that TTL
removes, IAM unless `AUTH=true`. Its state is memory: each run begins empty.
"""

import asyncio
import hashlib
import subprocess
import sys
from pathlib import Path

from local import facts
from local.child import CannotStart, Child, only_one

FOLDER = facts.ROOT / "local" / "tools" / "ministack"
_VENV = FOLDER / ".venv"
_PYTHON = _VENV / "bin" / "python"
_MADE_FROM = _VENV / ".made-from"
_START_SECONDS = 60
_SERVICES = "dynamodb,dynamodbstreams,kms,ssm,sqs,sts"


async def install() -> None:
    """Make the venv, unless it is there and fits its pins.

    Raises:
        CannotStart: pip could not.
    """
    await asyncio.to_thread(_install)


async def start(port: int, folder: Path) -> Child:
    """Start it on a port of loopback and wait until it is ready.

    Args:
        port: Where it shall listen.
        folder: For its output and its own files.

    Raises:
        CannotStart: It did not come up.
    """
    child = Child("MiniStack", folder / "ministack.log")
    environ = {
        "GATEWAY_PORT": str(port),
        "BIND_HOST": "127.0.0.1",
        "MINISTACK_HOST": "127.0.0.1",
        "MINISTACK_REGION": facts.REGION,
        "MINISTACK_ACCOUNT_ID": facts.ACCOUNT,
        "SERVICES": _SERVICES,
        "SFTP_ENABLED": "0",
        "IOT_MTLS_ENABLED": "0",
        "LOG_LEVEL": "WARNING",
        "TMPDIR": str(folder),
    }
    await child.start([str(_PYTHON), "-m", "ministack"], environ, folder)
    try:
        address = f"http://127.0.0.1:{port}/_ministack/ready"
        await child.until_answers(address, _START_SECONDS)
    except BaseException:
        await child.stop()
        raise
    return child


def _install() -> None:
    pins = FOLDER / "requirements.txt"
    made_from = hashlib.sha256(pins.read_bytes()).hexdigest()
    with only_one(FOLDER):
        if _MADE_FROM.is_file() and _MADE_FROM.read_text() == made_from:
            return
        print("Installing MiniStack, which stands for AWS (once, about a minute) ...", flush=True)
        _run(sys.executable, "-m", "venv", "--clear", str(_VENV))
        quiet = ("--quiet", "--disable-pip-version-check", "--no-deps")
        _run(str(_PYTHON), "-m", "pip", "install", *quiet, "-r", str(pins))
        _MADE_FROM.write_text(made_from)


def _run(*command: str) -> None:
    done = subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603
    if done.returncode:
        raise CannotStart(f"MiniStack cannot be installed:\n{done.stdout}{done.stderr}")
