"""What `template.yaml` says, as the local run needs it: nothing of it is written twice.

Gives the functions with their environments, the HTTP API's routes and CORS, the stream mapping, the
schedules, and the resources (table, key, queue, parameters) that `aws` makes.
What it does not do: nested stacks, `AWS::Serverless::Api`, authorizers, event sources other than
HttpApi, DynamoDB, Schedule and ScheduleV2. Other sources are refused, so that none is lost unseen.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from local import facts
from local.intrinsics import Resolver, TemplateError, load

_FUNCTION = "AWS::Serverless::Function"
_RATE = re.compile(r"rate\((\d+) (second|minute|hour|day)s?\)")
_EVENT_TYPES = {"HttpApi", "DynamoDB", "Schedule", "ScheduleV2"}
_SETTINGS = ("CodeUri", "Handler", "Timeout", "MemorySize", "FunctionName")
_LAMBDA_TIMEOUT_SECONDS, _LAMBDA_MEMORY_MB = 3, 128
_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}


@dataclass(frozen=True)
class Function:
    """One Lambda function, with the environment that the template gives it."""

    logical_id: str
    #: The name of its folder, which is its name on the command line: `book_slot`.
    name: str
    #: From the root of the checkout: `functions.book_slot.app.handler`.
    handler: str
    timeout_seconds: int
    memory_mb: int
    environment: Mapping[str, str]
    #: What it would be called in AWS: its `FunctionName`, or its logical id.
    deployed_name: str

    @property
    def arn(self) -> str:
        """The ARN that the function would have."""
        return f"arn:aws:lambda:{facts.REGION}:{facts.ACCOUNT}:function:{self.deployed_name}"


@dataclass(frozen=True)
class Route:
    """One route of the HTTP API; path `$default` takes what no other takes."""

    method: str
    path: str
    function: str

    @property
    def key(self) -> str:
        """The route key that API Gateway shows to the function."""
        return self.path if self.path == "$default" else f"{self.method} {self.path}"


@dataclass(frozen=True)
class Cors:
    """The HTTP API's CorsConfiguration."""

    allow_origins: tuple[str, ...] = ()
    allow_methods: tuple[str, ...] = ()
    allow_headers: tuple[str, ...] = ()
    expose_headers: tuple[str, ...] = ()
    max_age: int | None = None
    allow_credentials: bool = False


@dataclass(frozen=True)
class StreamMapping:
    """How a function is fed from the table's stream; -1 means no end, as at AWS."""

    function: str
    stream: str
    starting_position: str = "LATEST"
    batch_size: int = 100
    window_seconds: float = 0
    parallelization_factor: int = 1
    bisect: bool = False
    retry_attempts: int = -1
    record_age_seconds: int = -1
    partial_responses: bool = False
    filters: tuple[Mapping[str, Any], ...] = ()
    #: The ARN of an SQS queue.
    on_failure: str | None = None


@dataclass(frozen=True)
class Schedule:
    """A function that is invoked again and again."""

    name: str
    function: str
    seconds: float
    input: str | None = None
    source: str = "aws.events"


