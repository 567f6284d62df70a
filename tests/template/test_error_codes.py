"""A route of `docs/openapi.yaml` lists the codes that its code can come to, and no others."""

import ast
import re
from functools import cache

import pytest

from local.template import Route
from scheduling.core import errors
from tests.security.document import codes, routes
from tests.template.reach import Place
from tests.template.test_permissions import CODE, ROOT, TEMPLATE

DOCUMENTED = dict(routes())
ROUTES = {route.key: route for route in TEMPLATE.routes() if route.key in DOCUMENTED}
#: What an error's class is to the code: (class, `__init__`) is reached where it may be raised.
KINDS: dict[Place, str] = {
    (name, "__init__"): kind.code
    for name, kind in vars(errors).items()
    if isinstance(kind, type) and issubclass(kind, errors.SchedulingError)
}
#: Answers for every route alike that something broke; and that there is no such route, where a part
#: of the path has characters that no pattern of ours takes.
RESOLVER: Place = ("scheduling.http.api", "resolver")

#: Settling what others left, and revoking: what Google says to that is no answer to who asked.
_SETTLING = ("NOT_CONNECTED", "RECONNECT_NEEDED", "CALENDAR_UNAVAILABLE")
#: What the reading of code cannot know, each for its reason: it does not see what is caught.
NEVER: dict[str, dict[str, tuple[str, ...]]] = {
    "`Recovery` swallows why a booking was refused, and a revocation that fails is counted": {
        "POST /v1/disconnect": _SETTLING,
        "POST /connect/disconnect": _SETTLING,
        "POST /connect/confirm": _SETTLING,
        "POST /connect/decline": ("CALENDAR_UNAVAILABLE",),
    },
    "the callback tells on the page that Google did not answer": {
        "GET /oauth/callback": ("CALENDAR_UNAVAILABLE",),
    },
    "a share whose host cannot be booked is shown as closed": {
        "GET /v1/shares/{shareId}": ("NOT_CONNECTED", "RECONNECT_NEEDED"),
    },
    "an id in a path that is none of ours is not found": {
        "POST /v1/shares/{shareId}/withdraw": ("INVALID_REQUEST",),
        "POST /v1/shares/{shareId}/page": ("INVALID_REQUEST",),
        "GET /v1/bookings/{bookingId}": ("INVALID_REQUEST",),
        "POST /v1/bookings/{bookingId}/cancel": ("INVALID_REQUEST",),
    },
    "a hold has no idempotency key, and keeps nobody from another share": {
        "POST /v1/hold": ("ALREADY_BOOKED", "IDEMPOTENCY_MISMATCH"),
    },
    "a meeting that is moved is its guest's one booking of the share": {
        "POST /v1/bookings/{bookingId}/reschedule": ("ALREADY_BOOKED",),
    },
    "who may have no more links to the connect page is refused without one": {
        "POST /v1/bookings/{bookingId}/cancel": ("TOO_MANY_REQUESTS",),
    },
}


def never(label: str) -> set[str]:
    return {code for table in NEVER.values() for code in table.get(label, ())}


def listed(label: str) -> set[str]:
    """Return the codes that the document names for a route."""
    return {code for found in codes(DOCUMENTED[label]).values() for code in found}


def handler(route: Route) -> str:
    """Name the function of `app.py` that answers a route."""
    path = re.sub(r"\{(\w+)\}", lambda found: f"<{_snake(found[1])}>", route.path)
    tree = ast.parse((ROOT / f"functions/{route.function}/app.py").read_text(encoding="utf-8"))
    (name,) = [
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef)
        for each in node.decorator_list
        if ast.unparse(each).startswith(f"app.{route.method.lower()}({path!r}")
    ]
    return name


def _snake(name: str) -> str:
    return re.sub(r"([A-Z])", lambda found: f"_{found[1].lower()}", name)


@cache
def reachable(label: str) -> frozenset[str]:
    """Return the codes to which a route's code can come."""
    route = ROUTES[label]
    reached = CODE.reach(
        ROOT / "functions" / route.function / "app.py",
        (handler(route), "handler"),
        without={RESOLVER},
    )
    by_resolver = {errors.Broken.code} | ({errors.NotFound.code} if "{" in route.path else set())
    return frozenset(by_resolver | {code for place, code in KINDS.items() if place in reached})


@pytest.mark.parametrize("label", sorted(ROUTES))
def test_a_route_lists_every_code_that_its_code_can_come_to_and_no_other(label: str) -> None:
    assert listed(label) == reachable(label) - never(label)


def test_what_is_said_to_be_never_answered_could_be_if_the_reason_were_gone() -> None:
    for reason, table in NEVER.items():
        for label, named in table.items():
            assert set(named) <= reachable(label), (reason, label)
            assert not set(named) & listed(label), (reason, label)


def test_a_route_lists_every_code_that_its_function_says_it_gives() -> None:
    found: dict[str, set[str]] = {}
    for label, route in ROUTES.items():
        found.setdefault(route.function, set()).update(listed(label))
    assert len(found) > 4
    for function, known in found.items():
        said = ast.get_docstring(ast.parse((ROOT / f"functions/{function}/app.py").read_text()))
        heard = set(re.findall(r"\b[A-Z]+(?:_[A-Z]+)+\b|\bINTERNAL\b", said or ""))
        assert heard <= known, function


def test_every_code_is_reached_by_some_route() -> None:
    """What no longer fits the code would find nothing, and everything would seem to be listed."""
    assert {code for label in ROUTES for code in reachable(label)} == set(KINDS.values())
