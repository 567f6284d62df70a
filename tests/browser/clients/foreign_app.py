"""An app's own site: what a test puts there, on an origin that is not the extension's."""

import mimetypes
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import web


@dataclass
class ForeignApp:
    """Serves texts and files by their path."""

    address: str = ""
    files: dict[str, str | Path] = field(default_factory=dict)

    def page(self, path: str, body: str, head: str = "") -> str:
        """Put a page there; give its address."""
        top = '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>App</title>'
        head += '<link rel="icon" href="data:,">'
        self.files[path] = f"{top}{head}</head><body>{body}</body></html>"
        return f"{self.address}/{path}"

    def app(self, address: str) -> web.Application:
        """Make the server."""
        self.address = address.replace("127.0.0.1", "localhost")
        app = web.Application()
        app.router.add_get("/{path:.*}", self._file)
        return app

    async def _file(self, request: web.Request) -> web.StreamResponse:
        path = request.match_info["path"]
        found = self.files.get(path)
        if found is None:
            raise web.HTTPNotFound
        if isinstance(found, Path):
            return web.FileResponse(found)
        kind = mimetypes.guess_type(path)[0] or "text/html"
        return web.Response(text=found, content_type=kind, charset="utf-8")
