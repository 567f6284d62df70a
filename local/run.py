"""Starts the whole system, keeps it going, and stops it: what `python -m local` does."""

import asyncio
import contextlib
import json
import re
import socket
from collections.abc import Coroutine, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiohttp import web

from local import facts, seed
from local.aws import Aws, fresh_secret
from local.batches import Feeder
from local.child import CannotStart
from local.cometchat.server import create_app as create_cometchat
from local.environment import Logs
from local.execution import FromSource, Runtime, as_lambda
from local.gateway import Gateway
from local.google.server import create_app as create_google
from local.lambda_service import LambdaService
from local.stream import Poller, keep_on, tick
from local.template import Function, Schedule, StreamMapping, Template

_STREAM_SECONDS = 30


@dataclass(frozen=True)
class Settings:
    """What can be chosen about a run."""

    addresses: facts.Addresses
    #: The environment: vendor hosts, and the Google client that goes with them.
    environ: Mapping[str, str]
    #: For logs and the engines' own files.
    folder: Path = facts.ROOT / ".build" / "local"
    #: Whether that folder goes with the run.
    discard: bool = False
    amazon: bool = False
    #: For `sam local invoke --env-vars`; it holds this run's key and ports.
    env_file: Path = facts.ROOT / "local" / "env.json"
    environments: int = 4
    #: Whether functions run packaged, as in Lambda, or from their source.
    as_lambda: bool = False
    #: Replaces the rate of every schedule.
    schedule_seconds: float | None = None
    logs_on_terminal: bool = False


class LocalRun:
    """The running system."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._aws = Aws(settings.addresses, settings.amazon, settings.folder)
        self._stack = contextlib.AsyncExitStack()

    async def start(self) -> None:
        """Start everything, in the order in which one thing needs another.

        Raises:
            CannotStart: Something is missing or in the way; nothing is left running.
            TemplateError: The template cannot be followed.
        """
        async with contextlib.AsyncExitStack() as starting:
            await self._start(starting)
            self._stack = starting.pop_all()

    async def stop(self) -> None:
        """Stop everything, last started first."""
        await self._stack.aclose()

    async def _start(self, stack: contextlib.AsyncExitStack) -> None:
        settings, addresses = self._settings, self._settings.addresses
        require_free(addresses.port, facts.PORTS if settings.amazon else facts.PORTS - 1)
        environ = settings.environ
        client_id = environ.get("GOOGLE_CLIENT_ID") or facts.GOOGLE_CLIENT_ID
        chosen = {"GoogleClientId": client_id}
        if "LIMITS_FACTOR" in environ:
            chosen["LimitsFactor"] = environ["LIMITS_FACTOR"]
        template = Template.read(facts.TEMPLATE, chosen)
        logs = Logs(settings.folder, on_terminal=settings.logs_on_terminal)
        logs.clear()
        await self._aws.start()
        stack.push_async_callback(self._aws.stop)
        secrets = {
            "google-client-secret": environ.get("GOOGLE_CLIENT_SECRET")
            or facts.GOOGLE_CLIENT_SECRET,
            "signing-keys": fresh_secret(),
            "calendar-key": fresh_secret(),
        }
        await asyncio.to_thread(self._aws.make_resources, template, secrets)
        google = create_google(addresses.google, [f"{addresses.extension}/oauth/callback"])
        await serve(stack, google, "127.0.0.1", addresses.port + 1)
        await serve(stack, create_cometchat(), "127.0.0.1", addresses.port + 2)

        functions = template.functions()
        runtime: Runtime = FromSource()
        if settings.as_lambda:
            runtime = await asyncio.to_thread(as_lambda, settings.folder, _visible(environ))
        variables = {**self._aws.variables, **addresses.vendors(environ)}
        if "CLOCK_OFFSET_FILE" in environ:
            variables["CLOCK_OFFSET_FILE"] = environ["CLOCK_OFFSET_FILE"]
        write_env_file(settings.env_file, functions, variables)
        service = LambdaService(
            functions,
            variables,
            environments=settings.environments,
            logs=logs,
            runtime=runtime,
        )
        stack.push_async_callback(service.stop)
        gateway = Gateway(
            service,
            template.routes(),
            template.cors(),
            print_requests=settings.logs_on_terminal,
        )
        await serve(stack, gateway.app(), "127.0.0.1", addresses.port, also="::1")
        await seed.seed(functions, variables, addresses)
        for mapping in template.streams():
            poller = self._poller(service, mapping)
            self._background(stack, keep_on("stream", poller.run))
            try:
                await asyncio.wait_for(poller.begun.wait(), _STREAM_SECONDS)
            except TimeoutError as why:
                raise CannotStart("The table's stream cannot be read.") from why
        schedules = template.schedules()
        for number, schedule in enumerate(schedules):
            # One after another, so that schedules of one function share its environment here.
            part = number / len(schedules)
            self._background(stack, self._tick(service, schedule, part))
        self._background(stack, service.warm())

    def _poller(self, service: LambdaService, mapping: StreamMapping) -> Poller:
        queue = mapping.on_failure or ""
        feeder = Feeder(
            mapping,
            invoke=lambda event: service.invoke(mapping.function, event),
            give_up=lambda batch: asyncio.to_thread(self._aws.send, queue, batch),
            function_arn=service.find(mapping.function).arn,
        )
        return Poller(self._aws.streams(), mapping, feeder)

    async def _tick(self, service: LambdaService, schedule: Schedule, part: float) -> None:
        seconds = self._settings.schedule_seconds or schedule.seconds
        await asyncio.sleep(seconds * part)
        await tick(schedule, lambda event: service.invoke(schedule.function, event), seconds)

    @staticmethod
    def _background(stack: contextlib.AsyncExitStack, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)

        async def end() -> None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

        stack.push_async_callback(end)


def write_env_file(path: Path, functions: Iterable[Function], variables: Mapping[str, str]) -> None:
    """Write the functions' variables as the SAM CLI wants them.

    It runs functions in a container, where this machine has another name.
    """
    given = {
        function.logical_id: {
            name: re.sub(r"//(127\.0\.0\.1|localhost):", "//host.docker.internal:", value)
            for name, value in {**variables, **function.environment}.items()
        }
        for function in functions
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(given, indent=2) + "\n", encoding="utf-8")


def require_free(port: int, count: int) -> None:
    """Make sure that a block of ports is free.

    Raises:
        CannotStart: One is taken.
    """
    for one in range(port, port + count):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", one))
            except OSError as why:
                raise CannotStart(
                    f"Port {one} is taken. Choose another block of {count} ports: "
                    f"PORT={port + 1000} make run"
                ) from why


def _visible(environ: Mapping[str, str]) -> tuple[Path, ...]:
    clock = environ.get("CLOCK_OFFSET_FILE")
    return (Path(clock).resolve().parent,) if clock else ()


async def serve(
    stack: contextlib.AsyncExitStack,
    app: web.Application,
    host: str,
    port: int,
    also: str | None = None,
) -> None:
    """Serve an app until the stack is left; `also` is a second address, if the machine has it.

    Raises:
        CannotStart: The port is taken.
    """
    # Long lines are refused by the gateway itself, in API Gateway's words.
    runner = web.AppRunner(
        app,
        access_log=None,
        shutdown_timeout=1,
        max_line_size=16_384,
        max_field_size=16_384,
    )
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError as why:
        raise CannotStart(f"Port {port} is taken.") from why
    if also is not None:
        with contextlib.suppress(OSError):  # a machine without IPv6
            await web.TCPSite(runner, also, port).start()
