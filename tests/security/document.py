"""The OpenAPI document as tests read it: routes, and which code may come with which status."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
DOCUMENT: dict[str, Any] = yaml.safe_load((ROOT / "docs/openapi.yaml").read_text())
METHODS = ("get", "put", "post", "delete", "patch", "head", "options", "trace")


def resolved(part: Any) -> Any:
    """Return what a `$ref` stands for, or the part itself."""
    while isinstance(part, dict) and set(part) == {"$ref"}:
        found: Any = DOCUMENT
        for name in part["$ref"].removeprefix("#/").split("/"):
            found = found[name]
        part = found
    return part


def routes() -> Iterator[tuple[str, dict[str, Any]]]:
    """Go through the routes: `POST /v1/book`, and what is said of it."""
    for path, item in DOCUMENT["paths"].items():
        for method in METHODS:
            if method in item:
                yield f"{method.upper()} {path}", item[method]


def schemas(part: Any) -> Iterator[dict[str, Any]]:
    """Go through a schema and the alternatives that it lists."""
    whole = resolved(part)
    yield whole
    for each in whole.get("oneOf", []):
        yield from schemas(each)


def codes(route: dict[str, Any]) -> dict[int, set[str]]:
    """Return the error codes of a route by status; those of a page stand in `x-codes`."""
    listed: dict[int, set[str]] = {}
    for status, reference in route["responses"].items():
        response = resolved(reference)
        named = set(response.get("x-codes", ()))
        for media in response.get("content", {}).values():
            for schema in schemas(media["schema"]):
                error = schema.get("properties", {}).get("error", {})
                if error:
                    named.add(error["properties"]["code"]["const"])
        listed[int(status)] = named
    return listed
