"""The product in this process, and everything that it asks for counted where it passes.

The engines are those of the local run: MiniStack, Amazon's DynamoDB Local (which says what each
call consumes) and the emulators. The handlers are the real ones.
"""

import asyncio
import contextlib
import gzip
import importlib
import os
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Self

import boto3
import botocore.httpsession
import httplib2
import requests
from requests.adapters import BaseAdapter, HTTPAdapter

from local import facts, seed
from local.aws import Aws, fresh_secret
from local.cometchat.server import create_app as create_cometchat
from local.google.server import create_app as create_google
from local.payload import Request, event_of, response_of
from local.router import Router
from local.run import serve
from local.template import Template
from local.world import RunningWorld, free_ports

READS = {"GetItem", "Query", "BatchGetItem"}
#: What a query costs at AWS that finds nothing; the local engine takes it for free.
LEAST_READ = 0.5
#: What Lambda itself writes of an invocation: START, END and REPORT.
LAMBDAS_LOG_BYTES = 330
_SECONDS = 60


class Meter:
    """Counts while it runs; one at a time."""

    def __init__(self) -> None:
        self.counts: defaultdict[str, float] = defaultdict(float)
        self._inside = False
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - as long as the process

    def watch(self) -> None:
        """Stand where every call passes."""
        aws, web = botocore.httpsession.URLLib3Session.send, HTTPAdapter.send
        google = httplib2.Http.request

        def to_aws(session: Any, request: Any) -> Any:
            target = request.headers.get("X-Amz-Target", b"")
            name = target.decode() if isinstance(target, bytes) else target
            self._count({"Tre": "kms", "Ama": "ssm"}.get(name[:3], "table"))
            return aws(session, request)

        def to_web(adapter: Any, request: Any, *args: Any, **more: Any) -> Any:
            self._count("oauth" if "/token" in request.url else "chat")
            return web(adapter, request, *args, **more)

        def to_google(http: Any, *args: Any, **more: Any) -> Any:
            self._count("google")
            return google(http, *args, **more)

        for owner, name, orphan_watch in (
            (botocore.httpsession.URLLib3Session, "send", to_aws),
            (HTTPAdapter, "send", to_web),
            (httplib2.Http, "request", to_google),
        ):
            setattr(owner, name, orphan_watch)
        boto3.setup_default_session()
        events: Any = boto3.DEFAULT_SESSION.events  # type: ignore[union-attr]
        events.register("provide-client-params.dynamodb", self._ask)
        events.register("after-call.dynamodb", self._note)

    def _count(self, kind: str) -> None:
        self.counts[kind] += self._inside

    @staticmethod
    def _ask(params: dict[str, Any], **_: Any) -> dict[str, Any]:
        return {**params, "ReturnConsumedCapacity": "INDEXES"}

    def _note(self, parsed: dict[str, Any], model: Any, **_: Any) -> None:
        consumed = parsed.get("ConsumedCapacity") or []
        if not self._inside:
            return
        for each in consumed if isinstance(consumed, list) else [consumed]:
            units = each.get("CapacityUnits", 0)
            if model.name in READS:
                self.counts["reads"] += units or LEAST_READ
                continue
            self.counts["writes"] += units
            for index in each.get("GlobalSecondaryIndexes", {}).values():
                self.counts["due_writes"] += index["CapacityUnits"]

    def invoke(self, function: str, event: Any) -> Any:
        """Run a handler, and count the invocation with its processor time and its log."""
        context = SimpleNamespace(
            get_remaining_time_in_millis=lambda: 25_000,
            function_name=function,
            memory_limit_in_mb=1024,
            invoked_function_arn=f"arn:aws:lambda:us-east-1:000000000000:function:{function}",
            aws_request_id="0b6c4b7e-7d0e-4b5e-8f69-2f1f3f4a6a01",
        )
        handler = importlib.import_module(f"functions.{function}.app").handler
        begun, written = time.thread_time(), self._log.tell()
        self._inside = True
        try:
            with self._logged():
                answer = handler(event, context)
        finally:
            self._inside = False
        self.counts["cpu_ms"] += round((time.thread_time() - begun) * 1000)
        self.counts["invocations"] += 1
        self.counts["log_bytes"] += self._log.seek(0, os.SEEK_END) - written + LAMBDAS_LOG_BYTES
        return answer

    @contextlib.contextmanager
    def _logged(self) -> Iterator[None]:
        sys.stdout.flush()
        terminal = os.dup(1)
        os.dup2(self._log.fileno(), 1)
        try:
            yield
        finally:
            sys.stdout.flush()
            os.dup2(terminal, 1)
            os.close(terminal)


