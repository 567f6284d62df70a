"""The whole system on one machine, until Ctrl-C."""

import argparse
import asyncio
import contextlib
import os
import shutil
import signal
import sys
from pathlib import Path

from local import facts
from local.child import CannotStart
from local.intrinsics import TemplateError
from local.run import LocalRun, Settings

_HELP = """
Starts the extension with everything around it, prints one line that begins with 'ready', and runs
until Ctrl-C. The real handlers run, each environment a process of its own, behind the routes, the
stream mapping and the schedule of template.yaml. Only Google and CometChat are emulators of ours.

addresses (PORT is 3000 unless told otherwise)
  PORT     http://localhost:PORT       the extension; the demo at /demo; the Lambda API for SDKs
  PORT+1   http://127.0.0.1:PORT+1     Google emulator; faults at /_faults
  PORT+2   http://127.0.0.1:PORT+2     CometChat emulator; faults at /_faults
  PORT+3   http://127.0.0.1:PORT+3     AWS: table, key, parameters, queue (MiniStack)
  PORT+4   http://127.0.0.1:PORT+4     the table, with DYNAMODB=amazon

fixed facts
  apps       'local' and 'other', region 'us', API keys local-api-key and other-api-key
  users      alice, bob, carol, dave in 'local'; another alice in 'other'; group 'team' of alice,
             bob, carol
  tokens     curl -X POST -H 'appid: local' -H 'apikey: local-api-key' \\
                  http://127.0.0.1:3002/v3/users/alice/auth_tokens
  Google     client local-client / local-secret; accounts alice@, bob@, carol@example.com

environment
  PORT               first of five ports
  DYNAMODB=amazon    the table lives in Amazon's own DynamoDB Local (needs Java, and npm once)
  RUNTIME=lambda     functions run as `make build` packages them, under Amazon's runtime client, an
                     environment in a sandbox each (needs python3.13, and the SAM CLI once)
  ENVIRONMENTS       execution environments that one function may have (4)
  SCHEDULE_SECONDS   replaces the rate of the schedule
  LIMITS_FACTOR      how many times the usual limits one user may do in an hour (1)
  GOOGLE_AUTH_URL, GOOGLE_TOKEN_URL, GOOGLE_REVOKE_URL, GOOGLE_CERTS_URL, GOOGLE_CALENDAR_URL,
  COMETCHAT_API_URL, COMETCHAT_CLIENT_URL
                     each replaces the emulator for that host
  GOOGLE_CLIENT_ID, GOOGLE_CLIENT_SECRET
                     the OAuth client, where the real Google takes the emulator's place

faults (at either emulator; DELETE /_faults clears them)
  curl -X POST http://127.0.0.1:3001/_faults -d '{"match": "calendar.events.insert",
       "kind": "status", "status": 503, "times": 2}'
  kind is status, delay (with "seconds"), drop_before or drop_after; match is Google's method id,
  oauth.token, oauth.revoke, or messages.send, users.me and so on for CometChat

What functions print is in .build/local/<function>.log, and with --logs on the terminal too.
"""


def _settings(arguments: list[str]) -> Settings:
    parser = argparse.ArgumentParser(
        prog="python -m local",
        description=_HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    environ = os.environ
    port = environ.get("PORT") or str(facts.DEFAULT_PORT)
    parser.add_argument("--port", type=int, default=port, help="first of five ports")
    parser.add_argument("--logs", action="store_true", help="show requests and functions' output")
    parser.add_argument("--folder", type=Path, default=Settings.folder, help="for logs")
    parser.add_argument("--discard", action="store_true", help="remove that folder at the end")
    chosen = parser.parse_args(arguments)
    engine = environ.get("DYNAMODB", "")
    if engine not in {"", "amazon"}:
        parser.error("DYNAMODB can only be 'amazon'.")
    runtime = environ.get("RUNTIME", "")
    if runtime not in {"", "lambda"}:
        parser.error("RUNTIME can only be 'lambda'.")
    try:
        environments = int(environ.get("ENVIRONMENTS") or 4)
        seconds = float(environ.get("SCHEDULE_SECONDS") or 0)
    except ValueError as why:
        parser.error(f"ENVIRONMENTS and SCHEDULE_SECONDS must be numbers: {why}")
    if environments < 1 or seconds < 0 or not 0 < chosen.port < 2**16 - facts.PORTS:
        parser.error("PORT, ENVIRONMENTS and SCHEDULE_SECONDS must be sensible numbers.")
    return Settings(
        addresses=facts.Addresses(chosen.port),
        environ=environ,
        folder=chosen.folder.absolute(),
        discard=chosen.discard,
        env_file=_env_file(chosen.folder),
        amazon=engine == "amazon",
        environments=environments,
        as_lambda=runtime == "lambda",
        schedule_seconds=seconds or None,
        logs_on_terminal=chosen.logs,
    )


def _env_file(folder: Path) -> Path:
    """Return the one place that the SAM CLI looks at, for the one run that people start."""
    return Settings.env_file if folder == Settings.folder else folder / "env.json"


def _ready(settings: Settings) -> str:
    at = settings.addresses
    addresses = {"demo": at.demo, "extension": at.extension, "google": at.google}
    addresses |= {"cometchat": at.cometchat, "aws": at.aws}
    if settings.amazon:
        addresses["dynamodb"] = at.dynamodb
    return "  ".join(["ready", *(f"{name} {url}" for name, url in addresses.items())])


async def _run(settings: Settings) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    run = LocalRun(settings)
    starting = asyncio.create_task(run.start())
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait([starting, stopping], return_when=asyncio.FIRST_COMPLETED)
    if not starting.done():
        starting.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await starting
        return
    await starting
    try:
        print(_ready(settings), flush=True)
        await stopping
    finally:
        await run.stop()


def main() -> int:
    """Run until told to stop."""
    settings = _settings(sys.argv[1:])
    try:
        asyncio.run(_run(settings))
    except (CannotStart, TemplateError) as why:
        print(why, file=sys.stderr)
        return 1
    finally:
        if settings.discard:
            shutil.rmtree(settings.folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
