"""MiniStack: KMS, parameters, queues and (unless Amazon's engine is wanted) the table.

It is embedded as a process of its own with a venv of its own, because it pins botocore; the venv is
made on first use from `local/tools/ministack/requirements.txt`.
What MiniStack does not do: `TransactionConflict` and throttling, stream records for items that TTL
removes, IAM unless `AUTH=true`. Its state is memory: each run begins empty.
"""

import asyncio
from collections.abc import Mapping
from pathlib import Path

from local import facts, tool_venv
from local.child import Child

FOLDER = facts.ROOT / "local" / "tools" / "ministack"
_PYTHON = FOLDER / ".venv" / "bin" / "python"
_START_SECONDS = 60
_SETTINGS: Mapping[str, str] = {
    "BIND_HOST": "127.0.0.1",
    "MINISTACK_HOST": "127.0.0.1",
    "MINISTACK_REGION": facts.REGION,
    "MINISTACK_ACCOUNT_ID": facts.ACCOUNT,
    "SERVICES": "dynamodb,dynamodbstreams,kms,ssm,sqs,sts",
    "SFTP_ENABLED": "0",
    "IOT_MTLS_ENABLED": "0",
    "LOG_LEVEL": "WARNING",
}
#: For deploying to it: every service, functions run as processes, and each call needs a permission,
#: but for these credentials, which are the account's own.
DEPLOYS: Mapping[str, str] = {
    **facts.AWS_CREDENTIALS,
    "SERVICES": "",
    "AUTH": "true",
    "LAMBDA_EXECUTOR": "local",
}
#: Variables that are meant for MiniStack alone; it lends them to the functions that it starts.
OWN = frozenset({*_SETTINGS, *DEPLOYS, "GATEWAY_PORT", "TMPDIR"} - {*facts.AWS_CREDENTIALS})


async def install() -> None:
    """Make the venv, unless it is there and fits its pins.

    Raises:
        CannotStart: pip could not.
    """
    await asyncio.to_thread(tool_venv.install, FOLDER, "MiniStack, which stands for AWS")


async def start(port: int, folder: Path, more: Mapping[str, str] | None = None) -> Child:
    """Start it on a port of loopback and wait until it is ready.

    Args:
        port: Where it shall listen.
        folder: For its output and its own files.
        more: Further settings, such as `DEPLOYS`.

    Raises:
        CannotStart: It did not come up.
    """
    child = Child("MiniStack", folder / "ministack.log")
    own = {"GATEWAY_PORT": str(port), "TMPDIR": str(folder)}
    environ = {**_SETTINGS, **own, **(more or {})}
    await child.start([str(_PYTHON), "-m", "ministack"], environ, folder)
    try:
        address = f"http://127.0.0.1:{port}/_ministack/ready"
        await child.until_answers(address, _START_SECONDS)
    except BaseException:
        await child.stop()
        raise
    return child
