"""Google's own discovery document as the judge of requests and answers.

The document for Calendar v3 ships inside google-api-python-client. It says for each method the
route, the parameters, the scopes of which one is needed, and the types of both bodies. What it
cannot say (a range that must not be empty, the form of an event id, the words of an error) is
written by hand in the modules for events and free/busy.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Self
from urllib.parse import unquote

from jsonschema import Draft202012Validator

from local.google.moments import FORMATS

#: Query parameters of every Google API that change nothing here.
IGNORED_PARAMETERS = frozenset({"alt", "prettyPrint", "quotaUser", "userIp", "key", "fields"})
_DOCUMENT = "discovery_cache/documents/calendar.v3.json"
_INT32 = {"minimum": -(2**31), "maximum": 2**31 - 1}


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with a request."""

    reason: str
    message: str
    #: The query parameter at fault; None when the body is.
    parameter: str | None = None


@dataclass(frozen=True)
class Method:
    """One method of the API, as the document describes it."""

    id: str
    http_method: str
    path: re.Pattern[str]
    parameters: Mapping[str, Mapping[str, Any]]
    request: str | None
    response: str | None
    scopes: frozenset[str]


class Contract:
    """The discovery document, ready for questions."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._schemas: Mapping[str, Mapping[str, Any]] = document["schemas"]
        self.methods = {method.id: method for method in _methods(document)}
        #: Every scope of the API with the sentence of the consent screen.
        self.scopes = {
            name: str(scope["description"])
            for name, scope in document["auth"]["oauth2"]["scopes"].items()
        }
        definitions = {name: self._convert(schema) for name, schema in self._schemas.items()}
        self._validators = {
            name: Draft202012Validator(
                {"$ref": f"#/$defs/{name}", "$defs": definitions}, format_checker=FORMATS
            )
            for name in definitions
        }

    @classmethod
    @cache
    def load(cls) -> Self:
        """Read the document from the installed package, once."""
        file = resources.files("googleapiclient").joinpath(_DOCUMENT)
        return cls(json.loads(file.read_text(encoding="utf-8")))

    def route(self, http_method: str, raw_path: str) -> tuple[Method, dict[str, str]] | None:
        """Find the method for a path below `/calendar/v3/`, and the values in the path."""
        for method in self.methods.values():
            match = method.path.fullmatch(raw_path)
            if match and method.http_method == http_method:
                return method, {name: unquote(value) for name, value in match.groupdict().items()}
        return None

    def check_query(self, method: Method, query: Iterable[tuple[str, str]]) -> list[Problem]:
        """Judge the query: known names, right types, allowed values, none twice."""
        problems, seen = [], set()
        for name, value in query:
            if name in IGNORED_PARAMETERS:
                continue
            rule = method.parameters.get(name)
            if rule is None or rule["location"] != "query":
                message = (
                    f'Invalid JSON payload received. Unknown name "{name}": '
                    "Cannot bind query parameter."
                )
                problems.append(Problem("badRequest", message, name))
            elif name in seen and not rule.get("repeated"):
                message = "Parameter may not be repeated."
                problems.append(Problem("invalidParameter", message, name))
            elif problem := _check_value(name, value, rule):
                problems.append(problem)
            seen.add(name)
        return problems

    def check_body(self, method: Method, body: object) -> list[Problem]:
        """Judge the body of a request; null counts as absent."""
        if method.request is None:
            return []
        problems = [
            Problem("badRequest", _body_message(error.json_path, error.message))
            for error in self._validators[method.request].iter_errors(without_nulls(body))
        ]
        if problems or not isinstance(body, dict):
            return problems
        return [
            Problem("required", f"Missing {name} time.")
            for name, rule in self._schemas[method.request]["properties"].items()
            if method.id in rule.get("annotations", {}).get("required", ())
            and body.get(name) is None
        ]

    def check_answer(self, method_id: str, body: object) -> list[str]:
        """Judge the body of a successful answer; each string names one thing that is wrong."""
        response = self.methods[method_id].response
        if response is None:
            return [] if body in {"", None} else [f"{method_id} answers with an empty body"]
        problems = [
            f"{error.json_path}: {error.message}"
            for error in self._validators[response].iter_errors(body)
        ]
        kind = self._schemas[response]["properties"].get("kind", {}).get("default")
        if isinstance(body, dict) and body.get("kind", kind) != kind:
            problems.append(f"$.kind: {body['kind']!r} is not {kind!r}")
        return problems

    def fields_of(self, schema: Mapping[str, Any] | str) -> Mapping[str, Any] | None:
        """Return the fields of a type, looking through references and lists; None if it has none.

        A type with free keys answers with the one key `*`.
        """
        rule: Mapping[str, Any] = {"$ref": schema} if isinstance(schema, str) else schema
        while "$ref" in rule or rule.get("type") == "array":
            rule = self._schemas[rule["$ref"]] if "$ref" in rule else rule["items"]
        if "additionalProperties" in rule:
            return {"*": rule["additionalProperties"]}
        properties: Mapping[str, Any] | None = rule.get("properties")
        return properties

    def _convert(self, rule: Mapping[str, Any]) -> dict[str, Any]:
        """Translate the document's draft 3 dialect; unknown keys become errors."""
        if "$ref" in rule:
            return {"$ref": f"#/$defs/{rule['$ref']}"}
        converted: dict[str, Any] = {} if rule["type"] == "any" else {"type": rule["type"]}
        if rule["type"] == "array":
            converted["items"] = self._convert(rule["items"])
        if rule["type"] == "object":
            properties = rule.get("properties", {})
            converted["properties"] = {k: self._convert(v) for k, v in properties.items()}
            free = rule.get("additionalProperties")
            converted["additionalProperties"] = self._convert(free) if free else False
        if rule.get("format") == "int32":
            converted |= _INT32
        elif rule.get("format") == "int64":
            converted["pattern"] = r"^-?\d+$"
        elif "format" in rule:
            # An event's dateTime may leave the offset to the timeZone beside it.
            lenient = rule["format"] == "date-time" and "timeZone" in rule.get("description", "")
            converted["format"] = "local-date-time" if lenient else rule["format"]
        return converted


