"""An execution environment: takes invocations from the Lambda Runtime API, one at a time.

`python -m local.runtime functions.book_slot.app.handler`, with `AWS_LAMBDA_RUNTIME_API` set. It
imports the handler once, as Lambda does, so whatever a module keeps is kept from one invocation to
the next. Only the standard library is used, so that nothing reaches a function unseen.
What it does not do: limit memory, processor or the folders that can be written; restore snapshots.

Source: AWS Lambda Developer Guide, "Using the Lambda runtime API" and "Lambda context object
in Python" (read 2026-11).
"""

import importlib
import json
import os
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse
from pathlib import Path
from typing import Any

_API = "/2018-06-01/runtime"
_ERROR_TYPE = "Lambda-Runtime-Function-Error-Type"
_JSON = "application/json"

Handler = Callable[[Any, "Context"], Any]


@dataclass(frozen=True)
class Identity:
    """Who calls, for SDKs with Cognito; never known here."""

    cognito_identity_id: str | None = None
    cognito_identity_pool_id: str | None = None


@dataclass(frozen=True)
class Context:
    """What a handler is given beside its event; names as in AWS's own runtime."""

    aws_request_id: str
    invoked_function_arn: str
    function_name: str
    function_version: str
    memory_limit_in_mb: str
    log_group_name: str
    log_stream_name: str
    identity: Identity
    client_context: None
    #: Milliseconds since the epoch.
    _epoch_deadline_time_in_ms: int

    def get_remaining_time_in_millis(self) -> int:
        """Say how long the handler may still run; 0 when its time is up."""
        return max(0, self._epoch_deadline_time_in_ms - int(time.time() * 1000))


class _RuntimeApi:
    """The runtime's end of the Runtime API."""

    def __init__(self, host: str) -> None:
        self._connection = HTTPConnection(host)

    def next(self) -> tuple[HTTPResponse, bytes]:
        """Wait for an invocation."""
        self._connection.request("GET", f"{_API}/invocation/next")
        response = self._connection.getresponse()
        return response, response.read()

    def respond(self, request_id: str, payload: bytes) -> None:
        """Hand over what the handler returned."""
        self._post(f"invocation/{request_id}/response", payload, {"Content-Type": _JSON})

    def fail(self, request_id: str, error: dict[str, Any]) -> None:
        """Hand over what the handler raised."""
        self._post_error(f"invocation/{request_id}/error", error)

    def fail_init(self, error: dict[str, Any]) -> None:
        """Say that the handler could not be imported."""
        self._post_error("init/error", error)

    def _post_error(self, path: str, error: dict[str, Any]) -> None:
        headers = {"Content-Type": _JSON, _ERROR_TYPE: str(error["errorType"])}
        self._post(path, json.dumps(error).encode(), headers)

    def _post(self, path: str, payload: bytes, headers: dict[str, str]) -> None:
        self._connection.request("POST", f"{_API}/{path}", payload, headers)
        self._connection.getresponse().read()


def _import(handler: str) -> Handler:
    module, _, name = handler.rpartition(".")
    found: Handler = getattr(importlib.import_module(module), name)
    return found


def _describe(error: BaseException, error_type: str | None = None) -> dict[str, Any]:
    frames = traceback.extract_tb(error.__traceback__)
    outside = [frame for frame in frames if Path(frame.filename) != Path(__file__)]
    return {
        "errorMessage": str(error),
        "errorType": error_type or type(error).__name__,
        "requestId": "",
        "stackTrace": traceback.format_list(outside),
    }


def _context(response: HTTPResponse) -> Context:
    environ = os.environ
    return Context(
        aws_request_id=response.headers["Lambda-Runtime-Aws-Request-Id"],
        invoked_function_arn=response.headers["Lambda-Runtime-Invoked-Function-Arn"],
        function_name=environ.get("AWS_LAMBDA_FUNCTION_NAME", ""),
        function_version=environ.get("AWS_LAMBDA_FUNCTION_VERSION", ""),
        memory_limit_in_mb=environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", ""),
        log_group_name=environ.get("AWS_LAMBDA_LOG_GROUP_NAME", ""),
        log_stream_name=environ.get("AWS_LAMBDA_LOG_STREAM_NAME", ""),
        identity=Identity(),
        client_context=None,
        _epoch_deadline_time_in_ms=int(response.headers["Lambda-Runtime-Deadline-Ms"]),
    )


def _serve(api: _RuntimeApi, handler: Handler) -> None:
    response, body = api.next()
    context = _context(response)
    os.environ["_X_AMZN_TRACE_ID"] = response.headers.get("Lambda-Runtime-Trace-Id", "")
    try:
        returned = handler(json.loads(body), context)
    except Exception as error:  # noqa: BLE001 - whatever it is, the caller is told
        described = _describe(error) | {"requestId": context.aws_request_id}
        print("[ERROR]", json.dumps(described), file=sys.stderr, flush=True)
        api.fail(context.aws_request_id, described)
        return
    try:
        payload = json.dumps(returned, ensure_ascii=False).encode()
    except (TypeError, ValueError) as error:
        described = _describe(error, "Runtime.MarshalError")
        api.fail(context.aws_request_id, described | {"requestId": context.aws_request_id})
        return
    sys.stdout.flush()
    api.respond(context.aws_request_id, payload)


def main() -> None:
    """Import the handler, then serve until the other end goes away."""
    api = _RuntimeApi(os.environ["AWS_LAMBDA_RUNTIME_API"])
    try:
        handler = _import(sys.argv[1])
    except Exception as error:  # noqa: BLE001 - whatever it is, the service is told
        kinds: dict[type, str] = {
            ModuleNotFoundError: "ImportModuleError",
            AttributeError: "HandlerNotFound",
        }
        described = _describe(error, f"Runtime.{kinds.get(type(error), type(error).__name__)}")
        print("[ERROR]", json.dumps(described), file=sys.stderr, flush=True)
        api.fail_init(described)
        sys.exit(1)
    try:
        while True:
            _serve(api, handler)
    except (OSError, HTTPException):
        sys.exit(0)  # the service is gone, and with it our reason to run


if __name__ == "__main__":
    main()
