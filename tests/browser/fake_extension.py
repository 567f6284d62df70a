"""The extension's answers, canned: what the browser module makes of them is under test.

It serves the real assets and answers the routes of the API from a list that a test fills. It checks
nothing; what the real routes answer is tested over the whole local run.
"""

from collections import defaultdict, deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import web

from scheduling.http.assets import Assets

ROOT = Path(__file__).parents[2]
WEB = ROOT / "web"
ASSETS = Assets(WEB)
DEMO = ROOT / "local" / "demo"
PAGE = """<!doctype html><html lang="{lang}"><meta charset="utf-8"><title>Test</title>
<link rel="icon" href="data:,">
<body><script type="module">
import * as scheduling from "/assets/latest/calendar-scheduling.js";
const {{ CalendarScheduling }} = scheduling;
const baseUrl = location.origin;
window.scheduling = scheduling;
window.client = new CalendarScheduling({{ baseUrl, appId: "local", authToken: "bob_1" }});
</script></body></html>"""


@dataclass
class Asked:
    """One request as it arrived."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: dict[str, Any]


@dataclass
class FakeExtension:
    """Answers each route with what was put for it, in order; the last one stays."""

    address: str = ""
    asked: list[Asked] = field(default_factory=list)
    #: Pages by name, served under `/shown/`.
    pages: dict[str, str] = field(default_factory=dict)
    _next: dict[str, deque[tuple[int, Any]]] = field(default_factory=lambda: defaultdict(deque))
    _last: dict[str, tuple[int, Any]] = field(default_factory=dict)

    def put(self, route: str, data: Any, status: int = 200) -> None:
        """Answer a route, such as `GET v1/connection`, with data."""
        self._next[route].append((status, {"data": data}))

    def refuse(self, route: str, code: str, status: int = 409, **details: Any) -> None:
        """Answer a route with an error."""
        error = {"code": code, "message": f"It is {code}.", "details": details}
        self._next[route].append((status, {"error": error}))

    def break_off(self, route: str) -> None:
        """Answer a route with something that is not JSON."""
        self._next[route].append((502, None))

    def bodies(self, path: str) -> list[dict[str, Any]]:
        """Return what was posted to a path."""
        return [each.body for each in self.asked if (each.method, each.path) == ("POST", path)]

    def clear(self) -> None:
        """Forget all answers and requests."""
        self.asked.clear()
        self._next.clear()
        self._last.clear()
        self.pages.clear()
        # A card that asks for a time holds it; only tests of holding care about the answer.
        held = {"hold": {"expiresAt": "2026-11-24T14:05:00Z"}}
        self._last["POST v1/hold"] = (200, {"data": held})

    def app(self, address: str) -> web.Application:
        """Make the server."""
        self.address = address
        app = web.Application()
        app.router.add_get("/", self._page)
        app.router.add_get("/assets/{version}/{file}", self._asset)
        app.router.add_get("/module/{file}", self._source)
        app.router.add_get("/demo/{file}", self._demo_file)
        app.router.add_get("/shown/{page}", self._shown)
        app.router.add_route("*", "/{path:v1/.*}", self._answer)
        return app

    async def _page(self, request: web.Request) -> web.Response:
        html = PAGE.format(lang=request.query.get("lang", "en"))
        return web.Response(text=html, content_type="text/html")

    async def _asset(self, request: web.Request) -> web.Response:
        found = ASSETS.file(ASSETS.version, request.match_info["file"])
        return web.Response(text=found.body, headers={"Content-Type": str(found.content_type)})

    async def _source(self, request: web.Request) -> web.FileResponse:
        return web.FileResponse(WEB / "module" / request.match_info["file"])

    async def _demo_file(self, request: web.Request) -> web.FileResponse:
        return web.FileResponse(DEMO / request.match_info["file"])

    async def _shown(self, request: web.Request) -> web.Response:
        return web.Response(text=self.pages[request.match_info["page"]], content_type="text/html")

    async def _answer(self, request: web.Request) -> web.Response:
        path = request.match_info["path"]
        body = await request.json() if request.can_read_body else {}
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.asked.append(Asked(request.method, path, dict(request.query), headers, body))
        route = f"{request.method} {path}"
        if self._next[route]:
            self._last[route] = self._next[route].popleft()
        status, answer = self._last.get(route, (404, {"error": {"code": "NOT_FOUND"}}))
        if answer is None:
            return web.Response(status=status, text="Bad Gateway")
        return web.json_response(answer, status=status)
