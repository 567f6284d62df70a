"""Which route of an HTTP API takes a request: the most specific one, as API Gateway chooses.

Source: API Gateway Developer Guide, "Create routes for HTTP APIs", routing (read 2026-11).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from local.template import Route

_STATIC, _VARIABLE, _GREEDY = range(3)
DEFAULT = "$default"


@dataclass(frozen=True)
class Match:
    """A route, and what its path's variables stand for."""

    route: Route
    parameters: Mapping[str, str]


class Router:
    """Chooses among the routes of one API."""

    def __init__(self, routes: Iterable[Route]) -> None:
        listed = list(routes)
        self._default = next((route for route in listed if route.path == DEFAULT), None)
        self._routes = sorted((r for r in listed if r.path != DEFAULT), key=_rank)

    def match(self, method: str, raw_path: str) -> Match | None:
        """Find the route for a request.

        Args:
            method: In capitals.
            raw_path: As it was sent, still percent-encoded.
        """
        for route in self._routes:
            if route.method not in {method, "ANY"}:
                continue
            parameters = _fit(route.path, raw_path)
            if parameters is not None:
                return Match(route, parameters)
        return Match(self._default, {}) if self._default else None


def _rank(route: Route) -> tuple[list[int], int]:
    """Sort before others what is more specific: segment by segment, then by method."""
    kinds = [_kind(segment) for segment in _segments(route.path)]
    return kinds, int(route.method == "ANY")


def _kind(segment: str) -> int:
    if segment.startswith("{"):
        return _GREEDY if segment.endswith("+}") else _VARIABLE
    return _STATIC


def _segments(path: str) -> list[str]:
    return path.removeprefix("/").split("/")


def _fit(pattern: str, raw_path: str) -> dict[str, str] | None:
    wanted, given = _segments(pattern), _segments(raw_path)
    parameters: dict[str, str] = {}
    for place, segment in enumerate(wanted):
        kind = _kind(segment)
        if kind == _GREEDY:
            rest = "/".join(given[place:])
            return {**parameters, segment[1:-2]: unquote(rest)} if rest else None
        if place >= len(given) or not given[place]:
            return None
        text = unquote(given[place])
        if kind == _VARIABLE:
            parameters[segment[1:-1]] = text
        elif text != segment:
            return None
    return parameters if len(wanted) == len(given) else None