@dataclass
class Template:
    """One template, resolved lazily: ask for functions only once `values` holds the resources."""

    document: Mapping[str, Any]
    parameters: Mapping[str, str]
    values: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.values.setdefault("AWS::Region", facts.REGION)
        self.values.setdefault("AWS::AccountId", facts.ACCOUNT)
        self.values.setdefault("AWS::Partition", "aws")
        self.values.setdefault("AWS::URLSuffix", "amazonaws.com")
        self.values.setdefault("AWS::StackName", "local")
        self._resolver = Resolver(self.document, self.parameters, self.values)

    @classmethod
    def read(cls, path: Path, parameters: Mapping[str, str]) -> "Template":
        """Read a template file.

        Raises:
            TemplateError: There is none, or it cannot be followed.
        """
        if not path.is_file():
            raise TemplateError(f"There is no {path}.")
        return cls(load(path.read_text(encoding="utf-8")), parameters)

    def resources(self, kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """Go through the resources of one type, unresolved, without those whose condition fails."""
        for logical_id, resource in self.document["Resources"].items():
            if resource.get("Type") != kind:
                continue
            if "Condition" in resource and not self._resolver.condition(resource["Condition"]):
                continue
            yield logical_id, resource.get("Properties") or {}

    def resolve(self, value: Any) -> Any:
        """Work out a value of the template."""
        return self._resolver.resolve(value)

    def functions(self) -> list[Function]:
        """List the functions; asked for once the resources that they name are there."""
        shared = self.document.get("Globals", {}).get("Function", {})
        return [
            self._function(logical_id, own, shared) for logical_id, own in self.resources(_FUNCTION)
        ]

    def _function(
        self, logical_id: str, own: Mapping[str, Any], shared: Mapping[str, Any]
    ) -> Function:
        settings = self.resolve({key: own.get(key, shared.get(key)) for key in _SETTINGS})
        variables = {**_variables(shared), **_variables(own)}
        folder = str(settings["CodeUri"]).strip("./")
        return Function(
            logical_id=logical_id,
            name=Path(folder).name,
            handler=f"{folder.replace('/', '.')}.{settings['Handler']}",
            timeout_seconds=int(settings.get("Timeout") or _LAMBDA_TIMEOUT_SECONDS),
            memory_mb=int(settings.get("MemorySize") or _LAMBDA_MEMORY_MB),
            environment={name: str(value) for name, value in self.resolve(variables).items()},
            deployed_name=str(settings.get("FunctionName") or logical_id),
        )

    def routes(self) -> list[Route]:
        """List the routes of the HTTP API."""
        return [
            Route(
                method="ANY" if path == "$default" else str(event.get("Method", "ANY")).upper(),
                path=path,
                function=function,
            )
            for function, _, kind, event in self._events()
            if kind == "HttpApi"
            for path in [str(event.get("Path", "$default"))]
        ]

    def streams(self) -> list[StreamMapping]:
        """List the stream mappings; asked for once the table is there."""
        return [
            self._stream(function, self.resolve(event))
            for function, _, kind, event in self._events()
            if kind == "DynamoDB"
        ]

    def _stream(self, function: str, event: Mapping[str, Any]) -> StreamMapping:
        if not event.get("Enabled", True):
            raise TemplateError(f"The stream of {function} is switched off in the template.")
        patterns = event.get("FilterCriteria", {}).get("Filters", [])
        return StreamMapping(
            function=function,
            stream=str(event["Stream"]),
            starting_position=str(event.get("StartingPosition", "LATEST")),
            batch_size=int(event.get("BatchSize", 100)),
            window_seconds=float(event.get("MaximumBatchingWindowInSeconds", 0)),
            parallelization_factor=int(event.get("ParallelizationFactor", 1)),
            bisect=_true(event.get("BisectBatchOnFunctionError", False)),
            retry_attempts=int(event.get("MaximumRetryAttempts", -1)),
            record_age_seconds=int(event.get("MaximumRecordAgeInSeconds", -1)),
            partial_responses="ReportBatchItemFailures" in event.get("FunctionResponseTypes", []),
            filters=tuple(json.loads(pattern["Pattern"]) for pattern in patterns),
            on_failure=event.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination"),
        )

    def schedules(self) -> list[Schedule]:
        """List the schedules that are switched on."""
        found = []
        for function, name, kind, unresolved in self._events():
            if kind not in {"Schedule", "ScheduleV2"}:
                continue
            event = self.resolve(unresolved)
            expression = str(event.get("Schedule") or event.get("ScheduleExpression"))
            rate = _RATE.fullmatch(expression)
            if rate is None:
                raise TemplateError(f"The local run knows only rate(...), not {expression}.")
            if _true(event.get("Enabled", True)) and event.get("State", "ENABLED") == "ENABLED":
                seconds = int(rate[1]) * _SECONDS[rate[2]]
                source = "aws.events" if kind == "Schedule" else "aws.scheduler"
                found.append(Schedule(name, function, seconds, event.get("Input"), source))
        return found

    def cors(self) -> Cors | None:
        """Return the CORS rules of the HTTP API, if it has any."""
        for _, properties in self.resources("AWS::Serverless::HttpApi"):
            rules = self.resolve(properties.get("CorsConfiguration"))
            if isinstance(rules, dict):
                max_age = rules.get("MaxAge")
                return Cors(
                    allow_origins=tuple(rules.get("AllowOrigins", ())),
                    allow_methods=tuple(rules.get("AllowMethods", ())),
                    allow_headers=tuple(rules.get("AllowHeaders", ())),
                    expose_headers=tuple(rules.get("ExposeHeaders", ())),
                    max_age=None if max_age is None else int(max_age),
                    allow_credentials=_true(rules.get("AllowCredentials", False)),
                )
        return None

    def _events(self) -> Iterator[tuple[str, str, str, dict[str, Any]]]:
        for logical_id, properties in self.resources(_FUNCTION):
            function = Path(str(self.resolve(properties["CodeUri"]))).name
            for name, event in properties.get("Events", {}).items():
                if event["Type"] not in _EVENT_TYPES:
                    raise TemplateError(
                        f"{logical_id}: the local run has no event source {event['Type']}."
                    )
                yield function, name, event["Type"], event.get("Properties") or {}


def _variables(settings: Mapping[str, Any]) -> dict[str, Any]:
    return dict(settings.get("Environment", {}).get("Variables", {}))


def _true(value: object) -> bool:
    return str(value).lower() == "true"