def without_nulls(value: Any) -> Any:
    """Drop keys whose value is null, at every depth: to the API they are absent."""
    if isinstance(value, dict):
        return {key: without_nulls(part) for key, part in value.items() if part is not None}
    if isinstance(value, list):
        return [without_nulls(part) for part in value]
    return value


def _methods(node: Mapping[str, Any]) -> Iterable[Method]:
    for described in node.get("methods", {}).values():
        pattern = re.sub(r"\{\+?(\w+)\}", r"(?P<\1>[^/]+)", described["path"])
        yield Method(
            id=described["id"],
            http_method=described["httpMethod"],
            path=re.compile(pattern),
            parameters=described.get("parameters", {}),
            request=described.get("request", {}).get("$ref"),
            response=described.get("response", {}).get("$ref"),
            scopes=frozenset(described["scopes"]),
        )
    for resource in node.get("resources", {}).values():
        yield from _methods(resource)


def _check_value(name: str, value: str, rule: Mapping[str, Any]) -> Problem | None:
    kind = rule["type"]
    if kind == "boolean" and value not in {"true", "false"}:
        return Problem("invalidParameter", f"Invalid boolean value: '{value}'.", name)
    if kind == "integer":
        if not re.fullmatch(r"-?\d{1,18}", value):
            return Problem("invalidParameter", f"Invalid integer value: '{value}'.", name)
        least, most = int(rule.get("minimum", _INT32["minimum"])), int(rule.get("maximum", 2**31))
        if not least <= int(value) <= most:
            message = f"Invalid value '{value}'. Values must be within the range: [{least}, {most}]"
            return Problem("invalidParameter", message, name)
    if "enum" in rule and value not in rule["enum"]:
        message = f"Invalid string value: '{value}'. Allowed values: [{', '.join(rule['enum'])}]"
        return Problem("invalidParameter", message, name)
    if rule.get("format") == "date-time" and not FORMATS.conforms(value, "date-time"):
        return Problem("badRequest", "Bad Request", name)
    return None


def _body_message(path: str, message: str) -> str:
    if "date-time" in message:
        return "Bad Request"
    return f"Invalid JSON payload received at '{path}': {message}"
