"""Makes the tenants of the local run, as an operator makes them: with `scheduling.admin`."""

import asyncio
import os
import sys
from collections.abc import Iterable, Mapping

from local import facts
from local.child import CannotStart
from local.template import Function

_NEEDED = {"TABLE_NAME", "SEALING_KEY_ARN"}


async def seed(
    functions: Iterable[Function], variables: Mapping[str, str], addresses: facts.Addresses
) -> None:
    """Add each app with its key and the demo as return address.

    Args:
        functions: One of them lends its environment.
        variables: AWS and vendor hosts.
        addresses: Of this run.

    Raises:
        CannotStart: The product refused a tenant.
    """
    lender = next(
        (function.environment for function in functions if set(function.environment) >= _NEEDED),
        None,
    )
    if lender is None:
        raise CannotStart("No function of the template has TABLE_NAME and SEALING_KEY_ARN.")
    environ = {
        **variables,
        **lender,
        "PATH": os.environ.get("PATH", os.defpath),
        "PYTHONPATH": str(facts.ROOT / "shared"),
    }
    await asyncio.gather(*(_add(app_id, environ, addresses.demo) for app_id in facts.API_KEYS))


async def _add(app_id: str, environ: Mapping[str, str], return_url: str) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "scheduling.admin", "add"),
        *("--app-id", app_id),
        *("--region", facts.APP_REGION),
        *("--name", facts.APP_NAMES[app_id]),
        "--api-key-stdin",
        *("--return-url", return_url),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env=environ,
    )
    output, _ = await process.communicate(facts.API_KEYS[app_id].encode())
    if process.returncode:
        words = output.decode(errors="replace").strip()
        raise CannotStart(f"The tenant '{app_id}' could not be added:\n{words}")
