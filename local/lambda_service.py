"""The Lambda service: each function has a pool of execution environments, each a process.

An environment serves one request at a time, is started when none is free, kept for the next
request, and replaced when it crashes or runs out of time. Results and errors are those that
Lambda reports, so that callers meet the same shapes.
What it does not do: queue asynchronous invocations for later tries, throttle with 429 (a request
waits for an environment instead), retire idle environments, versions and aliases.

Source: AWS Lambda Developer Guide, "Lambda runtime environment" and "Lambda quotas" (read 2026-11).
"""

import asyncio
import json
import uuid
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from local.environment import Environment, EnvironmentFailed, Logs
from local.execution import FromSource, Runtime
from local.template import Function

PAYLOAD_LIMIT_BYTES = 6 * 1024 * 1024
#: An answer may be a little larger; the number is that of Amazon's own emulator.
ANSWER_LIMIT_BYTES = PAYLOAD_LIMIT_BYTES + 100


class UnknownFunction(Exception):
    """No function has this name; the message says which have."""


class PayloadTooLarge(Exception):
    """The event is larger than Lambda accepts."""


@dataclass(frozen=True)
class Result:
    """What an invocation gave."""

    payload: bytes
    #: `Unhandled` when the function failed; the payload then describes the error.
    function_error: str | None = None
    request_id: str = ""

    def json(self) -> Any:
        """Read the payload."""
        return json.loads(self.payload)


class Functions(Protocol):
    """Whatever runs functions by name; what it raises is what `LambdaService` raises."""

    def find(self, name: str) -> Function:
        """Find a function by its folder, logical id, deployed name or ARN."""
        ...

    def variables_of(self, function: Function) -> dict[str, str]:
        """Say the whole environment of a function, without what Lambda adds to it."""
        ...

    async def invoke(self, name: str, event: Any) -> Result:
        """Run a function with an event and wait for what it gives."""
        ...

    async def invoke_bytes(self, name: str, payload: bytes) -> Result:
        """Run a function with an event that is JSON already."""
        ...


def pick(functions: Iterable[Function], name: str) -> Function:
    """Find a function by its folder, logical id, deployed name or ARN.

    Raises:
        UnknownFunction: There is none.
    """
    wanted = name.rpartition(":function:")[2].partition(":")[0]
    names = []
    for known in functions:
        if wanted in {known.name, known.logical_id, known.deployed_name}:
            return known
        names.append(known.name)
    raise UnknownFunction(f"Function not found: {name}; there are {', '.join(names)}.")


def payload_of(event: Any) -> bytes:
    """Write an event as Lambda is given it."""
    return json.dumps(event, ensure_ascii=False).encode()


def require_size(payload: bytes) -> None:
    """Make sure that an event is small enough.

    Raises:
        PayloadTooLarge: Lambda would not accept it.
    """
    if len(payload) > PAYLOAD_LIMIT_BYTES:
        raise PayloadTooLarge(f"Request must be smaller than {PAYLOAD_LIMIT_BYTES} bytes.")


@dataclass
class _Pool:
    """The environments of one function."""

    function: Function
    limit: int
    free: list[Environment] = field(default_factory=list)
    count: int = 0
    waiting: deque[asyncio.Future[None]] = field(default_factory=deque)


class LambdaService:
    """Invokes functions by name.

    Args:
        functions: As the template gives them.
        variables: What every environment gets beside its own: hosts, credentials, paths.
        environments: How many environments one function may have at a time.
        logs: Where functions write.
        runtime: Says how an environment is started.
    """

    def __init__(
        self,
        functions: Iterable[Function],
        variables: Mapping[str, str],
        *,
        environments: int,
        logs: Logs,
        runtime: Runtime | None = None,
    ) -> None:
        self._pools = {
            function.name: _Pool(function=function, limit=environments) for function in functions
        }
        self._variables = variables
        self._logs = logs
        self._runtime = runtime or FromSource()
        self._living: set[Environment] = set()

    def find(self, name: str) -> Function:
        """Find a function by its folder, logical id, deployed name or ARN.

        Raises:
            UnknownFunction: There is none.
        """
        return pick((pool.function for pool in self._pools.values()), name)

    def variables_of(self, function: Function) -> dict[str, str]:
        """Say the whole environment of a function, without what Lambda adds to it."""
        return {**self._variables, **function.environment}

    async def invoke(self, name: str, event: Any) -> Result:
        """Run a function with an event (anything that JSON can say) and wait for what it gives.

        Raises:
            UnknownFunction: There is no such function.
            PayloadTooLarge: The event is larger than Lambda accepts.
        """
        return await self.invoke_bytes(name, payload_of(event))

    async def invoke_bytes(self, name: str, payload: bytes) -> Result:
        """Run a function with an event that is JSON already; otherwise as `invoke`."""
        pool = self._pools[self.find(name).name]
        require_size(payload)
        request_id = str(uuid.uuid4())
        environment = await self._take(pool)
        try:
            answer = await environment.invoke(request_id, payload)
            failed = environment.handler_failed
        except EnvironmentFailed as why:
            answer, failed = why.describe(request_id), True
        finally:
            await self._give_back(pool, environment)
        if not failed and len(answer) > ANSWER_LIMIT_BYTES:
            failed, answer = True, _too_large()
        return Result(answer, "Unhandled" if failed else None, request_id)

    async def warm(self) -> None:
        """Start one environment for each function, one after another, and wait for none."""
        for pool in self._pools.values():
            if pool.count:
                continue
            environment = await self._start(pool)
            await environment.initialised()
            await self._give_back(pool, environment)

    async def stop(self) -> None:
        """End all environments."""
        await asyncio.gather(*(environment.stop() for environment in list(self._living)))
        self._living.clear()

    async def _take(self, pool: _Pool) -> Environment:
        while True:
            while pool.free:
                environment = pool.free.pop()
                if environment.alive:
                    return environment
                await self._discard(pool, environment)
            if pool.count < pool.limit:
                return await self._start(pool)
            turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            pool.waiting.append(turn)
            await turn

    async def _start(self, pool: _Pool) -> Environment:
        pool.count += 1
        variables = self.variables_of(pool.function)
        environment = Environment(
            pool.function,
            variables,
            launch=self._runtime.launch(pool.function, variables),
            logs=self._logs,
        )
        self._living.add(environment)
        await environment.start()
        return environment

    async def _give_back(self, pool: _Pool, environment: Environment) -> None:
        if environment.alive and not environment.busy:
            pool.free.append(environment)
        else:
            await self._discard(pool, environment)
        while pool.waiting:
            turn = pool.waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                break

    async def _discard(self, pool: _Pool, environment: Environment) -> None:
        pool.count -= 1
        self._living.discard(environment)
        await environment.stop()


def _too_large() -> bytes:
    message = (
        f"Response payload size exceeded maximum allowed payload size ({ANSWER_LIMIT_BYTES} bytes)."
    )
    error = {"errorType": "Function.ResponseSizeTooLarge", "errorMessage": message}
    return json.dumps(error).encode()
