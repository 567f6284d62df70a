"""CometChat's cloud as clients see it: its https hosts lead to the local run.

A browser resolves CometChat's names to loopback, where a pipe that speaks TLS hands every byte on.
So an SDK calls the addresses that it calls in production, preflights and all, and no test touches
its code. Whatever other name a page asks for is not found.
"""

import asyncio
import ssl
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from playwright.sync_api import Browser

from local import facts, walk
from local.world import RunningWorld

#: Where `CometChat.callExtension("calendar-scheduling", ...)` looks for an extension.
EXTENSION_HOST = f"calendar-scheduling-{facts.APP_REGION}.cometchat.io"
#: With the SDK on a page, logs somebody in; without a socket, for those who do not listen.
LOG_IN = """async (authToken) => {
  const settings = new CometChat.AppSettingsBuilder()
    .setRegion("us").autoEstablishSocketConnection(false).build();
  await CometChat.init("local", settings);
  await CometChat.login(authToken);
}"""
_SECONDS = 10
_CHUNK = 65_536


@contextmanager
def browser_at(world: RunningWorld, app_id: str = "local") -> Iterator[Browser]:
    """Provide a Chromium for which CometChat's hosts are the local run's.

    Its contexts need `ignore_https_errors`: the certificate is nobody's.
    """
    client_host = f"{app_id}.apiclient-{facts.APP_REGION}.cometchat.io"
    socket_host = f"{app_id}.websocket-{facts.APP_REGION}.cometchat.io"
    places = {
        client_host: world.cometchat.url,
        socket_host: world.cometchat.url,
        EXTENSION_HOST: world.url,
    }
    with ExitStack() as stack:
        rules = ["MAP * ~NOTFOUND", "EXCLUDE localhost", "EXCLUDE 127.0.0.1"]
        for host, address in places.items():
            port = stack.enter_context(tls_to(int(address.rpartition(":")[2])))
            rules.insert(0, f"MAP {host} 127.0.0.1:{port}")
        yield stack.enter_context(walk.chromium(f"--host-resolver-rules={','.join(rules)}"))


@contextmanager
def tls_to(port: int) -> Iterator[int]:
    """Speak TLS on a free port, which is given, and hand what is said on to another."""

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while chunk := await reader.read(_CHUNK):
                writer.write(chunk)
                await writer.drain()
        except OSError:
            pass  # either side may hang up at any time
        finally:
            writer.close()

    async def join(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            writer.close()
            return
        await asyncio.gather(carry(reader, inner_writer), carry(inner_reader, writer))

    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    start = asyncio.start_server(join, "127.0.0.1", 0, ssl=_certified())
    server = asyncio.run_coroutine_threadsafe(start, loop).result(_SECONDS)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        asyncio.run_coroutine_threadsafe(_end(server), loop).result(_SECONDS)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(_SECONDS)
        loop.close()


async def _end(server: asyncio.Server) -> None:
    server.close()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


def _certified() -> ssl.SSLContext:
    """Return a TLS context with a certificate made for today."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "cometchat.io")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    form, unlocked = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as folder:
        both = Path(folder) / "both.pem"
        both.write_bytes(key.private_bytes(pem, form, unlocked) + certificate.public_bytes(pem))
        context.load_cert_chain(both)
    return context
