"""Files for browsers: kept by them for ever, under a version that says what they hold."""

import hashlib
import re
from dataclasses import dataclass
from functools import cached_property
from http import HTTPStatus
from pathlib import Path

from aws_lambda_powertools.event_handler import Response

from scheduling.core.errors import NotFound
from scheduling.http.browser_module import joined

#: The browser module; its sources are in `module/`.
MODULE = "calendar-scheduling.js"

_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json; charset=utf-8",
    ".svg": "image/svg+xml",
    ".ts": "text/plain; charset=utf-8",
}
_NAME = re.compile(r"words-(?P<language>[a-z-]{2,10})\.json|[a-z0-9-]+\.(?:js|css|svg|d\.ts)")

_KEPT = "public, max-age=31536000, immutable"
#: A browser that follows an old way meanwhile is led on from there.
_WAY_KEPT = "public, max-age=300"


@dataclass(frozen=True)
class Assets:
    """The browser's side, read from the web folder.

    Args:
        folder: has `assets/`, `module/` and `words/`.
    """

    folder: Path

    @cached_property
    def version(self) -> str:
        """Name the files by what they hold."""
        paths = [*(self.folder / "assets").iterdir(), *(self.folder / "words").glob("*.json")]
        digest = hashlib.sha256(self._module.encode())
        for path in sorted(paths):
            digest.update(path.name.encode())
            digest.update(path.read_bytes())
        return digest.hexdigest()[:16]

    def file(self, version: str, name: str) -> Response[str]:
        """Return a file, immutable under the version that it is of.

        Any other version, such as `latest`, leads to this one. So the module, its style and its
        words are of one version, whatever is deployed meanwhile, and all but the way is kept.

        Raises:
            NotFound: there is no such file.
        """
        body = self._read(name)
        headers: dict[str, str | list[str]] = {
            "X-Content-Type-Options": "nosniff",
            "Cross-Origin-Resource-Policy": "cross-origin",
        }
        if version != self.version:
            way = {"Location": f"/assets/{self.version}/{name}", "Cache-Control": _WAY_KEPT}
            return Response(status_code=HTTPStatus.FOUND, body="", headers=headers | way)
        return Response(
            status_code=HTTPStatus.OK,
            content_type=_TYPES[Path(name).suffix],
            body=body,
            headers=headers | {"Cache-Control": _KEPT, "Vary": "Accept-Encoding"},
        )

    def _read(self, name: str) -> str:
        if name == MODULE:
            return self._module
        found = _NAME.fullmatch(name)
        if found is None:
            raise NotFound("There is no such file.")
        language = found["language"]
        path = Path("words", f"{language}.json") if language else Path("assets", name)
        if not (self.folder / path).is_file():
            raise NotFound("There is no such file.")
        return (self.folder / path).read_text(encoding="utf-8")

    @cached_property
    def _module(self) -> str:
        return joined(self.folder / "module" / MODULE)