class Door(BaseAdapter):
    """API Gateway in front of the handlers, for a session of `requests`."""

    def __init__(self, meter: Meter, template: Template) -> None:
        super().__init__()
        self._meter = meter
        self._router = Router(template.routes())
        self.session = requests.Session()
        self.session.mount("http://localhost", self)

    def send(self, request: Any, *_: Any, **__: Any) -> requests.Response:
        """Answer a request by its function."""
        body = request.body or b""
        asked = Request(
            request.method,
            request.path_url,
            tuple(request.headers.items()),
            body.encode() if isinstance(body, str) else body,
        )
        match = self._router.match(request.method, asked.raw_path)
        assert match is not None
        given = response_of(self._meter.invoke(match.route.function, event_of(asked, match)))
        self._meter.counts["requests"] += 1
        self._meter.counts["out_bytes"] += len(given.body) + sum(
            len(name) + len(value) + 4 for name, value in given.headers
        )
        answer = requests.Response()
        answer.status_code = given.status
        answer.url = request.url
        answer.headers.update(dict(given.headers))
        zipped = answer.headers.get("content-encoding") == "gzip"
        answer._content = gzip.decompress(given.body) if zipped else given.body  # noqa: SLF001 - as adapters do
        for name, value in given.headers:
            if name == "set-cookie":
                pair = value.partition(";")[0].partition("=")
                self.session.cookies.set(pair[0], pair[2])
        answer.request = request
        return answer

    def close(self) -> None:
        """Have nothing to close."""


class MeteredWorld(RunningWorld):
    """Engines and emulators, without functions: those run here.

    Args:
        meter: Watches already.
        folder: For the engines' files.
    """

    def __init__(self, meter: Meter, folder: Path) -> None:
        super().__init__(free_ports())
        self.meter = meter
        self.folder = folder
        self.clock = folder / "seconds"
        self.template = Template.read(
            facts.TEMPLATE, {"GoogleClientId": facts.GOOGLE_CLIENT_ID, "LogLevel": "INFO"}
        )
        self._loop = asyncio.new_event_loop()
        self._stack = contextlib.AsyncExitStack()

    def __enter__(self) -> Self:
        """Start everything."""
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        self._await(self._start())
        return self

    def __exit__(self, *_: object) -> None:
        """Stop everything."""
        self._await(self._stack.aclose())
        self._loop.call_soon_threadsafe(self._loop.stop)

    def _await(self, work: Any) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(_SECONDS * 3)

    async def _start(self) -> None:
        addresses = self.addresses
        aws = Aws(addresses, amazon=True, folder=self.folder)
        await aws.start()
        self._stack.push_async_callback(aws.stop)
        secrets = {"google-client-secret": facts.GOOGLE_CLIENT_SECRET}
        secrets |= {"signing-keys": fresh_secret(), "calendar-key": fresh_secret()}
        await asyncio.to_thread(aws.make_resources, self.template, secrets)
        google = create_google(addresses.google, [f"{addresses.extension}/oauth/callback"])
        await serve(self._stack, google, "127.0.0.1", addresses.port + 1)
        await serve(self._stack, create_cometchat(), "127.0.0.1", addresses.port + 2)
        variables = {**aws.variables, **addresses.vendors({})}
        functions = self.template.functions()
        await seed.seed(functions, variables, addresses)
        self.clock.write_text("0")
        for function in functions:
            os.environ.update(function.environment)
        os.environ.update(
            variables, WEB_DIR=str(facts.ROOT / "web"), CLOCK_OFFSET_FILE=str(self.clock)
        )

    def pass_(self, seconds: int) -> None:
        """Move the clock of the functions."""
        self.clock.write_text(str(int(self.clock.read_text()) + seconds))

    def metered(self, work: Callable[[], Any]) -> dict[str, float]:
        """Do some work, and give what it took."""
        self.meter.counts.clear()
        work()
        return dict(self.meter.counts)

    def items(self) -> list[dict[str, Any]]:
        """Return everything that the table holds, as DynamoDB writes it."""
        pages = boto3.client("dynamodb").get_paginator("scan")
        found = pages.paginate(TableName=os.environ["TABLE_NAME"])
        return [item for page in found for item in page["Items"]]
